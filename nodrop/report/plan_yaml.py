"""A rollout's fields as YAML to paste, each number with the reason above it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import yaml

from nodrop.gke.kinds import api_version
from nodrop.rollout import Rollout
from nodrop.rollout.behaviour import ANNOTATIONS
from nodrop.rollout.manifest import backend_config_fields, deployment_fields
from nodrop.rollout.reasons import Holder, Reason

Document = Mapping[str, Any]

_PREFIXES = {
    Holder.DEPLOYMENT: "",
    Holder.CONTAINER: "spec.template.spec.containers[0].",
    Holder.BACKEND_CONFIG: "",
}
"""Where in its object a place is."""


def plan_yaml(
    rollout: Rollout,
    reasons: Sequence[Reason],
    *,
    name: str,
    port: str,
    accept: Mapping[str, str],
    assumed: Iterable[str],
) -> str:
    """Deployment and BackendConfig with nothing but what `rollout` decides.

    Args:
        rollout: whose numbers to print.
        reasons: what stands above each number.
        name: of both objects, of the container, and the pods' label `app`.
        port: the container port's name.
        accept: rules that the owner waives, reason by name.
        assumed: names of the facts of `Behaviour` that were assumed; their annotations say so.
    """
    unstated = {f"metadata.annotations.{ANNOTATIONS[each]}": "assumed, as no option states it" for each in assumed}
    deployment = deployment_fields(rollout, name, port, labels={"app": name}, accept=accept)
    documents = (
        (
            {"apiVersion": api_version("Deployment"), "kind": "Deployment"},
            deployment,
            (Holder.DEPLOYMENT, Holder.CONTAINER),
        ),
        (
            {"apiVersion": api_version("BackendConfig"), "kind": "BackendConfig"},
            backend_config_fields(rollout),
            (Holder.BACKEND_CONFIG,),
        ),
    )
    return "---\n".join(
        annotated_yaml(
            {**kind, "metadata": {"name": name, **fields.get("metadata", {})}, "spec": fields["spec"]},
            _comments(reasons, places) | (_notes(rollout) | unstated if Holder.DEPLOYMENT in places else {}),
        )
        for kind, fields, places in documents
    )


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
    for field, line, column in _keys(yaml.compose(text, Loader=yaml.SafeLoader)):
        if field in comments:
            above[line] = "".join(f"{' ' * column}# {each}\n" for each in comments[field].splitlines())
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
