"""What the lab measured, as plain values that travel as JSON.

All times are seconds of the rehearsed system (wall-clock seconds times the speed-up). Nothing here measures or draws.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from nodrop.lab.confidence import upper_bound
from nodrop.rollout import PodTimeline

NFTABLES = "nftables"
EMBEDDED = "embedded"
"""The control plane of which every controller is the lab's own."""
STAND_IN = "ready-test"
PYTHON = "python"
"""The load generator that is a process in Python; another one has its program's name (`programs.VEGETA`)."""


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """The inputs of one run, printed with its result: without them a magnitude means nothing."""

    speed_up: float
    """Seconds of the rehearsed system in one second of wall-clock time."""
    seed: int
    requests_per_second: float
    """Of the rehearsed system's time."""
    attach_lag_seconds: tuple[float, ...]
    """One per load balancer proxy: from the endpoint's entry into its NEG until the proxy knows it."""
    detach_lag_seconds: tuple[float, ...]
    """One per load balancer proxy: from the endpoint's removal from its NEG until the proxy stops using it."""
    kube_proxy_lag_seconds: tuple[float, ...]
    """One per node: from the EndpointSlice's change until the node's NAT rules follow."""
    longest_request_seconds: float
    startup_seconds: float
    keep_alive_timeout_seconds: float
    """Of the application; 0 means that it closes the connection after each response."""
    on_term: str
    stand_in: str
    """What ran as the container: `STAND_IN` or the user's command."""
    requests: str = "http"
    """What clients sent: a value of `nodrop.lab.protocols.Requests`."""
    retries: str = ""
    """What the load balancer sends again, and when."""
    pace: str = ""
    """Why the speed-up was what it was."""
    speed_up_is_forced: bool = False
    """Whether the user said how fast time runs, and not the lab."""
    speed_up_is_bounded: bool = False
    """Whether something bounded the speed-up below the most that was asked for, or a forced one is beyond that."""
    allowance_real_seconds: float = 0.0
    """What the machine's own latency was allowed to add to anything, in wall-clock seconds."""
    proxy_mode: str = NFTABLES
    """kube-proxy's; of IPVS with what decides about reused connections, and who changes its servers."""
    client_ports: int | None = None
    """Source ports that each proxy had towards each node or pod; None: as many as Linux gives."""
    control_plane: str = EMBEDDED
    """"embedded", or the version of the real Kubernetes, such as "Kubernetes v1.37.2"."""
    load_generator: str = PYTHON
    """Who sent the requests."""

    @property
    def too_fast(self) -> bool:
        """Whether the speed-up was forced beyond its bound, so that no figure of the run says anything."""
        return self.speed_up_is_forced and self.speed_up_is_bounded


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """Requests by the tenth of a wall-clock second in which they began, failures by that in which they failed."""

    start: float
    """Seconds, since the trigger, of the first bin's left edge."""
    width: float
    """Seconds of one bin: 0.1 times the speed-up."""
    requests: tuple[int, ...]
    by_old: tuple[int, ...]
    """Of the requests, those that an old pod answered (in `unready`: the pod that turns unready)."""
    failures: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Slack:
    """The smallest margin over all replaced pods, in seconds, from what they answered; None: nothing to measure it on.

    Requests that a pod refused have failed, and are in none of these.
    """

    term_after_last_request: float | None
    """SIGTERM minus the start of the last request that the pod answered; negative: it still answered after SIGTERM."""
    kill_after_last_response: float | None
    """The end of the grace period minus the end of the pod's last response."""
    deletion_after_new_routable: float | None
    """An old pod's deletion minus the moment when a proxy could first route to the new pod that it made room for.

    Negative: fewer pods served for so long.
    """


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What was rehearsed, read from its manifests."""

    variant: str
    """Short name, unique within a report, such as "NEG, preStop + gate"."""
    path: str
    """The serving path's name, "namespace/service"."""
    backend: str
    """One of "NEG" and "NodePort"."""
    replicas: int
    pre_stop_seconds: float | None
    readiness_gate: bool
    keep_alive: bool
    accepted: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Rules that the owner waives: reason by name."""
    unjudged: tuple[str, ...] = ()
    """What of the path no rule judges and no rehearsal shows, each with the reason."""
    left_out: tuple[str, ...] = ()
    """What of the path the lab leaves out without harm to the verdict: topics of `nodrop.lab.left_out`."""
    differs: str = ""
    """From which other variant of a comparison this one differs, and in what."""


@dataclass(frozen=True, kw_only=True)
class MethodCount:
    """The requests of one method during a rollout."""

    requests: int
    failed: int
    """Responses other than 200 that the rollout caused."""
    saved: int
    """Answered with 200 at the load balancer's second try, more than without a rollout."""


