"""How many labs a machine runs at a time."""

import os

import pytest

from nodrop.lab.machine import QUIET_LATENCY_REAL_SECONDS, labs_side_by_side


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
