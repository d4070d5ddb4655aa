"""The Service between load balancer and pods, and the BackendConfig that governs how an Ingress balances it."""

from collections.abc import Mapping

import pulumi
import pulumi_kubernetes as k8s

from gke_nodrop.backend import settings as backends
from gke_nodrop.backend.settings import BackendArgs
from gke_nodrop.shared.names import PORT_NAME, SERVICE_PORT, labels
from gke_nodrop.shared.protocols import Protocol
from nodrop.gke.kinds import api_version
from nodrop.gke.services import (
    APP_PROTOCOLS,
    BACKEND_CONFIG,
    NEG,
    NO_NEG,
    BackendConfigs,
    NegAnnotation,
    write_app_protocols,
    write_backend_configs,
    write_neg,
)
from nodrop.rollout import Rollout
from nodrop.rollout.manifest import backend_config_fields

WIRE = {Protocol.GRPC: "HTTP2"}
"""What load balancers call a protocol, where not as we do: gRPC is HTTP/2 to them.
Source: kubernetes/ingress-gce pkg/annotations/service.go."""


def neg_service(
    name: str,
    namespace: pulumi.Input[str],
    backend_config: str | None,
    opts: pulumi.ResourceOptions,
    *,
    selects: str | None = None,
    protocol: Protocol = Protocol.HTTP,
    exposed: Mapping[int, str | None] | None = None,
    for_gateway: bool = False,
) -> "k8s.core.v1.Service":
    """A ClusterIP Service whose pods are endpoints of a NEG, one each.

    A Gateway's NEG is a standalone one, which its controller asks for in the same annotation: it is asked for here, so
    that the two do not overwrite each other. A Gateway reads the protocol from the port, an Ingress from an annotation.

    Args:
        name: of the Service.
        namespace: name of its Namespace.
        backend_config: name of the BackendConfig by which an Ingress balances it; None: there is no Ingress.
        opts: of the resource.
        selects: name of the component whose pods it serves; None: its own.
        protocol: what the pods serve.
        exposed: its ports with a standalone NEG, and the NEG's name; None: GKE names it.
        for_gateway: whether a Gateway balances it.

    Source: Google, Container-native load balancing through Ingress; Google, Container-native load balancing through
    standalone zonal NEGs; kubernetes/ingress-gce pkg/negannotation/negannotation.go, pkg/annotations/service.go;
    Google, Secure a Gateway.
    """
    wire = WIRE.get(protocol, protocol.value)
    ports = {port: neg or "" for port, neg in (exposed or {}).items()}
    if for_gateway:
        ports.setdefault(SERVICE_PORT, "")
    annotations = {NEG: write_neg(NegAnnotation(ingress=backend_config is not None, exposed_ports=ports))}
    if backend_config:
        annotations[BACKEND_CONFIG] = write_backend_configs(BackendConfigs(default=backend_config))
        if protocol is not Protocol.HTTP:
            annotations[APP_PROTOCOLS] = write_app_protocols({PORT_NAME: wire})
    app_protocol = wire if for_gateway and protocol is not Protocol.HTTP else None
    return _service(name, namespace, "ClusterIP", annotations, opts, selects or name, app_protocol)


def node_port_service(name: str, namespace: pulumi.Input[str], opts: pulumi.ResourceOptions) -> "k8s.core.v1.Service":
    """A NodePort Service behind instance groups: every node is a backend, and kube-proxy chooses the pod."""
    return _service(name, namespace, "NodePort", {NEG: NO_NEG}, opts, name)


def _service(
    name: str,
    namespace: pulumi.Input[str],
    kind: str,
    annotations: dict[str, str],
    opts: pulumi.ResourceOptions,
    selects: str,
    app_protocol: str | None = None,
) -> "k8s.core.v1.Service":
    # Pulumi would wait for endpoints, which the Deployment brings, which waits for this. Deletion is still awaited.
    annotations = {**annotations, "pulumi.com/skipAwait": "true"}
    port: k8s.core.v1.ServicePortArgsDict = {
        "name": PORT_NAME,
        "port": SERVICE_PORT,
        "target_port": PORT_NAME,
        "protocol": "TCP",
    }
    if app_protocol:
        port["app_protocol"] = app_protocol
    return k8s.core.v1.Service(
        name,
        metadata={"name": name, "namespace": namespace, "annotations": annotations},
        spec={"type": kind, "selector": labels(selects), "ports": [port]},
        opts=opts,
    )


def backend_config(
    name: str,
    namespace: pulumi.Input[str],
    rollout: Rollout,
    opts: pulumi.ResourceOptions,
    *,
    health_check_port: int | None = None,
    backend: BackendArgs | None = None,
    iap_secret: pulumi.Input[str] | None = None,
) -> "k8s.apiextensions.CustomResource":
    """Timings, health check and all else that the load balancer of an Ingress does with the Service.

    Without a port of its own the health check asks each endpoint on the port that it serves on, so that pods of an old
    version with another port stay healthy. Source: Google, Ingress configuration on GKE; kubernetes/ingress-gce
    pkg/translator/healthchecks.go.
    """
    timed = backend_config_fields(rollout, health_check_port=health_check_port)
    return k8s.apiextensions.CustomResource(
        name,
        api_version=api_version("BackendConfig"),
        kind="BackendConfig",
        metadata={"name": name, "namespace": namespace},
        spec={**timed["spec"], **backends.config_fields(backend or {}, iap_secret)},
        opts=opts,
    )