@dataclass(frozen=True, kw_only=True)
class RolloutResult:
    """Every pod replaced under load."""

    subject: Subject
    conditions: Conditions
    requests: int
    failures: Mapping[str, int]
    """Responses other than 200 by cause, in the words of the load balancer's log (`statusDetails`), without those in
    `failures_anyway`."""
    finished: bool
    """False if the rollout did not end within its time limit."""
    duration_seconds: float
    """From the trigger until the last old pod was gone."""
    slack: Slack
    pods: tuple[PodTimeline, ...]
    histogram: Histogram
    failed_after: int = 0
    """Responses other than 200 to requests that began when the rollout was over and every proxy knew it."""
    expected_failed: float | None = None
    """Failed requests that the timing model expected before any retry (`nodrop.rollout.expected_drops`); None where it
    says nothing."""
    failures_anyway: Mapping[str, int] = field(default_factory=dict)
    """Responses other than 200 that are no more frequent than in the window without a rollout, by cause."""
    steady_requests: int = 0
    """Sent before the rollout, in a window as long as it was predicted to take; 0: there was none."""
    steady_failures: Mapping[str, int] = field(default_factory=dict)
    """Responses other than 200 in that window, by cause."""
    methods: Mapping[str, MethodCount] = field(default_factory=dict)
    """By method, as the load balancer retries some and others not; in no order."""
    reconnects: int = 0
    """WebSocket connections that a pod ended with a close frame, or responses with the last chunk, so that its client
    connected anew; none of them failed. Those that were cut are in `failures`."""
    unlike_model: str = ""
    """What was counted that the timing model all but excludes; empty where nothing was, or where it says nothing.
    Such a run is the result only where a second one found the same."""
    predicted: tuple[PodTimeline, ...] = ()
    """The pods as the timing model predicted them; none where it says nothing."""
    latencies_real_seconds: Mapping[str, float] = field(default_factory=dict)
    """The longest that each part of the lab waited for the machine, in wall-clock seconds."""
    void_runs: tuple[str, ...] = ()
    """Why earlier tries of this run were void."""
    outvoted_runs: tuple[str, ...] = ()
    """What a run came to that two others contradict (`runner`)."""
    disrupted_seconds: Mapping[str, int] = field(default_factory=dict)
    """Seconds of the rehearsed system in which a request failed, over "new" and over "reused" connections."""
    experiment: str = field(default="rollout", init=False)

    @property
    def failed(self) -> int:
        """Number of responses other than 200 that the rollout caused."""
        return sum(self.failures.values())

    @property
    def saved(self) -> int:
        """Number of requests that failed because of the rollout, and that the load balancer's retry saved."""
        return sum(each.saved for each in self.methods.values())

    @property
    def first_dropping_lag_seconds(self) -> float | None:
        """How long after a pod's deletion a proxy may still send to it before it meets a stopped application.

        Until SIGTERM, or until its end where the application goes on serving; the shortest of all pods. None behind a
        NodePort, where it is not the proxies that must forget a pod.
        """
        if self.subject.backend != "NEG":
            return None
        end = "gone" if self.conditions.on_term == "serve" else "term"
        events = (pod.events for pod in self.pods)
        return min((e[end] - e["deleted"] for e in events if end in e and "deleted" in e), default=None)

    @property
    def loss_bound(self) -> float | None:
        """Upper 95 % bound (0 to 1) of the loss; None without requests."""
        return upper_bound(self.failed, self.requests)


@dataclass(frozen=True, kw_only=True)
class UnreadyResult:
    """One pod turned unready, and stayed alive, while clients kept asking."""

    subject: Subject
    conditions: Conditions
    requests: int
    failures: Mapping[str, int]
    removed_seconds: float | None
    """From the flip of readiness until the last node's NAT rules (NodePort) or the last proxy's health check (NEG) took
    the pod out; None: never within the window."""
    last_request_seconds: float | None
    """From the flip of readiness until the start of the last request that the pod served; None: none after the flip."""
    requests_after_removal: int
    served_after_removal: int
    """Of those, the requests that the unready pod still answered."""
    pinned_flows: int
    """Tracked connections that netfilter still translated to the pod right after its removal."""
    pods: tuple[PodTimeline, ...]
    histogram: Histogram
    latencies_real_seconds: Mapping[str, float] = field(default_factory=dict)
    """As in a RolloutResult."""
    void_runs: tuple[str, ...] = ()
    """As in a RolloutResult."""
    experiment: str = field(default="unready", init=False)

    @property
    def leak(self) -> float:
        """Share (0 to 1) of the requests after removal that the unready pod still answered."""
        return self.served_after_removal / self.requests_after_removal if self.requests_after_removal else 0.0


Result = RolloutResult | UnreadyResult


def to_json(result: Result) -> dict[str, Any]:
    """The result as JSON-ready plain data, with its derived figures."""
    if isinstance(result, RolloutResult):
        derived = ("failed", "saved", "loss_bound", "first_dropping_lag_seconds")
        return asdict(result) | {name: getattr(result, name) for name in derived}
    return asdict(result) | {"leak": result.leak}
