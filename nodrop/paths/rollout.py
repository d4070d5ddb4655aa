"""A serving path as a `Rollout`: the numbers that decide what a rollout of it drops.

Only timings are read; the wiring is read in `wiring`, and what else surrounds the Deployment (nodes, zones, who may
reach the pods) is left unsaid.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

from nodrop.gke.services import READINESS_GATE
from nodrop.paths.containers import container_called, containers_of, sidecars_of
from nodrop.paths.fields import Field, whole
from nodrop.paths.health_check import inferred_probe, kubelet_probe
from nodrop.paths.images import holds_no_shell
from nodrop.paths.needed import is_needed, serves_no_request
from nodrop.paths.ports import probes_without_port
from nodrop.paths.pre_stop import SHELLS, program_of
from nodrop.paths.probe_hosts import hosts_of_the_node
from nodrop.paths.requests import NotKnownError, PodRequests
from nodrop.paths.serving_path import Backend, ServingPath
from nodrop.rollout import AppProtocol, Behaviour, Mode, OnTerm, Placement, Probe, Rollout, Severity, Wiring, check
from nodrop.rollout.facts import MIN_READY_HARD_CODED_SECONDS
from nodrop.rollout.rules.leaving import PRE_STOP_IS_LONG_ENOUGH


def read_rollout(
    path: ServingPath,
    behaviour: Behaviour,
    wiring: Wiring | None = None,
    placement: Placement | None = None,
    requests: PodRequests | None = None,
) -> Rollout:
    """The rollout that the path's objects state for an application that behaves so.

    A preStop of unknown duration counts as none. `wiring` and `placement` are what `read_wiring` and
    `read_placement` read from the same path, `requests` what LimitRanges make of its containers.

    Raises:
        ReadingError: a startup or liveness probe has a field without a readable value.
    """
    pod = path.pod
    container = container_called(pod, path.container)
    gated = READINESS_GATE in path.readiness_gates
    early = stopping_early(path)
    waits = not gated and path.min_ready_seconds >= MIN_READY_HARD_CODED_SECONDS
    return Rollout(
        mode=Mode.HARD_CODED_DELAY if waits else Mode.POD_READINESS_FEEDBACK,
        replicas=path.replicas,
        max_replicas=path.max_replicas,
        strategy=path.strategy,
        max_surge=path.max_surge,
        max_unavailable=path.max_unavailable,
        max_surge_scaled=path.surge_and_unavailable_scaled[0],
        max_unavailable_scaled=path.surge_and_unavailable_scaled[1],
        min_ready_seconds=path.min_ready_seconds,
        progress_deadline_seconds=path.progress_deadline_seconds,
        pre_stop_seconds=path.pre_stops.term_seconds,
        pre_stop_is_sleep_action=any(
            container_called(pod, name)["lifecycle"]["preStop"]["sleep"].value is not None
            for name in path.pre_stops.holding_longest
        ),
        containers_that_stop_early=early.needed,
        other_containers_that_stop_early=early.others,
        containers_without_command=tuple(_without_command(path)),
        failing_pre_stops=tuple(_failing_pre_stops(path)),
        pre_stop_ended_by=path.pre_stops.ended_by,
        containers_without_memory=tuple(_without_memory(pod, requests or PodRequests(()))),
        native_sidecars=_native_sidecars(pod),
        termination_grace_period_seconds=path.termination_grace_period_seconds,
        longest_request_seconds=behaviour.longest_request_seconds,
        startup_seconds=behaviour.startup_seconds,
        keep_alive_timeout_seconds=behaviour.keep_alive_timeout_seconds,
        on_term=OnTerm.EXIT if container["lifecycle"]["stopSignal"].value == "SIGKILL" else behaviour.on_term,
        backend_timeout_seconds=path.backend_timeout_seconds,
        draining_timeout_seconds=path.draining_timeout_seconds,
        health_check=path.health_check,
        health_check_is_explicit=path.states_check,
        health_check_copies_probe=_copies_probe(path),
        readiness_probe=_probe(container["readinessProbe"]),
        startup_probe=_probe(container["startupProbe"]),
        liveness_probe=_probe(container["livenessProbe"]),
        probe_hosts_of_the_node=tuple((host.path, str(host.value)) for host in hosts_of_the_node(pod)),
        probes_without_port=tuple(_PROBE_NAMES[probe] for probe in probes_without_port(container)),
        readiness_gate=gated,
        protocol=_protocol(wiring),
        placement=placement,
        wiring=wiring,
    )


def _copies_probe(path: ServingPath) -> bool:
    """Whether the load balancer's check has both interval and timeout of the probe; of instance groups it has more."""
    if path.by_gateway or path.backend is not Backend.NEG:
        return False
    service = whole(path.service)
    stated = whole(path.backend_config or {})["spec"]["healthCheck"]
    port = Field(path.service_port, service.object, "spec.ports[]")
    return (
        stated["checkIntervalSec"].value is None
        and stated["timeoutSec"].value is None
        and inferred_probe(service, port, path.pod)[0] is not None
    )


