"""What one run of the lab is asked to do, as plain values that can be sent into the sandbox."""

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from nodrop.lab.clock import LATENCY_ALLOWANCE_REAL_SECONDS
from nodrop.lab.containers import Application
from nodrop.paths import Backend, ServingPath
from nodrop.paths.containers import container_called
from nodrop.rollout.facts import (
    ATTACH_SECONDS,
    DETACH_SECONDS,
    KUBE_PROXY_SYNC_SECONDS,
    PROXY_LAST_REQUEST_SECONDS,
)


class Experiment(StrEnum):
    """What the lab does to a serving path."""

    UNREADY = "unready"
    ROLLOUT = "rollout"
    RELABELLED = "relabelled"
    """A pod leaves its Service by another label, and goes on as before: what `unready` measures, with a ready pod."""


@dataclass(frozen=True, kw_only=True)
class Ipvs:
    """Nodes that translate by IPVS, and what decides how a dead server's connections are reused.

    The defaults are what kube-proxy sets today: from 1.22 on it leaves `conn_reuse_mode` at the kernel's 1 where the
    kernel is 5.9 or later (kubernetes#102122). On older kernels it sets 0 (since kubernetes#71114, 1.13).
    """

    packages: str
    """Folder with a User-mode Linux, its modules, iptables and ipset."""
    conn_reuse_mode: int = 1
    """0: a new connection whose addresses and ports are those of a tracked one goes to that one's server."""
    expire_nodest_conn: int = 1
    """1: connections whose server has left are forgotten at their next packet."""
    conntrack: int = 1
    """1: netfilter tracks IPVS's connections, so that a NodePort's can be masqueraded."""
    delete_at_once: bool = False
    """Whether an agent deletes servers that have left their Service at once, and not when their connections end."""

    @property
    def drops_syns(self) -> bool:
        """Whether ip_vs may drop the SYN of a connection that it remembers, instead of sending it where that one went.

        Sent again, the SYN goes to a server of today.
        Source: Linux net/netfilter/ipvs/ip_vs_core.c, ip_vs_in, `old_ct`.
        """
        return bool(self.conn_reuse_mode or self.expire_nodest_conn)

    @property
    def told(self) -> str:
        """In words, for people."""
        agent = ", servers of weight 0 deleted at once" if self.delete_at_once else ""
        return (
            f"IPVS (conn_reuse_mode={self.conn_reuse_mode}, expire_nodest_conn={self.expire_nodest_conn}, "
            f"conntrack={self.conntrack}{agent})"
        )


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The lab's inputs; lags in seconds, each as the range over which proxies (or nodes) are spread evenly."""

    control_plane: Literal["embedded", "kubernetes"] = "embedded"
    """Whose Deployment, ReplicaSet and EndpointSlice controllers, scheduler and kube-proxy: the lab's or real ones."""
    speed_up: float = 10
    """Seconds of the rehearsed system in one second of wall-clock time; where it is not forced, the most."""
    speed_up_is_forced: bool = True
    """False: `pace.paced` chooses it for each job."""
    allowance_real_seconds: float = LATENCY_ALLOWANCE_REAL_SECONDS
    """What the machine's own latency may add to anything, in wall-clock seconds."""
    pace: str = ""
    """Why the speed-up is what it is."""
    speed_up_is_bounded: bool = False
    """Whether something bounds the speed-up below the most that is asked for, or a forced one is beyond that."""
    seed: int = 1
    """Decides which proxy has which lag, and each request's method, connection and proxy."""
    requests_per_second: float = 12
    """Of the rehearsed system's time."""
    proxies: int = 4
    attach_lag_seconds: tuple[float, float] = ATTACH_SECONDS
    detach_lag_seconds: tuple[float, float] = (DETACH_SECONDS[0], PROXY_LAST_REQUEST_SECONDS)
    """From the fastest measured detach to the last request that was measured after a pod's stop."""
    kube_proxy_lag_seconds: tuple[float, float] = KUBE_PROXY_SYNC_SECONDS
    ipvs: Ipvs | None = None
    """None: nodes translate by nftables."""
    client_ports: int | None = None
    """Source ports that each proxy has towards each node or pod; None: as many as Linux gives, 28,232."""
    vegeta: str | None = None
    """Path of a vegeta, which sends more requests than Python does (`load_generator`); None: there is none."""

    @property
    def attach_lags_seconds(self) -> tuple[float, ...]:
        """Each proxy's."""
        return self.spread(self.attach_lag_seconds, self.proxies, "attach")

    @property
    def detach_lags_seconds(self) -> tuple[float, ...]:
        """Each proxy's."""
        return self.spread(self.detach_lag_seconds, self.proxies, "detach")

    def kube_proxy_lags_seconds(self, nodes: int) -> tuple[float, ...]:
        """Each node's."""
        return self.spread(self.kube_proxy_lag_seconds, nodes, "kube-proxy")

    def spread(self, lags: tuple[float, float], count: int, salt: str) -> tuple[float, ...]:
        """`count` lags evenly from the range's high end down to its low end, in an order that the seed decides.

        A single one is the high end.
        """
        low, high = lags
        even = [high - (high - low) * index / max(1, count - 1) for index in range(count)]
        random.Random(f"{self.seed}/{salt}").shuffle(even)
        return tuple(round(lag, 2) for lag in even)


