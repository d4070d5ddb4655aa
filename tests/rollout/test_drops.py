from dataclasses import replace
from math import inf, isclose

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nodrop.rollout import AppProtocol, Cause, OnTerm, Programming, expected_drops, solve, timeline
from nodrop.rollout.drops import LONG_REQUEST_SHARE
from nodrop.rollout.timeline import deprogrammed, old_pod_times

RATE = 10
ONE_PROXY = Programming(attach_lag_seconds=(6.0,), detach_lag_seconds=(20.0,))


def usual(**changes):
    solved = solve(longest_request_seconds=30, startup_seconds=5, replicas=4, health_check_path="/ready/")
    return replace(solved, **changes)


def lost(rollout, programming=ONE_PROXY):
    """By cause, without the causes that cost nothing."""
    return {cause: n for cause, n in expected_drops(rollout, RATE, programming).by_cause.items() if n}


on_terms = st.sampled_from(OnTerm)
lags = st.lists(st.tuples(st.floats(7, 17), st.floats(11.6, 28.6)), min_size=1, max_size=4).map(
    lambda pairs: Programming(
        attach_lag_seconds=tuple(attach for attach, _ in pairs), detach_lag_seconds=tuple(detach for _, detach in pairs)
    )
)


@given(
    st.floats(0, 280),
    st.floats(0, 500),
    st.integers(1, 12),
    on_terms,
    st.sampled_from([0, 620]),
    lags,
    st.integers(1, 3),
)
def test_solved_rollouts_lose_nothing_at_any_of_the_measured_lags(longest, startup, pods, on_term, keep, lags, surge):
    if on_term is OnTerm.EXIT:
        longest = min(longest, 180)
    rollout = solve(
        longest_request_seconds=longest,
        startup_seconds=startup,
        replicas=pods,
        on_term=on_term,
        keep_alive_timeout_seconds=keep,
    )
    assert expected_drops(replace(rollout, max_surge=surge), RATE, lags).total == 0


def test_without_pre_stop_requests_go_to_stopped_pods_until_the_proxies_know():
    """One of some five known pods is stopped at any time, for as long as detaching takes."""
    rollout = usual(pre_stop_seconds=0, on_term=OnTerm.EXIT, longest_request_seconds=0)
    patient = replace(rollout, health_check=replace(rollout.health_check, unhealthy_threshold=10))
    assert set(lost(patient)) == {Cause.STOPPED_POD}
    whole = 4 * 20 * RATE
    assert whole / 8 < lost(patient)[Cause.STOPPED_POD] < whole / 4


def test_a_lone_pod_that_goes_first_leaves_no_endpoint():
    """Recreate: forgotten after 20 s; the next one is created when the pod is gone."""
    rollout = usual(strategy="Recreate", max_surge=0, replicas=1, longest_request_seconds=0)
    routable = next(pod.events["attached"] for pod in timeline(rollout, ONE_PROXY) if not pod.old)
    assert lost(rollout) == {Cause.NO_ENDPOINT: pytest.approx(RATE * (routable - 20))}


def test_an_exit_on_term_cuts_the_requests_that_came_last():
    """Detached 20 s after its deletion, TERM at 35: of those in the 30 s before, the ones from 5 to 20 s are cut."""
    rollout = usual(pre_stop_seconds=35, on_term=OnTerm.EXIT, replicas=1, max_surge=1)
    new = next(pod.events["attached"] for pod in timeline(rollout, ONE_PROXY) if not pod.old)
    old = next(pod.events["deleted"] for pod in timeline(rollout, ONE_PROXY) if pod.old)
    assert new < old
    assert lost(rollout) == {Cause.CUT_IN_FLIGHT: pytest.approx(RATE * LONG_REQUEST_SHARE * 15 / 2)}


def test_draining_that_is_too_short_cuts_what_is_longer():
    """One of two known pods is forgotten after 20 s and drains for 10: whatever is longer of its last 20 s is cut."""
    rollout = usual(draining_timeout_seconds=10, replicas=1)
    assert lost(rollout) == {Cause.CUT_IN_FLIGHT: pytest.approx(RATE * LONG_REQUEST_SHARE * 20 / 2)}


def test_a_grace_period_that_is_too_short_cuts_what_is_longer():
    assert lost(usual(pre_stop_seconds=20, termination_grace_period_seconds=40)).keys() == {Cause.CUT_IN_FLIGHT}


