"""Pulumi components for serving HTTP on GKE so that a rollout, a scale-in or a node upgrade drops no request.

Written by `python docs/public_types.py`.
"""

from typing import Literal, NotRequired, TypedDict, Unpack, overload

import pulumi

from gke_nodrop.backend.cdn import CacheMode as CacheMode
from gke_nodrop.backend.neg_service import NegService as _NegService
from gke_nodrop.backend.settings import AffinityType as AffinityType
from gke_nodrop.cluster.access import Endpoint as Endpoint
from gke_nodrop.cluster.cluster import AutopilotCluster as _AutopilotCluster, StandardCluster as _StandardCluster
from gke_nodrop.cluster.cluster_args import Datapath as Datapath
from gke_nodrop.cluster.existing_network import ExistingNetwork as _ExistingNetwork
from gke_nodrop.cluster.firewall import load_balancer_ports as load_balancer_ports
from gke_nodrop.cluster.network import Network as _Network
from gke_nodrop.cluster.node_pool import NodePool as _NodePool
from gke_nodrop.cluster.node_pool_args import LocationPolicy as LocationPolicy, TaintEffect as TaintEffect
from gke_nodrop.cluster.node_upgrades import UpgradeStrategy as UpgradeStrategy
from gke_nodrop.cluster.operations import Logs as Logs, Metrics as Metrics
from gke_nodrop.cluster.presets import DEV as DEV, PRODUCTION as PRODUCTION
from gke_nodrop.cluster.upgrades import ExclusionScope as ExclusionScope, ReleaseChannel as ReleaseChannel, Weekday as Weekday
from gke_nodrop.gateway.gateway import Gateway as _Gateway
from gke_nodrop.gateway.routes import GatewayPathType as GatewayPathType, RedirectScheme as RedirectScheme
from gke_nodrop.gateway.settings import GatewayClass as GatewayClass
from gke_nodrop.ingress.frontend_config import RedirectCode as RedirectCode
from gke_nodrop.ingress.ingress import Ingress as _Ingress
from gke_nodrop.ingress.routes import IngressPathType as IngressPathType
from gke_nodrop.ingress.settings import Scope as Scope
from gke_nodrop.inputs.check import check_inputs as check_inputs
from gke_nodrop.inputs.component import faults_of as faults_of
from gke_nodrop.inputs.declared import Example as Example, Limit as Limit, Secret as Secret
from gke_nodrop.inputs.faults import Fault as Fault, InputError as InputError
from gke_nodrop.legacy import LegacyNodePortService as _LegacyNodePortService
from gke_nodrop.shared.namespace import Namespace as _Namespace
from gke_nodrop.shared.protocols import Protocol as Protocol
from gke_nodrop.web_service.web_service import WebService as _WebService
from gke_nodrop.workload.rolling_deployment import RollingDeployment as _RollingDeployment
from nodrop.rollout.behaviour import OnTerm as OnTerm
from nodrop.rollout.timing import Mode as Mode

__all__ = [
    "DEV",
    "PRODUCTION",
    "AccessArgs",
    "AffinityType",
    "AutopilotCluster",
    "AutopilotClusterArgs",
    "AutoscalingArgs",
    "BackendArgs",
    "BackupArgs",
    "BehaviourArgs",
    "CacheKeyArgs",
    "CacheMode",
    "CdnArgs",
    "ClusterNetworkArgs",
    "ClusterUpgradesArgs",
    "ContainerArgs",
    "CustomHeaderArgs",
    "Datapath",
    "DiskArgs",
    "EmptyDirArgs",
    "Endpoint",
    "Example",
    "ExclusionScope",
    "ExistingNetwork",
    "ExistingNetworkArgs",
    "ExposedPortArgs",
    "ExternalMetricArgs",
    "Fault",
    "Gateway",
    "GatewayArgs",
    "GatewayBackendArgs",
    "GatewayCertificatesArgs",
    "GatewayClass",
    "GatewayHeaderArgs",
    "GatewayPathType",
    "GatewayRouteArgs",
    "GatewaySettingsArgs",
    "GpuArgs",
    "HeaderChangesArgs",
    "HealthCheckArgs",
    "IapArgs",
    "Ingress",
    "IngressArgs",
    "IngressCertificatesArgs",
    "IngressPathArgs",
    "IngressPathType",
    "IngressRuleArgs",
    "IngressSettingsArgs",
    "InitContainerArgs",
    "InputError",
    "LegacyNodePortService",
    "LegacyNodePortServiceArgs",
    "Limit",
    "LocationPolicy",
    "LoggingArgs",
    "Logs",
    "MaintenanceExclusionArgs",
    "MaintenanceWindowArgs",
    "Metrics",
    "Mode",
    "MountArgs",
    "Namespace",
    "NamespaceArgs",
    "NegService",
    "NegServiceArgs",
    "NegativeCacheArgs",
    "Network",
    "NetworkArgs",
    "NetworkPolicyArgs",
    "NodePool",
    "NodePoolArgs",
    "NodePoolUpgradesArgs",
    "OnTerm",
    "OperationsArgs",
    "PodAutoscalingArgs",
    "PodsPeerArgs",
    "Protocol",
    "RangePlanArgs",
    "RangesArgs",
    "RedirectCode",
    "RedirectScheme",
    "ReleaseChannel",
    "ResourcesArgs",
    "RollingDeployment",
    "RollingDeploymentArgs",
    "RolloutArgs",
    "RouteFiltersArgs",
    "RouteRedirectArgs",
    "RouteRewriteArgs",
    "Scope",
    "Secret",
    "SecurityArgs",
    "SessionAffinityArgs",
    "SharedVpcArgs",
    "SidecarArgs",
    "SpotArgs",
    "StandardCluster",
    "StandardClusterArgs",
    "StartupCheckArgs",
    "TaintArgs",
    "TaintEffect",
    "UpgradeStrategy",
    "VolumeArgs",
    "WebService",
    "WebServiceArgs",
    "Weekday",
    "WorkloadArgs",
    "WorkloadIdentityArgs",
    "check_inputs",
    "faults_of",
    "load_balancer_ports",
]

class ClusterNetworkArgs(TypedDict):
    """The network of a cluster; `Network.cluster_network` gives it ready-made."""
    network: pulumi.Input[str]
    """Id of the VPC."""
    subnetwork: pulumi.Input[str]
    """Id of the subnet."""
    pods_range: pulumi.Input[str]
    """Name of the subnet's secondary range for pods."""
    services_range: pulumi.Input[str]
    """Name of the subnet's secondary range for Services."""
    pods_per_node: NotRequired[int]
    """Most pods on a node for which the range for pods is sized; Autopilot decides itself. Default: GKE's, 110."""
    dual_stack: NotRequired[bool]
    """Whether the subnet has IPv6 addresses too, and the cluster's pods get some. Default false."""

class AccessArgs(TypedDict):
    """Who reaches the control plane, and how."""
    endpoint: NotRequired[Endpoint | Literal["dns", "ip"]]
    """Default dns: works from a laptop and from CI, opens no address, and IAM guards it."""
    authorized_networks: NotRequired[dict[str, str]]
    """Name to IPv4 range, for endpoint ip only."""
    google_groups: NotRequired[str]
    """The group whose member groups RoleBindings may name. Default: none; RBAC names people one by one.

    Taking it out leaves the group in force: the provider keeps a block that is left out. To end it, set the cluster's
    `authenticator_groups_config.security_group` to "" by a transform.
    """

class MaintenanceWindowArgs(TypedDict):
    """When GKE may upgrade by itself; in UTC."""
    days: list[Weekday | Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]]
    """Days of the week on which the window opens."""
    start: str
    """When it opens, such as 09:00."""
    hours: int
    """How long it stays open, 4 or more; in any 32 days it must be open for 48."""

class MaintenanceExclusionArgs(TypedDict):
    """A time without upgrades, such as a sale."""
    start: str
    """Its first moment, in UTC."""
    end: str
    """Its last moment, in UTC."""
    scope: NotRequired[ExclusionScope | Literal["no-upgrades", "no-minor-upgrades", "no-minor-or-node-upgrades"]]
    """Default no-upgrades, which Google allows for 90 days at most; the others may last until the version's end of
    support."""

class ClusterUpgradesArgs(TypedDict):
    """How the cluster gets new versions."""
    release_channel: NotRequired[ReleaseChannel | Literal["rapid", "regular", "stable", "extended"]]
    """Default regular: Google's own default."""
    window: NotRequired[MaintenanceWindowArgs]
    """When GKE may upgrade by itself; `exclusions` need one. Default: at any time."""
    exclusions: NotRequired[dict[str, MaintenanceExclusionArgs]]
    """Times without upgrades, by a name of your own; a window of all seven days and 24 hours leaves all other times.
    Default: none.

    Take them out while `window` still stands, and `window` in a later update: the provider keeps the exclusions where
    both go at once.
    """
    notifications: NotRequired[pulumi.Input[str]]
    """Id of the Pub/Sub topic that gets messages about upgrades, new versions and security bulletins. Default: none.

    Taking it out lets the messages go on: the provider keeps a block that is left out. Run `gcloud container clusters
    update NAME --location LOCATION --notification-config=pubsub=DISABLED` as well.
    """

class SecurityArgs(TypedDict):
    """Keys of your own, and which images run."""
    secrets_key: NotRequired[pulumi.Input[str]]
    """Id of the Cloud KMS key that encrypts Secrets in etcd besides Google's own encryption; GKE's service agent needs
    the right to use it. Default: Google's encryption alone. Once it is set, to lose the key is to lose the cluster.

    Taking it out leaves the key in use: the provider keeps a block that is left out. Run `gcloud container clusters
    update NAME --location LOCATION --disable-database-encryption` as well, before the key goes.
    """
    disks_key: NotRequired[pulumi.Input[str]]
    """Id of the Cloud KMS key that encrypts the boot disks of Autopilot's nodes, or of the default pool that GKE makes
    with a Standard cluster and that is deleted at once (`NodePool` has `disk.key`); Compute Engine's service agent
    needs the right to use it. Default: Google's encryption alone. A change replaces an Autopilot cluster."""
    binary_authorization: NotRequired[bool]
    """Whether the project's Binary Authorization policy decides which images run. Default false: it needs its API
    enabled and a policy written first."""
    image_repositories: NotRequired[list[str]]
    """Ids of private Artifact Registry repositories that the nodes may pull from. Default: none."""

