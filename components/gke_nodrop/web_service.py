"""`WebService`: an HTTP service behind a container-native load balancer whose rollouts drop no request.

It puts the parts together in the order that matters: Namespace, `NegService`, `Ingress` or `Gateway`, and
`RollingDeployment`. Each stands in a module of its own, and can be used alone.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NotRequired, Unpack, cast, overload

import pulumi

from gke_nodrop.backend import neg_service, neg_service_args
from gke_nodrop.backend import settings as backend
from gke_nodrop.backend.neg_service_args import NegServiceArgs
from gke_nodrop.backend.settings import BackendArgs
from gke_nodrop.gateway import gateway
from gke_nodrop.gateway import settings as gateway_settings
from gke_nodrop.gateway.gateway import GatewayArgs, GatewayParts
from gke_nodrop.gateway.settings import GatewaySettingsArgs
from gke_nodrop.ingress import certificates, ingress
from gke_nodrop.ingress import settings as ingress_settings
from gke_nodrop.ingress.ingress import IngressArgs, IngressParts
from gke_nodrop.ingress.settings import IngressSettingsArgs, Scope
from gke_nodrop.inputs import limits
from gke_nodrop.inputs.component import checked_inputs
from gke_nodrop.inputs.declared import Example, example_of
from gke_nodrop.inputs.faults import Fault, inside, shown
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import HostName, NamespaceName
from gke_nodrop.shared import namespace, options
from gke_nodrop.shared.cluster_provider import with_zones
from gke_nodrop.shared.namespace import OwnNamespaceArgs
from gke_nodrop.timing import timings
from gke_nodrop.workload import rolling_deployment
from gke_nodrop.workload.network_policy import NetworkPolicyArgs
from gke_nodrop.workload.rolling_deployment import RollingDeploymentArgs, RollingWorkloadArgs

HostNames = Annotated[
    list[HostName],
    limits.up_to_each_once(100, "names", "Google, Using Google-managed SSL certificates on GKE"),
]


class WebServiceArgs(RollingWorkloadArgs, OwnNamespaceArgs):
    """Inputs of `WebService`."""

    existing_namespace: NotRequired[pulumi.Input[Annotated[NamespaceName, Example("team-shop")]]]
    """Name of a Namespace that exists, instead of one of its own. Nothing then waits for GKE to delete the NEGs, so
    that deleting the network may fail until it has."""
    hosts: NotRequired[HostNames]
    """Domain names that are served. An external Ingress gets a Google-managed certificate for each, and the redirect
    to HTTPS, unless `ingress.certificates` states others. Default: any host."""
    backend: NotRequired[BackendArgs]
    """How the load balancer treats the service besides timings."""
    ingress: NotRequired[IngressSettingsArgs]
    """The Ingress. Default: an external one with an address of its own, unless `gateway` is given."""
    gateway: NotRequired[GatewaySettingsArgs]
    """A Gateway, instead of an Ingress or beside it: with both given, both serve. Default: none."""


@rule(WebServiceArgs, needs_name=True)
def _default_namespace_is_free(args: WebServiceArgs, name: str) -> Iterator[Fault]:
    if "existing_namespace" not in args:
        yield from namespace.default_name_is_free(args, name)


@rule(WebServiceArgs)
def _one_namespace(args: WebServiceArgs) -> Iterator[Fault]:
    if "namespace" in args and "existing_namespace" in args:
        yield Fault(
            input="existing_namespace",
            value=shown(args["existing_namespace"]),
            rule="must not stand beside namespace, which is the name of one that the component makes",
            source="WebServiceArgs",
            would_pass="absent, or namespace absent",
        )


@rule(WebServiceArgs)
def _proxies_are_admitted(args: WebServiceArgs) -> Iterator[Fault]:
    """Where the load balancer's proxies stand in a subnet of the region, the NetworkPolicy lets them in."""
    policy = args.get("network_policy")
    by_ingress = has_ingress(args) and ingress_settings.scope(args.get("ingress", {})) is not Scope.EXTERNAL
    by_gateway = "gateway" in args and gateway_settings.class_of(args["gateway"]) in gateway_settings.REGIONAL
    if policy is not None and "proxy_only_range" not in policy and (by_ingress or by_gateway):
        yield Fault(
            input="network_policy.proxy_only_range",
            value="absent",
            rule="is required where the load balancer is internal or regional: its requests come from the proxy-only "
            "subnet, while its health checks pass without it",
            source="Google, Proxy-only subnets for Envoy-based load balancers",
            would_pass=shown(example_of(NetworkPolicyArgs)["proxy_only_range"]),
        )


@rule(WebServiceArgs)
def _backend_fits_load_balancers(args: WebServiceArgs) -> Iterator[Fault]:
    yield from neg_service_args.fit_load_balancers(_neg_service(args, ""))


