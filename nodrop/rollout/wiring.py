"""How requests find a Deployment's pods: load balancer, Service, selector, what lets traffic in.

Values only, as the objects state them; whether they are right, and whether a change between two of them is harmless, is
for `rules` to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from nodrop.rollout.diagnostics import Diagnostic
from nodrop.rollout.infrastructure import UNKNOWN, Infrastructure


@dataclass(frozen=True, kw_only=True)
class Replaced:
    """An object of a path that is deleted for another one."""

    old: str
    """Such as `Ingress demo/web`."""
    new: str
    """The same name where it is the same object with `field` changed."""
    field: str | None = None
    """Field that cannot be changed in place; None: the object's name, namespace or cluster is another, or an option
    replaces it."""
    option: str | None = None
    """Resource option that replaces it, such as `replacement_trigger`."""


@dataclass(frozen=True, kw_only=True)
class Front:
    """What clients meet of a load balancer."""

    schemes: tuple[str, ...] = ("HTTP",)
    """What it answers: `HTTP`, `HTTPS` or both."""
    redirects: bool = False
    """Whether it sends HTTP on to HTTPS."""
    address: str | None = None
    """Name of the reserved address; None: its own, which goes with it."""
    managed_certificates: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Name and domains of each ManagedCertificate that is among the objects."""
    managed_hosts: tuple[str, ...] = ()
    """Hosts that have a ManagedCertificate each, which Google issues only once DNS leads here."""
    certificates: tuple[str, ...] = ()
    """All other certificates, by kind and name, such as `Secret www-example-com-tls`."""
    ssl_policy: str | None = None
    """Name of the SslPolicy; None: Google's own."""
    global_access: bool = False
    """Whether clients of other regions reach an internal one."""
    redirects_nowhere: bool = False
    """Whether it sends HTTP on to HTTPS without a certificate."""
    iap: bool = False
    """Whether Identity-Aware Proxy asks every client to log in."""
    security_policy: str | None = None
    """Name of the Cloud Armor policy; None: there is none, or it is not stated."""


@dataclass(frozen=True, kw_only=True)
class ReplacedResource:
    """A cloud resource under the pods that is deleted, and created again unless the program has it no more."""

    kind: str
    """Such as "cluster"."""
    name: str
    input: str = ""
    """The input that cannot be changed in place, such as `location`."""
    was: str = ""
    becomes: str = ""
    removed: bool = False
    """Whether the program has it no more."""
    with_it: tuple[str, ...] = ()
    """What is replaced in consequence, such as `node pool main`."""


@dataclass(frozen=True, kw_only=True)
class LostRange:
    """A secondary range of a subnet that pods or Services have addresses of, and that is taken away."""

    subnetwork: str
    name: str
    """Of the range, such as "pods"."""
    was: str
    """In CIDR notation."""
    becomes: str
    """The same, or "absent"."""


@dataclass(frozen=True, kw_only=True)
class PodSecurity:
    """A Pod Security Standard that a Namespace enforces from now on, and what it refuses."""

    level: str
    """Such as `restricted`."""
    was: str | None
    """The level before; None: none was stated."""
    refused: tuple[str, ...]
    """Fields of the version before's pods that it refuses, though they were admitted."""
    new_pods_too: bool
    """Whether it refuses the pods of this version as well."""


@dataclass(frozen=True, kw_only=True)
class ChangedBeneath:
    """What a change does to what a path stands on: cloud resources, their firewall, its Namespace."""

    replaced: tuple[ReplacedResource, ...] = ()
    lost_ranges: tuple[LostRange, ...] = ()
    objects: tuple[Replaced, ...] = ()
    """Objects of the path that go to another cluster, or that an option replaces."""
    shut_ports: tuple[int, ...] = ()
    """Ports of the old pods that the program's own firewall rules no longer let load balancers reach."""
    denied_ports: tuple[int, ...] = ()
    """Those that they now deny."""
    pod_security: PodSecurity | None = None
    """The Namespace's standard, where it refuses old pods that it admitted."""
    ends_badly: tuple[Diagnostic, ...] = ()
    """Why the old pods drop requests when they end, where the change replaces them."""


@dataclass(frozen=True, kw_only=True)
class Admission:
    """Whom NetworkPolicies let reach pods."""

    port: int
    """On which the pods serve requests."""
    ranges: tuple[str, ...] | None
    """Source ranges (CIDR) that reach the ports of requests and of the health check; None: no policy, so all."""
    peers: tuple[str, ...] | None
    """Whom they let connect to the port of requests, such as `130.211.0.0/22`; None: no policy, so everyone."""