@dataclass(frozen=True, kw_only=True)
class Job:
    """One experiment on one serving path."""

    experiment: Experiment
    variant: str
    path: ServingPath
    application: Application
    settings: Settings = field(default_factory=Settings)
    inject_gate: bool = True
    """Whether the admission webhook adds the readiness gate; False shows what the gate is good for."""
    steady_first: bool = True
    """Whether the same traffic is counted without a rollout first, which tells the application's own failures apart."""
    deployer: tuple[str, ...] = ()
    """Command that makes the objects and causes the rollout in the lab's place (`nodrop.lab.deployer`); none: the lab
    does. On a real control plane only."""
    held_to_model: bool = True
    """Whether a run that the timing model all but excludes is repeated; not where runs are to judge that model."""
    unjudged: tuple[str, ...] = ()
    """What of the path no rule judges and no rehearsal shows, each with the reason; with any, no run of it is clean."""
    accepted: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Rules that the owner waives: reason by name."""
    differs: str = ""
    """From which other variant this one differs, and in what; empty where it is the one that others are held to."""

    @property
    def ipvs(self) -> Ipvs | None:
        """How the nodes translate by IPVS; None where they do not, or where the path passes no NodePort."""
        return self.settings.ipvs if self.path.backend is Backend.INSTANCE_GROUP else None

    @property
    def drops_syns(self) -> bool:
        """Whether the nodes may drop the first SYN of a connection."""
        return self.ipvs is not None and self.ipvs.drops_syns

    @property
    def gates_are_injected(self) -> bool:
        """Whether the webhook adds the readiness gate to the job's pods: it does where a NEG is to hold them."""
        return self.inject_gate and self.path.backend is Backend.NEG

    @property
    def stands_in(self) -> bool:
        """Whether the stand-in runs in the place of the application, so that its behaviour is the stated one."""
        return self.application.command is None

    @property
    def ends_as_predicted(self) -> bool:
        """Whether the rollout ends where the model says that it does: a real scheduler may find no place for a pod."""
        return self.stands_in and self.settings.control_plane == "embedded"

    def slept_pre_stop_seconds(self, container: str) -> int | None:
        """How long the container of that name sleeps in its preStop; None: it has none, or one that is asked or run.

        What runs in the application's place runs its hook too, unless that does nothing but sleep: sleeps are sped up.
        """
        hook = self.path.pre_stops.of(container)
        is_run = hook.runs_more and container == self.path.container and not self.stands_in
        return None if is_run else hook.seconds

    @property
    def runs_its_pre_stop(self) -> bool:
        """Whether the serving container has a preStop that lasts as long as its application takes for it."""
        name = self.path.container
        hook = container_called(self.path.pod, name)["lifecycle"]["preStop"]
        return bool(hook.value) and self.slept_pre_stop_seconds(name) is None

    @property
    def outlasts_backend_timeout(self) -> bool:
        """Whether the longest requests last longer than the load balancer waits for a response."""
        return self.application.behaviour.longest_request_seconds > self.path.backend_timeout_seconds

    @property
    def answers_in_time(self) -> bool:
        """Whether every request to a pod that lives is answered before the backend timeout.

        An agent that deletes servers does so in the middle of their responses.
        """
        return self.stands_in and not self.outlasts_backend_timeout and not (self.ipvs and self.ipvs.delete_at_once)
