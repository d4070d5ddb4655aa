"""What runs in the pods: one container with its command, environment, files and resources.

Both kinds of service take these inputs. Not here: how pods come, go and are probed (`deployment`), further containers.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NotRequired, TypedDict

import pulumi
import pulumi_kubernetes as k8s

from gke_nodrop import limits
from gke_nodrop.inputs import Fault, shown

PORT_NAME = "http"
"""Name of the container's port. Services target the name: a number would move old pods to a new port too."""

DEFAULT_REPLICAS = 2
"""One pod can be lost to an eviction or with its node."""

MAX_FILES_BYTES = 1024 * 1024
"""What a ConfigMap holds. Source: kubernetes.io, ConfigMaps."""


class ResourcesArgs(TypedDict):
    """What each pod is given; memory is also its limit, CPU has none."""

    cpu: NotRequired[str]
    """Default 250m."""
    memory: NotRequired[str]
    """Default 256Mi."""


class WorkloadArgs(TypedDict):
    """Inputs that every service has."""

    image: pulumi.Input[str]
    """Container image, by tag or digest."""
    port: NotRequired[int]
    """Port on which the container serves HTTP. Default 8080."""
    replicas: NotRequired[int]
    """Pods. Default 2."""
    command: NotRequired[list[str]]
    """Entry point. Default: the image's."""
    args: NotRequired[list[str]]
    """Arguments. Default: the image's."""
    env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables. POD_NAME, the pod's name, is always set."""
    secret_env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables that a Kubernetes Secret holds."""
    files: NotRequired[dict[str, pulumi.Input[str]]]
    """Absolute path to text of files mounted read-only; a changed text replaces the pods."""
    resources: NotRequired[ResourcesArgs]
    """CPU and memory."""
    run_as_user: NotRequired[int]
    """Numeric user, not root; the pods then meet the Pod Security Standard "restricted". Default: the image's user."""
    namespace: NotRequired[str]
    """Name of the Namespace that the component makes and owns. Default: the component's name."""


EXAMPLE: WorkloadArgs = {
    "image": "python:3.13-slim",
    "port": 8080,
    "replicas": 2,
    "command": ["python", "/app/server.py"],
    "args": ["--port=8080"],
    "env": {"LOG_LEVEL": "info"},
    "secret_env": {"API_TOKEN": "…"},
    "files": {"/app/server.py": "print()"},
    "resources": {"cpu": "250m", "memory": "256Mi"},
    "run_as_user": 65532,
    "namespace": "web",
}
LIMITS = {
    "image": limits.IMAGE,
    "port": limits.PORT,
    "replicas": limits.at_least(1, "pods", "Kubernetes API, DeploymentSpec"),
    "command": limits.not_empty("a command", "Kubernetes API, Container"),
    "env{key}": limits.ENVIRONMENT_NAME,
    "secret_env{key}": limits.ENVIRONMENT_NAME,
    "files{key}": limits.FILE_PATH,
    "resources.cpu": limits.CPU,
    "resources.memory": limits.MEMORY,
    "run_as_user": limits.at_least(1, "a user other than root", "kubernetes.io, Pod Security Standards, restricted"),
    "namespace": limits.DNS_LABEL,
}


def rules(name: str) -> "tuple[Callable[[WorkloadArgs], Iterable[Fault]], ...]":
    """What the args of any service of this name must keep beyond their types and limits."""
    return limits.named(name), _each_name_once, _files_fit, lambda args: _owns_its_namespace(name, args)


def _each_name_once(args: WorkloadArgs) -> Iterator[Fault]:
    """No environment variable is set twice, and no two files share a key of the ConfigMap."""
    secret_env = args.get("secret_env", {})
    for group, taken in (("env", ["POD_NAME", *secret_env]), ("secret_env", ["POD_NAME"])):
        for key in args.get(group, {}):
            if key in taken:
                yield Fault(
                    input=f"{group}[{shown(key)}]",
                    value=shown(key),
                    rule="must not be set twice: "
                    + ("the component sets it" if key == "POD_NAME" else "in secret_env too"),
                    source="Kubernetes API, EnvVar",
                    would_pass=shown(f"{key}_2"),
                )
    paths: dict[str, str] = {}
    for path in args.get("files", {}):
        other = paths.setdefault(_file_key(path), path)
        if other != path:
            yield Fault(
                input=f"files[{shown(path)}]",
                value=shown(path),
                rule=f"must not become the same ConfigMap key as {other}: slashes become underscores",
                source="Kubernetes API, ConfigMap",
                would_pass=shown(f"{path}.1"),
            )


def _files_fit(args: WorkloadArgs) -> Iterator[Fault]:
    texts = [text for text in args.get("files", {}).values() if isinstance(text, str)]
    size = sum(len(text.encode(errors="surrogatepass")) for text in texts)
    if size > MAX_FILES_BYTES:
        yield Fault(
            input="files",
            value=f"{size} bytes",
            rule=f"must not exceed {MAX_FILES_BYTES} bytes together",
            source="kubernetes.io, ConfigMaps",
            would_pass="less text; what is larger belongs into the image",  # noqa: S106 - not a password
        )


