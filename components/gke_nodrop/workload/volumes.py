"""Volumes that the containers of a pod share: scratch space, and objects that exist already.

Not here: the files that the inputs hold as text (`sources`), claims themselves.
"""

from collections.abc import Iterable, Iterator
from typing import Annotated, Any, NotRequired, TypedDict

import pulumi

from gke_nodrop.inputs.declared import Example, example_of
from gke_nodrop.inputs.faults import Fault, shown
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import DnsLabel, Memory, ObjectName
from gke_nodrop.workload.sources import FILES_VOLUME, SECRET_FILES_VOLUME, Sources, name_of

SOURCES = ("empty_dir", "config_map", "secret", "claim")
"""Inputs of which a volume has exactly one."""


class EmptyDirArgs(TypedDict):
    """Scratch space on the node, which goes with the pod."""

    size: Annotated[Memory, Example("1Gi")]
    """Most that it may hold, such as 1Gi: a pod that writes more is evicted. Without a limit it could fill the node's
    disk."""


class VolumeArgs(TypedDict):
    """A volume, with exactly one of the inputs that say where its content comes from.

    The content of an existing ConfigMap or Secret is the owner's: the pods are replaced where the name changes, as it
    does with Pulumi's own names, and not where only the content does.
    """

    name: Annotated[DnsLabel, Example("cache")]
    """Name within the pod, by which `mounts` refer to it."""
    empty_dir: NotRequired[EmptyDirArgs]
    """Scratch space."""
    config_map: NotRequired[pulumi.Input[Annotated[ObjectName, Example("web-settings")]]]
    """Name of an existing ConfigMap."""
    secret: NotRequired[pulumi.Input[Annotated[ObjectName, Example("web-certificate")]]]
    """Name of an existing Secret."""
    claim: NotRequired[pulumi.Input[Annotated[ObjectName, Example("web-uploads")]]]
    """Name of an existing PersistentVolumeClaim, of the mode ReadWriteMany or ReadOnlyMany: while a rollout goes on,
    pods of both versions mount it, on any node."""


SCRATCH: VolumeArgs = {"name": "cache", "empty_dir": {"size": "1Gi"}}
"""A volume, for faults that recommend one."""

_TAKEN = {FILES_VOLUME: "files", SECRET_FILES_VOLUME: "secret_files"}
"""Names of the volumes that the component makes, with the inputs that they are for."""


def names_are_free(given: Iterable[VolumeArgs]) -> Iterator[Fault]:
    """Each volume has a name of its own."""
    names: list[str] = []
    for index, volume in enumerate(given):
        name = volume.get("name")
        if name in _TAKEN or name in names:
            yield Fault(
                input=f"[{index}].name",
                value=shown(name),
                rule="must not be taken: "
                + (f"`{_TAKEN[name]}` are mounted from it" if name in _TAKEN else "another volume has it"),
                source="Kubernetes API, Volume",
                would_pass=shown(f"{name}-{index + 1}"),
            )
        elif name is not None:
            names.append(name)


@rule(VolumeArgs)
def _its_content_is_of_one_kind(volume: VolumeArgs) -> Iterator[Fault]:
    example = example_of(VolumeArgs)
    given = {source: value for source, value in volume.items() if source in SOURCES}
    if len(given) != 1:
        source, value = next(iter(given.items()), ("empty_dir", example["empty_dir"]))
        one = {source: example[source] if isinstance(value, pulumi.Output) else value}
        yield Fault(
            input="",
            value=" and ".join(each for each in SOURCES if each in given) or "absent",
            rule=f"must have exactly one of {', '.join(SOURCES)}",
            source="Kubernetes API, Volume",
            would_pass=shown({"name": volume.get("name", example["name"]), **one}),
        )


def volumes(args: Any, read: Sources) -> list[dict[str, Any]]:
    """The pod's volumes: the files, if there are any, and those that the inputs name."""
    files: list[dict[str, Any]] = [{"name": FILES_VOLUME, "configMap": {"name": read.files_name}}] if read.files else []
    if read.secret_files:
        files.append({"name": SECRET_FILES_VOLUME, "secret": {"secretName": name_of(read.secret_files)}})
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