@dataclass(frozen=True, kw_only=True)
class Wiring:
    """One way from the load balancer to the pods."""

    entry: str
    """What makes the load balancer: "Ingress" or "Gateway" and its class, such as "Ingress gce"."""
    container_native: bool
    """Whether the backends are NEGs; else instance groups."""
    container_native_is_assumed: bool = False
    """Whether the Service leaves that to GKE, which makes instance groups in some clusters."""
    routes: Mapping[str, str]
    """Service by host and path, such as {"www.example.com/*": "web"}, for every rule of the load balancer."""
    neg_annotation: str | None
    """Value of the Service's annotation `cloud.google.com/neg`; None: it has none."""
    selector: Mapping[str, str]
    """The Service's."""
    pod_labels: Mapping[str, str]
    """The pod template's."""
    target_port: int | str
    """The Service port's, as stated: a number or the name of a container port."""
    serving_port: int | None = None
    """The number that requests go to, on the pod or, behind an instance group, the node; None: unknown."""
    listening_ports: tuple[int, ...] = ()
    """What the pod's containers declare and their probes ask; empty: one that may serve declares none."""
    readiness_port: int | None = None
    """The number that the serving container's readiness probe asks; None: unknown, or it asks none."""
    check_port_schemes: tuple[str, ...] = ()
    """`HTTP`, `HTTPS` or `GRPC`, by which probes ask the port of the load balancer's check, if that is another
    than the one of requests."""
    serving_port_schemes: tuple[str, ...] = ()
    """`HTTP`, `HTTPS` or `GRPC`, by which probes ask the port that requests go to."""
    ports_declared_twice: tuple[int, ...] = ()
    """What two containers of a pod declare."""
    service_ports: tuple[str, ...] = ()
    """Names and numbers of the Service's ports."""
    backend_config_ports_unknown: tuple[str, ...] = ()
    """Ports to which a BackendConfig is attached and which the Service does not have."""
    app_protocol_ports_unknown: tuple[str, ...] = ()
    """Names of ports for which a protocol is stated and which the Service does not have."""
    external_traffic_policy: str | None = None
    """The Service's: `Cluster` or `Local`."""
    by_proxies: bool = False
    """Whether requests come from a proxy-only subnet."""
    service_port: int | None = None
    """Number of the Service's port that the load balancer sends to, of which its NEG is; None: unknown."""
    routed_ports: tuple[int, ...] = ()
    """Numbers of all ports of the Service that routes lead to, and so have a NEG each; only a comparison knows."""
    publishes_not_ready_addresses: bool = False
    load_balancer_before_pods: bool | None = None
    """Whether the Deployment is created only after Service and Ingress; None: unknown."""
    admitted_ranges: tuple[str, ...] | None = None
    """Source ranges (CIDR) that firewall and NetworkPolicy let reach the pods; None: unknown."""
    proxy_only_range: str | None = None
    """The proxy-only subnet's range (CIDR) where the load balancer is internal or regional."""
    states_replicas: bool = True
    """Whether the Deployment states `spec.replicas`."""
    replicas_are_left_alone: bool = False
    """Whether `spec.replicas` is written only when the Deployment is created."""
    autoscaled: bool = False
    """Whether a HorizontalPodAutoscaler targets the Deployment."""
    front: Front | None = None
    """None: unknown."""
    protocol: str | None = None
    """What the load balancer speaks to the pods: `HTTP`, `HTTPS`, `HTTP2`; None: unknown."""
    peers: tuple[str, ...] | None = None
    """Whom NetworkPolicies let connect to the port of requests, such as `130.211.0.0/22`; None: no policy, so
    everyone."""
    of_old_pods: Admission | None = None
    """What this version's NetworkPolicies let reach the pods of the version before; None: all, or no comparison."""
    google_identity: tuple[str, str] | None = None
    """ServiceAccount of the pods, and the Google service account that it acts as; None: none."""
    infrastructure: Infrastructure = UNKNOWN
    """Of what the path stands on; unknown where only the objects are read."""
    replaced: tuple[Replaced, ...] = ()
    """Objects of the version before that these ones replace; only a comparison knows."""
    replaced_resources: tuple[ReplacedResource, ...] = ()
    """Cloud resources under the pods that the update replaces; only a comparison knows."""
    lost_ranges: tuple[LostRange, ...] = ()
    """Ranges under the pods and Services that the update takes away; only a comparison knows."""
    shut_ports: tuple[int, ...] = ()
    """Ports of the pods of the version before that the program's firewall rules no longer let load balancers reach;
    only a comparison knows."""
    denied_ports: tuple[int, ...] = ()
    """Those that the program's firewall rules now deny; only a comparison knows."""
    pod_security: PodSecurity | None = None
    """The Namespace's standard where it now refuses the pods of the version before; only a comparison knows."""
    ends_badly: tuple[Diagnostic, ...] = ()
    """Why the pods of the version before drop requests when they end, by the rules of one version, where these objects
    replace them; only a comparison knows."""
    lost_namespace: str | None = None
    """Namespace that is deleted although these objects are to stay in it; only a comparison knows."""
    unserved: tuple[str, ...] = ()
    """Why these objects lead on to no pods, where those of the version before did; only a comparison knows."""