class BackupArgs(TypedDict):
    """Backups of all Namespaces, Secrets and volumes."""
    schedule: str
    """When, as a cron expression in UTC."""
    retain_days: int
    """For how long each is kept; the plan can be deleted only once its backups are (docs/operations.md)."""
    key: NotRequired[pulumi.Input[str]]
    """Id of the Cloud KMS key that encrypts them. Default: Google's encryption alone."""

class OperationsArgs(TypedDict):
    """Logs, metrics and backups."""
    logs: NotRequired[list[Logs | Literal["system-components", "workloads", "apiserver", "scheduler", "controller-manager"]]]
    """Default system-components and workloads, as GKE's own; logs of the control plane cost more."""
    metrics: NotRequired[list[Metrics | Literal["system-components", "apiserver", "scheduler", "controller-manager", "storage", "hpa", "pod", "daemonset", "deployment", "statefulset", "kubelet", "cadvisor"]]]
    """Default: GKE's own for its version."""
    dataplane_observability: NotRequired[bool]
    """Whether Dataplane V2 reports its flows, as metrics and to Hubble clients. Default: as GKE has it, which is
    metrics on Autopilot and nothing on Standard: it takes memory on the nodes, and its metrics are billed. Taking it
    out leaves it as it is; false turns it off on Standard, and is written on Autopilot, where whether GKE obeys is not
    verified. With `datapath` legacy there is nothing to report: true is refused, and false changes nothing."""
    backup: NotRequired[BackupArgs]
    """Default: no backups. Your program can make again what runs, but not what volumes hold."""

class AutopilotClusterArgs(TypedDict):
    """Inputs of `AutopilotCluster`."""
    location: pulumi.Input[str]
    """Region."""
    network: ClusterNetworkArgs
    """The cluster's network, such as `Network.cluster_network`."""
    access: NotRequired[AccessArgs]
    """Who reaches the control plane."""
    upgrades: NotRequired[ClusterUpgradesArgs]
    """How it gets new versions."""
    security: NotRequired[SecurityArgs]
    """Keys of your own, and which images run."""
    operations: NotRequired[OperationsArgs]
    """Logs, metrics and backups."""
    resource_labels: NotRequired[dict[str, str]]
    """Labels of the cluster, its nodes' machines and disks, for bills and searches. Default: none."""
    deletion_protection: NotRequired[bool]
    """Default true: `pulumi destroy` fails until it has been set to false and applied."""

class SharedVpcArgs(TypedDict):
    """The projects of a Shared VPC: the network's and the clusters'."""
    host_project: str
    """Id of the project that the network belongs to."""
    service_project_number: str
    """Number of the clusters' project: the accounts of its service agents are named after it."""

class ExistingNetworkArgs(TypedDict):
    """Inputs of `ExistingNetwork`."""
    network: pulumi.Input[str]
    """Id of the VPC, such as projects/shop-network/global/networks/shop."""
    subnetwork: NotRequired[pulumi.Input[str]]
    """Id of the subnet, such as projects/shop-network/regions/us-central1/subnetworks/shop; required."""
    pods_range: pulumi.Input[str]
    """Name of its secondary range for pods."""
    services_range: pulumi.Input[str]
    """Name of its secondary range for Services."""
    pods_per_node: NotRequired[int]
    """Most pods on a node for which the range for pods is sized; Autopilot decides itself. Default: GKE's, 110."""
    dual_stack: NotRequired[bool]
    """Whether the subnet has IPv6 addresses too, and the clusters' pods get some. Default false."""
    proxies_range: NotRequired[str]
    """Range of the region's proxy-only subnet there, if internal or regional load balancers are used. Default: none."""
    load_balancer_ports: NotRequired[list[str]]
    """TCP ports, or ranges of ports, on which load balancers may reach nodes and pods. Default 8080.

    They change before the pods: for another port open both, and close the old one after the rollout.
    """
    shared_vpc: NotRequired[SharedVpcArgs]
    """For a network of a Shared VPC's host project."""
    changes_network: NotRequired[bool]
    """Whether to make the firewall rule for load balancers, and to grant the roles that a Shared VPC needs.

    Default true, and with `shared_vpc` false: another team usually owns the host project. `needs` lists what must exist
    then.
    """

class GatewayCertificatesArgs(TypedDict):
    """Certificates of a Gateway, of one kind. ManagedCertificates are for Ingresses: take Certificate Manager's."""
    certificate_map: NotRequired[pulumi.Input[str]]
    """Name of a CertificateMap of Certificate Manager, whose certificates Google may manage; global classes only."""
    certificate_manager: NotRequired[list[pulumi.Input[str]]]
    """Names of certificates of Certificate Manager in the region, which Google may manage; regional classes only."""
    pre_shared: NotRequired[list[pulumi.Input[str]]]
    """Names of SslCertificates of the project: global ones for global classes, else those of the region."""
    secrets: NotRequired[list[pulumi.Input[str]]]
    """Names of Secrets of type kubernetes.io/tls in the Gateway's namespace."""

class GatewayBackendArgs(TypedDict):
    """A Service and its share of a route's requests."""
    service: pulumi.Input[str]
    """Name of a Service in the Gateway's namespace with port 80, such as a `NegService`'s `service_name`."""
    weight: NotRequired[int]
    """Its share, in parts of the sum of all weights of the route: 0 to 1000. Default 1.

    A canary comes and goes in steps, each an update of its own. 1. Add it with weight 0: it gets its backend, and its
    pods their readiness gate, without a request. 2. Shift weights as far as you trust it. 3. Take a Service out only
    once its weight is 0. A Service that comes with a weight gets requests before it has pods; one that goes with a
    weight loses what is under way.
    """

class GatewayHeaderArgs(TypedDict):
    """A header with its value."""
    name: str
    """Its name, in any case."""
    value: str
    """Its value; in `headers` the whole of it, in the same case."""

class HeaderChangesArgs(TypedDict):
    """What is done to the headers of requests or responses; each name stands in only one of the lists."""
    set: NotRequired[list[GatewayHeaderArgs]]
    """Headers that replace those of the same name. Default: none."""
    add: NotRequired[list[GatewayHeaderArgs]]
    """Headers added beside those of the same name. Default: none."""
    remove: NotRequired[list[str]]
    """Names of headers to remove. Default: none."""

class RouteRedirectArgs(TypedDict):
    """Where requests are sent on to; what is not stated stays as it is in the request."""
    scheme: NotRequired[RedirectScheme | Literal["http", "https"]]
    """Scheme."""
    host: NotRequired[str]
    """Host."""
    path: NotRequired[str]
    """Path, in place of the whole one. Not together with `prefix`."""
    prefix: NotRequired[str]
    """Path, in place of the route's own, which must be a prefix."""
    status_code: NotRequired[int]
    """301, for good, or 302, for now. Default 302."""

class RouteRewriteArgs(TypedDict):
    """What Services get to see instead of what the request had."""
    host: NotRequired[str]
    """Host."""
    prefix: NotRequired[str]
    """Path, in place of the route's own, which must be a prefix."""

class RouteFiltersArgs(TypedDict):
    """What is changed of requests and responses."""
    request_headers: NotRequired[HeaderChangesArgs]
    """Headers of requests, on their way to the Services."""
    response_headers: NotRequired[HeaderChangesArgs]
    """Headers of responses, on their way to the clients."""
    redirect: NotRequired[RouteRedirectArgs]
    """Answers requests by sending them on; the route then has no backends and no rewrite."""
    rewrite: NotRequired[RouteRewriteArgs]
    """Host and path that the Services see."""

class GatewayRouteArgs(TypedDict):
    """A rule: which requests, and which Services answer them."""
    backends: NotRequired[list[GatewayBackendArgs]]
    """Services that share the requests by their weights. Required, unless `filters.redirect` answers."""
    hosts: NotRequired[list[str]]
    """Hosts of the requests, with * for the first label if need be. Default: `hosts` of the Gateway.

    A host that has routes of its own is answered by them alone.
    """
    path: NotRequired[str]
    """Path of the requests, which begins with a slash. Default /. An exact path goes before a prefix, and a longer
    prefix before a shorter one; what none matches is answered with 404."""
    path_type: NotRequired[GatewayPathType | Literal["PathPrefix", "Exact"]]
    """How it is compared. Default PathPrefix."""
    headers: NotRequired[list[GatewayHeaderArgs]]
    """Headers that the requests must all have. Default: none. More of them go before fewer."""
    filters: NotRequired[RouteFiltersArgs]
    """What is changed of requests and responses. Default: nothing."""

