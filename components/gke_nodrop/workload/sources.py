"""The ConfigMap and the Secret that the containers of a pod read their files and secret variables from.

A changed text or value makes a new object beside the old one, under a new name, so that pods of either version keep
theirs and the change is a rollout like any other. Not here: objects that exist already (`volumes`).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

FILES_VOLUME = "files"
"""Name of the volume with the files."""

MAX_FILES_BYTES = 1024 * 1024
"""What a ConfigMap holds. Source: kubernetes.io, ConfigMaps."""


def file_key(owner: str, path: str) -> str:
    """Key in the ConfigMap of a file of a container; `owner` is empty for the serving one."""
    return _owned(owner, path[1:].replace("/", "_"))


def secret_key(owner: str, variable: str) -> str:
    """Key in the Secret of a variable of a container; `owner` is empty for the serving one."""
    return _owned(owner, variable)


def _owned(owner: str, key: str) -> str:
    return f"{owner}.{key}" if owner else key


@dataclass(frozen=True, kw_only=True)
class Sources:
    """What the containers read; None where they need none."""

    files: "k8s.core.v1.ConfigMap | None"
    files_name: pulumi.Output[str]
    """Name of the ConfigMap."""
    secret: "k8s.core.v1.Secret | None"

    @property
    def secret_name(self) -> pulumi.Output[str]:
        """Name of the Secret, which there must be."""
        assert self.secret is not None  # noqa: S101 - states an invariant
        return self.secret.metadata.apply(lambda metadata: metadata.name or "")

    @property
    def resources(self) -> list[pulumi.Resource]:
        """Those that there are."""
        return [resource for resource in (self.files, self.secret) if resource is not None]


def sources(
    name: str,
    namespace: pulumi.Input[str],
    containers: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
) -> Sources:
    """Creates what the containers read.

    The ConfigMap's name holds a digest of its content, and Pulumi names the Secret.

    Args:
        name: the component's.
        namespace: of the pods.
        containers: the inputs of each container by its name, the serving one's by an empty name.
        opts: options of both objects.
    """
    texts = {file_key(owner, path): text for owner, each in containers.items() for path, text in _files(each).items()}
    files_name = pulumi.Output.all(**texts).apply(lambda known: f"{name}-files-{_digest(known)}")
    secrets = {
        secret_key(owner, key): pulumi.Output.secret(value)
        for owner, each in containers.items()
        for key, value in each.get("secret_env", {}).items()
    }
    files = secret = None
    if texts:
        metadata = k8s.meta.v1.ObjectMetaArgs(name=files_name, namespace=namespace)
        files = k8s.core.v1.ConfigMap(f"{name}-files", metadata=metadata, data=texts, immutable=True, opts=opts)
    if secrets:
        metadata = k8s.meta.v1.ObjectMetaArgs(namespace=namespace)
        secret = k8s.core.v1.Secret(f"{name}-env", metadata=metadata, string_data=secrets, immutable=True, opts=opts)
    return Sources(files=files, files_name=files_name, secret=secret)


def _files(container: Mapping[str, Any]) -> Mapping[str, Any]:
    return container.get("files", {})


def _digest(texts: Mapping[str, str]) -> str:
    text = "".join(f"{key}\0{texts[key]}\0" for key in sorted(texts))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:10]
