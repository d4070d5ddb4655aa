"""What the containers of a pod have in common: image, command, environment, files, resources, mounts, security.

The inputs of the containers beside the serving one, and any container as plain data in the API's own names. Not here:
how a container is probed and stopped (`pods`), the objects that it reads (`sources`).
"""

from collections.abc import Iterator, Mapping
from typing import Any, NotRequired, TypedDict

import pulumi

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.check import Fault, Limit, shown
from gke_nodrop.workload.sources import FILES_VOLUME, Sources, file_key, secret_key

Fields = dict[str, Any]
"""An object of the Kubernetes API, or a part of one, which may hold Outputs."""


class ResourcesArgs(TypedDict):
    """What each container is given; memory is also its limit, CPU has none."""

    cpu: NotRequired[str]
    """Default 250m."""
    memory: NotRequired[str]
    """Default 256Mi."""


class ImageArgs(TypedDict):
    """Inputs that every container has."""

    image: pulumi.Input[str]
    """Container image, by tag or digest."""
    command: NotRequired[list[str]]
    """Entry point. Default: the image's."""
    args: NotRequired[list[str]]
    """Arguments. Default: the image's."""
    env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables. POD_NAME, the pod's name, is always set."""
    secret_env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables that a Kubernetes Secret holds; a changed value replaces the pods."""
    files: NotRequired[dict[str, pulumi.Input[str]]]
    """Absolute path to text of files mounted read-only; a changed text replaces the pods."""
    resources: NotRequired[ResourcesArgs]
    """CPU and memory."""


class MountArgs(TypedDict):
    """A volume of the pod in a container's file system."""

    volume: str
    """Name of one of `volumes`."""
    path: str
    """Absolute path of the folder at which it appears."""
    read_only: NotRequired[bool]
    """Whether the container may only read. Default false; what comes from a ConfigMap or Secret never takes writes."""


class InitContainerArgs(ImageArgs):
    """A container that runs to its end before those after it start."""

    name: str
    """Name within the pod."""
    mounts: NotRequired[list[MountArgs]]
    """Volumes that it sees. Default: none."""
    run_as_user: NotRequired[int]
    """Numeric user, not root. Default: the pod's."""


class ContainerArgs(InitContainerArgs):
    """A container that runs as long as the pod; it stops no sooner than the serving one."""

    port: NotRequired[int]
    """Port on which it takes connections from outside the pod. Default: none."""


class StartupCheckArgs(TypedDict):
    """What tells that a sidecar has started."""

    path: str
    """Answers with a status from 200 to 399 once it has."""
    port: int
    """Port of the check, on the pod's address and not only on localhost."""


class SidecarArgs(ContainerArgs):
    """A native sidecar: it starts before the containers that need it and stops after them."""

    startup_check: NotRequired[StartupCheckArgs]
    """The containers after it wait for this. Default: they wait for the start of its process only."""


INIT_CONTAINER_EXAMPLE: InitContainerArgs = {
    "name": "migrate",
    "image": "example/migrate:1",
    "command": ["/migrate"],
    "args": ["--wait"],
    "env": {"LOG_LEVEL": "info"},
    "secret_env": {"DATABASE_PASSWORD": "…"},
    "files": {"/etc/migrate.conf": "lock=true"},
    "resources": {"cpu": "50m", "memory": "64Mi"},
    "mounts": [{"volume": "cache", "path": "/cache", "read_only": False}],
    "run_as_user": 65532,
}
CONTAINER_EXAMPLE: ContainerArgs = {**INIT_CONTAINER_EXAMPLE, "name": "metrics", "port": 9090}
SIDECAR_EXAMPLE: SidecarArgs = {
    **CONTAINER_EXAMPLE,
    "name": "database-proxy",
    "port": 9091,
    "startup_check": {"path": "/startup", "port": 9801},
}

IMAGE_LIMITS = {
    "image": limits.IMAGE,
    "command": limits.not_empty("a command", "Kubernetes API, Container"),
    "env{key}": limits.ENVIRONMENT_NAME,
    "secret_env{key}": limits.ENVIRONMENT_NAME,
    "files{key}": limits.FILE_PATH,
    "resources.cpu": limits.CPU,
    "resources.memory": limits.MEMORY,
}
USER = limits.at_least(1, "a user other than root", "kubernetes.io, Pod Security Standards, restricted")
MOUNT_LIMITS = {"mounts[].volume": limits.DNS_LABEL, "mounts[].path": limits.FILE_PATH}
_FURTHER_LIMITS = IMAGE_LIMITS | MOUNT_LIMITS | {"name": limits.DNS_LABEL, "run_as_user": USER, "port": limits.PORT}
_SIDECAR_LIMITS = _FURTHER_LIMITS | {"startup_check.path": limits.URL_PATH, "startup_check.port": limits.PORT}
LIMITS: dict[str, Limit] = {
    f"{group}[].{pattern}": limit
    for group, each in (
        ("init_containers", _FURTHER_LIMITS),
        ("sidecars", _SIDECAR_LIMITS),
        ("containers", _FURTHER_LIMITS),
    )
    for pattern, limit in each.items()
}


def names_once(args: Mapping[str, Any], path: str = "") -> Iterator[Fault]:
    """That no environment variable of the container at `path` is set twice."""
    secret_env = args.get("secret_env", {})
    for group, taken in (("env", ["POD_NAME", *secret_env]), ("secret_env", ["POD_NAME"])):
        for key in args.get(group, {}):
            if key in taken:
                yield Fault(
                    input=f"{path}{group}[{shown(key)}]",
                    value=shown(key),
                    rule="must not be set twice: "
                    + ("the component sets it" if key == "POD_NAME" else "in secret_env too"),
                    source="Kubernetes API, EnvVar",
                    would_pass=shown(f"{key}_2"),
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
        {"name": key, "valueFrom": {"secretKeyRef": {"name": read.secret_name, "key": secret_key(owner, key)}}}
        for key in args.get("secret_env", {})
    ]
    security: Fields = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL" if restricted else "NET_RAW"]},
    }
    if read_only_root:
        security["readOnlyRootFilesystem"] = True
    mounts = [
        {"name": FILES_VOLUME, "mountPath": path, "subPath": file_key(owner, path), "readOnly": True}
        for path in args.get("files", {})
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