class GatewayArgs(TypedDict):
    """Inputs of `Gateway`."""
    gateway_class: NotRequired[GatewayClass | Literal["gke-l7-global-external-managed", "gke-l7-regional-external-managed", "gke-l7-rilb", "gke-l7-gxlb"]]
    """Kind of load balancer. Default gke-l7-global-external-managed.

    Another class is another load balancer with another address: add a second Gateway, and move DNS.
    """
    address: NotRequired[pulumi.Input[str]]
    """Name of a reserved address that exists: a global one, or for regional classes one of the cluster's region.

    Default: one of its own, which outlives the Gateway. On a live Gateway another address means that the old one is cut
    off at once: add a second Gateway, and move DNS.
    """
    region: NotRequired[pulumi.Input[str]]
    """Region of the component's own address and SslPolicy, the same as the cluster's; regional classes need it, or
    `address` and, with certificates, `ssl_policy`."""
    subnetwork: NotRequired[pulumi.Input[str]]
    """Id of the subnet of the component's own address; class gke-l7-rilb needs it, or `address`."""
    certificates: NotRequired[GatewayCertificatesArgs]
    """Certificates for HTTPS. Default: none, HTTP only."""
    redirect_to_https: NotRequired[bool]
    """Whether HTTP requests are redirected to HTTPS, with 301. Default true with certificates, else false.

    To bring HTTPS to a live Gateway, set this to false until HTTPS answers.
    """
    ssl_policy: NotRequired[pulumi.Input[str]]
    """Name of the SslPolicy of HTTPS: a global one, or for regional classes one of the region.

    Default: one of its own, TLS 1.2 or newer with Google's profile MODERN. Where it goes on a live Gateway, GCP refuses
    to delete the component's own one until the load balancer has released it: then run `pulumi up` again.
    """
    allow_global_access: NotRequired[bool]
    """Whether clients of other regions reach an internal Gateway; class gke-l7-rilb only. Default false."""
    namespace: pulumi.Input[str]
    """Name of the Namespace of the Gateway and of all its Services."""
    routes: list[GatewayRouteArgs]
    """Which Services answer which requests."""
    hosts: NotRequired[list[str]]
    """Hosts of all routes that state none of their own. Default: any host."""

class IngressCertificatesArgs(TypedDict):
    """Certificates of an Ingress, at most 15 together; a client gets the one for its host, or else the first."""
    managed: NotRequired[list[str]]
    """Domain names without wildcard for each of which Google issues and renews a certificate; scope external only.

    Each host has a ManagedCertificate of its own: one with other domains is deleted and issued again, and all its hosts
    are without HTTPS meanwhile. A certificate comes only once the host's DNS record points at the address, and then can
    take an hour; for a host that has traffic take another kind first. Not together with `pre_shared`.
    """
    pre_shared: NotRequired[list[pulumi.Input[str]]]
    """Names of SslCertificates of the project: global ones for scope external, else those of the region.

    Give their name as an Output, so that a certificate outlives the Ingress. Not together with `managed`, nor on a live
    Ingress that has had one: Pulumi's update would conflict with the controller that has written it there.
    """
    secrets: NotRequired[list[pulumi.Input[str]]]
    """Names of Secrets of type kubernetes.io/tls in the Ingress's namespace."""

class IngressPathArgs(TypedDict):
    """A path and the Service that answers it."""
    service: pulumi.Input[str]
    """Name of a Service in the Ingress's namespace whose port is called http, such as a `NegService`'s `service_name`.

    On a live Ingress, a Service that loses its last path loses its backend, and one that gets its first has none for
    minutes: 502s follow (kubernetes/ingress-gce issue 1756). So first give the new Service another path, or a host of
    its own; then move the path, and leave the old Service another one; then drop that.
    """
    path: NotRequired[str]
    """Path, which begins with a slash. Default /."""
    path_type: NotRequired[IngressPathType | Literal["Prefix", "Exact", "ImplementationSpecific"]]
    """How it is compared. Default Prefix."""

class IngressRuleArgs(TypedDict):
    """The paths of one host."""
    paths: list[IngressPathArgs]
    """Paths; the longest that matches wins, whatever their order. What none matches goes to the default Service."""
    host: NotRequired[str]
    """Host of the requests, with * for its first label if need be. Default: hosts that no rule names."""

class IngressArgs(TypedDict):
    """Inputs of `Ingress`."""
    scope: NotRequired[Scope | Literal["external", "internal", "regional-external"]]
    """From where requests come. Default external. Another scope is another load balancer: add a second Ingress."""
    address: NotRequired[pulumi.Input[str]]
    """Name of a reserved address that exists: a global one, or for the other scopes one of the region.

    That of an internal Ingress has the purpose SHARED_LOADBALANCER_VIP. Default: one of its own, which outlives the
    Ingress; for scope internal only with `subnetwork`. On a live Ingress another address means that the old one is cut
    off at once: add a second Ingress, and move DNS.
    """
    region: NotRequired[pulumi.Input[str]]
    """Region of the component's own address and SslPolicy, where the scope is not external. Default: the gcp
    provider's."""
    subnetwork: NotRequired[pulumi.Input[str]]
    """Id of the subnet of the component's own address where the scope is internal. Default: no address is reserved, and
    the Ingress's goes with it."""
    certificates: NotRequired[IngressCertificatesArgs]
    """Certificates for HTTPS. Default: none, HTTP only."""
    redirect_to_https: NotRequired[bool]
    """Whether HTTP requests are redirected to HTTPS. Default: with certificates, where HTTP is answered and not
    internal.

    To bring HTTPS to a live Ingress with managed certificates, set this to false until they are Active.
    """
    redirect_code: NotRequired[RedirectCode | Literal["MOVED_PERMANENTLY_DEFAULT", "FOUND", "TEMPORARY_REDIRECT", "PERMANENT_REDIRECT"]]
    """Status of that redirect. Default MOVED_PERMANENTLY_DEFAULT."""
    ssl_policy: NotRequired[pulumi.Input[str]]
    """Name of the SslPolicy of HTTPS: a global one, or for scope regional-external one of the region.

    Default: one of its own, TLS 1.2 or newer with Google's profile MODERN; for scope internal Google's, since such an
    Ingress takes none. Where it goes on a live Ingress, GCP refuses to delete the component's own one until the load
    balancer has released it: then run `pulumi up` again.
    """
    allow_http: NotRequired[bool]
    """Whether HTTP is answered, if only with the redirect. Default true."""
    namespace: pulumi.Input[str]
    """Name of the Namespace of the Ingress and of all its Services."""
    default_service: pulumi.Input[str]
    """Name of the Service that answers what no rule matches, with a port called http.

    It is required because GKE's own default backend would stay behind: its NEG lies outside the stack's Namespaces. On
    a live Ingress it moves as paths do: see there.
    """
    rules: NotRequired[list[IngressRuleArgs]]
    """Hosts and paths. Default: none, all goes to the default Service."""

class ResourcesArgs(TypedDict):
    """What each container requests; memory is also its limit, CPU has no limit."""
    cpu: NotRequired[str]
    """Default 250m."""
    memory: NotRequired[str]
    """Default 256Mi."""

class BehaviourArgs(TypedDict):
    """How the application behaves. Plain numbers: they decide what is created."""
    longest_request_seconds: NotRequired[float]
    """Longest request that the application serves. Default 30."""
    startup_seconds: NotRequired[float]
    """Seconds from the container's start until its readiness path answers 200. Default 10."""
    keep_alive_timeout_seconds: NotRequired[float]
    """Idle time after which it closes a connection; 0: it closes after every response. Servers' own defaults are mostly
    too short (uvicorn 5, Node.js 5, nginx 75): set the server to 620, and say so here."""
    on_term: NotRequired[OnTerm | Literal["exit", "drain", "serve"]]
    """What it does on SIGTERM. Default drain."""

class LegacyNodePortServiceArgs(TypedDict):
    """Inputs of `LegacyNodePortService`."""
    image: pulumi.Input[str]
    """Container image, by tag or digest."""
    command: NotRequired[list[str]]
    """Entry point. Default: the image's."""
    args: NotRequired[list[str]]
    """Arguments. Default: the image's."""
    env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables, in clear in the Deployment. Not for secrets: `secret_env` is. POD_NAME, the pod's name,
    is always set."""
    secret_env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables that a Kubernetes Secret holds; a changed value replaces the pods."""
    files: NotRequired[dict[str, pulumi.Input[str]]]
    """Absolute path to text of files mounted read-only, in clear in a ConfigMap. Not for secrets: `secret_files`
    is. A changed text replaces the pods."""
    secret_files: NotRequired[dict[str, pulumi.Input[str]]]
    """Absolute path to text of files mounted read-only that a Kubernetes Secret holds; a changed text replaces the
    pods."""
    resources: NotRequired[ResourcesArgs]
    """CPU and memory."""
    port: NotRequired[int]
    """Port on which the container serves. Default 8080."""
    replicas: NotRequired[int]
    """Pods. Default 2."""
    run_as_user: NotRequired[int]
    """Numeric user, not root; the pods then meet the Pod Security Standard "restricted". Default: the image's user.

    The Namespace of a `WebService` refuses other pods then, old ones among them before they are replaced: on a live one
    keep its label for the first update, as docs/changes.md shows.
    """
    namespace: NotRequired[str]
    """Name of the Namespace that the component makes and owns. Default: the component's name."""
    paths: NotRequired[list[str]]
    """Path prefixes that the Ingress routes; all else goes to the default backend, the same Service. Default /."""
    readiness_path: NotRequired[str]
    """Path of the readiness probe. Default /ready/."""
    rollout: NotRequired[BehaviourArgs]
    """How the application behaves, for the tools that rehearse it; decides nothing here."""

class NamespaceArgs(TypedDict):
    """Inputs of `Namespace`."""
    name: NotRequired[str]
    """Name of the Namespace. Default: the component's name."""

class HealthCheckArgs(TypedDict):
    """The load balancer's health check; the readiness probe asks the same path."""
    path: NotRequired[str]
    """Answers exactly 200 while the pod can serve. Default /."""
    check_interval_seconds: NotRequired[int]
    """Default 5."""
    timeout_seconds: NotRequired[int]
    """Default 5."""
    healthy_threshold: NotRequired[int]
    """Passing answers until healthy. Default 2."""
    unhealthy_threshold: NotRequired[int]
    """Failing answers until unhealthy. Default 2."""
    liveness_path: NotRequired[str]
    """Path whose failure restarts the container. Default: none, the port must only accept connections. Do not give the
    readiness path: what makes a pod unready for a while, such as a database, would restart it."""
    port: NotRequired[int]
    """Another port of the container, which answers the paths above in plain HTTP; a gRPC server needs one. Default: the
    serving port answers them."""