_PROBE_NAMES = {
    "readinessProbe": "readiness_probe.port",
    "livenessProbe": "liveness_probe.port",
    "startupProbe": "startup_probe.port",
}
_OF_SYSTEMS = SHELLS | {"busybox", "curl", "env", "kill", "sleep", "timeout", "wget"}
"""Programs that come with a shell's image, and not with the application."""


def _without_command(path: ServingPath) -> Iterator[str]:
    """Containers whose preStop runs a system's command in an image without any, and on no volume."""
    for container in (container_called(path.pod, name) for name in path.pre_stops.containers):
        words = [word.text() or "" for word in container["lifecycle"]["preStop"]["exec"]["command"].entries()]
        if program_of(words) not in _OF_SYSTEMS or not holds_no_shell(container["image"].text() or ""):
            continue
        mounts = [mount["mountPath"].text() or "/" for mount in container["volumeMounts"].entries()]
        if not any(words[0].startswith(f"{mount.rstrip('/')}/") for mount in mounts):
            yield container["name"].text() or ""


def _failing_pre_stops(path: ServingPath) -> Iterator[tuple[str, str]]:
    """Containers whose preStop fails whatever their image holds, with the reason."""
    for name in path.pre_stops.containers:
        if why := path.pre_stops.of(name).fails:
            yield name, why


def _without_memory(pod: Field, requests: PodRequests) -> Iterator[str]:
    """Containers whose memory limit is less than a mebibyte, such as 512m, which is half a byte."""
    for container in containers_of(pod):
        with suppress(NotKnownError):
            limit = requests.of_container(container, "limits", "memory")
            if limit is not None and 0 < limit < _LEAST_MEMORY_BYTES:
                yield container["name"].text() or ""


_LEAST_MEMORY_BYTES = 1024 * 1024


def _protocol(wiring: Wiring | None) -> AppProtocol:
    spoken = wiring.protocol if wiring else None
    if spoken is not None and spoken.startswith("HTTP2"):
        return AppProtocol.HTTP2
    return AppProtocol.HTTPS if spoken == "HTTPS" else AppProtocol.HTTP


class Early(NamedTuple):
    """Ordinary containers that get TERM before the serving one, and native sidecars that their preStop may end."""

    needed: tuple[str, ...]
    """Those that requests need."""
    others: tuple[str, ...]
    """Those of which the objects do not tell it."""
    unneeded: tuple[str, ...]
    """Those that no request needs, as far as their image tells; with those whose preStop is not known."""


