"""`Gateway`: hosts, paths and weights to many Services, which GKE turns into an Application Load Balancer.

What it is made of stands in modules of its own: `gateway_settings`, `gateway_routes`, `http_route`. Not here: the
Services with their GCPBackendPolicies and HealthCheckPolicies, which are `NegService`'s; Gateways that other namespaces
share.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated, Any, NotRequired, Unpack, overload

import pulumi
import pulumi_gcp as gcp
import pulumi_kubernetes as k8s

from gke_nodrop.gateway import http_route
from gke_nodrop.gateway import route_rules as gateway_route_rules
from gke_nodrop.gateway import settings as gateway_settings
from gke_nodrop.gateway.routes import HostPatterns, Routes
from gke_nodrop.gateway.settings import GatewaySettingsArgs
from gke_nodrop.inputs.component import checked_inputs
from gke_nodrop.inputs.declared import Example
from gke_nodrop.inputs.faults import Fault
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import NamespaceName
from gke_nodrop.shared import options
from gke_nodrop.shared.load_balancers import TIMEOUTS
from nodrop.gke.gateways import CERTIFICATE_MAP
from nodrop.gke.kinds import GATEWAY_API, api_version


class GatewayArgs(GatewaySettingsArgs):
    """Inputs of `Gateway`."""

    namespace: pulumi.Input[Annotated[NamespaceName, Example("shop")]]
    """Name of the Namespace of the Gateway and of all its Services."""
    routes: Routes
    """Which Services answer which requests."""
    hosts: NotRequired[Annotated[HostPatterns, Example(["shop.example.com"])]]
    """Hosts of all routes that state none of their own. Default: any host."""


@rule(GatewayArgs)
def _routes_agree(args: GatewayArgs) -> Iterator[Fault]:
    yield from gateway_route_rules.agree(
        args.get("routes", []),
        args.get("hosts", []),
        gateway_settings.class_of(args),
        https=gateway_settings.has_https(args),
    )


@dataclass(frozen=True, kw_only=True)
class GatewayParts:
    """What a `Gateway` is made of; None where it is not needed."""

    reserved_address: "gcp.compute.GlobalAddress | gcp.compute.Address | None"
    ssl_policy: "gcp.compute.SSLPolicy | gcp.compute.RegionSslPolicy | None"
    policy: "k8s.apiextensions.CustomResource | None"
    gateway: "GatewayResource"
    http_routes: "list[k8s.apiextensions.CustomResource]"
    redirect: "k8s.apiextensions.CustomResource | None"
    address: pulumi.Output[str]
    url: pulumi.Output[str]


def route(name: str, args: GatewayArgs, opts: pulumi.ResourceOptions) -> GatewayParts:
    """Makes the Gateway and what goes with it, for args that are checked.

    Args:
        name: of all objects.
        args: checked.
        opts: of every resource: its parent, and what comes before all.
    """
    namespace = args["namespace"]
    https, redirects = gateway_settings.has_https(args), gateway_settings.redirects(args)
    reserved = gateway_settings.reserved_address(name, args, opts)
    ssl_policy = gateway_settings.own_ssl_policy(name, args, opts)
    policy = _policy(name, args, ssl_policy.name if ssl_policy else args.get("ssl_policy"), opts)
    made = GatewayResource(
        name,
        metadata={"name": name, "namespace": namespace, "annotations": _annotations(args)},
        # The own address's name as an Output: the address outlives the Gateway.
        spec=_spec(args, reserved.name if reserved else args["address"]),
        opts=options.child_after(opts, ssl_policy, policy, custom_timeouts=TIMEOUTS),
    )
    by_host = http_route.by_host(args.get("hosts", []), args["routes"])
    redirect = None
    if redirects:
        redirect = http_route.http_route(
            f"{name}-to-https",
            namespace,
            gateway=name,
            listener="http",
            host=None,
            rules=[http_route.https_rule()],
            opts=options.child_after(opts, made, custom_timeouts=TIMEOUTS),
        )
    # After the redirect: routes that leave the listener for HTTP leave no gap there.
    http_routes = [
        http_route.http_route(
            name if host is None else f"{name}-{host.replace('*', 'any')}",
            namespace,
            gateway=name,
            listener="https" if redirects else None,
            host=host,
            rules=[http_route.kubernetes_rule(each) for each in routes],
            opts=options.child_after(opts, made, redirect, custom_timeouts=TIMEOUTS),
        )
        for host, routes in by_host.items()
    ]
    address = reserved.address if reserved else made.status.apply(address_of)
    plain = [host for host in (*args.get("hosts", []), *by_host) if host and not host.startswith("*.")]
    return GatewayParts(
        reserved_address=reserved,
        ssl_policy=ssl_policy,
        policy=policy,
        gateway=made,
        http_routes=http_routes,
        redirect=redirect,
        address=address,
        url=pulumi.Output.concat("https" if https else "http", "://", plain[0] if plain else address, "/"),
    )


class Gateway(pulumi.ComponentResource):
    """An Application Load Balancer with the Services of one Namespace behind it, by the Gateway API.

    The cluster has the Gateway API turned on, as Autopilot clusters have. Give it Services' names as Outputs: then they
    come first and go last. Give the Gateway to the `depends_on` of what runs in the pods: the readiness gate opens
    unchecked in pods that no load balancer serves yet, and a Gateway counts as made once its routes are in the load
    balancer.

    Args:
        gateway_class: Kind of load balancer.
        address: Name of a reserved address that exists: a global one, or for regional classes one of the cluster's
            region.
        region: Region of the component's own address and SslPolicy, the same as the cluster's; regional classes need
            it, or `address` and, with certificates, `ssl_policy`.
        subnetwork: Id of the subnet of the component's own address; class gke-l7-rilb needs it, or `address`.
        certificates: Certificates for HTTPS.
        redirect_to_https: Whether HTTP requests are redirected to HTTPS, with 301.
        ssl_policy: Name of the SslPolicy of HTTPS: a global one, or for regional classes one of the region.
        allow_global_access: Whether clients of other regions reach an internal Gateway; class gke-l7-rilb only.
        namespace: Name of the Namespace of the Gateway and of all its Services.
        routes: Which Services answer which requests.
        hosts: Hosts of all routes that state none of their own.

    Attributes: `reserved_address` and `ssl_policy` (None if it has none of its own), `policy` (a GCPGatewayPolicy; None
    if there is nothing to say), `gateway`, `http_routes` (a list, one a host), `redirect` (an HTTPRoute; None without
    it).

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    address: pulumi.Output[str]
    """IPv4 address; DNS records of its hosts point at it."""
    url: pulumi.Output[str]
    """URL of the first host that is no wildcard, or of the address."""

    @overload
    def __init__(self, name: str, /, args: GatewayArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...

    @overload
    def __init__(
        self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[GatewayArgs]
    ) -> None: ...

    def __init__(
        self,
        name: str,
        /,
        args: GatewayArgs | Any = None,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Any,
    ) -> None:
        checked = checked_inputs(Gateway, name, GatewayArgs, args, inputs, opts)
        super().__init__("gke-nodrop:index:Gateway", name, {}, opts)
        made = route(name, checked, options.first_child(self, opts))
        self.reserved_address, self.ssl_policy, self.policy = made.reserved_address, made.ssl_policy, made.policy
        self.gateway, self.http_routes, self.redirect = made.gateway, made.http_routes, made.redirect
        self.address, self.url = made.address, made.url
        self.register_outputs({"address": self.address, "url": self.url})


class GatewayResource(pulumi.CustomResource):
    """The Gateway itself, with its status, which the SDK's resource for kinds that it does not know leaves out."""

    status: pulumi.Output[Any]
    """As of the last update."""

    def __init__(
        self,
        name: str,
        *,
        metadata: dict[str, Any],
        spec: dict[str, Any],
        opts: pulumi.ResourceOptions,
    ) -> None:
        gateway_version = api_version("Gateway")
        properties = {
            "apiVersion": gateway_version,
            "kind": "Gateway",
            "metadata": metadata,
            "spec": spec,
            "status": None,
        }
        versioned = pulumi.ResourceOptions(version=version("pulumi-kubernetes"))
        opts = pulumi.ResourceOptions.merge(opts, versioned)
        super().__init__(f"kubernetes:{gateway_version}:Gateway", name, properties, opts)


def address_of(status: dict[str, Any] | None) -> str:
    """The address that a Gateway has got; "" if none."""
    addresses = (status or {}).get("addresses") or [{}]
    return addresses[0].get("value") or ""


def _annotations(args: GatewayArgs) -> dict[str, pulumi.Input[str]]:
    """Pulumi waits for the address, and until the load balancer is as the Gateway states it."""
    waits = ["jsonpath={.status.addresses[0].value}", http_route.current(".status", "Programmed")]
    found: dict[str, pulumi.Input[str]] = {"pulumi.com/waitFor": json.dumps(waits)}
    certificates = args.get("certificates", {})
    if "certificate_map" in certificates:
        found[CERTIFICATE_MAP] = certificates["certificate_map"]
    return found


def _spec(args: GatewayArgs, address: pulumi.Input[str]) -> dict[str, Any]:
    listeners: list[dict[str, Any]] = [{"name": "http", "protocol": "HTTP", "port": 80}]
    if gateway_settings.has_https(args):
        tls = gateway_settings.tls(args["certificates"])
        listeners.append({"name": "https", "protocol": "HTTPS", "port": 443, **({"tls": tls} if tls else {})})
    return {
        "gatewayClassName": gateway_settings.class_of(args).value,
        "listeners": listeners,
        "addresses": [{"type": "NamedAddress", "value": address}],
    }


def _policy(
    name: str, args: GatewayArgs, ssl_policy: pulumi.Input[str] | None, opts: pulumi.ResourceOptions
) -> "k8s.apiextensions.CustomResource | None":
    """Source: Google, Configure Gateway resources using Policies."""
    default: dict[str, Any] = {} if ssl_policy is None else {"sslPolicy": ssl_policy}
    if "allow_global_access" in args:
        default["allowGlobalAccess"] = args["allow_global_access"]
    if not default:
        return None
    return k8s.apiextensions.CustomResource(
        name,
        api_version=api_version("GCPGatewayPolicy"),
        kind="GCPGatewayPolicy",
        metadata={"name": name, "namespace": args["namespace"]},
        spec={"default": default, "targetRef": {"group": GATEWAY_API, "kind": "Gateway", "name": name}},
        opts=opts,
    )