class RolloutArgs(TypedDict):
    """How the application behaves, and timings in place of those that the solver finds."""
    longest_request_seconds: NotRequired[float]
    """Longest request that the application serves. Default 30."""
    startup_seconds: NotRequired[float]
    """Seconds from the container's start until its readiness path answers 200. Default 10."""
    keep_alive_timeout_seconds: NotRequired[float]
    """Idle time after which it closes a connection; 0: it closes after every response. Servers' own defaults are mostly
    too short (uvicorn 5, Node.js 5, nginx 75): set the server to 620, and say so here."""
    on_term: NotRequired[OnTerm | Literal["exit", "drain", "serve"]]
    """What it does on SIGTERM. Default drain."""
    zones: NotRequired[int]
    """Zones that the nodes lie in. Where a rollout could leave one of them without an endpoint, each new pod waits a
    minute. Default: those of the cluster whose `kubernetes_provider` the options have; else unknown, not judged."""
    start_delay_seconds: NotRequired[float]
    """Seconds from a pod's creation to its container's start: scheduling, a new node, pulling the image. Default 0."""
    rolled_out_within_seconds: NotRequired[float]
    """Longest duration of a rollout; decides how many pods are added at a time. Default: none, one pod at a time."""
    mode: NotRequired[Mode | Literal["pod-readiness-feedback", "hard-coded-delay"]]
    """How a rollout waits for the load balancer. Default pod-readiness-feedback."""
    max_surge: NotRequired[int]
    """Pods added during a rollout. Default: the fewest for `rolled_out_within_seconds`, or 1: a version that the load
    balancer finds unhealthy costs one pod."""
    pre_stop_seconds: NotRequired[int]
    """preStop sleep. Default: what the solver finds, at least 60."""
    termination_grace_period_seconds: NotRequired[int]
    """Default: preStop, also a stated one, the longest request and a margin; with on_term exit without the request."""
    min_ready_seconds: NotRequired[int]
    """Default 0; 60 in the mode hard-coded-delay, and where pods are too few for their zones."""
    progress_deadline_seconds: NotRequired[int]
    """Default 599: the readiness gate opens by itself at 600. With hard-coded-delay longer where a start takes longer,
    `min_ready_seconds` included."""
    backend_timeout_seconds: NotRequired[int]
    """How long the load balancer waits for an answer. Default: the longest request and a margin."""
    draining_timeout_seconds: NotRequired[int]
    """How long requests in flight may go on after an endpoint's removal. Default: the longest request."""

class SessionAffinityArgs(TypedDict):
    """Whether a client's requests keep to one pod. A preference only: a rollout, and any pod that comes or goes, moves
    clients; a Gateway's weights choose between versions first."""
    type: NotRequired[AffinityType | Literal["NONE", "CLIENT_IP", "GENERATED_COOKIE"]]
    """Default NONE."""
    cookie_ttl_seconds: NotRequired[int]
    """How long the generated cookie lives; 0: until the browser is closed. At most a day, without an Ingress two weeks.
    Default 0."""

class CustomHeaderArgs(TypedDict):
    """One header."""
    name: str
    """Its name."""
    value: str
    """Its value; `{client_region}` and the like stand for what the load balancer knows of the client."""

class LoggingArgs(TypedDict):
    """The load balancer's log of requests."""
    sample_rate: NotRequired[float]
    """The part of the requests that is logged, 0 to 1; 0 turns the log off. Default 1: the log is where a dropped
    request is explained."""

class NegativeCacheArgs(TypedDict):
    """How long one kind of error or redirect is cached."""
    code: int
    """Status code."""
    ttl_seconds: int
    """At most 1800."""

class CacheKeyArgs(TypedDict):
    """What makes two requests different to the cache."""
    include_host: NotRequired[bool]
    """Default true."""
    include_protocol: NotRequired[bool]
    """Default true."""
    include_query_string: NotRequired[bool]
    """Default true."""
    query_parameters: NotRequired[list[str]]
    """The only parameters of the query string that count. Default: all."""
    ignored_query_parameters: NotRequired[list[str]]
    """Parameters of the query string that do not count. Default: none."""

class CdnArgs(TypedDict):
    """Cloud CDN, turned on by this group, even an empty one. Inputs left out keep the API's defaults."""
    cache_mode: NotRequired[CacheMode | Literal["CACHE_ALL_STATIC", "USE_ORIGIN_HEADERS", "FORCE_CACHE_ALL"]]
    """Default CACHE_ALL_STATIC: no dynamic response is cached unless it says so."""
    default_ttl_seconds: NotRequired[int]
    """Seconds that the cache keeps a response that does not say. Default 3600."""
    max_ttl_seconds: NotRequired[int]
    """Most seconds that the cache keeps a response, whatever it says; with CACHE_ALL_STATIC only. Default 86400."""
    client_ttl_seconds: NotRequired[int]
    """Most seconds that clients keep a response. Default 3600."""
    serve_while_stale_seconds: NotRequired[int]
    """How long an expired response is served while a new one is fetched, or cannot be. Default 86400."""
    request_coalescing: NotRequired[bool]
    """Whether requests for the same response wait for one fetch. Default true."""
    negative_caching: NotRequired[bool]
    """Whether errors and redirects are cached. Default true."""
    negative_caching_policy: NotRequired[list[NegativeCacheArgs]]
    """How long, by status code. Default: Cloud CDN's own times."""
    bypass_on_request_headers: NotRequired[list[str]]
    """Names of request headers that lead past the cache, at most 5. Default: none."""
    cache_key: NotRequired[CacheKeyArgs]
    """What makes two requests different. Default: host, protocol and the whole query string."""

class IapArgs(TypedDict):
    """Identity-Aware Proxy, turned on by stating this group. It needs HTTPS.

    It is not turned off by taking the group away: the Ingress controller leaves on what is not said, and fails on
    `enabled: false` where credentials come from a Secret (kubernetes/ingress-gce pull request 2939), so
    `gcloud iap web disable` does it, then.
    """
    client_id: NotRequired[pulumi.Input[str]]
    """OAuth client's ID. Default: a client that Google manages, for an Ingress only and users of one organisation only;
    there is no way back to it from a client of one's own."""
    client_secret: NotRequired[pulumi.Input[str]]
    """OAuth client's secret; kept in a Kubernetes Secret. Required with `client_id`."""

class BackendArgs(TypedDict):
    """How the load balancer treats the service."""
    session_affinity: NotRequired[SessionAffinityArgs]
    """Whether a client's requests go to the same pod. Default: no, which spreads load best."""
    request_headers: NotRequired[list[CustomHeaderArgs]]
    """Headers added to requests, health checks apart; for an Ingress only, a Gateway's routes have filters. Default:
    none."""
    response_headers: NotRequired[list[CustomHeaderArgs]]
    """Headers added to responses; for an Ingress only. Default: none."""
    logging: NotRequired[LoggingArgs]
    """The log of requests. Default: all of them."""
    cdn: NotRequired[CdnArgs]
    """Cloud CDN, for an external Ingress only. Default: off."""
    iap: NotRequired[IapArgs]
    """Identity-Aware Proxy. Default: not set."""
    security_policy: NotRequired[pulumi.Input[str]]
    """Name of an existing Google Cloud Armor policy; for an external Ingress or a Gateway. An Ingress's backend keeps
    its policy when this is taken away, and loses it with "". Default: not set."""

class ExposedPortArgs(TypedDict):
    """A port of the Service with standalone NEGs, one in each zone, for load balancers that are set up elsewhere."""
    port: NotRequired[int]
    """Port of the Service, which has one. Default 80."""
    name: NotRequired[str]
    """Name of the NEG; excludes `for_ingress`. Default: GKE's choice, which the Service's annotation
    cloud.google.com/neg-status tells."""

class NegServiceArgs(TypedDict):
    """Inputs of `NegService`."""
    namespace: pulumi.Input[str]
    """Name of an existing Namespace."""
    selects: NotRequired[str]
    """Name of the `RollingDeployment` whose pods it serves. Default: the component's own name."""
    protocol: NotRequired[Protocol | Literal["HTTP", "HTTPS", "HTTP2", "GRPC"]]
    """What the pods serve. Default HTTP."""
    health_check: NotRequired[HealthCheckArgs]
    """The load balancer's health check, the same as the `RollingDeployment`'s."""
    rollout: NotRequired[RolloutArgs]
    """The same as the `RollingDeployment`'s: timeout and draining follow from it."""
    accept: NotRequired[dict[str, str]]
    """Rules that may be broken, by name, each with the reason why the service can live with it."""
    backend: NotRequired[BackendArgs]
    """How the load balancer treats the service besides timings."""
    exposed_ports: NotRequired[list[ExposedPortArgs]]
    """Ports with a standalone NEG. Default: none."""
    for_ingress: NotRequired[bool]
    """Whether an `Ingress` leads here: makes the BackendConfig. Default true."""
    for_gateway: NotRequired[bool]
    """Whether a `Gateway` leads here: makes GCPBackendPolicy and HealthCheckPolicy. Both may, for a move from one to
    the other. Default false."""

class RangesArgs(TypedDict):
    """The subnet's IPv4 ranges, in CIDR notation; none may overlap another.

    Once a cluster uses them, `nodes` can only grow, and Google refuses to change the others.
    """
    nodes: NotRequired[str]
    """Primary range, one address a node. Default 10.10.0.0/20: 4,092 nodes."""
    pods: NotRequired[str]
    """Secondary range for pods. Default 10.20.0.0/16: 256 nodes of 110 pods, for each of which GKE sets a /24 aside."""
    services: NotRequired[str]
    """Secondary range for Services. Default 10.30.0.0/20: 4,096 Services."""
    proxies: NotRequired[str]
    """Range of a subnet for the proxies of the region's internal and regional load balancers, /26 or larger.

    Such as 10.40.0.0/23, the size that Google recommends; one is enough for all of them. To the pods, their requests
    come from this range. Default: none; external load balancers that are global need none.
    """

