"""Stand-in for what the Kubernetes provider's Check does to an object: the name it makes up, the default namespace.

The real provider runs this for every preview (pulumi/pulumi-kubernetes provider/pkg/provider/provider.go `Check`,
provider/pkg/metadata/naming.go), so that references to `.metadata.name` resolve. It draws the eight hexadecimal digits
of a name at random; here they come from the URN, so that each evaluation gives the same name. Not here: the schema
validation, which needs a cluster.
"""

import hashlib
import json
import re
from typing import Any

import yaml

from nodrop.preview.values import Properties, SecretValue, Value, masked

_CLUSTER_SCOPED = frozenset(
    {
        "APIService",
        "CSIDriver",
        "CSINode",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "ClusterTrustBundle",
        "ComponentStatus",
        "CustomResourceDefinition",
        "DeviceClass",
        "FlowSchema",
        "GatewayClass",
        "IPAddress",
        "IngressClass",
        "MutatingAdmissionPolicy",
        "MutatingAdmissionPolicyBinding",
        "MutatingWebhookConfiguration",
        "Namespace",
        "Node",
        "PersistentVolume",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "ResourceSlice",
        "RuntimeClass",
        "ServiceCIDR",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
        "VolumeAttributesClass",
    }
)
"""Kinds without a namespace: Kubernetes API reference, and Gateway API's GatewayClass. As in the provider, a kind that
nobody knows is taken as namespaced."""


def is_object(type_token: str, inputs: Properties) -> bool:
    """Whether a resource is one Kubernetes object, and not a provider, a chart, a release or a patch of an object."""
    return _is_of(type_token, inputs, inputs.get("kind"))


def is_patch(type_token: str, inputs: Properties) -> bool:
    """Whether a resource changes single fields of one Kubernetes object."""
    return _is_of(type_token, inputs, f"{inputs.get('kind')}Patch")


def is_namespaced(kind: str) -> bool:
    """Whether objects of a kind are in a namespace."""
    return kind not in _CLUSTER_SCOPED


def _is_of(type_token: str, inputs: Properties, name: Value) -> bool:
    package, _, kind = type_token.partition(":")
    return (
        package == "kubernetes"
        and isinstance(inputs.get("apiVersion"), str)
        and isinstance(inputs.get("kind"), str)
        and kind.rpartition(":")[2] == name
    )


def check(urn: str, name: str, inputs: Properties, *, default_namespace: str) -> Properties:
    """The inputs of a Kubernetes object with its name and namespace filled in where the program left them out.

    A name made up is "<name>-<8 hexadecimal digits>" and comes with the annotation `pulumi.com/autonamed: "true"`;
    an object with `generateName` keeps that.
    """
    metadata = inputs.get("metadata", {})
    if isinstance(metadata, SecretValue):
        return inputs | {
            "metadata": SecretValue(_checked(urn, name, metadata.value, inputs["kind"], default_namespace))
        }
    return inputs | {"metadata": _checked(urn, name, metadata, inputs["kind"], default_namespace)}


def _checked(urn: str, name: str, metadata: Value, kind: Value, default_namespace: str) -> Value:
    if not isinstance(metadata, dict):
        return metadata
    checked = dict(metadata)
    if not checked.get("name") and not checked.get("generateName"):
        checked["name"] = f"{name}-{hashlib.sha256(urn.encode()).hexdigest()[:8]}"
        annotations = checked.get("annotations")
        if annotations is None or isinstance(annotations, dict):
            checked["annotations"] = {"pulumi.com/autonamed": "true"} | (annotations or {})
    if not checked.get("namespace") and kind not in _CLUSTER_SCOPED:
        checked["namespace"] = default_namespace
    return checked


_SECRET_TEXT = re.compile(r"""\bkind["']?\s*:\s*["']?Secret\b""")
"""How a text that holds a Secret looks, in YAML or JSON, such as what `kubectl apply` keeps in an annotation."""


def concealed(value: Any, kind: str | None = None) -> Any:
    """JSON without what the Secrets in it hold, wherever they stand; their keys are kept.

    `kind` is the kind of an object that need not say it, as an entry of a typed list need not.
    """
    if isinstance(value, dict):
        own = value.get("kind") or kind
        entries = {"items": str(own).removesuffix("List")} if str(own).endswith("List") else {}
        shown = {key: concealed(item, entries.get(key)) for key, item in value.items()}
        return shown | {key: masked(shown[key]) for key in ("data", "stringData") if own == "Secret" and key in shown}
    if isinstance(value, list):
        return [concealed(item, kind) for item in value]
    return masked(value) if isinstance(value, str) and _SECRET_TEXT.search(value) else value


class _Loader(yaml.SafeLoader):
    """YAML as Kubernetes reads it, through JSON: a date is a string, and so is every key."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def decode_yaml(text: str) -> list[Any]:
    """The objects in a YAML stream, as the provider's function `kubernetes:yaml:decode` gives them.

    Raises yaml.YAMLError when it is no YAML.
    """
    return [_as_json(document) for document in yaml.load_all(text, _Loader) if document]


def _as_json(document: Any) -> Any:
    if isinstance(document, dict):
        return {key if isinstance(key, str) else json.dumps(key): _as_json(item) for key, item in document.items()}
    return [_as_json(item) for item in document] if isinstance(document, list) else document
