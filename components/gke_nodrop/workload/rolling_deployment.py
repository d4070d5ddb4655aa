"""`RollingDeployment`: pods behind a load balancer whose replacement drops no request.

It puts the parts together in the order that matters; each part stands in a module of its own. Not here: the Service and
the load balancer in front of the pods, the Namespace.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NotRequired

import pulumi
import pulumi_gcp as gcp
import pulumi_kubernetes as k8s

from gke_nodrop.inputs import limits
from gke_nodrop.inputs.check import Fault, Limit, check, shown
from gke_nodrop.shared import options
from gke_nodrop.shared.names import PORT_NAME
from gke_nodrop.shared.protocols import Protocol
from gke_nodrop.timing import rollout_args, timings
from gke_nodrop.timing.rollout_args import HealthCheckArgs, RolloutArgs
from gke_nodrop.workload import autoscaling, deployment, identity, network_policy, pods, sources, volumes
from gke_nodrop.workload import serving_container as workload
from gke_nodrop.workload.autoscaling import PodAutoscalingArgs
from gke_nodrop.workload.identity import WorkloadIdentityArgs
from gke_nodrop.workload.network_policy import NetworkPolicyArgs
from gke_nodrop.workload.pods import HEALTH_PORT_NAME, PodsArgs
from nodrop.rollout import Diagnostic, Rollout


class RollingWorkloadArgs(PodsArgs):
    """Inputs of pods that are replaced without dropping a request."""

    autoscaling: NotRequired[PodAutoscalingArgs]
    """Lets the load decide the number of pods; `replicas` is not given then. Whoever turns it off again states as
    `replicas` how many run: another number is the autoscaler's still, and refused as a conflict. Default: off."""
    workload_identity: NotRequired[WorkloadIdentityArgs]
    """Lets the pods act as a Google service account. Default: they act as nobody."""
    network_policy: NotRequired[NetworkPolicyArgs]
    """Lets only the load balancer, and who is stated, connect to the pods. Default: whoever reaches them, since nothing
    here knows which other pods call them."""
    health_check: NotRequired[HealthCheckArgs]
    """The load balancer's health check, from which the probes follow."""
    rollout: NotRequired[RolloutArgs]
    """How the application behaves, and overrides of the timings that follow."""
    accept: NotRequired[rollout_args.Accept]
    """Rules that may be broken, by name, each with the reason why the service can live with it."""


class RollingDeploymentArgs(RollingWorkloadArgs):
    """Inputs of `RollingDeployment`."""

    namespace: pulumi.Input[str]
    """Name of an existing Namespace."""


WORKLOAD_EXAMPLE: RollingWorkloadArgs = {
    **pods.EXAMPLE,
    "workload_identity": identity.EXAMPLE,
    "network_policy": network_policy.EXAMPLE,
    "health_check": rollout_args.HEALTH_CHECK_EXAMPLE,
    "rollout": rollout_args.ROLLOUT_EXAMPLE,
    "accept": rollout_args.ACCEPT_EXAMPLE,
}
EXAMPLE: RollingDeploymentArgs = {**WORKLOAD_EXAMPLE, "namespace": "web"}
QUOTED: dict[str, Any] = {**EXAMPLE, "autoscaling": autoscaling.QUOTED, "volumes": [volumes.QUOTED]}
"""The example that faults quote: with inputs too that exclude another one."""
WORKLOAD_LIMITS: dict[str, Limit] = {
    **pods.LIMITS,
    **autoscaling.LIMITS,
    **identity.LIMITS,
    **network_policy.LIMITS,
    **rollout_args.ROLLOUT_LIMITS,
    **rollout_args.HEALTH_CHECK_LIMITS,
    **rollout_args.ACCEPT_LIMITS,
}
LIMITS: dict[str, Limit] = {**WORKLOAD_LIMITS, "namespace": limits.DNS_LABEL}


def rules(name: str) -> tuple[Any, ...]:
    """What the args of pods of a component of this name must keep beyond their types and limits."""
    return *pods.rules(name), autoscaling.faults, _ports, lambda args: timings.faults(judged(args))


def _ports(args: RollingWorkloadArgs) -> Iterator[Fault]:
    """All ports of a pod differ, and a health check that the serving port cannot answer has one of its own."""
    health_port = args.get("health_check", HealthCheckArgs()).get("port")
    yield from timings.health_port_faults(args.get("protocol"), health_port)
    taken = {args.get("port", workload.DEFAULT_PORT): "port"}
    named = [("health_check.port", health_port)] + [
        (f"{group}[{index}].port", each.get("port"))
        for group in ("sidecars", "containers")
        for index, each in enumerate(args.get(group, []))
    ]
    for path, port in named:
        if port in taken:
            free = next(number for number in range(8081, 65536) if number not in taken)
            yield Fault(
                input=path,
                value=shown(port),
                rule=f"must not be {taken[port]} too: the containers of a pod share their ports",
                source="kubernetes.io, Pods, pod networking",
                would_pass=shown(free),
            )
        elif port is not None:
            taken[port] = path


def _decided(args: RollingWorkloadArgs) -> tuple[int, int | None]:
    """The pods to begin with, and the most that an autoscaler may run, if there is one."""
    if "autoscaling" not in args:
        return args.get("replicas", rollout_args.DEFAULT_REPLICAS), None
    fewest = args["autoscaling"].get("min_replicas", rollout_args.DEFAULT_REPLICAS)
    return fewest, max(fewest, args["autoscaling"].get("max_replicas", fewest))


