"""The exported state of a stack -> the Kubernetes objects that it says are there, as manifests.

Reads what `pulumi stack export` writes (pulumi/pulumi sdk/go/common/apitype, DeploymentV3 and ResourceV3). Secrets stay
masked, whether they are encrypted or shown. An object's inputs are read, as the program last stated them, and who owns
its fields; what else the cluster made of it since is not looked at.
"""

from __future__ import annotations

import json
import re
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from nodrop.paths.fields import SECRET
from nodrop.preview import kubernetes
from nodrop.preview.manifests import kubernetes_object
from nodrop.preview.resources import Evaluation, Options, Resource, name_in
from nodrop.preview.taken_by_name import made_up_names, with_names
from nodrop.preview.values import is_secret, plain

_IN_URN = 3
"""How often `::` stands in a URN: between stack, project, types and name."""
_DEFAULT = re.compile(r"::default(_\d+_\d+_\d+[^:]*)?$")

VERSIONS = (3, 4)
"""Of the deployment's format; 4 only adds features that no Kubernetes object needs."""

HOW = "`pulumi stack export --file state.json` writes one"


class StateError(ValueError):
    """The text is no exported state, or another stack's; one message that names the file and no content of it."""


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """A Kubernetes object that the stack manages."""

    urn: str
    manifest: dict[str, Any]
    field_manager: str | None = None
    """Who applies its updates; None: the state does not say."""
    managed_fields: tuple[dict[str, Any], ...] = ()
    """Its `metadata.managedFields`, as the cluster last had them."""
    retained: bool = False
    """Whether it stays in the cluster when the program has it no more (`retain_on_delete`)."""
    provider: str | None = None
    """URN of the explicit provider that manages it; None: the default one."""


@dataclass(frozen=True, kw_only=True)
class State:
    """What a stack has deployed."""

    stacks: frozenset[tuple[str, str]]
    """Project and stack of its resources: one pair, or none where nothing is deployed."""
    objects: tuple[Deployed, ...]
    parents: Mapping[str, str]
    """URN of the parent by URN, for all resources but the stack."""
    inputs: Mapping[str, dict[str, Any]]
    """Inputs of all other resources that the stack manages, by URN, secrets masked."""
    property_dependencies: Mapping[str, Mapping[str, frozenset[str]]] = field(default_factory=dict)
    """URNs of the resources that an input follows from, by input, by URN."""
    replacement_triggers: Mapping[str, Any] = field(default_factory=dict)
    """Value of the option `replacement_trigger`, secrets masked, by URN; none where it is not stated."""
    tainted: frozenset[str] = frozenset()
    """URNs of the resources that the next update is to replace (`pulumi state taint`)."""
    retained: frozenset[str] = frozenset()
    """URNs of the resources that stay where they are when the program has them no more (`retain_on_delete`)."""
    others: tuple[Resource, ...] = ()
    """Kubernetes resources that are no objects, such as patches and Helm releases, secrets masked."""


def read_state(text: str, source: str) -> State:
    """The state in the text; `source` is what messages call it. Raises StateError."""
    resources = _resources(text, source)
    live = [resource for resource in resources if not (resource.get("delete") or resource.get("external"))]
    parents = {resource["urn"]: resource["parent"] for resource in resources if isinstance(resource.get("parent"), str)}
    return State(
        stacks=frozenset(
            _project_and_stack(resource["urn"], f"{source}: resource {index}")
            for index, resource in enumerate(resources)
        ),
        objects=tuple(
            _deployed(resource, parents)
            for resource in live
            if isinstance(resource.get("inputs"), dict) and kubernetes.is_object(resource["type"], resource["inputs"])
        ),
        parents=parents,
        inputs={
            resource["urn"]: _shown(resource["inputs"])
            for resource in live
            if isinstance(resource.get("inputs"), dict) and not resource["type"].startswith("kubernetes:")
        },
        property_dependencies={resource["urn"]: _property_dependencies(resource) for resource in live},
        replacement_triggers={
            resource["urn"]: _shown(resource["replacementTrigger"])
            for resource in live
            if resource.get("replacementTrigger") is not None
        },
        tainted=frozenset(resource["urn"] for resource in live if resource.get("taint") is True),
        retained=frozenset(resource["urn"] for resource in live if resource.get("retainOnDelete") is True),
        others=tuple(_other(resource, parents) for resource in live if _is_other(resource)),
    )


def as_deployed(evaluation: Evaluation) -> State:
    """The state that an evaluated program leaves behind once it is deployed, for any stack to be held against.

    Names of addresses and SslPolicies that only the provider makes up are made up here too.
    """
    managed = [each for each in evaluation.resources if each.custom and each.read_id is None]
    names = made_up_names(evaluation)
    objects = [(each, kubernetes_object(each)) for each in managed]
    named = {urn: {"name": name, "__defaults": ["name"]} for urn, name in names.items()}
    return State(
        stacks=frozenset(),
        objects=tuple(
            Deployed(
                urn=each.urn,
                manifest=with_names(each, manifest, names),
                retained=each.options.retain_on_delete,
                provider=each.provider,
            )
            for each, manifest in objects
            if manifest is not None
        ),
        parents={each.urn: each.parent for each in evaluation.resources if each.parent},
        inputs={
            each.urn: plain(each.inputs) | named.get(each.urn, {})
            for each in managed
            if not each.type.startswith("kubernetes:")
        }
        | _default_provider(evaluation),
        property_dependencies={
            each.urn: {key: frozenset(urns) for key, urns in each.property_dependencies.items()} for each in managed
        },
        replacement_triggers={
            each.urn: each.options.replacement_trigger
            for each in managed
            if each.options.replacement_trigger is not None
        },
        retained=frozenset(each.urn for each in managed if each.options.retain_on_delete),
        others=tuple(each for each, manifest in objects if manifest is None and each.type.startswith("kubernetes:")),
    )


