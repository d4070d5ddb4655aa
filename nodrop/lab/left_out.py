"""What of a path the lab leaves out although it rehearses it: told with the path's results, beside its verdict.

`OMISSIONS` is the list. On nodes that translate as the lab's do, none of it decides whether a rollout of pods that
start and serve drops requests; with what does, a path is not rehearsed (`nodrop.lab.conditions`). What holds for every
run is in `nodrop.report.limits`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from nodrop.lab.job import Job
from nodrop.lab.protocols import Requests
from nodrop.paths import Backend
from nodrop.paths.containers import containers_of, init_containers_of, sidecars_of


@dataclass(frozen=True, kw_only=True)
class Omission:
    """One thing that some paths have and no rehearsal."""

    topic: str
    """A few words, unique in `OMISSIONS`, that end "rehearsed without"; docs/rollout.md lists them."""
    text: str
    """What that means for the results, in one or two sentences."""
    concerns: Callable[[Job], bool]
    """Whether the job's path has it."""


def left_out(job: Job) -> tuple[str, ...]:
    """The topics of what the job's path has and its run leaves out. Raises ReadingError."""
    return tuple(each.topic for each in OMISSIONS if each.concerns(job))


def _is_probed_for_life(job: Job) -> bool:
    return any(each["livenessProbe"].value is not None for each in containers_of(job.path.pod))


def _waits_for_sidecars(job: Job) -> bool:
    starting = any(each["startupProbe"].value is not None for each in sidecars_of(job.path.pod))
    return job.path.backend is Backend.NEG and starting


def _delays_its_start(job: Job) -> bool:
    hooks = [each["lifecycle"]["postStart"] for each in containers_of(job.path.pod)]
    return bool(init_containers_of(job.path.pod)) or any(hook.value is not None for hook in hooks)


OMISSIONS = (
    Omission(
        topic="restarts by liveness probes",
        text="The lab's kubelet restarts no container. The rules about liveness probes read them.",
        concerns=_is_probed_for_life,
    ),
    Omission(
        topic="init containers and postStart hooks",
        text="They are taken to end at once. What they take delays new pods, for which the old ones wait.",
        concerns=_delays_its_start,
    ),
    Omission(
        topic="endpoints of pods whose native sidecars still start",
        text="While a native sidecar's startup probe holds a pod back, the lab attaches it to no NEG yet. GKE does, so "
        "that its load balancer knows the pod sooner.",
        concerns=_waits_for_sidecars,
    ),
    Omission(
        topic="session affinity",
        text="The proxies spread requests evenly. With affinity, a client stays with its pod until the endpoint goes, "
        "and then gets another; how many requests a pod has when it goes may differ from its share.",
        concerns=lambda job: job.path.session_affinity is not None,
    ),
    Omission(
        topic="streams of gRPC",
        text="The calls are unary. To the rules a stream is a request that lasts as long.",
        concerns=lambda job: job.application.requests is Requests.GRPC,
    ),
    Omission(
        topic="kube-proxy in IPVS mode",
        text="Nodes translate by nftables rules, as kube-proxy's nftables mode writes them; its iptables mode pins "
        "connections alike, but is not run. IPVS may lose requests that these do not: --proxy ipvs rehearses it.",
        concerns=lambda job: job.path.backend is Backend.INSTANCE_GROUP and job.ipvs is None,
    ),
    Omission(
        topic="IPVS of other kernels",
        text="Nodes translate by the IPVS of Linux 6.1, its TCP timeouts divided by the speed-up; what changes its "
        "servers is kube-proxy's arithmetic, or, with --control-plane kubernetes, kube-proxy itself. With "
        "conn_reuse_mode=1, kernels before 5.9 delay each connection from a reused port by a second, and 6.1 only "
        "some.",
        concerns=lambda job: job.ipvs is not None,
    ),
    Omission(
        topic="Dataplane V2",
        text="Its programs take kube-proxy's place in a cluster that has it, and no figure of a NodePort speaks about "
        "them.",
        concerns=lambda job: job.path.backend is Backend.INSTANCE_GROUP,
    ),
)
"""Every one, in the order in which they are told."""