class RangePlanArgs(TypedDict):
    """What the ranges are to hold; the smallest that do are placed where nothing is taken.

    Another plan places them elsewhere, and a primary range that moves replaces the subnet: once clusters stand in it,
    state the planned ranges as `ranges`, and the `pods_per_node` of the plan beside them.
    """
    nodes: int
    """Most nodes of all pools together today, including those that an upgrade adds."""
    services: int
    """Services today."""
    pods_per_node: NotRequired[int]
    """Most pods on a node, 8 to 256: GKE sets twice as many addresses aside on each. Default 110.

    `StandardCluster` takes it from `cluster_network`. Autopilot decides itself, mostly 32.
    """
    growth_percent: NotRequired[int]
    """How many more nodes and Services there may be later. Default 100: ranges are hard to change later."""
    within: NotRequired[str]
    """Where the ranges are placed. Default 10.0.0.0/9, which no auto mode network overlaps."""
    taken: NotRequired[list[str]]
    """Ranges to keep away from: of all networks that this one is or will be connected to. Default: none."""
    proxies: NotRequired[bool]
    """Whether the proxies of the region's internal and regional load balancers get a subnet, a /23. Default false."""

class NetworkArgs(TypedDict):
    """Inputs of `Network`."""
    region: pulumi.Input[str]
    """Region of the subnet and its NAT, such as us-central1."""
    ranges: NotRequired[RangesArgs]
    """IPv4 ranges of nodes, pods and Services."""
    plan: NotRequired[RangePlanArgs]
    """What the ranges are to hold, in place of `ranges`."""
    pods_per_node: NotRequired[int]
    """Most pods on a node, 8 to 256, for which `ranges.pods` is sized; a plan states its own. Default 110.

    `StandardCluster` takes it from `cluster_network`, and NAT ports of a node follow from it.
    """
    dual_stack: NotRequired[bool]
    """Whether nodes and pods have IPv6 addresses besides IPv4 ones: internal ones (ULA), since the nodes are private.

    Google sets the ranges aside, so there is none to state or to plan. Load balancers still reach pods by IPv4, and
    serve clients with IPv6 without it. Default false.
    """
    load_balancer_ports: NotRequired[list[str]]
    """TCP ports, or ranges of ports such as 30000-32767, on which load balancers may reach nodes and pods.

    Default 8080, the default port of `WebService`. State every port that a service serves on, or is checked on, as
    `load_balancer_ports` finds them: the rule that GKE's Ingress controller makes can go stale (kubernetes/ingress-gce
    issue 703). It changes before the pods: for another port open both, and close the old one after the rollout.
    """
    nat_addresses: NotRequired[list[pulumi.Input[str]]]
    """Reserved external addresses of the region that private nodes' traffic leaves from, so that others can allow them.

    Default: Cloud NAT reserves as many as it needs, and which is not known beforehand. A change from one to the other
    breaks open connections.
    """
    flow_log_sample_rate: NotRequired[float]
    """Share of the subnet's connections that VPC Flow Logs samples, 0 to 1; 0: none. They are billed by volume.

    Default 0.1: enough to see who talks to whom, at a fifth of the volume of Google's default of 0.5.
    """
    shared_vpc: NotRequired[SharedVpcArgs]
    """For a network in a host project, where clusters of another project stand: makes all in the host project, and
    grants that project's agents their roles."""

class AutoscalingArgs(TypedDict):
    """How many nodes."""
    min_nodes: NotRequired[int]
    """Fewest nodes in each zone. Default 1: with none in a zone, its first pod waits for a node."""
    max_nodes: NotRequired[int]
    """Most nodes in each zone. Default 3."""
    location_policy: NotRequired[LocationPolicy | Literal["balanced", "any"]]
    """Default balanced, so that nodes remain when a zone is lost; for Spot VMs any, as Google recommends."""

class DiskArgs(TypedDict):
    """Boot disks."""
    size_gb: NotRequired[int]
    """Default 50."""
    type: NotRequired[str]
    """Default pd-balanced, or hyperdisk-balanced where the machine type takes no other."""
    key: NotRequired[pulumi.Input[str]]
    """Id of the Cloud KMS key that encrypts them; Compute Engine's service agent needs the right to use it. Default:
    Google's encryption alone. A change replaces the pool."""

class NodePoolUpgradesArgs(TypedDict):
    """How nodes are replaced when they get a new version."""
    strategy: NotRequired[UpgradeStrategy | Literal["surge", "blue-green", "autoscaled-blue-green"]]
    """Default surge, which needs the fewest extra nodes."""
    max_surge: NotRequired[int]
    """Nodes added during a surge upgrade. Default 1."""
    max_unavailable: NotRequired[int]
    """Nodes that may be missing during a surge upgrade. Default 0: a new node is ready before an old one is drained."""
    batch_nodes: NotRequired[int]
    """Old nodes that a blue-green upgrade drains at a time. Default 1."""
    batch_soak_seconds: NotRequired[int]
    """Seconds that a blue-green upgrade waits between two batches. Default 0."""
    pool_soak_seconds: NotRequired[int]
    """Seconds that a blue-green upgrade waits before it deletes the old nodes. Default 3600, Google's own."""
    wait_for_drain_seconds: NotRequired[int]
    """Seconds that an autoscaled-blue-green upgrade waits for pods to leave the old nodes by themselves. Default
    259200, Google's own."""

class SpotArgs(TypedDict):
    """VMs that Compute Engine may take back at any time."""
    shutdown_seconds: NotRequired[int]
    """Seconds that a node has to shut down once it is taken back; the last 15 are for system pods. Default: GKE's own,
    30."""

class GpuArgs(TypedDict):
    """GPUs of each node, with the driver that GKE installs."""
    type: str
    """Type of GPU, such as nvidia-l4."""
    count: NotRequired[int]
    """GPUs on each node. Default 1."""

class TaintArgs(TypedDict):
    """A taint keeps away pods that do not tolerate it."""
    key: str
    """Its key, such as example.com/role."""
    value: str
    """Its value."""
    effect: NotRequired[TaintEffect | Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]]
    """Default NoSchedule."""

class NodePoolArgs(TypedDict):
    """Inputs of `NodePool`."""
    cluster: pulumi.Input[str]
    """Id of the cluster, such as `StandardCluster.cluster_id`."""
    service_account: pulumi.Input[str]
    """E-mail of the nodes' service account, such as `StandardCluster.node_service_account`."""
    machine_type: NotRequired[pulumi.Input[str]]
    """Default e2-standard-2: room for GKE's own pods and a few more. Arm machines (c4a, n4a, t2a) run only pods that
    select them."""
    autoscaling: NotRequired[AutoscalingArgs]
    """How many nodes."""
    disk: NotRequired[DiskArgs]
    """Boot disks of the nodes."""
    upgrades: NotRequired[NodePoolUpgradesArgs]
    """How nodes are replaced in an upgrade."""
    spot: NotRequired[SpotArgs]
    """Spot VMs; {} for their defaults. Compute Engine can take them back at short notice, and no timing makes that free
    of dropped requests: so their nodes carry the taint cloud.google.com/gke-spot, and pods that do not tolerate it run
    elsewhere. Default: on-demand VMs."""
    gpu: NotRequired[GpuArgs]
    """Default: none."""
    image_streaming: NotRequired[bool]
    """Whether containers start before their whole image is pulled, for images in Artifact Registry. Default: they do
    not, since the project needs the Container File System API enabled. Taking it out leaves it as it is; false turns it
    off."""
    node_labels: NotRequired[dict[str, str]]
    """Kubernetes labels of the nodes, for node selectors. Default: none but GKE's."""
    taints: NotRequired[list[TaintArgs]]
    """Default: none."""
    resource_labels: NotRequired[dict[str, str]]
    """Google Cloud labels of the machines and disks. Default: the cluster's."""

class MountArgs(TypedDict):
    """A volume of the pod in a container's file system."""
    volume: str
    """Name of one of `volumes`."""
    path: str
    """Absolute path of the folder at which it appears."""
    read_only: NotRequired[bool]
    """Whether the container may only read. Default false; volumes from a ConfigMap or Secret are always read-only."""

class InitContainerArgs(TypedDict):
    """A container that runs to completion before those after it start."""
    image: pulumi.Input[str]
    """Container image, by tag or digest."""
    command: NotRequired[list[str]]
    """Entry point. Default: the image's."""
    args: NotRequired[list[str]]
    """Arguments. Default: the image's."""
    env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables, in clear in the Deployment. Not for secrets: `secret_env` is. POD_NAME, the pod's name,
    is always set."""
    secret_env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables that a Kubernetes Secret holds; a changed value replaces the pods."""
    files: NotRequired[dict[str, pulumi.Input[str]]]
    """Absolute path to text of files mounted read-only, in clear in a ConfigMap. Not for secrets: `secret_files`
    is. A changed text replaces the pods."""
    secret_files: NotRequired[dict[str, pulumi.Input[str]]]
    """Absolute path to text of files mounted read-only that a Kubernetes Secret holds; a changed text replaces the
    pods."""
    resources: NotRequired[ResourcesArgs]
    """CPU and memory."""
    name: str
    """Name within the pod."""
    mounts: NotRequired[list[MountArgs]]
    """Volumes that it sees. Default: none."""
    run_as_user: NotRequired[int]
    """Numeric user, not root. Default: the pod's."""

