"""What the containers of a pod have in common: image, command, environment, files, resources, mounts, security.

The inputs of the containers beside the serving one, and any container as plain data in the API's own names. Not here:
how a container is probed and stopped (`pods`), the objects that it reads (`sources`).
"""

from collections.abc import Iterator
from typing import Annotated, Any, NotRequired, TypedDict

import pulumi

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, Secret
from gke_nodrop.inputs.faults import Fault, shown
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import (
    Cpu,
    DnsLabel,
    FilePath,
    Image,
    Memory,
    PortNumber,
    UrlPath,
    UserId,
    VariableName,
)
from gke_nodrop.workload.sources import FILES_VOLUME, SECRET_FILES_VOLUME, Sources, file_key, name_of, secret_key
from nodrop.rollout.sources import MEMORY

Fields = dict[str, Any]
"""An object of the Kubernetes API, or a part of one, which may hold Outputs."""


Command = Annotated[
    list[Annotated[str, Example("python")]],
    limits.not_empty("a command", "Kubernetes API, Container"),
    Example(["python", "/app/server.py"]),
]
# Secret, in clear though they end up: what cannot be taken may be one, whatever the input is for.
Variables = dict[Annotated[VariableName, Example("LOG_LEVEL")], pulumi.Input[Annotated[str, Secret(), Example("info")]]]
SecretVariables = Annotated[
    dict[Annotated[VariableName, Example("API_TOKEN")], pulumi.Input[Annotated[str, Example("…")]]], Secret()
]
Files = dict[FilePath, pulumi.Input[Annotated[str, Secret(), Example("print()")]]]
SecretFiles = Annotated[dict[FilePath, pulumi.Input[Annotated[str, Example("…")]]], Secret()]


MemoryOfProcess = Annotated[
    Memory, limits.bytes_at_least(2**20, "1Mi, in which a process starts; without a unit it is bytes", MEMORY)
]


class ResourcesArgs(TypedDict):
    """What each container requests; memory is also its limit, CPU has no limit."""

    cpu: NotRequired[Cpu]
    """Default 250m."""
    memory: NotRequired[MemoryOfProcess]
    """Default 256Mi."""


class ImageArgs(TypedDict):
    """Inputs that every container has."""

    image: pulumi.Input[Image]
    """Container image, by tag or digest."""
    command: NotRequired[Command]
    """Entry point. Default: the image's."""
    args: NotRequired[list[Annotated[str, Example("--port=8080")]]]
    """Arguments. Default: the image's."""
    env: NotRequired[Variables]
    """Environment variables, in clear in the Deployment. Not for secrets: `secret_env` is. POD_NAME, the pod's name,
    is always set."""
    secret_env: NotRequired[SecretVariables]
    """Environment variables that a Kubernetes Secret holds; a changed value replaces the pods."""
    files: NotRequired[Files]
    """Absolute path to text of files mounted read-only, in clear in a ConfigMap. Not for secrets: `secret_files`
    is. A changed text replaces the pods."""
    secret_files: NotRequired[SecretFiles]
    """Absolute path to text of files mounted read-only that a Kubernetes Secret holds; a changed text replaces the
    pods."""
    resources: NotRequired[ResourcesArgs]
    """CPU and memory."""


class MountArgs(TypedDict):
    """A volume of the pod in a container's file system."""

    volume: Annotated[DnsLabel, Example("cache")]
    """Name of one of `volumes`."""
    path: Annotated[FilePath, Example("/cache")]
    """Absolute path of the folder at which it appears."""
    read_only: NotRequired[bool]
    """Whether the container may only read. Default false; volumes from a ConfigMap or Secret are always read-only."""


class InitContainerArgs(ImageArgs):
    """A container that runs to completion before those after it start."""

    name: Annotated[DnsLabel, Example("metrics")]
    """Name within the pod."""
    mounts: NotRequired[list[MountArgs]]
    """Volumes that it sees. Default: none."""
    run_as_user: NotRequired[UserId]
    """Numeric user, not root. Default: the pod's."""


class ContainerArgs(InitContainerArgs):
    """A container that runs as long as the pod; it stops no sooner than the serving one."""

    port: NotRequired[Annotated[PortNumber, Example(9090)]]
    """Port on which it takes connections from outside the pod. Default: none."""


class StartupCheckArgs(TypedDict):
    """What shows that a sidecar has started."""

    path: Annotated[UrlPath, Example("/startup")]
    """Path that answers with a status from 200 to 399 once it has started."""
    port: Annotated[PortNumber, Example(9801)]
    """Port of the check, on the pod's address and not only on localhost."""


