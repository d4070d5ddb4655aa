"""Holds the model's expected drops to what the lab counts, on random configurations, safe and unsafe ones.

Consistency, not validation: model and lab share their assumptions (lags, order of events), and Google's load balancer
may do otherwise. What is compared is the model's arithmetic with real packets, processes and an Envoy. Pure: makes jobs
and compares; the labs are run by `make consistency`.
"""

import json
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import count as count_up
from itertools import islice
from typing import Any, Self

from nodrop.gke.services import BACKEND_CONFIG, NEG, BackendConfigs, NegAnnotation, write_backend_configs, write_neg
from nodrop.lab.containers import Application
from nodrop.lab.doubt import MANY_REQUESTS
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.prediction import PROCESS_START_REAL_SECONDS, PROCESS_STARTS_REAL_SECONDS, as_rehearsed
from nodrop.paths import Behaviour, ServingPath, behaviour, resolve
from nodrop.rollout import (
    AppProtocol,
    Drops,
    HealthCheck,
    Mode,
    OnTerm,
    Probe,
    Programming,
    Rollout,
    expected_drops,
    solve,
)
from nodrop.rollout.manifest import backend_config_fields, deployment_fields

SPEED_UP = 10
REQUESTS_PER_SECOND = 30
BACKEND_TIMEOUT_SECONDS = 60
"""So long that a slow machine does not make a request fail. Source: chosen, twice the longest request."""
LEAST_EXPECTED = MANY_REQUESTS
"""Draws that are expected to lose fewer requests, but some, are left out: there chance decides whether a run
loses any, and 30 % cannot be told from it."""
LONG_SECONDS = 10
"""Of a request; at ten times the speed a second of wall clock."""
RANDOM, DRAINING = "random", "draining"
"""The two draws: of all rollouts, and of those with long requests and a time that may cut them."""
TOLERANCE = 0.3
"""Share by which a count may differ from the expectation."""
CONDITION = 0.15
"""Draws whose expectation changes by a greater share within those latencies are left out: probes come in
beats, and near a beat the machine decides, not the model."""
_CONTAINER, _PORT = "app", 8080


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """One rollout, and the lab that rehearses it."""

    rollout: Rollout
    settings: Settings
    injects_gate: bool

    @property
    def programming(self) -> Programming:
        """The lags of the lab's proxies."""
        return Programming(
            attach_lag_seconds=self.settings.attach_lags_seconds,
            detach_lag_seconds=self.settings.detach_lags_seconds,
            injects_gate=self.injects_gate,
        )

    def as_run(self, allowance_real_seconds: float) -> Self:
        """The same in a lab that allowed the machine so much, as it does to one that is late."""
        return replace(self, settings=replace(self.settings, allowance_real_seconds=allowance_real_seconds))

    @property
    def expected(self) -> Drops:
        """What the model expects of the rollout on a machine of the usual latency."""
        return self.expected_after(PROCESS_START_REAL_SECONDS)

    def expected_after(self, process_start_real_seconds: float) -> Drops:
        """What the model expects, with what the lab allows the machine and what it takes to start a process."""
        rehearsed = as_rehearsed(self.rollout, self.settings, process_start_real_seconds)
        return expected_drops(rehearsed, self.settings.requests_per_second, self.programming)

    @property
    def well_conditioned(self) -> bool:
        """Whether neither chance nor the machine's latency decides what the lab counts."""
        least, most = (self.expected_after(latency).total for latency in PROCESS_STARTS_REAL_SECONDS)
        usual = self.expected.total
        if usual == 0:
            return least == most == 0
        return usual >= LEAST_EXPECTED and max(abs(least - usual), abs(most - usual)) <= CONDITION * usual

    @property
    def cuts_long_requests(self) -> bool:
        """Whether requests of `LONG_SECONDS` or more outlast draining, or what preStop leaves of the grace period."""
        rollout = self.rollout
        left = rollout.termination_grace_period_seconds - (rollout.pre_stop_seconds or 0)
        longest = rollout.longest_request_seconds
        return longest >= LONG_SECONDS and min(rollout.draining_timeout_seconds, left) < longest

    def job(self, number: int) -> Job:
        """The rehearsal, as variant `number`."""
        path = _path(self.rollout)
        nothing = Behaviour(
            longest_request_seconds=0, startup_seconds=0, keep_alive_timeout_seconds=0, on_term=OnTerm.DRAIN
        )
        return Job(
            experiment=Experiment.ROLLOUT,
            variant=f"configuration {number}",
            path=path,
            application=Application(behaviour(path.deployment, nothing), None),
            settings=self.settings,
            inject_gate=self.injects_gate,
            steady_first=False,
            held_to_model=False,
        )