class StartupCheckArgs(TypedDict):
    """What shows that a sidecar has started."""
    path: str
    """Path that answers with a status from 200 to 399 once it has started."""
    port: int
    """Port of the check, on the pod's address and not only on localhost."""

class SidecarArgs(TypedDict):
    """A native sidecar: it starts before the containers that need it and stops after them."""
    image: pulumi.Input[str]
    """Container image, by tag or digest."""
    command: NotRequired[list[str]]
    """Entry point. Default: the image's."""
    args: NotRequired[list[str]]
    """Arguments. Default: the image's."""
    env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables, in clear in the Deployment. Not for secrets: `secret_env` is. POD_NAME, the pod's name,
    is always set."""
    secret_env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables that a Kubernetes Secret holds; a changed value replaces the pods."""
    files: NotRequired[dict[str, pulumi.Input[str]]]
    """Absolute path to text of files mounted read-only, in clear in a ConfigMap. Not for secrets: `secret_files`
    is. A changed text replaces the pods."""
    secret_files: NotRequired[dict[str, pulumi.Input[str]]]
    """Absolute path to text of files mounted read-only that a Kubernetes Secret holds; a changed text replaces the
    pods."""
    resources: NotRequired[ResourcesArgs]
    """CPU and memory."""
    name: str
    """Name within the pod."""
    mounts: NotRequired[list[MountArgs]]
    """Volumes that it sees. Default: none."""
    run_as_user: NotRequired[int]
    """Numeric user, not root. Default: the pod's."""
    port: NotRequired[int]
    """Port on which it takes connections from outside the pod. Default: none."""
    startup_check: NotRequired[StartupCheckArgs]
    """Check that the containers after it wait for. Default: they wait only for its process to start."""

class ContainerArgs(TypedDict):
    """A container that runs as long as the pod; it stops no sooner than the serving one."""
    image: pulumi.Input[str]
    """Container image, by tag or digest."""
    command: NotRequired[list[str]]
    """Entry point. Default: the image's."""
    args: NotRequired[list[str]]
    """Arguments. Default: the image's."""
    env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables, in clear in the Deployment. Not for secrets: `secret_env` is. POD_NAME, the pod's name,
    is always set."""
    secret_env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables that a Kubernetes Secret holds; a changed value replaces the pods."""
    files: NotRequired[dict[str, pulumi.Input[str]]]
    """Absolute path to text of files mounted read-only, in clear in a ConfigMap. Not for secrets: `secret_files`
    is. A changed text replaces the pods."""
    secret_files: NotRequired[dict[str, pulumi.Input[str]]]
    """Absolute path to text of files mounted read-only that a Kubernetes Secret holds; a changed text replaces the
    pods."""
    resources: NotRequired[ResourcesArgs]
    """CPU and memory."""
    name: str
    """Name within the pod."""
    mounts: NotRequired[list[MountArgs]]
    """Volumes that it sees. Default: none."""
    run_as_user: NotRequired[int]
    """Numeric user, not root. Default: the pod's."""
    port: NotRequired[int]
    """Port on which it takes connections from outside the pod. Default: none."""

class EmptyDirArgs(TypedDict):
    """Scratch space on the node, which goes with the pod."""
    size: str
    """Most that it may hold, such as 1Gi: a pod that writes more is evicted. Without a limit it could fill the node's
    disk."""

class VolumeArgs(TypedDict):
    """A volume, with exactly one of the inputs that say where its content comes from.

    The content of an existing ConfigMap or Secret is the owner's: the pods are replaced where the name changes, as it
    does with Pulumi's own names, and not where only the content does.
    """
    name: str
    """Name within the pod, by which `mounts` refer to it."""
    empty_dir: NotRequired[EmptyDirArgs]
    """Scratch space."""
    config_map: NotRequired[pulumi.Input[str]]
    """Name of an existing ConfigMap."""
    secret: NotRequired[pulumi.Input[str]]
    """Name of an existing Secret."""
    claim: NotRequired[pulumi.Input[str]]
    """Name of an existing PersistentVolumeClaim, of the mode ReadWriteMany or ReadOnlyMany: while a rollout goes on,
    pods of both versions mount it, on any node."""

class ExternalMetricArgs(TypedDict):
    """A metric from outside the cluster, with exactly one target."""
    name: str
    """Such as pubsub.googleapis.com|subscription|num_undelivered_messages."""
    labels: NotRequired[dict[str, str]]
    """Labels of its time series, such as resource.labels.subscription_id. Default: all series."""
    average_value: NotRequired[str]
    """Target for each pod, such as 30."""
    value: NotRequired[str]
    """Target for all pods together."""

class PodAutoscalingArgs(TypedDict):
    """Fewest and most pods, and the metrics that decide between them."""
    min_replicas: NotRequired[int]
    """Fewest pods, and how many there are at first. Default 2."""
    max_replicas: int
    """Most pods; the timings of a rollout are judged for this many."""
    cpu_percent: NotRequired[int]
    """Target CPU utilisation, in percent of what the serving container requests. Default 60, where no other metric is
    stated."""
    memory_percent: NotRequired[int]
    """Target memory utilisation, in percent of what the serving container requests, which is also its limit."""
    external_metrics: NotRequired[list[ExternalMetricArgs]]
    """Metrics from outside the cluster. They need an adapter, on GKE that for Cloud Monitoring."""
    scale_up_stabilization_seconds: NotRequired[int]
    """Seconds that a higher need must last before pods are added. Default 0."""
    scale_down_stabilization_seconds: NotRequired[int]
    """Seconds that a lower need must last before pods are removed. Default 300."""

class WorkloadIdentityArgs(TypedDict):
    """The Google service account that the pods act as."""
    service_account: pulumi.Input[str]
    """Its email address. A new binding takes effect within minutes; until then calls are refused."""
    cluster_project: NotRequired[pulumi.Input[str]]
    """Id of the project that the cluster lies in. Default: the service account's own; Compute Engine's default account
    names only its number, so there the id is needed."""

class PodsPeerArgs(TypedDict):
    """Pods that may connect."""
    namespace: NotRequired[str]
    """Name of their Namespace. Default: the same as the policy's."""
    labels: NotRequired[dict[str, str]]
    """Their labels. Default: all pods of that Namespace."""

class NetworkPolicyArgs(TypedDict):
    """Who may connect besides the load balancer: nobody, unless stated here."""
    proxy_only_range: NotRequired[pulumi.Input[str]]
    """Range (CIDR) of the region's proxy-only subnet, where the load balancer is internal or regional: from there its
    requests come, while the health checks come from Google's own ranges still."""
    ranges: NotRequired[list[pulumi.Input[str]]]
    """Further ranges (CIDR)."""
    pods: NotRequired[list[PodsPeerArgs]]
    """Pods of the cluster, such as those of monitoring or of other services."""

class RollingDeploymentArgs(TypedDict):
    """Inputs of `RollingDeployment`."""
    image: pulumi.Input[str]
    """Container image, by tag or digest."""
    command: NotRequired[list[str]]
    """Entry point. Default: the image's."""
    args: NotRequired[list[str]]
    """Arguments. Default: the image's."""
    env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables, in clear in the Deployment. Not for secrets: `secret_env` is. POD_NAME, the pod's name,
    is always set."""
    secret_env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables that a Kubernetes Secret holds; a changed value replaces the pods."""
    files: NotRequired[dict[str, pulumi.Input[str]]]
    """Absolute path to text of files mounted read-only, in clear in a ConfigMap. Not for secrets: `secret_files`
    is. A changed text replaces the pods."""
    secret_files: NotRequired[dict[str, pulumi.Input[str]]]
    """Absolute path to text of files mounted read-only that a Kubernetes Secret holds; a changed text replaces the
    pods."""
    resources: NotRequired[ResourcesArgs]
    """CPU and memory."""
    port: NotRequired[int]
    """Port on which the container serves. Default 8080."""
    replicas: NotRequired[int]
    """Pods. Default 2."""
    run_as_user: NotRequired[int]
    """Numeric user, not root; the pods then meet the Pod Security Standard "restricted". Default: the image's user.

    The Namespace of a `WebService` refuses other pods then, old ones among them before they are replaced: on a live one
    keep its label for the first update, as docs/changes.md shows.
    """
    protocol: NotRequired[Protocol | Literal["HTTP", "HTTPS", "HTTP2", "GRPC"]]
    """What the container speaks with the load balancer. Default HTTP."""
    mounts: NotRequired[list[MountArgs]]
    """Volumes that the container sees. Default: none."""
    init_containers: NotRequired[list[InitContainerArgs]]
    """Containers that run to completion, one after another, before the pod's other containers start; native sidecars
    have started by then. Their time is part of `rollout.start_delay_seconds`."""
    sidecars: NotRequired[list[SidecarArgs]]
    """Native sidecars: containers that start before the others, in this order, and stop after them. The place of
    proxies, such as a database's. Kubernetes 1.29 and newer."""
    containers: NotRequired[list[ContainerArgs]]
    """Further containers beside the serving one. Each waits as long as that one before its SIGTERM."""
    volumes: NotRequired[list[VolumeArgs]]
    """Volumes that containers mount."""
    read_only_root_filesystem: NotRequired[bool]
    """Whether all containers may write into mounted volumes only. Default false: stock images write beside them."""
    autoscaling: NotRequired[PodAutoscalingArgs]
    """Lets the load decide the number of pods; `replicas` is not given then. To turn it off again, state as
    `replicas` how many run: another number is the autoscaler's still, and refused as a conflict. Default: off."""
    workload_identity: NotRequired[WorkloadIdentityArgs]
    """Lets the pods act as a Google service account. Default: none."""
    network_policy: NotRequired[NetworkPolicyArgs]
    """Lets only the load balancer, and the peers stated, connect to the pods. Default: no restriction, since nothing
    here knows which other pods call them."""
    health_check: NotRequired[HealthCheckArgs]
    """The load balancer's health check, from which the probes follow."""
    rollout: NotRequired[RolloutArgs]
    """How the application behaves, and overrides of the timings that follow."""
    accept: NotRequired[dict[str, str]]
    """Rules that may be broken, by name, each with the reason why the service can live with it."""
    namespace: pulumi.Input[str]
    """Name of an existing Namespace."""

