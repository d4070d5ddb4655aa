"""How many labs a machine runs at a time, and how long it is waited for."""

import os

import pytest

from nodrop.lab import machine
from nodrop.lab.machine import QUIET_LATENCY_REAL_SECONDS, labs_side_by_side, quiet_latency_real_seconds


@pytest.mark.parametrize(("cores", "labs"), [(1, 1), (2, 3), (4, 6)])
def test_a_quiet_machine_runs_three_labs_on_two_cores(monkeypatch, cores, labs):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(cores)))
    assert labs_side_by_side(QUIET_LATENCY_REAL_SECONDS) == labs


@pytest.mark.parametrize("cores", [1, 2, 4])
def test_it_runs_one_on_each_core_where_labs_bring_kernels_or_a_control_plane(monkeypatch, cores):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(cores)))
    assert labs_side_by_side(QUIET_LATENCY_REAL_SECONDS, heavy=True) == cores


@pytest.mark.parametrize("heavy", [False, True])
def test_a_busy_machine_runs_one(heavy):
    assert labs_side_by_side(QUIET_LATENCY_REAL_SECONDS + 0.01, heavy=heavy) == 1


@pytest.fixture
def measured(monkeypatch) -> list[float]:
    """Latencies that the machine is to have, one after the other; the last of them stays. Waiting takes no time."""
    latencies: list[float] = []
    now = [0.0]

    def latency() -> float:
        return latencies.pop(0) if len(latencies) > 1 else latencies[0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr(machine, "latency_real_seconds", latency)
    monkeypatch.setattr(machine.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(machine.time, "sleep", sleep)
    return latencies


def test_a_machine_is_waited_for_until_it_is_quiet(measured):
    measured += [0.8, 0.4, 0.05, 0.8]
    assert quiet_latency_real_seconds(30) == 0.05
    assert measured == [0.8]


def test_a_machine_that_stays_busy_is_waited_for_as_long_as_asked_and_taken_as_it_is(measured):
    measured += [*[0.8] * 30, 0.7]
    assert quiet_latency_real_seconds(30) == 0.7
