"""`RollingDeployment`: pods behind a load balancer whose replacement drops no request.

It puts the parts together in the order that matters; each part stands in a module of its own. Not here: the Service and
the load balancer in front of the pods, the Namespace.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NotRequired, Unpack, overload

import pulumi
import pulumi_gcp as gcp
import pulumi_kubernetes as k8s

from gke_nodrop.inputs.component import checked_inputs
from gke_nodrop.inputs.faults import Fault, fault, shown
from gke_nodrop.inputs.rules import rule
from gke_nodrop.inputs.types import NamespaceName
from gke_nodrop.shared import options
from gke_nodrop.shared.cluster_provider import with_zones
from gke_nodrop.shared.names import PORT_NAME
from gke_nodrop.shared.protocols import Protocol
from gke_nodrop.timing import rollout_args, timings
from gke_nodrop.timing.rollout_args import HealthCheckArgs, RolloutArgs
from gke_nodrop.timing.timings import TimingJudgement
from gke_nodrop.workload import autoscaling, deployment, identity, network_policy, pods, sources
from gke_nodrop.workload import serving_container as workload
from gke_nodrop.workload.autoscaling import PodAutoscalingArgs
from gke_nodrop.workload.identity import WorkloadIdentityArgs
from gke_nodrop.workload.network_policy import NetworkPolicyArgs
from gke_nodrop.workload.pods import HEALTH_PORT_NAME, PodsArgs
from nodrop.rollout import Rollout


class RollingWorkloadArgs(PodsArgs):
    """Inputs of pods that are replaced without dropping a request."""

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
    accept: NotRequired[rollout_args.Accept]
    """Rules that may be broken, by name, each with the reason why the service can live with it."""


class RollingDeploymentArgs(RollingWorkloadArgs):
    """Inputs of `RollingDeployment`."""

    namespace: pulumi.Input[NamespaceName]
    """Name of an existing Namespace."""


@rule(RollingWorkloadArgs)
def _one_decides_the_number_of_pods(args: RollingWorkloadArgs) -> Iterator[Fault]:
    if "replicas" in args and "autoscaling" in args:
        said = (
            "must not be given with autoscaling, which decides the number of pods; autoscaling.min_replicas is the "
            "number that it starts from"
        )
        would_pass = f"none, with autoscaling.min_replicas = {args['replicas']}"
        yield fault("replicas", args["replicas"], said, autoscaling.API, would_pass)


@rule(RollingWorkloadArgs)
def _ports_of_a_pod_differ(args: RollingWorkloadArgs) -> Iterator[Fault]:
    health_port = args.get("health_check", HealthCheckArgs()).get("port")
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


@rule(RollingWorkloadArgs)
def _grpc_has_a_health_port(args: RollingWorkloadArgs) -> Iterator[Fault]:
    port = args.get("health_check", HealthCheckArgs()).get("port")
    yield from timings.health_port_faults(Protocol(args.get("protocol", Protocol.HTTP)), port)


@rule(RollingWorkloadArgs)
def _timings_drop_no_request(args: RollingWorkloadArgs) -> Iterator[Fault]:
    yield from timings.faults(judge(args).found)


def judge(args: RollingWorkloadArgs) -> TimingJudgement:
    """The rollout of the pods, and the timing rules that it breaks, in the words of the args."""
    replicas, most = _decided(args)
    judgement = timings.judge(
        replicas,
        args.get("rollout", RolloutArgs()),
        args.get("health_check", HealthCheckArgs()),
        args.get("accept", {}),
        max_replicas=most,
        protocol=Protocol(args.get("protocol", Protocol.HTTP)),
    )
    sidecars = tuple(each["name"] for each in args.get("sidecars", []) if "name" in each)
    if sidecars and judgement.rollout is not None:
        judgement = replace(judgement, rollout=replace(judgement.rollout, native_sidecars=sidecars))
    if most is None:
        return judgement
    said = {name: f"autoscaling.{inner}" for name, inner in _AUTOSCALED.items()}
    found = tuple(replace(each, input=said.get(each.input, each.input)) for each in judgement.found)
    return replace(judgement, found=found)


_AUTOSCALED = {"replicas": "min_replicas", "max_replicas": "max_replicas"}
"""The inputs of `autoscaling` that the timing model calls otherwise."""


def warnings(args: RollingWorkloadArgs, judgement: TimingJudgement) -> list[str]:
    """What is worth saying of checked args although it fails nothing."""
    rollout, protocol = args.get("rollout", RolloutArgs()), Protocol(args.get("protocol", Protocol.HTTP))
    return list(timings.warnings(judgement.found, rollout, protocol))


@dataclass(frozen=True, kw_only=True)
class DeploymentParts:
    """What a `RollingDeployment` is made of; None where it is not needed."""

    config_map: "k8s.core.v1.ConfigMap | None"
    secret: "k8s.core.v1.Secret | None"
    secret_files: "k8s.core.v1.Secret | None"
    service_account: "k8s.core.v1.ServiceAccount | None"
    iam_member: "gcp.serviceaccount.IAMMember | None"
    network_policy: "k8s.networking.v1.NetworkPolicy | None"
    deployment: "k8s.apps.v1.Deployment"
    disruption_budget: "k8s.policy.v1.PodDisruptionBudget"
    autoscaler: "k8s.autoscaling.v2.HorizontalPodAutoscaler | None"


def deploy(name: str, args: RollingDeploymentArgs, rollout: Rollout, opts: pulumi.ResourceOptions) -> DeploymentParts:
    """Makes the Deployment and what goes with it, for args that are checked.

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
        opts=options.child_after(opts, *before),
    )
    if "autoscaling" in args:
        autoscaler = autoscaling.autoscaler(name, space, args["autoscaling"], options.child_after(opts, made))
    return DeploymentParts(
        config_map=read.files,
        secret=read.secret,
        secret_files=read.secret_files,
        service_account=account,
        iam_member=member,
        network_policy=policy,
        deployment=made,
        disruption_budget=deployment.disruption_budget(name, space, options.child_after(opts, made)),
        autoscaler=autoscaler,
    )