def configurations(count: int, seed: int, *, draining: bool = False) -> list[Configuration]:
    """The first so many of the draws that are well conditioned, the same for each seed.

    `draining`: only those with long requests that the end of draining or of the grace period may cut.
    """
    wanted = (each for each in draws(seed) if not draining or each.cuts_long_requests)
    return list(islice((each for each in wanted if each.well_conditioned), count))


def draws(seed: int) -> Iterator[Configuration]:
    """Configurations without end, whatever decides what the lab would count of them."""
    draw = random.Random(seed)
    for number in count_up():
        rollout = _rollout(draw)
        gated = draw.random() < 0.7
        yield Configuration(
            rollout=replace(rollout, readiness_gate=gated and rollout.readiness_gate),
            settings=_settings(draw, seed=number),
            injects_gate=gated,
        )


def _rollout(draw: random.Random) -> Rollout:
    """Solved for a random application, then most often spoilt in one number or two."""
    longest = draw.choice((0, draw.randint(1, 30)))
    solved = solve(
        longest_request_seconds=longest,
        startup_seconds=draw.randint(0, 10),
        replicas=draw.randint(4, 8),
        keep_alive_timeout_seconds=draw.choice((0, 620)),
        on_term=draw.choice(tuple(OnTerm)),
    )
    rollout = replace(solved, max_surge=draw.randint(1, 3), backend_timeout_seconds=BACKEND_TIMEOUT_SECONDS)
    grace = rollout.termination_grace_period_seconds
    spoilt: tuple[dict[str, Any], ...] = (
        {"pre_stop_seconds": 0},
        {"pre_stop_seconds": draw.randint(1, 30)},
        {"draining_timeout_seconds": draw.randint(0, longest)},
        {"termination_grace_period_seconds": draw.randint(1, grace), "pre_stop_seconds": 0},
        {"termination_grace_period_seconds": rollout.pre_stop_seconds + draw.randint(1, 5 + longest)},
        {"max_unavailable": draw.randint(1, 2)},
        {"strategy": "Recreate", "max_surge": 0},
        {"min_ready_seconds": draw.randint(1, 30)},
    )
    for change in draw.sample(spoilt, draw.choice((0, 1, 1, 2))):
        rollout = replace(rollout, **change)
    return rollout


def _settings(draw: random.Random, seed: int) -> Settings:
    attach, detach = draw.randint(2, 40), draw.randint(2, 15)
    return Settings(
        speed_up=SPEED_UP,
        seed=seed,
        requests_per_second=REQUESTS_PER_SECOND,
        proxies=draw.randint(1, 5),
        attach_lag_seconds=(attach, attach + draw.randint(0, 15)),
        detach_lag_seconds=(detach, detach + draw.randint(0, 15)),
    )


