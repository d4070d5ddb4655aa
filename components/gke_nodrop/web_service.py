"""`WebService`: an HTTP service behind a container-native load balancer whose rollouts drop no request.

It puts the parts together in the order that matters; each part stands in a module of its own. Not here: scaling, the
Gateway API.
"""

from collections.abc import Callable, Iterable
from typing import NotRequired, cast

import pulumi
import pulumi_gcp as gcp

from gke_nodrop import deployment, ingress, limits, namespace, options, service, sources, timings, workload
from gke_nodrop.inputs import Fault, Limit, check
from gke_nodrop.namespace import OwnNamespaceArgs
from gke_nodrop.pods import PodsArgs
from gke_nodrop.timings import HealthCheckArgs, RolloutArgs
from gke_nodrop.workload import WorkloadArgs


class WebServiceArgs(WorkloadArgs, OwnNamespaceArgs):
    """Inputs of `WebService`."""

    hosts: NotRequired[list[str]]
    """Domain names: brings a Google-managed certificate and the redirect to HTTPS. Default: HTTP on the address."""
    health_check: NotRequired[HealthCheckArgs]
    """The load balancer's health check."""
    rollout: NotRequired[RolloutArgs]
    """How the application behaves, and overrides of the timings that follow."""
    accept: NotRequired[dict[str, str]]
    """Rules that may be broken, by name, each with the reason why the service can live with it."""


EXAMPLE: WebServiceArgs = {
    **workload.EXAMPLE,
    **namespace.EXAMPLE,
    "hosts": ["www.example.com"],
    "health_check": timings.HEALTH_CHECK_EXAMPLE,
    "rollout": timings.ROLLOUT_EXAMPLE,
    "accept": timings.ACCEPT_EXAMPLE,
}
LIMITS = {
    **workload.LIMITS,
    **namespace.LIMITS,
    **timings.ROLLOUT_LIMITS,
    **timings.HEALTH_CHECK_LIMITS,
    **timings.ACCEPT_LIMITS,
    "hosts": Limit(
        holds=lambda x: 1 <= len(set(x)) == len(x) <= 100,
        rule="1 to 100 names, each once",
        source="Google, Using Google-managed SSL certificates on GKE",
    ),
    "hosts[]": limits.HOST_NAME,
}


def rules(name: str) -> tuple[Callable[[WebServiceArgs], Iterable[Fault]], ...]:
    """What the args of a service of this name must keep beyond their types and limits."""
    return *workload.rules(name), namespace.rule(name), lambda args: timings.faults(_judged(args)[0])


def _judged(args: WebServiceArgs) -> tuple[list[timings.Finding], list[timings.Waived]]:
    return timings.judged(
        args.get("replicas", workload.DEFAULT_REPLICAS),
        args.get("rollout", RolloutArgs()),
        args.get("health_check", HealthCheckArgs()),
        args.get("accept", {}),
    )


class WebService(pulumi.ComponentResource):
    """An HTTP service on GKE with a Namespace, an address and a load balancer of its own.

    Runs on any VPC-native cluster with Kubernetes 1.30 or newer: the cluster's `kubernetes_provider`, or any other,
    comes through the options (`provider=…`, or `providers=[…]` together with one for gcp). Give the node pools, or the
    Autopilot cluster, to `depends_on`, so that the Namespace is gone before the nodes.

    Attributes: `namespace`, `config_map` and `secret` (None if not needed), `backend_config`, `global_address`,
    `service`, `certificate` and `frontend_config` (None without hosts), `ingress`, `deployment`, `disruption_budget`,
    and `rollout`, the timings.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    address: pulumi.Output[str]
    """IPv4 address, reserved; DNS records of `hosts` point at it."""
    url: pulumi.Output[str]
    """URL of the service."""

    def __init__(self, name: str, args: WebServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        checked = check(
            f'WebService "{name}"',
            args,
            WebServiceArgs,
            limits=LIMITS,
            example=EXAMPLE,
            rules=rules(name),
            notes=lambda args: timings.accepted(args.get("accept", {})),
        )
        super().__init__("gke-nodrop:index:WebService", name, {}, opts)
        rollout, health_check = checked.get("rollout", RolloutArgs()), checked.get("health_check", HealthCheckArgs())
        accept = checked.get("accept", {})
        found, waived = _judged(checked)
        for warning in (*timings.warnings(found, rollout), *map(str, waived)):
            pulumi.log.warn(warning, resource=self)
        replicas = checked.get("replicas", workload.DEFAULT_REPLICAS)
        self.rollout = timings.solved(replicas, rollout, health_check, accept)
        hosts = checked.get("hosts", [])
        space = checked.get("namespace", name)

        def after(*resources: pulumi.Resource) -> pulumi.ResourceOptions:
            return pulumi.ResourceOptions(parent=self, depends_on=list(resources))

        self.global_address = gcp.compute.GlobalAddress(name, address_type="EXTERNAL", opts=after())
        self.namespace = namespace.namespace(name, space, options.first(self, opts))
        read = sources.sources(name, space, {"": checked}, after(self.namespace))
        self.config_map, self.secret = read.files, read.secret
        self.backend_config = service.backend_config(
            name, space, self.rollout, after(self.namespace), health_check_port=health_check.get("port")
        )
        self.service = service.neg_service(name, space, name, after(self.namespace, self.backend_config))

        annotations: dict[str, pulumi.Input[str]] = {
            # The address's name as an Output: the address outlives the Ingress.
            "kubernetes.io/ingress.global-static-ip-name": self.global_address.name,
        }
        self.certificate = self.frontend_config = None
        before_ingress: list[pulumi.Resource] = [self.service]
        if hosts:
            self.certificate = ingress.managed_certificate(name, space, hosts, after(self.namespace))
            self.frontend_config = ingress.redirect_to_https(name, space, after(self.namespace))
            annotations["networking.gke.io/managed-certificates"] = name
            annotations["networking.gke.io/v1beta1.FrontendConfig"] = name
            before_ingress += [self.certificate, self.frontend_config]
        self.ingress = ingress.ingress(
            name, space, annotations=annotations, hosts=hosts, opts=after(self.namespace, *before_ingress)
        )
        # Last: GKE puts the readiness gate into pods that a load balancer already serves.
        self.deployment = deployment.deployment(
            name,
            space,
            cast("PodsArgs", checked),
            rollout=self.rollout,
            accept=accept,
            read=read,
            health_port=health_check.get("port"),
            opts=after(self.namespace, self.service, self.ingress, *read.resources),
        )
        self.disruption_budget = deployment.disruption_budget(name, space, after(self.namespace, self.deployment))

        self.address = self.global_address.address
        self.url = (
            pulumi.Output.from_input(f"https://{hosts[0]}/")
            if hosts
            else pulumi.Output.concat("http://", self.address, "/")
        )
        self.register_outputs({"address": self.address, "url": self.url})