class StandardClusterArgs(TypedDict):
    """Inputs of `StandardCluster`."""
    location: pulumi.Input[str]
    """Region (the control plane survives a lost zone) or zone."""
    network: ClusterNetworkArgs
    """The cluster's network, such as `Network.cluster_network`."""
    zones: NotRequired[list[str]]
    """All zones of the nodes, two or more; where `location` is a zone, it is among them. Default: what GKE chooses for
    the location."""
    access: NotRequired[AccessArgs]
    """Who reaches the control plane."""
    upgrades: NotRequired[ClusterUpgradesArgs]
    """How it gets new versions."""
    security: NotRequired[SecurityArgs]
    """Keys of your own, and which images run."""
    operations: NotRequired[OperationsArgs]
    """Logs, metrics and backups."""
    resource_labels: NotRequired[dict[str, str]]
    """Labels of the cluster, its nodes' machines and disks, for bills and searches. Default: none."""
    datapath: NotRequired[Datapath | Literal["dataplane-v2", "legacy"]]
    """Default dataplane-v2, Google's recommendation; `LegacyNodePortService` needs legacy."""
    deletion_protection: NotRequired[bool]
    """Default true: `pulumi destroy` fails until it has been set to false and applied."""

class IngressSettingsArgs(TypedDict):
    """Inputs of an Ingress apart from its routes."""
    scope: NotRequired[Scope | Literal["external", "internal", "regional-external"]]
    """From where requests come. Default external. Another scope is another load balancer: add a second Ingress."""
    address: NotRequired[pulumi.Input[str]]
    """Name of a reserved address that exists: a global one, or for the other scopes one of the region.

    That of an internal Ingress has the purpose SHARED_LOADBALANCER_VIP. Default: one of its own, which outlives the
    Ingress; for scope internal only with `subnetwork`. On a live Ingress another address means that the old one is cut
    off at once: add a second Ingress, and move DNS.
    """
    region: NotRequired[pulumi.Input[str]]
    """Region of the component's own address and SslPolicy, where the scope is not external. Default: the gcp
    provider's."""
    subnetwork: NotRequired[pulumi.Input[str]]
    """Id of the subnet of the component's own address where the scope is internal. Default: no address is reserved, and
    the Ingress's goes with it."""
    certificates: NotRequired[IngressCertificatesArgs]
    """Certificates for HTTPS. Default: none, HTTP only."""
    redirect_to_https: NotRequired[bool]
    """Whether HTTP requests are redirected to HTTPS. Default: with certificates, where HTTP is answered and not
    internal.

    To bring HTTPS to a live Ingress with managed certificates, set this to false until they are Active.
    """
    redirect_code: NotRequired[RedirectCode | Literal["MOVED_PERMANENTLY_DEFAULT", "FOUND", "TEMPORARY_REDIRECT", "PERMANENT_REDIRECT"]]
    """Status of that redirect. Default MOVED_PERMANENTLY_DEFAULT."""
    ssl_policy: NotRequired[pulumi.Input[str]]
    """Name of the SslPolicy of HTTPS: a global one, or for scope regional-external one of the region.

    Default: one of its own, TLS 1.2 or newer with Google's profile MODERN; for scope internal Google's, since such an
    Ingress takes none. Where it goes on a live Ingress, GCP refuses to delete the component's own one until the load
    balancer has released it: then run `pulumi up` again.
    """
    allow_http: NotRequired[bool]
    """Whether HTTP is answered, if only with the redirect. Default true."""

class GatewaySettingsArgs(TypedDict):
    """Inputs of a Gateway apart from its routes."""
    gateway_class: NotRequired[GatewayClass | Literal["gke-l7-global-external-managed", "gke-l7-regional-external-managed", "gke-l7-rilb", "gke-l7-gxlb"]]
    """Kind of load balancer. Default gke-l7-global-external-managed.

    Another class is another load balancer with another address: add a second Gateway, and move DNS.
    """
    address: NotRequired[pulumi.Input[str]]
    """Name of a reserved address that exists: a global one, or for regional classes one of the cluster's region.

    Default: one of its own, which outlives the Gateway. On a live Gateway another address means that the old one is cut
    off at once: add a second Gateway, and move DNS.
    """
    region: NotRequired[pulumi.Input[str]]
    """Region of the component's own address and SslPolicy, the same as the cluster's; regional classes need it, or
    `address` and, with certificates, `ssl_policy`."""
    subnetwork: NotRequired[pulumi.Input[str]]
    """Id of the subnet of the component's own address; class gke-l7-rilb needs it, or `address`."""
    certificates: NotRequired[GatewayCertificatesArgs]
    """Certificates for HTTPS. Default: none, HTTP only."""
    redirect_to_https: NotRequired[bool]
    """Whether HTTP requests are redirected to HTTPS, with 301. Default true with certificates, else false.

    To bring HTTPS to a live Gateway, set this to false until HTTPS answers.
    """
    ssl_policy: NotRequired[pulumi.Input[str]]
    """Name of the SslPolicy of HTTPS: a global one, or for regional classes one of the region.

    Default: one of its own, TLS 1.2 or newer with Google's profile MODERN. Where it goes on a live Gateway, GCP refuses
    to delete the component's own one until the load balancer has released it: then run `pulumi up` again.
    """
    allow_global_access: NotRequired[bool]
    """Whether clients of other regions reach an internal Gateway; class gke-l7-rilb only. Default false."""

class WebServiceArgs(TypedDict):
    """Inputs of `WebService`."""
    image: pulumi.Input[str]
    """Container image, by tag or digest."""
    command: NotRequired[list[str]]
    """Entry point. Default: the image's."""
    args: NotRequired[list[str]]
    """Arguments. Default: the image's."""
    env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables, in clear in the Deployment. Not for secrets: `secret_env` is. POD_NAME, the pod's name,
    is always set."""
    secret_env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables that a Kubernetes Secret holds; a changed value replaces the pods."""
    files: NotRequired[dict[str, pulumi.Input[str]]]
    """Absolute path to text of files mounted read-only, in clear in a ConfigMap. Not for secrets: `secret_files`
    is. A changed text replaces the pods."""
    secret_files: NotRequired[dict[str, pulumi.Input[str]]]
    """Absolute path to text of files mounted read-only that a Kubernetes Secret holds; a changed text replaces the
    pods."""
    resources: NotRequired[ResourcesArgs]
    """CPU and memory."""
    port: NotRequired[int]
    """Port on which the container serves. Default 8080."""
    replicas: NotRequired[int]
    """Pods. Default 2."""
    run_as_user: NotRequired[int]
    """Numeric user, not root; the pods then meet the Pod Security Standard "restricted". Default: the image's user.

    The Namespace of a `WebService` refuses other pods then, old ones among them before they are replaced: on a live one
    keep its label for the first update, as docs/changes.md shows.
    """
    protocol: NotRequired[Protocol | Literal["HTTP", "HTTPS", "HTTP2", "GRPC"]]
    """What the container speaks with the load balancer. Default HTTP."""
    mounts: NotRequired[list[MountArgs]]
    """Volumes that the container sees. Default: none."""
    init_containers: NotRequired[list[InitContainerArgs]]
    """Containers that run to completion, one after another, before the pod's other containers start; native sidecars
    have started by then. Their time is part of `rollout.start_delay_seconds`."""
    sidecars: NotRequired[list[SidecarArgs]]
    """Native sidecars: containers that start before the others, in this order, and stop after them. The place of
    proxies, such as a database's. Kubernetes 1.29 and newer."""
    containers: NotRequired[list[ContainerArgs]]
    """Further containers beside the serving one. Each waits as long as that one before its SIGTERM."""
    volumes: NotRequired[list[VolumeArgs]]
    """Volumes that containers mount."""
    read_only_root_filesystem: NotRequired[bool]
    """Whether all containers may write into mounted volumes only. Default false: stock images write beside them."""
    autoscaling: NotRequired[PodAutoscalingArgs]
    """Lets the load decide the number of pods; `replicas` is not given then. To turn it off again, state as
    `replicas` how many run: another number is the autoscaler's still, and refused as a conflict. Default: off."""
    workload_identity: NotRequired[WorkloadIdentityArgs]
    """Lets the pods act as a Google service account. Default: none."""
    network_policy: NotRequired[NetworkPolicyArgs]
    """Lets only the load balancer, and the peers stated, connect to the pods. Default: no restriction, since nothing
    here knows which other pods call them."""
    health_check: NotRequired[HealthCheckArgs]
    """The load balancer's health check, from which the probes follow."""
    rollout: NotRequired[RolloutArgs]
    """How the application behaves, and overrides of the timings that follow."""
    accept: NotRequired[dict[str, str]]
    """Rules that may be broken, by name, each with the reason why the service can live with it."""
    namespace: NotRequired[str]
    """Name of the Namespace that the component makes and owns. Default: the component's name."""
    existing_namespace: NotRequired[pulumi.Input[str]]
    """Name of a Namespace that exists, instead of one of its own. Nothing then waits for GKE to delete the NEGs, so
    that deleting the network may fail until it has."""
    hosts: NotRequired[list[str]]
    """Domain names that are served; the first label may be *. An external Ingress gets a Google-managed certificate for
    each, of at most 63 characters and without wildcard, and the redirect to HTTPS, unless `ingress.certificates` states
    others. Default: any host."""
    backend: NotRequired[BackendArgs]
    """How the load balancer treats the service besides timings."""
    ingress: NotRequired[IngressSettingsArgs]
    """The Ingress. Default: an external one with an address of its own, unless `gateway` is given."""
    gateway: NotRequired[GatewaySettingsArgs]
    """A Gateway, instead of an Ingress or beside it: with both given, both serve. Default: none."""