@rule(WebServiceArgs)
def _ingress_agrees_with_certificates(args: WebServiceArgs) -> Iterator[Fault]:
    if not has_ingress(args):
        return
    settings = _with_certificates(args)
    yield from inside("ingress", ingress_settings.certificates_agree(settings, args.get("hosts", [])))
    if "certificates" in settings and "certificates" not in args.get("ingress", {}):
        yield from certificates.few_enough("hosts", len(args.get("hosts", [])))


@rule(WebServiceArgs)
def _backend_has_the_load_balancer_that_it_needs(args: WebServiceArgs) -> Iterator[Fault]:
    asked = args.get("backend", BackendArgs())
    external = ingress_settings.scope(args.get("ingress", {})) is Scope.EXTERNAL
    if has_ingress(args) and not external:
        for key, given in (("cdn", "cdn" in asked), ("security_policy", backend.has_security_policy(asked))):
            if given:
                yield Fault(
                    input=f"backend.{key}",
                    value="given",
                    rule="is for an external Ingress only",
                    source=backend.GOOGLE_INGRESS,
                    would_pass='absent, or ingress.scope = "external"',
                )
    https = has_ingress(args) and ingress_settings.has_https(_with_certificates(args))
    https = https or gateway_settings.has_https(args.get("gateway", {}))
    hosts_are_wrong = args.get("hosts") == []  # they are left out, and have faults of their own
    if "iap" in asked and not https and not hosts_are_wrong:
        yield Fault(
            input="backend.iap",
            value="given",
            rule="needs HTTPS: neither hosts nor certificates are given",
            source="Google, Enabling IAP for GKE",
            would_pass=f"with hosts = {shown(example_of(WebServiceArgs)['hosts'])}",
        )


def has_ingress(args: WebServiceArgs) -> bool:
    """Whether there is an Ingress: by default, and wherever it is given."""
    return "ingress" in args or "gateway" not in args


def _with_certificates(args: WebServiceArgs) -> IngressSettingsArgs:
    """The Ingress' settings with the certificates that `hosts` bring where none are stated."""
    settings, hosts = args.get("ingress", IngressSettingsArgs()), args.get("hosts", [])
    if not hosts or "certificates" in settings or ingress_settings.scope(settings) is not Scope.EXTERNAL:
        return settings
    return {**settings, "certificates": {"managed": hosts}}


def _neg_service(args: WebServiceArgs, space: pulumi.Input[str]) -> NegServiceArgs:
    shared = ("protocol", "health_check", "rollout", "accept", "backend")
    given = cast("Mapping[str, Any]", args)
    own = {"namespace": space, "for_ingress": has_ingress(args), "for_gateway": "gateway" in args}
    return cast("NegServiceArgs", own | {key: given[key] for key in shared if key in given})


def _ingress(args: WebServiceArgs, space: pulumi.Input[str], service: str) -> IngressArgs:
    hosts = args.get("hosts", [])
    return {
        **_with_certificates(args),
        "namespace": space,
        "default_service": service,
        "rules": [{"host": host, "paths": [{"service": service}]} for host in hosts],
    }


def _gateway(args: WebServiceArgs, space: pulumi.Input[str], service: str) -> GatewayArgs:
    found: GatewayArgs = {
        **args.get("gateway", GatewaySettingsArgs()),
        "namespace": space,
        "routes": [{"backends": [{"service": service}]}],
    }
    return {**found, "hosts": args["hosts"]} if "hosts" in args else found


def _ways_around_iap(args: WebServiceArgs) -> Iterator[str]:
    if "iap" in args.get("backend", BackendArgs()) and "network_policy" not in args:
        yield (
            "backend.iap without network_policy: other pods of the cluster reach the application without IAP (Google, "
            "Securing your app with signed headers). Give network_policy, or let the application verify the signed "
            "header x-goog-iap-jwt-assertion of each request"
        )