def _owns_its_namespace(name: str, args: WorkloadArgs) -> Iterator[Fault]:
    given = args.get("namespace", name)
    if isinstance(given, str) and (given == "default" or given.startswith("kube-")):
        yield Fault(
            input="namespace" if "namespace" in args else "name",
            value=shown(given),
            rule="must not be a Namespace of Kubernetes itself: the component makes its own, and deletes it",
            source="kubernetes.io, Namespaces",
            would_pass=shown(EXAMPLE["namespace"]),
        )


def _file_key(path: str) -> str:
    return path[1:].replace("/", "_")


@dataclass(frozen=True, kw_only=True)
class Sources:
    """The ConfigMap and the Secret that the container reads; None where it needs none."""

    files: "k8s.core.v1.ConfigMap | None"
    files_name: pulumi.Output[str]
    """Name of the ConfigMap."""
    secret: "k8s.core.v1.Secret | None"

    @property
    def resources(self) -> list[pulumi.Resource]:
        """Those that there are."""
        return [resource for resource in (self.files, self.secret) if resource is not None]


def sources(name: str, namespace: str, args: WorkloadArgs, opts: pulumi.ResourceOptions) -> Sources:
    """Creates what the container reads.

    The ConfigMap's name holds a digest of its content, and Pulumi names the Secret: a change makes a second one beside
    the first, and pods of either version keep theirs.
    """
    texts = {_file_key(path): text for path, text in args.get("files", {}).items()}
    files_name = pulumi.Output.all(**texts).apply(lambda known: f"{name}-files-{_digest(known)}")
    secret_env = {key: pulumi.Output.secret(value) for key, value in args.get("secret_env", {}).items()}
    files = secret = None
    if texts:
        metadata = k8s.meta.v1.ObjectMetaArgs(name=files_name, namespace=namespace)
        files = k8s.core.v1.ConfigMap(f"{name}-files", metadata=metadata, data=texts, immutable=True, opts=opts)
    if secret_env:
        metadata = k8s.meta.v1.ObjectMetaArgs(namespace=namespace)
        secret = k8s.core.v1.Secret(f"{name}-env", metadata=metadata, string_data=secret_env, immutable=True, opts=opts)
    return Sources(files=files, files_name=files_name, secret=secret)


def _digest(texts: Mapping[str, str]) -> str:
    text = "".join(f"{key}\0{texts[key]}\0" for key in sorted(texts))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:10]


def container(name: str, args: WorkloadArgs, read: Sources) -> "k8s.core.v1.ContainerArgs":
    """The container, without probes and lifecycle.

    Its security context takes away what no web server needs: raw sockets, new privileges. Only with `run_as_user` does
    it take everything away, since stock images such as nginx start as root and change their user.
    """
    port = args.get("port", 8080)
    resources = args.get("resources", ResourcesArgs())
    memory = resources.get("memory", "256Mi")
    env = [
        k8s.core.v1.EnvVarArgs(
            name="POD_NAME",
            value_from=k8s.core.v1.EnvVarSourceArgs(
                field_ref=k8s.core.v1.ObjectFieldSelectorArgs(field_path="metadata.name")
            ),
        )
    ]
    env += [k8s.core.v1.EnvVarArgs(name=key, value=value) for key, value in args.get("env", {}).items()]
    if read.secret is not None:
        secret_name = read.secret.metadata.apply(lambda metadata: metadata.name or "")
        env += [
            k8s.core.v1.EnvVarArgs(
                name=key,
                value_from=k8s.core.v1.EnvVarSourceArgs(
                    secret_key_ref=k8s.core.v1.SecretKeySelectorArgs(name=secret_name, key=key)
                ),
            )
            for key in args.get("secret_env", {})
        ]
    return k8s.core.v1.ContainerArgs(
        name=name,
        image=args["image"],
        command=args.get("command"),
        args=args.get("args"),
        ports=[k8s.core.v1.ContainerPortArgs(name=PORT_NAME, container_port=port, protocol="TCP")],
        env=env,
        resources=k8s.core.v1.ResourceRequirementsArgs(
            requests={"cpu": resources.get("cpu", "250m"), "memory": memory}, limits={"memory": memory}
        ),
        security_context=k8s.core.v1.SecurityContextArgs(
            allow_privilege_escalation=False,
            capabilities=k8s.core.v1.CapabilitiesArgs(drop=["ALL" if "run_as_user" in args else "NET_RAW"]),
        ),
        volume_mounts=[
            k8s.core.v1.VolumeMountArgs(name="files", mount_path=path, sub_path=_file_key(path), read_only=True)
            for path in args.get("files", {})
        ]
        or None,
    )


def pod_security(args: WorkloadArgs) -> "k8s.core.v1.PodSecurityContextArgs":
    """The pod's part of the security context."""
    user = args.get("run_as_user")
    return k8s.core.v1.PodSecurityContextArgs(
        run_as_user=user,
        run_as_non_root=None if user is None else True,
        seccomp_profile=k8s.core.v1.SeccompProfileArgs(type="RuntimeDefault"),
    )


def volumes(read: Sources) -> "list[k8s.core.v1.VolumeArgs] | None":
    """The volume with the files, if there are any."""
    if read.files is None:
        return None
    return [
        k8s.core.v1.VolumeArgs(name="files", config_map=k8s.core.v1.ConfigMapVolumeSourceArgs(name=read.files_name))
    ]