class WorkloadArgs(TypedDict):
    """Inputs that every service has."""
    image: pulumi.Input[str]
    """Container image, by tag or digest."""
    command: NotRequired[list[str]]
    """Entry point. Default: the image's."""
    args: NotRequired[list[str]]
    """Arguments. Default: the image's."""
    env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables, in clear in the Deployment. Not for secrets: `secret_env` is. POD_NAME, the pod's name,
    is always set."""
    secret_env: NotRequired[dict[str, pulumi.Input[str]]]
    """Environment variables that a Kubernetes Secret holds; a changed value replaces the pods."""
    files: NotRequired[dict[str, pulumi.Input[str]]]
    """Absolute path to text of files mounted read-only, in clear in a ConfigMap. Not for secrets: `secret_files`
    is. A changed text replaces the pods."""
    secret_files: NotRequired[dict[str, pulumi.Input[str]]]
    """Absolute path to text of files mounted read-only that a Kubernetes Secret holds; a changed text replaces the
    pods."""
    resources: NotRequired[ResourcesArgs]
    """CPU and memory."""
    port: NotRequired[int]
    """Port on which the container serves. Default 8080."""
    replicas: NotRequired[int]
    """Pods. Default 2."""
    run_as_user: NotRequired[int]
    """Numeric user, not root; the pods then meet the Pod Security Standard "restricted". Default: the image's user.

    The Namespace of a `WebService` refuses other pods then, old ones among them before they are replaced: on a live one
    keep its label for the first update, as docs/changes.md shows.
    """

class AutopilotCluster(_AutopilotCluster):
    """A GKE Autopilot cluster; it brings its nodes itself.

    Attributes: `cluster`, `node_account`, `node_role`, `image_readers` (a list, one a repository), `backup_plan` (None
    without it), and `kubernetes_provider`, to be given to what runs on it.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """
    @overload
    def __init__(self, name: str, /, args: AutopilotClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...
    @overload
    def __init__(self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[AutopilotClusterArgs]) -> None: ...

class ExistingNetwork(_ExistingNetwork):
    """A network that exists, for clusters to stand in; what they need there is made or stated.

    It must let private nodes out (Cloud NAT) and reach Google's APIs (Private Google Access).

    Attributes: `load_balancer_firewall` (None where nothing is changed), `roles`, and `cluster_network`, the input
    `network` of `StandardCluster` and `AutopilotCluster`.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """
    @overload
    def __init__(self, name: str, /, args: ExistingNetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...
    @overload
    def __init__(self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[ExistingNetworkArgs]) -> None: ...

class Gateway(_Gateway):
    """An Application Load Balancer with the Services of one Namespace behind it, by the Gateway API.

    The cluster has the Gateway API turned on, as Autopilot clusters have. Give it Services' names as Outputs: then they
    come first and go last. Give the Gateway to the `depends_on` of what runs in the pods: the readiness gate opens
    unchecked in pods that no load balancer serves yet, and a Gateway counts as made once its routes are in the load
    balancer.

    Attributes: `reserved_address` and `ssl_policy` (None if it has none of its own), `policy` (a GCPGatewayPolicy; None
    if there is nothing to say), `gateway`, `http_routes` (a list, one a host), `redirect` (an HTTPRoute; None without
    it).

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """
    @overload
    def __init__(self, name: str, /, args: GatewayArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...
    @overload
    def __init__(self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[GatewayArgs]) -> None: ...

class Ingress(_Ingress):
    """An Application Load Balancer with the Services of one Namespace behind it.

    Give it Services' names as Outputs: then they come first and go last. Give the Ingress to the `depends_on` of what
    runs in the pods: the readiness gate opens unchecked in pods that no load balancer serves yet, and the Ingress
    counts as made once it has its address.

    Attributes: `reserved_address` and `ssl_policy` (None if it has none of its own), `managed_certificates` (a list),
    `frontend_config` (None without certificates, or if internal), `ingress`.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """
    @overload
    def __init__(self, name: str, /, args: IngressArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...
    @overload
    def __init__(self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[IngressArgs]) -> None: ...

class LegacyNodePortService(_LegacyNodePortService):
    """An HTTP service behind instance groups, on a Standard cluster with the legacy datapath.

    Dataplane V2, and so Autopilot, has no kube-proxy, whose NAT is at issue. Kubernetes provider and `depends_on` as in
    `WebService`, to which docs/migration.md leads from here without downtime.

    The field report's variants are one pod or more (`replicas`), and an application that drops the keep-alive header
    and closes each connection, so that none stays with an unready pod; `rollout` tells it as a
    `keep_alive_timeout_seconds` of 0.

    Attributes: `namespace`, `config_map`, `secret` and `secret_files` (None if not needed), `service`, `ingress`,
    `deployment`.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """
    @overload
    def __init__(self, name: str, /, args: LegacyNodePortServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...
    @overload
    def __init__(self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[LegacyNodePortServiceArgs]) -> None: ...

class Namespace(_Namespace):
    """A Namespace for parts that share one: `RollingDeployment`, `NegService`, `Ingress`, `Gateway`.

    Give it its cluster's `kubernetes_provider`, and the node pools, or the Autopilot cluster, to `depends_on`: it must
    be gone before the nodes. Give `name` to the parts: then they come after it and go before it.

    Attributes: `namespace`.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """
    @overload
    def __init__(self, name: str, /, args: NamespaceArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...
    @overload
    def __init__(self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[NamespaceArgs]) -> None: ...

class NegService(_NegService):
    """A Service in front of the pods of a `RollingDeployment`, for an `Ingress`, a `Gateway` or both.

    It comes before the Ingress or Gateway, and the pods after those: give `service_name` to them. In a Namespace that
    the stack does not own nothing waits for the NEGs' deletion.

    Attributes: `service`, `backend_config` (None without `for_ingress`), `backend_policy` and `health_check_policy`
    (None without `for_gateway`), `iap_secret` and `iap_policy_secret` (None without credentials for IAP, and without
    Ingress or Gateway), and `rollout`, of whose timings the load balancer's count.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """
    @overload
    def __init__(self, name: str, /, args: NegServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...
    @overload
    def __init__(self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[NegServiceArgs]) -> None: ...

class Network(_Network):
    """A custom VPC with one subnet for a VPC-native cluster, whose ranges are called `pods` and `services`.

    Cloud NAT lets its private nodes out, with ports for the pods behind it; a firewall rule lets health checks and
    requests of Google's load balancers in, and nothing else.

    Attributes: `network`, `subnetwork`, `proxy_subnetwork` (None without a range for proxies), `router`, `nat`,
    `load_balancer_firewall`, `roles` (of `shared_vpc`), and `cluster_network`, the input
    `network` of `StandardCluster` and `AutopilotCluster`.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """
    @overload
    def __init__(self, name: str, /, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...
    @overload
    def __init__(self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[NetworkArgs]) -> None: ...

class NodePool(_NodePool):
    """Private, shielded, self-repairing nodes with Workload Identity.

    Give it to the options of what runs on it (`depends_on=[pool]`), so that on the way down the workloads' Namespaces
    are gone before their nodes.

    Attributes: `node_pool`.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """
    @overload
    def __init__(self, name: str, /, args: NodePoolArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...
    @overload
    def __init__(self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[NodePoolArgs]) -> None: ...

class RollingDeployment(_RollingDeployment):
    """Pods behind a load balancer, in an existing Namespace, whose replacement drops no request.

    They need a Service that selects `app.kubernetes.io/name: <name>` and a load balancer in front of it: give both to
    `depends_on`, since a readiness gate opens unchecked while no load balancer serves the pod. Kubernetes 1.30
    or newer.

    Attributes: `config_map`, `secret`, `secret_files`, `service_account`, `iam_member`, `network_policy` and
    `autoscaler` (None if not needed), `deployment`, `disruption_budget`, and `rollout`, the timings.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """
    @overload
    def __init__(self, name: str, /, args: RollingDeploymentArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...
    @overload
    def __init__(self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[RollingDeploymentArgs]) -> None: ...

class StandardCluster(_StandardCluster):
    """A GKE Standard cluster without nodes; add a `NodePool` or more.

    Attributes: `cluster`, `node_account`, `node_role`, `image_readers` (a list, one a repository), `backup_plan` (None
    without it), and `kubernetes_provider`, to be given to what runs on it.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """
    @overload
    def __init__(self, name: str, /, args: StandardClusterArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...
    @overload
    def __init__(self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[StandardClusterArgs]) -> None: ...

class WebService(_WebService):
    """An HTTP service on GKE with a Namespace, an address and a load balancer of its own.

    Runs on any VPC-native cluster with Kubernetes 1.30 or newer: the cluster's `kubernetes_provider`, or any other,
    comes through the options (`provider=…`, or `providers=[…]` together with one for gcp). Give another one a
    `cluster_identifier`: without it, a changed kubeconfig can replace the provider and all that is on the cluster. Give
    the node pools, or the Autopilot cluster, to `depends_on`, so that the Namespace is gone before the nodes.

    Attributes: `namespace` (None if one is given), and the parts with the attributes of the components of their kind:
    `backend` (as `NegService`: `service`, `backend_config`…), `ingress` (as `Ingress`; None without one), `gateway` (as
    `Gateway`; None without one), `pods` (as `RollingDeployment`: `deployment`, `disruption_budget`…); and `rollout`,
    the timings.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """
    @overload
    def __init__(self, name: str, /, args: WebServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...
    @overload
    def __init__(self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[WebServiceArgs]) -> None: ...
