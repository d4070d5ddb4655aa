"""The ConfigMap and the Secrets that the containers of a pod read their files and secret variables from.

A changed text or value makes a new object beside the old one, under a new name, so that pods of either version keep
theirs and the change is a rollout like any other. Not here: objects that exist already (`volumes`).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_kubernetes as k8s

FILES_VOLUME, SECRET_FILES_VOLUME = "files", "secret-files"
"""Names of the volumes with the files."""

MAX_FILES_BYTES = 1024 * 1024
"""What a ConfigMap holds, and a Secret. Source: kubernetes.io, ConfigMaps, Secrets."""


def file_key(owner: str, path: str) -> str:
    """Key in the ConfigMap or Secret of a file of a container; `owner` is empty for the serving one."""
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
    secret_files: "k8s.core.v1.Secret | None"

    @property
    def resources(self) -> list[pulumi.Resource]:
        """Those that there are."""
        return [resource for resource in (self.files, self.secret, self.secret_files) if resource is not None]


def sources(
    name: str,
    namespace: pulumi.Input[str],
    containers: Mapping[str, Any],
    opts: pulumi.ResourceOptions,
) -> Sources:
    """Creates what the containers read.

    The ConfigMap's name holds a digest of its content, and Pulumi names the Secrets.

    Args:
        name: the component's.
        namespace: of the pods.
        containers: the inputs of each container by its name, the serving one's by an empty name.
        opts: options of all objects.
    """
    texts = _texts(containers, "files")
    files_name = pulumi.Output.all(**texts).apply(lambda known: f"{name}-files-{_digest(known)}")
    secrets = {
        secret_key(owner, key): value
        for owner, each in containers.items()
        for key, value in each.get("secret_env", {}).items()
    }
    files = None
    if texts:
        metadata = k8s.meta.v1.ObjectMetaArgs(name=files_name, namespace=namespace)
        files = k8s.core.v1.ConfigMap(f"{name}-files", metadata=metadata, data=texts, immutable=True, opts=opts)
    return Sources(
        files=files,
        files_name=files_name,
        secret=_secret(f"{name}-env", namespace, secrets, opts),
        secret_files=_secret(f"{name}-files", namespace, _texts(containers, "secret_files"), opts),
    )


def name_of(secret: "k8s.core.v1.Secret | None") -> pulumi.Output[str]:
    """Name of a Secret, which there must be."""
    assert secret is not None  # noqa: S101 - states an invariant
    return secret.metadata.apply(lambda metadata: metadata.name or "")


def _texts(containers: Mapping[str, Any], group: str) -> dict[str, Any]:
    """Every container's files by their keys."""
    return {
        file_key(owner, path): text for owner, each in containers.items() for path, text in each.get(group, {}).items()
    }


def _secret(
    name: str, namespace: pulumi.Input[str], values: Mapping[str, Any], opts: pulumi.ResourceOptions
) -> "k8s.core.v1.Secret | None":
    if not values:
        return None
    data = {key: pulumi.Output.secret(value) for key, value in values.items()}
    metadata = k8s.meta.v1.ObjectMetaArgs(namespace=namespace)
    return k8s.core.v1.Secret(name, metadata=metadata, string_data=data, immutable=True, opts=opts)


def _digest(texts: Mapping[str, str]) -> str:
    text = "".join(f"{key}\0{texts[key]}\0" for key in sorted(texts))
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:10]
