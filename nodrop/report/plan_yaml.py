"""A rollout's fields as YAML to paste, each number with the reason above it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from nodrop.gke.kinds import api_version
from nodrop.gke.services import (
    BACKEND_CONFIG,
    NEG,
    BackendConfigs,
    NegAnnotation,
    write_backend_configs,
    write_neg,
)
from nodrop.rollout import Rollout
from nodrop.rollout.behaviour import ANNOTATIONS
from nodrop.rollout.manifest import (
    backend_config_fields,
    backend_policy_fields,
    deployment_fields,
    health_check_policy_fields,
)
from nodrop.rollout.reasons import Holder, Reason

Document = Mapping[str, Any]

_PREFIXES = {
    Holder.DEPLOYMENT: "",
    Holder.CONTAINER: "spec.template.spec.containers[0].",
    Holder.BACKEND_CONFIG: "",
    Holder.BACKEND_POLICY: "",
    Holder.HEALTH_CHECK_POLICY: "",
}
"""Where in its object a place is."""


@dataclass(frozen=True, kw_only=True)
class Names:
    """What the objects of a service are called."""

    deployment: str = "web"
    container: str = "web"
    port: int | str = "http"
    """The container port's name or number."""
    service: str = "web"
    policies: str = "web"
    """Of the BackendConfig, or of the Gateway's policies."""
    namespace: str | None = None
    """None: it is left out."""
    service_names_it: bool = False
    """Whether the Service names its BackendConfig already."""
    labels: Mapping[str, str] = field(default_factory=lambda: {"app": "web"})
    """That select the pods."""


def plan_yaml(
    rollout: Rollout,
    reasons: Sequence[Reason],
    *,
    names: Names,
    by_gateway: bool,
    accept: Mapping[str, str],
    assumed: Iterable[str],
) -> str:
    """Deployment and policies with nothing but what `rollout` decides, and what else makes the policies count.

    Behind an Ingress: BackendConfig, and the Service's annotations that name it; behind a Gateway: GCPBackendPolicy and
    HealthCheckPolicy, which name the Service.

    Args:
        rollout: whose numbers to print.
        reasons: what stands above each number.
        names: of the objects.
        by_gateway: whether a Gateway makes the load balancer, and no Ingress.
        accept: rules that the owner waives, reason by name.
        assumed: names of the facts of `Behaviour` that were assumed; their annotations say so.
    """
    unstated = {f"metadata.annotations.{ANNOTATIONS[each]}": "assumed, as no option states it" for each in assumed}
    deployment = deployment_fields(rollout, names.container, names.port, labels=names.labels, accept=accept)
    notes = _notes(rollout) | unstated
    documents = [("Deployment", names.deployment, deployment, (Holder.DEPLOYMENT, Holder.CONTAINER))]
    if by_gateway:
        policy = backend_policy_fields(rollout, names.service)
        check = health_check_policy_fields(rollout, names.service)
        documents.append(("GCPBackendPolicy", names.policies, policy, (Holder.BACKEND_POLICY,)))
        documents.append(("HealthCheckPolicy", names.policies, check, (Holder.HEALTH_CHECK_POLICY,)))
    else:
        config = backend_config_fields(rollout)
        documents.append(("BackendConfig", names.policies, config, (Holder.BACKEND_CONFIG,)))
        if not names.service_names_it:
            documents.append(("Service", names.service, _service_fields(names.policies), ()))
    return "---\n".join(
        annotated_yaml(
            _object(kind, name, names.namespace, fields),
            _comments(reasons, places) | (notes if kind == "Deployment" else {}),
        )
        for kind, name, fields, places in documents
    )


def _object(kind: str, name: str, namespace: str | None, fields: Document) -> Document:
    in_namespace = {} if namespace is None else {"namespace": namespace}
    metadata = {"name": name, **in_namespace, **fields.get("metadata", {})}
    rest = {key: value for key, value in fields.items() if key != "metadata"}
    return {"apiVersion": api_version(kind), "kind": kind, "metadata": metadata, **rest}


def _service_fields(backend_config: str) -> Document:
    """The annotations by which a Service has a NEG, and the BackendConfig counts."""
    return {
        "metadata": {
            "annotations": {
                NEG: write_neg(NegAnnotation(ingress=True)),
                BACKEND_CONFIG: write_backend_configs(BackendConfigs(default=backend_config)),
            }
        }
    }


def _comments(reasons: Sequence[Reason], places: Sequence[Holder]) -> dict[str, str]:
    return {
        _PREFIXES[reason.place] + reason.field: f"{reason.why} [{reason.rule}]" if reason.rule else reason.why
        for reason in reasons
        if reason.place in places
    }


def _notes(rollout: Rollout) -> dict[str, str]:
    """What must not be pasted unread, by the Deployment's fields; the first stands above the whole document."""
    labels = {"spec.template.spec.topologySpreadConstraints[0].labelSelector": "your pods' labels"}
    if rollout.max_replicas is None:
        return labels
    return labels | {
        "apiVersion": (
            "spec.replicas is left out: keep it if your Deployment states it, and ignore its changes "
            "[autoscaler-takes-over-replicas];\n"
            f"minReplicas {rollout.replicas}, maxReplicas {rollout.max_replicas} belong in the "
            "HorizontalPodAutoscaler"
        )
    }


def annotated_yaml(document: Document, comments: Mapping[str, str]) -> str:
    """One YAML document with comments.

    Args:
        document: of plain values.
        comments: by field, in dotted notation with list indices such as `spec.containers[0].name`;
            a comment may have several lines.
    """
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=float("inf"))
    above: dict[int, str] = {}
    for path, line, column in _keys(yaml.compose(text, Loader=yaml.SafeLoader)):
        if path in comments:
            above[line] = "".join(f"{' ' * column}# {each}\n" for each in comments[path].splitlines())
    return "".join(above.get(number, "") + line for number, line in enumerate(text.splitlines(keepends=True)))


def _keys(node: yaml.Node | None, path: str = "") -> Iterator[tuple[str, int, int]]:
    """Each key's field, line and column."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            field = f"{path}.{key.value}" if path else key.value
            yield field, key.start_mark.line, key.start_mark.column
            yield from _keys(value, field)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _keys(value, f"{path}[{index}]")
