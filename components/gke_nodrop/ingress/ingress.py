"""`Ingress`: many hosts and paths to many Services, which GKE turns into an Application Load Balancer.

What it is made of stands in modules of its own: `ingress_settings`, `ingress_routes`, `certificates`,
`frontend_config`. Not here: the Services, and how they are balanced.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, NotRequired, Unpack, overload

import pulumi
import pulumi_gcp as gcp
import pulumi_kubernetes as k8s

from gke_nodrop.ingress import certificates, frontend_config
from gke_nodrop.ingress import routes as ingress_routes
from gke_nodrop.ingress import settings as ingress_settings
from gke_nodrop.ingress.routes import IngressRuleArgs, Rules
from gke_nodrop.ingress.settings import IngressSettingsArgs, Scope
from gke_nodrop.inputs.component import checked_inputs
from gke_nodrop.inputs.declared import Example
from gke_nodrop.inputs.faults import Fault
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import NamespaceName, ServiceName
from gke_nodrop.shared import options
from gke_nodrop.shared.load_balancers import TIMEOUTS
from nodrop.gke.ingresses import (
    ALLOW_HTTP,
    CLASS,
    FRONTEND_CONFIG,
    GLOBAL_STATIC_ADDRESS,
    REGIONAL_STATIC_ADDRESS,
    write_allow_http,
)

CLASSES = {
    Scope.EXTERNAL: "gce",
    Scope.INTERNAL: "gce-internal",
    Scope.REGIONAL_EXTERNAL: "gce-regional-external",
}


class IngressArgs(IngressSettingsArgs):
    """Inputs of `Ingress`."""

    namespace: pulumi.Input[Annotated[NamespaceName, Example("shop")]]
    """Name of the Namespace of the Ingress and of all its Services."""
    default_service: pulumi.Input[ServiceName]
    """Name of the Service that answers what no rule matches, with a port called http.

    It is required because GKE's own default backend would stay behind: its NEG lies outside the stack's Namespaces. On
    a live Ingress it moves as paths do: see there.
    """
    rules: NotRequired[Rules]
    """Hosts and paths. Default: none, all goes to the default Service."""


@rule(IngressArgs)
def _none_of_the_rules_is_dropped(args: IngressArgs) -> Iterator[Fault]:
    yield from ingress_routes.none_is_dropped(args.get("rules", []))


@rule(IngressArgs)
def _certificates_agree(args: IngressArgs) -> Iterator[Fault]:
    yield from ingress_settings.certificates_agree(args, _hosts(args))


def _hosts(args: IngressArgs) -> list[str]:
    return [rule["host"] for rule in args.get("rules", []) if "host" in rule]


@dataclass(frozen=True, kw_only=True)
class IngressParts:
    """What an `Ingress` is made of; None where it is not needed."""

    reserved_address: "gcp.compute.GlobalAddress | gcp.compute.Address | None"
    managed_certificates: "list[k8s.apiextensions.CustomResource]"
    ssl_policy: "gcp.compute.SSLPolicy | gcp.compute.RegionSslPolicy | None"
    frontend_config: "k8s.apiextensions.CustomResource | None"
    ingress: "k8s.networking.v1.Ingress"
    address: pulumi.Output[str]
    url: pulumi.Output[str]


def expose(name: str, args: IngressArgs, opts: pulumi.ResourceOptions) -> IngressParts:
    """Makes the Ingress and what goes with it, for args that are checked.

    Args:
        name: of all objects.
        args: checked.
        opts: of every resource: its parent, and what comes before all.
    """
    namespace, given = args["namespace"], args.get("certificates", {})
    reserved = ingress_settings.reserved_address(name, args, opts)
    managed = certificates.managed(name, namespace, given.get("managed", []), opts)
    ssl_policy, frontend = ingress_settings.own_ssl_policy(name, args, opts), None
    if ingress_settings.has_https(args) and ingress_settings.scope(args) is not Scope.INTERNAL:
        frontend = frontend_config.frontend_config(
            name,
            namespace,
            redirect=ingress_settings.redirect(args),
            ssl_policy=ssl_policy.name if ssl_policy else args["ssl_policy"],
            opts=opts,
        )
    made = load_balancer(
        name,
        namespace,
        scope=ingress_settings.scope(args),
        annotations=_annotations(name, args, reserved, frontend),
        default_service=args["default_service"],
        rules=args.get("rules", []),
        secrets=given.get("secrets", []),
        opts=options.child_after(opts, *managed, ssl_policy, frontend),
    )
    address = reserved.address if reserved else made.status.apply(address_of)
    hosts = [host for host in _hosts(args) if not host.startswith("*.")] or given.get("managed", [])
    scheme = "https" if ingress_settings.has_https(args) else "http"
    return IngressParts(
        reserved_address=reserved,
        managed_certificates=managed,
        ssl_policy=ssl_policy,
        frontend_config=frontend,
        ingress=made,
        address=address,
        url=pulumi.Output.concat(scheme, "://", hosts[0] if hosts else address, "/"),
    )


class Ingress(pulumi.ComponentResource):
    """An Application Load Balancer with the Services of one Namespace behind it.

    Give it Services' names as Outputs: then they come first and go last. Give the Ingress to the `depends_on` of what
    runs in the pods: the readiness gate opens unchecked in pods that no load balancer serves yet, and the Ingress
    counts as made once it has its address.

    Args:
        scope: From where requests come.
        address: Name of a reserved address that exists: a global one, or for the other scopes one of the region.
        region: Region of the component's own address and SslPolicy, where the scope is not external.
        subnetwork: Id of the subnet of the component's own address where the scope is internal.
        certificates: Certificates for HTTPS.
        redirect_to_https: Whether HTTP requests are redirected to HTTPS.
        redirect_code: Status of that redirect.
        ssl_policy: Name of the SslPolicy of HTTPS: a global one, or for scope regional-external one of the region.
        allow_http: Whether HTTP is answered, if only with the redirect.
        namespace: Name of the Namespace of the Ingress and of all its Services.
        default_service: Name of the Service that answers what no rule matches, with a port called http.
        rules: Hosts and paths.

    Attributes: `reserved_address` and `ssl_policy` (None if it has none of its own), `managed_certificates` (a list),
    `frontend_config` (None without certificates, or if internal), `ingress`.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    address: pulumi.Output[str]
    """IPv4 address; DNS records of its hosts point at it."""
    url: pulumi.Output[str]
    """URL of the first host that is no wildcard, or of the address."""

    @overload
    def __init__(self, name: str, /, args: IngressArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...

    @overload
    def __init__(
        self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[IngressArgs]
    ) -> None: ...

    def __init__(
        self,
        name: str,
        /,
        args: IngressArgs | Any = None,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Any,
    ) -> None:
        checked = checked_inputs(Ingress, name, IngressArgs, args, inputs, opts)
        super().__init__("gke-nodrop:index:Ingress", name, {}, opts)
        made = expose(name, checked, options.first_child(self, opts))
        self.reserved_address, self.managed_certificates = made.reserved_address, made.managed_certificates
        self.ssl_policy, self.frontend_config, self.ingress = made.ssl_policy, made.frontend_config, made.ingress
        self.address, self.url = made.address, made.url
        self.register_outputs({"address": self.address, "url": self.url})


def _annotations(
    name: str,
    args: IngressArgs,
    reserved: "gcp.compute.GlobalAddress | gcp.compute.Address | None",
    frontend: "k8s.apiextensions.CustomResource | None",
) -> dict[str, pulumi.Input[str]]:
    found = certificates.annotations(name, args.get("certificates", {}))
    if frontend:
        found[FRONTEND_CONFIG] = name
    if not args.get("allow_http", True):
        found[ALLOW_HTTP] = write_allow_http(False)
    # The own address's name as an Output: the address outlives the Ingress.
    address = reserved.name if reserved else args.get("address")
    if address is not None:
        everywhere = ingress_settings.scope(args) is Scope.EXTERNAL
        found[GLOBAL_STATIC_ADDRESS if everywhere else REGIONAL_STATIC_ADDRESS] = address
    return found


def address_of(status: "k8s.networking.v1.outputs.IngressStatus | None") -> str:
    """The address that an Ingress has got; "" if none."""
    addresses = status.load_balancer.ingress if status and status.load_balancer else None
    return (addresses[0].ip if addresses else None) or ""


def load_balancer(
    name: str,
    namespace: pulumi.Input[str],
    *,
    scope: Scope = Scope.EXTERNAL,
    annotations: Mapping[str, pulumi.Input[str]],
    default_service: pulumi.Input[str],
    rules: Sequence[IngressRuleArgs],
    secrets: Sequence[pulumi.Input[str]] = (),
    opts: pulumi.ResourceOptions,
) -> "k8s.networking.v1.Ingress":
    """The Ingress itself.

    With a default backend of its own no NEG is made for kube-system's, which would outlive the Namespace. GKE reads the
    class from the annotation only. Pulumi waits for the address, which comes after NEGs and backends; only from then on
    is the readiness gate put into pods. Source: Google, Ingress for external Application Load Balancers;
    kubernetes/ingress-gce pkg/sync/sync.go.
    """
    all_annotations: dict[str, pulumi.Input[str]] = {
        CLASS: CLASSES[scope],
        "pulumi.com/waitFor": "jsonpath={.status.loadBalancer.ingress[0].ip}",
        **annotations,
    }
    return k8s.networking.v1.Ingress(
        name,
        metadata={"name": name, "namespace": namespace, "annotations": all_annotations},
        spec=k8s.networking.v1.IngressSpecArgs(
            default_backend=ingress_routes.backend(default_service),
            rules=ingress_routes.kubernetes_rules(rules) or None,
            tls=[k8s.networking.v1.IngressTLSArgs(secret_name=secret) for secret in secrets] or None,
        ),
        opts=options.child_after(opts, custom_timeouts=TIMEOUTS),
    )