class SidecarArgs(ContainerArgs):
    """A native sidecar: it starts before the containers that need it and stops after them."""

    startup_check: NotRequired[StartupCheckArgs]
    """Check that the containers after it wait for. Default: they wait only for its process to start."""


@rule(ImageArgs)
def _no_variable_is_set_twice(args: ImageArgs) -> Iterator[Fault]:
    secret_env = args.get("secret_env", {})
    for group, given, taken in (
        ("env", args.get("env", {}), ["POD_NAME", *secret_env]),
        ("secret_env", secret_env, ["POD_NAME"]),
    ):
        for key in given:
            if key in taken:
                yield Fault(
                    input=f"{group}[{shown(key)}]",
                    value=shown(key),
                    rule="must not be set twice: "
                    + ("the component sets it" if key == "POD_NAME" else "in secret_env too"),
                    source="Kubernetes API, EnvVar",
                    would_pass=shown(f"{key}_2"),
                )


@rule(ImageArgs)
def _no_file_is_in_clear_and_secret(args: ImageArgs) -> Iterator[Fault]:
    for path in args.get("secret_files", {}):
        if path in args.get("files", {}):
            yield Fault(
                input=f"secret_files[{shown(path)}]",
                value=shown(path),
                rule="must not be among `files` too",
                source="Kubernetes API, VolumeMount",
                would_pass="absent, or absent from files",
            )


def container(
    name: str, args: ImageArgs, read: Sources, *, owner: str = "", restricted: bool, read_only_root: bool = False
) -> Fields:
    """The container, without ports, probes and lifecycle.

    Its security context takes away what no web server needs: raw sockets, new privileges. Only where it is `restricted`
    (a user is stated) does it take everything away, since stock images such as nginx start as root and change their
    user; and they write into their own file system, so that it is not `read_only_root` unless asked.

    Args:
        name: within the pod.
        args: the inputs.
        read: the objects that hold files and secrets.
        owner: whose part of those objects is meant; empty: the serving container's.
        restricted: whether it runs as a stated user.
        read_only_root: whether it may write into volumes only.
    """
    resources = args.get("resources", ResourcesArgs())
    memory = resources.get("memory", "256Mi")
    env: list[Fields] = [{"name": "POD_NAME", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}]
    env += [{"name": key, "value": value} for key, value in args.get("env", {}).items()]
    env += [
        {"name": key, "valueFrom": {"secretKeyRef": {"name": name_of(read.secret), "key": secret_key(owner, key)}}}
        for key in args.get("secret_env", {})
    ]
    security: Fields = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL" if restricted else "NET_RAW"]},
    }
    if read_only_root:
        security["readOnlyRootFilesystem"] = True
    mounts = [
        {"name": volume, "mountPath": path, "subPath": file_key(owner, path), "readOnly": True}
        for volume, paths in (
            (FILES_VOLUME, args.get("files", {})),
            (SECRET_FILES_VOLUME, args.get("secret_files", {})),
        )
        for path in paths
    ]
    return {
        "name": name,
        "image": args["image"],
        **{key: args[key] for key in ("command", "args") if key in args},
        "env": env,
        "resources": {
            "requests": {"cpu": resources.get("cpu", "250m"), "memory": memory},
            "limits": {"memory": memory},
        },
        "securityContext": security,
        **({"volumeMounts": mounts} if mounts else {}),
    }


def further(args: ContainerArgs, read: Sources, *, restricted: bool, read_only_root: bool) -> Fields:
    """A container beside the serving one, without probes and lifecycle."""
    name, user = args["name"], args.get("run_as_user")
    fields = container(
        name, args, read, owner=name, restricted=restricted or user is not None, read_only_root=read_only_root
    )
    if user is not None:
        fields["securityContext"] |= {"runAsUser": user, "runAsNonRoot": True}
    if "port" in args:
        fields["ports"] = [{"containerPort": args["port"], "protocol": "TCP"}]
    return with_mounts(fields, args.get("mounts", []))


def with_mounts(fields: Fields, mounts: list[MountArgs]) -> Fields:
    """The container with what it sees of the pod's volumes."""
    if not mounts:
        return fields
    added = [
        {"name": each["volume"], "mountPath": each["path"], **({"readOnly": True} if each.get("read_only") else {})}
        for each in mounts
    ]
    return {**fields, "volumeMounts": [*fields.get("volumeMounts", []), *added]}