class WebService(pulumi.ComponentResource):
    """An HTTP service on GKE with a Namespace, an address and a load balancer of its own.

    Runs on any VPC-native cluster with Kubernetes 1.30 or newer: the cluster's `kubernetes_provider`, or any other,
    comes through the options (`provider=…`, or `providers=[…]` together with one for gcp). Give the node pools, or the
    Autopilot cluster, to `depends_on`, so that the Namespace is gone before the nodes.

    Args:
        image: Container image, by tag or digest.
        command: Entry point.
        args: Arguments.
        env: Environment variables, in clear in the Deployment.
        secret_env: Environment variables that a Kubernetes Secret holds; a changed value replaces the pods.
        files: Absolute path to text of files mounted read-only, in clear in a ConfigMap.
        secret_files: Absolute path to text of files mounted read-only that a Kubernetes Secret holds; a changed text
            replaces the pods.
        resources: CPU and memory.
        port: Port on which the container serves.
        replicas: Pods.
        run_as_user: Numeric user, not root; the pods then meet the Pod Security Standard "restricted".
        protocol: What the container speaks with the load balancer.
        mounts: Volumes that the container sees.
        init_containers: Containers that run to completion, one after another, before the pod's other containers start;
            native sidecars have started by then.
        sidecars: Native sidecars: containers that start before the others, in this order, and stop after them.
        containers: Further containers beside the serving one.
        volumes: Volumes that containers mount.
        read_only_root_filesystem: Whether all containers may write into mounted volumes only.
        autoscaling: Lets the load decide the number of pods; `replicas` is not given then.
        workload_identity: Lets the pods act as a Google service account.
        network_policy: Lets only the load balancer, and the peers stated, connect to the pods.
        health_check: The load balancer's health check, from which the probes follow.
        rollout: How the application behaves, and overrides of the timings that follow.
        accept: Rules that may be broken, by name, each with the reason why the service can live with it.
        namespace: Name of the Namespace that the component makes and owns.
        existing_namespace: Name of a Namespace that exists, instead of one of its own.
        hosts: Domain names that are served.
        backend: How the load balancer treats the service besides timings.
        ingress: The Ingress.
        gateway: A Gateway, instead of an Ingress or beside it: with both given, both serve.

    Attributes: `namespace` (None if one is given), and the parts with the attributes of the components of their kind:
    `backend` (as `NegService`: `service`, `backend_config`…), `ingress` (as `Ingress`; None without one), `gateway` (as
    `Gateway`; None without one), `pods` (as `RollingDeployment`: `deployment`, `disruption_budget`…); and `rollout`,
    the timings.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    address: pulumi.Output[str]
    """IPv4 address of the Ingress, or of the Gateway where it is alone; DNS records of `hosts` point at it."""
    url: pulumi.Output[str]
    """URL of the service, at that address."""
    gateway_address: pulumi.Output[str]
    """IPv4 address of the Gateway; empty without one."""

    @overload
    def __init__(self, name: str, /, args: WebServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...

    @overload
    def __init__(
        self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[WebServiceArgs]
    ) -> None: ...

    def __init__(
        self,
        name: str,
        /,
        args: WebServiceArgs | Any = None,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Any,
    ) -> None:
        checked = checked_inputs(
            WebService,
            name,
            WebServiceArgs,
            args,
            inputs,
            opts,
            known=lambda given: with_zones(given, opts),
            notes=lambda args: timings.waiver_notes(args.get("accept", {})),
        )
        super().__init__("gke-nodrop:index:WebService", name, {}, opts)
        judgement = rolling_deployment.judge(checked)
        for warning in (
            *rolling_deployment.warnings(checked, judgement),
            *neg_service_args.warnings(_neg_service(checked, name)),
            *_ways_around_iap(checked),
        ):
            pulumi.log.warn(warning, resource=self)
        self.rollout = judgement.possible
        space = checked.get("existing_namespace", checked.get("namespace", name))
        first = options.first_child(self, opts)

        self.namespace = None
        if "existing_namespace" not in checked:
            own = checked.get("namespace", name)
            self.namespace = namespace.namespace(name, own, first, restricted="run_as_user" in checked)
            first = pulumi.ResourceOptions(parent=self, depends_on=[self.namespace])

        self.backend = neg_service.serve(name, _neg_service(checked, space), self.rollout, first)
        after_backend = options.child_after(first, *self.backend.resources)
        self.ingress = self.gateway = None
        in_front: list[IngressParts | GatewayParts] = []
        load_balancers: list[pulumi.Resource] = []
        if has_ingress(checked):
            self.ingress = ingress.expose(name, _ingress(checked, space, name), after_backend)
            in_front.append(self.ingress)
            load_balancers.append(self.ingress.ingress)
        if "gateway" in checked:
            routed = _gateway(checked, space, name)
            self.gateway = gateway.route(f"{name}-gateway", routed, after_backend)
            in_front.append(self.gateway)
            load_balancers += [self.gateway.gateway, *self.gateway.http_routes]
        # Last: the gate of pods that no load balancer serves yet opens unchecked.
        workload = cast("RollingDeploymentArgs", {**checked, "namespace": space})
        ready = options.child_after(first, self.backend.service, *load_balancers)
        self.pods = rolling_deployment.deploy(name, workload, self.rollout, ready)

        self.address, self.url = in_front[0].address, in_front[0].url
        self.gateway_address = self.gateway.address if self.gateway else pulumi.Output.from_input("")
        self.register_outputs({"address": self.address, "url": self.url, "gateway_address": self.gateway_address})
