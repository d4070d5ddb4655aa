"""Volumes that the containers of a pod share: scratch space, and objects that exist already.

Not here: the files that the inputs hold as text (`sources`), claims themselves.
"""

from collections.abc import Iterator
from typing import Any, NotRequired, TypedDict

import pulumi

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.check import Fault, shown
from gke_nodrop.workload.sources import FILES_VOLUME, Sources

SOURCES = ("empty_dir", "config_map", "secret", "claim")
"""Inputs of which a volume has exactly one."""


class EmptyDirArgs(TypedDict):
    """Scratch space on the node, which goes with the pod."""

    size: str
    """Such as 1Gi. A pod that writes more is evicted; without a bound it could fill its node's disk."""


class VolumeArgs(TypedDict):
    """A volume, with exactly one of the inputs that say where its content comes from.

    The content of an existing ConfigMap or Secret is the owner's: the pods are replaced where the name changes, as it
    does with Pulumi's own names, and not where only the content does.
    """

    name: str
    """Name within the pod, by which `mounts` refer to it."""
    empty_dir: NotRequired[EmptyDirArgs]
    """Scratch space."""
    config_map: NotRequired[pulumi.Input[str]]
    """Name of an existing ConfigMap."""
    secret: NotRequired[pulumi.Input[str]]
    """Name of an existing Secret."""
    claim: NotRequired[pulumi.Input[str]]
    """Name of an existing PersistentVolumeClaim, of the mode ReadWriteMany or ReadOnlyMany: while a rollout goes on,
    pods of both versions mount it, on any node."""


EXAMPLE: VolumeArgs = {"name": "cache", "empty_dir": {"size": "1Gi"}}
QUOTED: dict[str, Any] = {**EXAMPLE, "config_map": "web-settings", "secret": "web-certificate", "claim": "web-uploads"}
"""The example that faults quote: with each kind of content."""
LIMITS = {
    "volumes[].name": limits.DNS_LABEL,
    "volumes[].empty_dir.size": limits.MEMORY,
    "volumes[].config_map": limits.DNS_SUBDOMAIN,
    "volumes[].secret": limits.DNS_SUBDOMAIN,
    "volumes[].claim": limits.DNS_SUBDOMAIN,
}


def faults(args: Any) -> Iterator[Fault]:
    """Each volume has a name of its own and one kind of content."""
    names: list[str] = []
    for index, volume in enumerate(args.get("volumes", [])):
        name = volume.get("name")
        if name == FILES_VOLUME or name in names:
            yield Fault(
                input=f"volumes[{index}].name",
                value=shown(name),
                rule="must not be taken: "
                + ("`files` are mounted from it" if name == FILES_VOLUME else "another volume has it"),
                source="Kubernetes API, Volume",
                would_pass=shown(f"{name}-{index + 1}"),
            )
        elif name is not None:
            names.append(name)
        given = [source for source in SOURCES if source in volume]
        if len(given) != 1:
            yield Fault(
                input=f"volumes[{index}]",
                value=" and ".join(given) or "absent",
                rule=f"must have exactly one of {', '.join(SOURCES)}",
                source="Kubernetes API, Volume",
                would_pass=shown({"name": name or EXAMPLE["name"], **_one(volume, given)}),
            )


def _one(volume: dict[str, Any], given: list[str]) -> dict[str, Any]:
    source = given[0] if given else "empty_dir"
    value = volume.get(source, QUOTED[source])
    return {source: QUOTED[source] if isinstance(value, pulumi.Output) else value}


def volumes(args: Any, read: Sources) -> list[dict[str, Any]]:
    """The pod's volumes: the files, if there are any, and those that the inputs name."""
    files = [{"name": FILES_VOLUME, "configMap": {"name": read.files_name}}] if read.files else []
    return [*files, *(_volume(volume) for volume in args.get("volumes", []))]


def _volume(volume: VolumeArgs) -> dict[str, Any]:
    name = {"name": volume["name"]}
    if "empty_dir" in volume:
        return {**name, "emptyDir": {"sizeLimit": volume["empty_dir"]["size"]}}
    if "config_map" in volume:
        return {**name, "configMap": {"name": volume["config_map"]}}
    if "secret" in volume:
        return {**name, "secret": {"secretName": volume["secret"]}}
    return {**name, "persistentVolumeClaim": {"claimName": volume["claim"]}}