def judged(args: RollingWorkloadArgs) -> list[Diagnostic]:
    """The timing rules that the args break, waived ones too, in the words of the args."""
    replicas, most = _decided(args)
    found = timings.judged(
        replicas,
        args.get("rollout", RolloutArgs()),
        args.get("health_check", HealthCheckArgs()),
        args.get("accept", {}),
        max_replicas=most,
        protocol=args.get("protocol", Protocol.HTTP),
    )
    if most is None:
        return found
    said = {name: f"autoscaling.{inner}" for name, inner in _AUTOSCALED.items()}
    return [replace(each, input=said.get(each.input, each.input)) for each in found]


_AUTOSCALED = {"replicas": "min_replicas", "max_replicas": "max_replicas"}
"""The inputs of `autoscaling` that the timing model calls otherwise."""


def warnings(args: RollingWorkloadArgs) -> list[str]:
    """What is worth saying of checked args although it fails nothing."""
    rollout, protocol = args.get("rollout", RolloutArgs()), args.get("protocol", Protocol.HTTP)
    return list(timings.warnings(judged(args), rollout, protocol))


def solved(args: RollingWorkloadArgs) -> Rollout:
    """The rollout of checked args."""
    replicas, most = _decided(args)
    solution = timings.solved(
        replicas,
        args.get("rollout", RolloutArgs()),
        args.get("health_check", HealthCheckArgs()),
        args.get("accept", {}),
        max_replicas=most,
        protocol=args.get("protocol", Protocol.HTTP),
    )
    return replace(solution, native_sidecars=tuple(each["name"] for each in args.get("sidecars", [])))


@dataclass(frozen=True, kw_only=True)
class Deployed:
    """What a `RollingDeployment` is made of; None where it is not needed."""

    config_map: "k8s.core.v1.ConfigMap | None"
    secret: "k8s.core.v1.Secret | None"
    service_account: "k8s.core.v1.ServiceAccount | None"
    iam_member: "gcp.serviceaccount.IAMMember | None"
    network_policy: "k8s.networking.v1.NetworkPolicy | None"
    deployment: "k8s.apps.v1.Deployment"
    disruption_budget: "k8s.policy.v1.PodDisruptionBudget"
    autoscaler: "k8s.autoscaling.v2.HorizontalPodAutoscaler | None"


def deploy(name: str, args: RollingDeploymentArgs, rollout: Rollout, opts: pulumi.ResourceOptions) -> Deployed:
    """Makes the Deployment and what goes with it, for args that `rules` have nothing against.

    Args:
        name: of all objects.
        args: checked.
        rollout: solved and judged.
        opts: of every resource: its parent, and what comes before all.
    """
    space, health_port = args["namespace"], args.get("health_check", HealthCheckArgs()).get("port")
    account = member = policy = autoscaler = None

    read = sources.sources(name, space, pods.by_name(args), opts)
    before: list[pulumi.Resource] = read.resources
    if "workload_identity" in args:
        account = identity.service_account(name, space, args["workload_identity"], opts)
        member = identity.iam_member(name, space, args["workload_identity"], opts)
        before += [account, member]
    if "network_policy" in args:
        policy = network_policy.network_policy(
            name,
            space,
            args["network_policy"],
            ports=pods.serving_ports(args, health_port),
            names=[PORT_NAME, *([HEALTH_PORT_NAME] if health_port else [])],
            opts=opts,
        )
        before.append(policy)
    made = deployment.deployment(
        name,
        space,
        args,
        rollout=rollout,
        accept=args.get("accept", {}),
        read=read,
        health_port=health_port,
        service_account=name if account else None,
        opts=options.after(opts, *before),
    )
    if "autoscaling" in args:
        autoscaler = autoscaling.autoscaler(name, space, args["autoscaling"], options.after(opts, made))
    return Deployed(
        config_map=read.files,
        secret=read.secret,
        service_account=account,
        iam_member=member,
        network_policy=policy,
        deployment=made,
        disruption_budget=deployment.disruption_budget(name, space, options.after(opts, made)),
        autoscaler=autoscaler,
    )


class RollingDeployment(pulumi.ComponentResource):
    """Pods behind a load balancer, in an existing Namespace, whose replacement drops no request.

    They need a Service that selects `app.kubernetes.io/name: <name>` and a load balancer in front of it: give both to
    `depends_on`, since a readiness gate opens unchecked while no load balancer serves the pod. Kubernetes 1.30
    or newer.

    Attributes: `config_map`, `secret`, `service_account`, `iam_member`, `network_policy` and `autoscaler` (None if not
    needed), `deployment`, `disruption_budget`, and `rollout`, the timings.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    def __init__(self, name: str, args: RollingDeploymentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        checked = check(
            f'RollingDeployment "{name}"',
            args,
            RollingDeploymentArgs,
            limits=LIMITS,
            example=QUOTED,
            rules=rules(name),
            notes=lambda args: timings.waiver_notes(args.get("accept", {})),
        )
        super().__init__("gke-nodrop:index:RollingDeployment", name, {}, opts)
        for warning in warnings(checked):
            pulumi.log.warn(warning, resource=self)
        self.rollout = solved(checked)
        made = deploy(name, checked, self.rollout, options.first(self, opts))
        self.config_map, self.secret = made.config_map, made.secret
        self.service_account, self.iam_member = made.service_account, made.iam_member
        self.network_policy, self.autoscaler = made.network_policy, made.autoscaler
        self.deployment, self.disruption_budget = made.deployment, made.disruption_budget
        self.register_outputs({})