def _path(rollout: Rollout) -> ServingPath:
    """A serving path whose objects state the rollout."""
    deployment = deployment_fields(rollout, _CONTAINER, _PORT)
    metadata, spec = {"name": "web", "namespace": "consistency"}, deployment["spec"]
    (container,) = spec["template"]["spec"]["containers"]
    container |= {"image": "ready-test", "ports": [{"containerPort": _PORT}]}
    labels = {"app": "web"}
    service_annotations = {
        NEG: write_neg(NegAnnotation(ingress=True)),
        BACKEND_CONFIG: write_backend_configs(BackendConfigs(default="web")),
    }
    (path,) = resolve(
        [
            {
                "apiVersion": "networking.k8s.io/v1",
                "kind": "Ingress",
                "metadata": metadata,
                "spec": {"defaultBackend": {"service": {"name": "web", "port": {"number": 80}}}},
            },
            {"apiVersion": "cloud.google.com/v1", "kind": "BackendConfig", "metadata": metadata}
            | backend_config_fields(rollout),
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {**metadata, "annotations": service_annotations},
                "spec": {"selector": labels, "ports": [{"port": 80, "targetPort": _PORT}]},
            },
            {
                "apiVersion": "apps/v1",
                "kind": "Deployment",
                "metadata": {**metadata, **deployment["metadata"]},
                "spec": {
                    **spec,
                    "selector": {"matchLabels": labels},
                    "template": {**spec["template"], "metadata": {"labels": labels}},
                },
            },
        ]
    ).paths
    return path


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One configuration's expectation beside what a run of the lab counted."""

    configuration: Configuration
    failures: Mapping[str, int]
    """As counted, by cause in the words of the load balancer's log."""
    requests: int
    saved: int = 0
    """GETs that failed first, and that the load balancer's retry saved: the model knows no retry."""

    @property
    def expected(self) -> float:
        """Failed requests, by the model."""
        return self.configuration.expected.total

    @property
    def counted(self) -> int:
        """Requests that failed at the first try, by the lab."""
        return sum(self.failures.values()) + self.saved

    @property
    def agrees_on_zero(self) -> bool:
        """Whether both see a loss, or neither."""
        return (self.expected > 0) == (self.counted > 0)

    @property
    def within_tolerance(self) -> bool:
        """Whether the count differs from the expectation by at most `TOLERANCE` of it."""
        return abs(self.counted - self.expected) <= TOLERANCE * self.expected


def to_json(comparison: Comparison) -> dict[str, Any]:
    """The comparison as JSON-ready plain data; the expectation is left to whoever reads it."""
    return asdict(comparison)


def record(kept: str, draw: str, comparisons: Iterable[Comparison], day: str) -> str:
    """The text of docs/consistency.json: `kept`, what it has, with these for the draw (`RANDOM` or `DRAINING`)."""
    part = {"day": day, "comparisons": [to_json(each) for each in comparisons]}
    return json.dumps({**json.loads(kept or "{}"), draw: part}, indent=1) + "\n"


def recorded(text: str) -> list[Comparison]:
    """What `record` wrote, of both draws."""
    parts = json.loads(text)
    return [from_json(each) for draw in (RANDOM, DRAINING) for each in parts.get(draw, {}).get("comparisons", ())]


def from_json(data: Mapping[str, Any]) -> Comparison:
    """The comparison that `to_json` wrote."""
    configuration = data["configuration"]
    stated = configuration["rollout"]
    probes = {
        name: Probe(**stated[name]) if stated[name] else None
        for name in ("readiness_probe", "startup_probe", "liveness_probe")
    }
    rollout = Rollout(
        **stated
        | probes
        | {
            "mode": Mode(stated["mode"]),
            "on_term": OnTerm(stated["on_term"]),
            "protocol": AppProtocol(stated["protocol"]),
            "health_check": HealthCheck(**stated["health_check"]),
        }
        | {name: tuple(value) for name, value in stated.items() if isinstance(value, list)}
    )
    lags = ("attach_lag_seconds", "detach_lag_seconds", "kube_proxy_lag_seconds")
    settings = Settings(**configuration["settings"] | {lag: tuple(configuration["settings"][lag]) for lag in lags})
    return Comparison(
        configuration=Configuration(rollout=rollout, settings=settings, injects_gate=configuration["injects_gate"]),
        failures=data["failures"],
        requests=data["requests"],
        saved=data.get("saved", 0),
    )
