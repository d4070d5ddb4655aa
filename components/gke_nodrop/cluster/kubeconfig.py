"""The kubeconfig of a GKE cluster, with gcloud's exec plugin instead of a token, which would expire in the state."""

import json
from typing import Any


def kubeconfig(context: str, server: str, ca_certificate: str | None) -> str:
    """A kubeconfig as JSON with one context.

    Args:
        context: Name of its cluster, user and context.
        server: Host name or address of the control plane.
        ca_certificate: The cluster's CA in base64; None for a DNS endpoint, whose certificate a public CA has signed.

    Source: Google, Install kubectl and configure cluster access.
    """
    cluster: dict[str, Any] = {"server": f"https://{server}"}
    if ca_certificate is not None:
        cluster["certificate-authority-data"] = ca_certificate
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": "gke-gcloud-auth-plugin",
        "installHint": "gcloud components install gke-gcloud-auth-plugin",
        "interactiveMode": "Never",
        "provideClusterInfo": True,
    }
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": context, "cluster": cluster}],
            "users": [{"name": context, "user": {"exec": plugin}}],
            "contexts": [{"name": context, "context": {"cluster": context, "user": context}}],
            "current-context": context,
        }
    )
