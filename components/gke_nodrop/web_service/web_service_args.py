"""Inputs of `WebService`: their shape and rules, and the inputs of its parts that follow from them.

Not here: the rules that stand at the inputs of each part.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, NotRequired, cast

import pulumi

from gke_nodrop.backend import neg_service_args
from gke_nodrop.backend import settings as backend
from gke_nodrop.backend.neg_service_args import NegServiceArgs
from gke_nodrop.backend.settings import BackendArgs
from gke_nodrop.gateway import settings as gateway_settings
from gke_nodrop.gateway.gateway import GatewayArgs
from gke_nodrop.gateway.routes import HOST_PATTERN
from gke_nodrop.gateway.settings import GatewaySettingsArgs
from gke_nodrop.ingress import certificates
from gke_nodrop.ingress import settings as ingress_settings
from gke_nodrop.ingress.ingress import IngressArgs
from gke_nodrop.ingress.routes import HostPattern
from gke_nodrop.ingress.settings import IngressSettingsArgs, Scope
from gke_nodrop.inputs import limits
from gke_nodrop.inputs.declared import Example, Limit, example_of
from gke_nodrop.inputs.faults import Fault, fault, inside, shown
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import HOST_OF_A_MANAGED_CERTIFICATE, NamespaceName
from gke_nodrop.shared import namespace
from gke_nodrop.shared.namespace import OwnNamespaceArgs
from gke_nodrop.workload.network_policy import NetworkPolicyArgs
from gke_nodrop.workload.rolling_deployment import RollingWorkloadArgs

HostNames = Annotated[
    list[HostPattern],
    limits.up_to_each_once(100, "names", "Google, Using Google-managed SSL certificates on GKE"),
]


class WebServiceArgs(RollingWorkloadArgs, OwnNamespaceArgs):
    """Inputs of `WebService`."""

    existing_namespace: NotRequired[pulumi.Input[Annotated[NamespaceName, Example("team-shop")]]]
    """Name of a Namespace that exists, instead of one of its own. Nothing then waits for GKE to delete the NEGs, so
    that deleting the network may fail until it has."""
    hosts: NotRequired[HostNames]
    """Domain names that are served; the first label may be *. An external Ingress gets a Google-managed certificate for
    each, of at most 63 characters and without wildcard, and the redirect to HTTPS, unless `ingress.certificates` states
    others. Default: any host."""
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
    yield from neg_service_args.fit_load_balancers(neg_service_of(args, ""))


@rule(WebServiceArgs)
def _ingress_agrees_with_certificates(args: WebServiceArgs) -> Iterator[Fault]:
    if not has_ingress(args):
        return
    settings, hosts = _with_certificates(args), args.get("hosts", [])
    if "certificates" in settings and "certificates" not in args.get("ingress", {}):
        yield from certificates.few_enough("hosts", len(hosts))
        others = list(
            _hosts_beyond(HOST_OF_A_MANAGED_CERTIFICATE, args, "unless ingress.certificates states other certificates")
        )
        yield from others
        if others:
            return  # with other certificates there is nothing more to say
    yield from inside("ingress", ingress_settings.certificates_agree(settings, hosts))


@rule(WebServiceArgs)
def _a_gateway_takes_the_hosts(args: WebServiceArgs) -> Iterator[Fault]:
    if "gateway" in args:
        yield from _hosts_beyond(HOST_PATTERN, args, "where a Gateway serves it")


def _hosts_beyond(limit: Limit, args: WebServiceArgs, when: str) -> Iterator[Fault]:
    """Hosts that the Ingress would take, and what follows from them would not."""
    for number, host in enumerate(args.get("hosts", [])):
        if not limit.holds(host):
            would_pass = shown(example_of(WebServiceArgs)["hosts"][0])
            yield fault(f"hosts[{number}]", host, f"must be {limit.rule}, {when}", limit.source, would_pass)


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


def neg_service_of(args: WebServiceArgs, space: pulumi.Input[str]) -> NegServiceArgs:
    """The inputs of the service's `NegService`, in the Namespace `space`."""
    shared = ("protocol", "health_check", "rollout", "accept", "backend")
    given = cast("Mapping[str, Any]", args)
    own = {"namespace": space, "for_ingress": has_ingress(args), "for_gateway": "gateway" in args}
    return cast("NegServiceArgs", own | {key: given[key] for key in shared if key in given})


def ingress_of(args: WebServiceArgs, space: pulumi.Input[str], service: str) -> IngressArgs:
    """The inputs of the service's `Ingress`, every host of which leads to the Service `service`."""
    hosts = args.get("hosts", [])
    return {
        **_with_certificates(args),
        "namespace": space,
        "default_service": service,
        "rules": [{"host": host, "paths": [{"service": service}]} for host in hosts],
    }


def gateway_of(args: WebServiceArgs, space: pulumi.Input[str], service: str) -> GatewayArgs:
    """The inputs of the service's `Gateway`, whose one route leads to the Service `service`."""
    found: GatewayArgs = {
        **args.get("gateway", GatewaySettingsArgs()),
        "namespace": space,
        "routes": [{"backends": [{"service": service}]}],
    }
    return {**found, "hosts": args["hosts"]} if "hosts" in args else found