def _default_provider(evaluation: Evaluation) -> dict[str, dict[str, Any]]:
    urn = f"urn:pulumi:{evaluation.stack}::{evaluation.project}::pulumi:providers:kubernetes::default"
    return {urn: dict(evaluation.default_provider)} if evaluation.default_provider else {}


def _resources(text: str, source: str) -> list[dict[str, Any]]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise StateError(
            f"{source} is not JSON, from line {error.lineno} on, so not an exported state of a stack; {HOW}"
        ) from None
    except (ValueError, RecursionError):
        raise StateError(f"{source} is not an exported state of a stack; {HOW}") from None
    if isinstance(document, dict) and "checkpoint" in document:
        raise StateError(f"{source} is a backend's checkpoint, not an exported state; {HOW}")
    if not isinstance(document, dict) or "deployment" not in document:
        raise StateError(f'{source} is not an exported state of a stack, which has "version" and "deployment"; {HOW}')
    if document.get("version") not in VERSIONS:
        raise StateError(
            f"{source} has a state of version {document.get('version')!r}, not {VERSIONS[0]}: "
            "export it with a present Pulumi CLI"
        )
    deployment = document["deployment"]
    resources = deployment.get("resources") if isinstance(deployment, dict) else deployment
    if resources is None:
        return []
    if not isinstance(deployment, dict) or not isinstance(resources, list):
        raise StateError(
            f"{source}: deployment.resources is not a list, so it is not an exported state of a stack; {HOW}"
        )
    for index, resource in enumerate(resources):
        if not isinstance(resource, dict) or not all(isinstance(resource.get(key), str) for key in ("urn", "type")):
            raise StateError(f"{source}: deployment.resources[{index}] is not a resource with a URN and a type; {HOW}")
    return resources


def _project_and_stack(urn: str, where: str) -> tuple[str, str]:
    parts = urn.split("::")
    if len(parts) < 4 or not parts[0].startswith("urn:pulumi:"):
        raise StateError(f"{where} has no URN; {HOW}")
    return parts[1], parts[0].removeprefix("urn:pulumi:")


def _deployed(resource: dict[str, Any], parents: Container[str]) -> Deployed:
    outputs = resource.get("outputs")
    outputs = outputs if isinstance(outputs, dict) else {}
    metadata, manager = outputs.get("metadata"), outputs.get("__fieldManager")
    fields = metadata.get("managedFields") if isinstance(metadata, dict) else None
    return Deployed(
        urn=resource["urn"],
        manifest=_manifest(resource["inputs"]),
        field_manager=manager if isinstance(manager, str) else None,
        managed_fields=tuple(each for each in fields if isinstance(each, dict)) if isinstance(fields, list) else (),
        retained=resource.get("retainOnDelete") is True,
        provider=_explicit_provider(resource.get("provider"), parents),
    )


def _is_other(resource: dict[str, Any]) -> bool:
    inputs = resource.get("inputs")
    return (
        resource["type"].startswith("kubernetes:")
        and resource.get("custom") is True
        and isinstance(inputs, dict)
        and not kubernetes.is_object(resource["type"], inputs)
    )


def _other(resource: dict[str, Any], parents: Container[str]) -> Resource:
    return Resource(
        urn=resource["urn"],
        type=resource["type"],
        name=name_in(resource["urn"]),
        custom=True,
        parent=None,
        provider=_explicit_provider(resource.get("provider"), parents),
        dependencies=(),
        property_dependencies={},
        inputs=_shown(resource["inputs"]),
        options=Options(),
    )


def _explicit_provider(reference: object, parents: Container[str]) -> str | None:
    """The URN in a reference such as `urn:pulumi:…::pulumi:providers:kubernetes::main::<id>`; None: the default one."""
    text = reference if isinstance(reference, str) else ""
    urn = text if text.count("::") == _IN_URN else text.rpartition("::")[0]  # `nodrop preview --json` has no id
    return urn if urn and not is_default(urn, parents) else None


def is_default(provider: str, parents: Container[str]) -> bool:
    """Whether the engine made the provider of a URN by itself: called after its version, and the child of nothing.

    One that a program makes is the stack's child at least; `parents` are the URNs of resources that have a parent.
    Source: pulumi/pulumi pkg/resource/deploy/source_eval.go, newRegisterDefaultProviderEvent; providers/
    provider_request.go, DefaultName.
    """
    return provider not in parents and _DEFAULT.search(provider) is not None


def _property_dependencies(resource: dict[str, Any]) -> dict[str, frozenset[str]]:
    stated = resource.get("propertyDependencies")
    stated = stated if isinstance(stated, dict) else {}
    return {
        key: frozenset(each for each in urns if isinstance(each, str))
        for key, urns in stated.items()
        if isinstance(urns, list)
    }


def _manifest(inputs: dict[str, Any]) -> dict[str, Any]:
    return kubernetes.concealed({key: _shown(value) for key, value in inputs.items() if not key.startswith("__")})


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return SECRET if is_secret(value) else {key: _shown(item) for key, item in value.items()}
    return [_shown(item) for item in value] if isinstance(value, list) else value
