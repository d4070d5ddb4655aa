"""What serves in the pods: one container with its port, and how many pods there are.

Every kind of service takes these inputs. Not here: how pods come, go and are probed (`deployment`, `pods`), further
containers (`containers`).
"""

from collections.abc import Iterator, Mapping
from typing import Any, NotRequired

from gke_nodrop.inputs.faults import Fault, shown
from gke_nodrop.inputs.types import PodCount, PortNumber, UserId
from gke_nodrop.shared.names import PORT_NAME
from gke_nodrop.workload import containers
from gke_nodrop.workload.containers import Fields, ImageArgs
from gke_nodrop.workload.sources import MAX_FILES_BYTES, Sources, file_key

DEFAULT_PORT = 8080
"""Source: chosen; any user may listen on it."""


class WorkloadArgs(ImageArgs):
    """Inputs that every service has."""

    port: NotRequired[PortNumber]
    """Port on which the container serves. Default 8080."""
    replicas: NotRequired[PodCount]
    """Pods. Default 2."""
    run_as_user: NotRequired[UserId]
    """Numeric user, not root; the pods then meet the Pod Security Standard "restricted". Default: the image's user.

    The Namespace of a `WebService` refuses other pods then, old ones among them before they are replaced: on a live one
    keep its label for the first update, as docs/changes.md shows.
    """


def files_fit(given: Mapping[str, tuple[str, Mapping[str, Any]]]) -> Iterator[Fault]:
    """That the files of all containers have a ConfigMap's key each, and fit into it together; secret ones a Secret's.

    Args:
        given: by each container's name, the serving one's being empty: the path of its inputs, and these.
    """
    yield from _fit(given, "files", "ConfigMap")
    yield from _fit(given, "secret_files", "Secret")


def _fit(given: Mapping[str, tuple[str, Mapping[str, Any]]], group: str, kind: str) -> Iterator[Fault]:
    keys: dict[str, str] = {}
    size = 0
    for owner, (at, args) in given.items():
        for path, text in args.get(group, {}).items():
            size += len(text.encode(errors="surrogatepass")) if isinstance(text, str) else 0
            other = keys.setdefault(file_key(owner, path), f"{at}{path}")
            if other != f"{at}{path}":
                yield Fault(
                    input=f"{at}{group}[{shown(path)}]",
                    value=shown(path),
                    rule=f"must not become the same {kind} key as {other}: slashes become underscores",
                    source=f"Kubernetes API, {kind}",
                    would_pass=shown(f"{path}.1"),
                )
    if size > MAX_FILES_BYTES:
        yield Fault(
            input=group,
            value=f"{size} bytes",
            rule=f"must not exceed {MAX_FILES_BYTES} bytes together",
            source=f"kubernetes.io, {kind}s",
            would_pass="less text; what is larger belongs into the image",
        )


def container(name: str, args: WorkloadArgs, read: Sources, *, read_only_root: bool = False) -> Fields:
    """The serving container, without probes and lifecycle."""
    restricted = "run_as_user" in args
    fields = containers.container(name, args, read, restricted=restricted, read_only_root=read_only_root)
    port = args.get("port", DEFAULT_PORT)
    return {**fields, "ports": [{"name": PORT_NAME, "containerPort": port, "protocol": "TCP"}]}


def pod_security(args: WorkloadArgs) -> Fields:
    """The pod's part of the security context."""
    seccomp: Fields = {"seccompProfile": {"type": "RuntimeDefault"}}
    return seccomp | ({"runAsUser": args["run_as_user"], "runAsNonRoot": True} if "run_as_user" in args else {})
