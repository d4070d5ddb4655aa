"""From a kubeconfig to a client: its current context, a token or an exec plugin, TLS verified.

Not here: client certificates, passwords, in-cluster configuration, proxies. A kubeconfig without a certificate
authority is meant for a server whose certificate the system trusts; `roots` says which those are.
"""

import base64
import json
import os
import shutil
import subprocess
from typing import Any

import yaml

from harness.rest import Client

TIMEOUT_SECONDS = 30


class LoginError(Exception):
    """No client can be made; the cluster counts as unreachable."""


def client(kubeconfig: str, *, path: str, roots: bytes, context: str | None = None) -> Client:
    """A client of the current context's cluster; `path` is where exec plugins are looked for."""
    cluster, user = _chosen(kubeconfig, context)
    authority = cluster.get("certificate-authority-data")
    token = user.get("token") or _from_plugin(user["exec"], cluster, path)
    ca = base64.b64decode(authority) if authority else roots
    return Client(cluster["server"], ca, token, user_agent="pulumi-kubernetes")  # the field manager of creations


def active_cluster(kubeconfig: str, context: str | None) -> dict[str, Any]:
    """The current context's cluster: where it is and what signs its certificate."""
    return _chosen(kubeconfig, context)[0]


def _chosen(kubeconfig: str, context: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Cluster and user of the current context."""
    try:
        config = yaml.safe_load(kubeconfig)
        chosen = _named(config, "contexts", context or config["current-context"])["context"]
        cluster = _named(config, "clusters", chosen["cluster"])["cluster"]
        return cluster, _named(config, "users", chosen["user"])["user"]
    except (KeyError, TypeError, StopIteration, yaml.YAMLError) as error:
        raise LoginError(f"invalid kubeconfig: {error!r}") from None


def _named(config: dict[str, Any], collection: str, name: str) -> dict[str, Any]:
    return next(one for one in config[collection] if one["name"] == name)


def _from_plugin(plugin: dict[str, Any], cluster: dict[str, Any], path: str) -> str:
    """The token from the plugin's ExecCredential."""
    program = shutil.which(plugin["command"], path=path)
    if program is None:
        raise LoginError(f"exec: executable {plugin['command']} not found\n\n{plugin.get('installHint', '')}")
    spec: dict[str, Any] = {"interactive": False}
    if plugin.get("provideClusterInfo"):
        spec["cluster"] = {key: cluster[key] for key in ("server", "certificate-authority-data") if key in cluster}
    info = {"apiVersion": plugin["apiVersion"], "kind": "ExecCredential", "spec": spec}
    run = subprocess.run(
        [program, *plugin.get("args", [])],
        env={**os.environ, "PATH": path, "KUBERNETES_EXEC_INFO": json.dumps(info)},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
    )
    if run.returncode:
        raise LoginError(f"exec: {plugin['command']} failed with exit code {run.returncode}: {run.stderr.strip()}")
    credential = json.loads(run.stdout)
    if credential.get("apiVersion") != plugin["apiVersion"]:
        raise LoginError(f"exec plugin is configured to use API version {plugin['apiVersion']}")
    return credential["status"]["token"]
