"""The Service between load balancer and pods, and the BackendConfig that governs how it is balanced."""

import json

import pulumi
import pulumi_kubernetes as k8s

from gke_nodrop.workload import PORT_NAME
from nodrop.rollout import Rollout
from nodrop.rollout.manifest import backend_config_fields

PORT = 80
"""The Service's port; load balancers reach pods on the container's."""


def labels(name: str) -> dict[str, str]:
    """What the Service selects by: the component's name alone, so that no edit can make it select nothing."""
    return {"app.kubernetes.io/name": name}


def neg_service(name: str, namespace: str, backend_config: str, opts: pulumi.ResourceOptions) -> "k8s.core.v1.Service":
    """A ClusterIP Service whose pods are endpoints of a NEG, one each.

    Source: Google, Container-native load balancing through Ingress.
    """
    annotations = {
        "cloud.google.com/neg": json.dumps({"ingress": True}),
        "cloud.google.com/backend-config": json.dumps({"default": backend_config}),
    }
    return _service(name, namespace, "ClusterIP", annotations, opts)


def node_port_service(name: str, namespace: str, opts: pulumi.ResourceOptions) -> "k8s.core.v1.Service":
    """A NodePort Service behind instance groups: every node is a backend, and kube-proxy chooses the pod."""
    return _service(name, namespace, "NodePort", {"cloud.google.com/neg": json.dumps({"ingress": False})}, opts)


def _service(
    name: str, namespace: str, kind: str, annotations: dict[str, str], opts: pulumi.ResourceOptions
) -> "k8s.core.v1.Service":
    # Pulumi would wait for endpoints, which the Deployment brings, which waits for this. Deletion is still awaited.
    annotations = {**annotations, "pulumi.com/skipAwait": "true"}
    return k8s.core.v1.Service(
        name,
        metadata={"name": name, "namespace": namespace, "annotations": annotations},
        spec={
            "type": kind,
            "selector": labels(name),
            "ports": [{"name": PORT_NAME, "port": PORT, "target_port": PORT_NAME, "protocol": "TCP"}],
        },
        opts=opts,
    )


def backend_config(
    name: str, namespace: str, rollout: Rollout, opts: pulumi.ResourceOptions
) -> "k8s.apiextensions.CustomResource":
    """Health check, response timeout, connection draining and request logs of the Service's backend.

    The health check names no port: each endpoint is asked on the port that it serves on, so that pods of an old version
    with another port stay healthy. Source: Google, Ingress configuration on GKE; kubernetes/ingress-gce
    pkg/translator/healthchecks.go.
    """
    spec = {
        **backend_config_fields(rollout)["spec"],
        "logging": {"enable": True, "sampleRate": 1.0},  # statusDetails is where a dropped request is explained
    }
    return k8s.apiextensions.CustomResource(
        name,
        api_version="cloud.google.com/v1",
        kind="BackendConfig",
        metadata={"name": name, "namespace": namespace},
        spec=spec,
        opts=opts,
    )