class RollingDeployment(pulumi.ComponentResource):
    """Pods behind a load balancer, in an existing Namespace, whose replacement drops no request.

    They need a Service that selects `app.kubernetes.io/name: <name>` and a load balancer in front of it: give both to
    `depends_on`, since a readiness gate opens unchecked while no load balancer serves the pod. Kubernetes 1.30
    or newer.

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
        namespace: Name of an existing Namespace.

    Attributes: `config_map`, `secret`, `secret_files`, `service_account`, `iam_member`, `network_policy` and
    `autoscaler` (None if not needed), `deployment`, `disruption_budget`, and `rollout`, the timings.

    Raises:
        InputError: inputs are not right; nothing is registered then.
    """

    @overload
    def __init__(
        self, name: str, /, args: RollingDeploymentArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None: ...

    @overload
    def __init__(
        self, name: str, /, *, opts: pulumi.ResourceOptions | None = None, **inputs: Unpack[RollingDeploymentArgs]
    ) -> None: ...

    def __init__(
        self,
        name: str,
        /,
        args: RollingDeploymentArgs | Any = None,
        opts: pulumi.ResourceOptions | None = None,
        **inputs: Any,
    ) -> None:
        checked = checked_inputs(
            RollingDeployment,
            name,
            RollingDeploymentArgs,
            args,
            inputs,
            opts,
            known=lambda given: with_zones(given, opts),
            notes=lambda args: timings.waiver_notes(args.get("accept", {})),
        )
        super().__init__("gke-nodrop:index:RollingDeployment", name, {}, opts)
        judgement = judge(checked)
        for warning in warnings(checked, judgement):
            pulumi.log.warn(warning, resource=self)
        self.rollout = judgement.possible
        made = deploy(name, checked, self.rollout, options.first_child(self, opts))
        self.config_map, self.secret, self.secret_files = made.config_map, made.secret, made.secret_files
        self.service_account, self.iam_member = made.service_account, made.iam_member
        self.network_policy, self.autoscaler = made.network_policy, made.autoscaler
        self.deployment, self.disruption_budget = made.deployment, made.disruption_budget
        self.register_outputs({})