def stopping_early(path: ServingPath) -> Early:
    """Which ones do; of preStops that are not known nothing is said. Raises ReadingError."""
    shorter = [name for name, is_open in _shorter(path) if not (is_open and _is_needed(path, name))]
    early = (*path.pre_stops.containers_without, *shorter)
    hooked = (name for name in _native_sidecars(path.pod) if _has_pre_stop(path, name))
    unknown = (name for name in (*path.containers, *hooked) if path.pre_stops.of(name).seconds is None)
    unneeded = tuple(name for name in dict.fromkeys((*early, *unknown)) if serves_no_request_of(path, name))
    needed = tuple(name for name in early if name == path.container or _is_needed(path, name))
    return Early(needed, tuple(name for name in early if name not in (*needed, *unneeded)), unneeded)


def _has_pre_stop(path: ServingPath, name: str) -> bool:
    return bool(container_called(path.pod, name)["lifecycle"]["preStop"].mapping())


def serves_no_request_of(path: ServingPath, name: str) -> bool:
    """Whether no request of the path needs that container, as far as its image tells, and no check asks it."""
    container = container_called(path.pod, name)
    ports = [port["containerPort"].value for port in container["ports"].entries()]
    is_asked = name == path.container or path.health_check.port in ports
    return not is_asked and serves_no_request(container)


def _is_needed(path: ServingPath, name: str) -> bool:
    return is_needed(path.pod, path.container, container_called(path.pod, name))


def open_pre_stops(path: ServingPath, rollout: Rollout) -> dict[str, frozenset[str]]:
    """Containers whose preStop may last longer than its sleeps, each with the rules that it breaks unless it does.

    The serving one stands for all that hold TERM back from it. No preStop lasts longer than the grace period. Raises
    ReadingError.

    Args:
        path: where it is; of NodePorts the rules say nothing.
        rollout: the path's.
    """
    until_term = path.pre_stops.longest_until_term(rollout.termination_grace_period_seconds)
    longest = replace(rollout, pre_stop_seconds=until_term)
    if not rollout.longest_request_is_stated:
        longest = replace(longest, longest_request_seconds=0)
    is_open = path.backend is Backend.NEG and bool(path.pre_stops.open_before_term)
    broken = _broken_by_its_end(rollout) - _broken_by_its_end(longest) if is_open else frozenset()
    beside = (name for name, is_open in _shorter(path) if is_open and _is_needed(path, name))
    of_others = dict.fromkeys(beside, frozenset({"every-container-has-pre-stop"}))
    return {path.container: broken, **of_others} if broken else of_others


def _broken_by_its_end(rollout: Rollout) -> frozenset[str]:
    """The rules about a preStop that is too short."""
    errors = (each.rule for each in check(rollout) if each.severity is Severity.ERROR)
    return PRE_STOP_IS_LONG_ENOUGH.intersection(errors)


def _shorter(path: ServingPath) -> Iterator[tuple[str, bool]]:
    """Containers beside the serving one that end, or may, before it gets TERM, each with whether they may not."""
    hooks, mine = path.pre_stops, path.pre_stops.term_seconds
    for name in (*path.containers, *_native_sidecars(path.pod)):
        hook = hooks.of(name)
        ends = name in path.containers or hook.runs_more
        if name != path.container and ends and hook.seconds is not None and hook.seconds < mine:
            yield name, hook.may_last_longer or hooks.may_end_before_term(name)


def _native_sidecars(pod: Field) -> tuple[str, ...]:
    return tuple(each["name"].text() or "" for each in sidecars_of(pod))


def _probe(probe: Field) -> Probe | None:
    """A probe of any kind; its path is empty where it asks no path."""
    if probe.value is None:
        return None
    if probe["httpGet"].value is not None:
        return kubelet_probe(probe)
    timing = kubelet_probe(Field({**probe.mapping(), "httpGet": {"path": "/"}}, probe.object, probe.path))
    if timing is None:
        return None
    question = next((f"{kind} {json.dumps(probe[kind].value)}" for kind in _QUESTIONS if probe[kind].value), "")
    return replace(timing, path="", asks=question)


_QUESTIONS = ("exec", "tcpSocket", "grpc")
