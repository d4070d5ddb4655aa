"""`NegService`: a Service whose pods a load balancer reaches directly, and all settings of the load balancer's backend.

For an Ingress that is a BackendConfig, for a Gateway a GCPBackendPolicy and a HealthCheckPolicy, with the same numbers,
which follow from the same inputs as those of the `RollingDeployment` behind it. Not here: Ingress and Gateway.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Unpack, overload

import pulumi
import pulumi_kubernetes as k8s

from gke_nodrop.backend import policy as backend_policy
from gke_nodrop.backend import service
from gke_nodrop.backend.neg_service_args import (
    NegServiceArgs,
    judge,
    load_balancers,
    warnings,
)
from gke_nodrop.backend.settings import BackendArgs, IapArgs
from gke_nodrop.inputs.component import checked_inputs
from gke_nodrop.shared import options
from gke_nodrop.shared.names import SERVICE_PORT
from gke_nodrop.shared.protocols import Protocol
from gke_nodrop.timing import timings
from gke_nodrop.timing.rollout_args import HealthCheckArgs
from nodrop.rollout import Rollout


@dataclass(frozen=True, kw_only=True)
class NegServiceParts:
    """What a `NegService` is made of; None where it is not needed."""

    service: "k8s.core.v1.Service"
    backend_config: "k8s.apiextensions.CustomResource | None"
    backend_policy: "k8s.apiextensions.CustomResource | None"
    health_check_policy: "k8s.apiextensions.CustomResource | None"
    iap_secret: "k8s.core.v1.Secret | None"
    iap_policy_secret: "k8s.core.v1.Secret | None"

    @property
    def resources(self) -> list[pulumi.Resource]:
        """All that there are."""
        return [it for each in fields(self) if (it := getattr(self, each.name)) is not None]


def serve(name: str, args: NegServiceArgs, rollout: Rollout, opts: pulumi.ResourceOptions) -> NegServiceParts:
    """Makes the Service and what goes with it, for args that are checked and judged.

    Args:
        name: of all objects.
        args: checked.
        rollout: solved and judged; the load balancer's numbers are taken from it.
        opts: of every resource: its parent, and what comes before all.
    """
    for_ingress, for_gateway = load_balancers(args)
    space, backend = args["namespace"], args.get("backend", BackendArgs())
    port = args.get("health_check", HealthCheckArgs()).get("port")
    iap = backend.get("iap", IapArgs())
    secret = policy_secret = config = policy = health = None

    if for_ingress:
        if "client_id" in iap and "client_secret" in iap:
            both = {"client_id": iap["client_id"], "client_secret": iap["client_secret"]}
            secret = _secret(f"{name}-iap", space, both, opts)
        config = service.backend_config(
            name, space, rollout, opts, health_check_port=port, backend=backend, iap_secret=_name(secret)
        )
    made = service.neg_service(
        name,
        space,
        name if for_ingress else None,
        options.child_after(opts, config),
        selects=args.get("selects"),
        protocol=Protocol(args.get("protocol", Protocol.HTTP)),
        exposed={each.get("port", SERVICE_PORT): each.get("name") for each in args.get("exposed_ports", [])},
        for_gateway=for_gateway,
    )
    if for_gateway:
        if "client_secret" in iap:
            policy_secret = _secret(f"{name}-iap-policy", space, {"client_secret": iap["client_secret"]}, opts)
        policy = backend_policy.backend_policy(
            name, space, rollout, options.child_after(opts, made), backend=backend, iap_secret=_name(policy_secret)
        )
        health = backend_policy.health_check_policy(
            name, space, rollout, options.child_after(opts, made), health_check_port=port
        )
    return NegServiceParts(
        service=made,
        backend_config=config,
        backend_policy=policy,
        health_check_policy=health,
        iap_secret=secret,
        iap_policy_secret=policy_secret,
    )


def _secret(
    name: str, namespace: pulumi.Input[str], values: Mapping[str, pulumi.Input[str]], opts: pulumi.ResourceOptions
) -> "k8s.core.v1.Secret":
    """A Secret that Pulumi names, so that a change makes another one, which is noticed.

    An Ingress's controller reads the keys client_id and client_secret, a Gateway's takes the only key that there is.
    Source: kubernetes/ingress-gce pkg/backendconfig/validation.go; Google, Secure a Gateway.
    """
    data = {key: pulumi.Output.secret(value) for key, value in values.items()}
    metadata = k8s.meta.v1.ObjectMetaArgs(namespace=namespace)
    return k8s.core.v1.Secret(name, metadata=metadata, string_data=data, immutable=True, opts=opts)


def _name(secret: "k8s.core.v1.Secret | None") -> pulumi.Output[str] | None:
    return None if secret is None else secret.metadata.apply(lambda metadata: metadata.name or "")


class NegService(pulumi.ComponentResource):
    """A Service in front of the pods of a `RollingDeployment`, for an `Ingress`, a `Gateway` or both.

    It comes before the Ingress or Gateway, and the pods after those: give `service_name` to them. In a Namespace that
    the stack does not own nothing waits for the NEGs' deletion.

    Args:
        namespace: Name of an existing Namespace.
        selects: Name of the `RollingDeployment` whose pods it serves.
        protocol: What the pods serve.
        health_check: The load balancer's health check, the same as the `RollingDeployment`'s.
        rollout: The same as the `RollingDeployment`'s: timeout and draining follow from it.
        accept: Rules that may be broken, by name, each with the reason why the service can live with it.
        backend: How the load balancer treats the service besides timings.
        exposed_ports: Ports with a standalone NEG.
        for_ingress: Whether an `Ingress` leads here: makes the BackendConfig.
        for_gateway: Whether a `Gateway` leads here: makes GCPBackendPolicy and HealthCheckPolicy.

    Attributes: `service`, `backend_config` (None without `for_ingress`), `backend_policy` and `health_check_policy`
    (None without `for_gateway`), `iap_secret` and `iap_policy_secret` (None without credentials for IAP, and without
    Ingress or Gateway), and `rollout`, of whose timings the load balancer's count.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    service_name: pulumi.Output[str]
    """Name of the Service, known once all that belongs to it is there."""

    @overload
    def __init__(self, name: str, /, args: NegServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None: ...

    @overload
    def __init__(
        self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[NegServiceArgs]
    ) -> None: ...

    def __init__(
        self,
        name: str,
        /,
        args: NegServiceArgs | Any = None,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Any,
    ) -> None:
        checked = checked_inputs(
            NegService,
            name,
            NegServiceArgs,
            args,
            inputs,
            opts,
            notes=lambda args: timings.waiver_notes(args.get("accept", {})),
        )
        super().__init__("gke-nodrop:index:NegService", name, {}, opts)
        judgement = judge(checked)
        for warning in (*warnings(checked), *map(str, judgement.found)):
            pulumi.log.warn(warning, resource=self)
        self.rollout = judgement.possible
        made = serve(name, checked, self.rollout, options.first_child(self, opts))
        self.service = made.service
        self.backend_config, self.iap_secret = made.backend_config, made.iap_secret
        self.backend_policy, self.health_check_policy = made.backend_policy, made.health_check_policy
        self.iap_policy_secret = made.iap_policy_secret
        self.service_name = pulumi.Output.all(*(each.urn for each in made.resources)).apply(lambda _: name)
        self.register_outputs({"service_name": self.service_name})