def test_closing_idle_connections_too_early_costs_its_measured_share_at_any_time():
    drops = expected_drops(usual(keep_alive_timeout_seconds=75), RATE, ONE_PROXY)
    assert drops.by_cause[Cause.KEPT_ALIVE_CONNECTION_CLOSED] == pytest.approx(drops.requests * 6 / 10_331)
    assert expected_drops(usual(keep_alive_timeout_seconds=75, protocol=AppProtocol.HTTP2), RATE, ONE_PROXY).total == 0


@given(st.floats(0.1, 1e6))
def test_losses_are_proportional_to_the_rate(rate):
    bad = usual(pre_stop_seconds=3)
    once, often = expected_drops(bad, 1, ONE_PROXY), expected_drops(bad, rate, ONE_PROXY)
    assert isclose(often.total, rate * once.total, rel_tol=1e-9)


anything = st.builds(
    usual,
    replicas=st.integers(1, 5),
    max_surge=st.integers(1, 3),
    max_unavailable=st.integers(0, 2),
    pre_stop_seconds=st.integers(0, 40),
    termination_grace_period_seconds=st.integers(1, 60),
    draining_timeout_seconds=st.integers(0, 30),
    min_ready_seconds=st.integers(0, 20),
    longest_request_seconds=st.integers(0, 30),
    startup_seconds=st.integers(0, 20),
    on_term=on_terms,
    readiness_gate=st.just(False),
    strategy=st.sampled_from(["RollingUpdate", "Recreate"]),
)
any_lags = st.builds(
    lambda attach, detach, gate: Programming(
        attach_lag_seconds=(attach,), detach_lag_seconds=(detach,), injects_gate=gate
    ),
    st.integers(0, 40),
    st.integers(0, 40),
    st.booleans(),
)


def test_a_proxy_that_is_never_told_counts_no_checks():
    rollout = solve(longest_request_seconds=30, startup_seconds=5, replicas=2)
    many = replace(rollout, health_check=replace(rollout.health_check, unhealthy_threshold=2**31 - 1))
    never = Programming(attach_lag_seconds=(1,), detach_lag_seconds=(inf,))
    assert deprogrammed(many, old_pod_times(many, never), inf, 0.5) == inf


@given(anything, any_lags)
def test_the_integrals_are_those_of_a_clock_that_ticks(rollout, programming):
    """Brute force: at every tick a proxy sends its share to each pod that it knows, and sees what becomes of it."""
    expected = expected_drops(rollout, RATE, programming)
    assume(expected.requests < 6000)
    goes, pods = old_pod_times(rollout, programming), timeline(rollout, programming)
    detached = programming.detach_lag_seconds[0]
    old = [pod.events["deleted"] for pod in pods if pod.old]
    new = [pod.events["attached"] for pod in pods if not pod.old]
    counted = dict.fromkeys(Cause, 0.0)
    tick, phases = 0.25, 5
    for phase in range(phases):
        leaves = deprogrammed(rollout, goes, detached, (phase + 0.5) / phases)
        cut = min(
            detached + rollout.draining_timeout_seconds,
            goes.term if rollout.on_term is OnTerm.EXIT else goes.killed if goes.killed is not None else 1e9,
        )
        for n in range(-int(40 / tick), int(expected.requests / RATE / tick) + 1):
            now = (n + 0.5) * tick
            known = [deleted for deleted in old if now < deleted + leaves]
            pods_known = len(known) + sum(at <= now for at in new)
            sent = RATE * tick / phases
            if not pods_known:
                counted[Cause.NO_ENDPOINT] += sent
                continue
            for deleted in known:
                if now >= deleted + goes.stops:
                    counted[Cause.STOPPED_POD] += sent / pods_known
                elif deleted + cut < now + rollout.longest_request_seconds and now < deleted + cut:
                    counted[Cause.CUT_IN_FLIGHT] += sent / pods_known * LONG_REQUEST_SHARE
    at_the_edges = 2 * RATE * tick * rollout.replicas
    for cause in (Cause.NO_ENDPOINT, Cause.STOPPED_POD, Cause.CUT_IN_FLIGHT):
        assert counted[cause] == pytest.approx(expected.by_cause[cause], abs=at_the_edges, rel=0.03)
