"""A run is void where the machine was late, or where a figure is no rollout's; and only there."""

from pathlib import Path

import pytest

from benchmarks.consistency_cases import recorded
from nodrop.lab.clock import Clock
from nodrop.lab.counting import least_slack
from nodrop.lab.doubt import (
    FAR,
    MOST_LATENCY_REAL_SECONDS,
    impossible_ends,
    impossible_timeouts,
    late_starts,
    latencies_of,
    latency_doubts,
    own_errors,
    unexpected_ends,
    unexpected_failures,
    unlike_the_model,
)
from nodrop.lab.job import Ipvs
from nodrop.lab.results import PodTimeline
from nodrop.lab.traffic import Record

CLOCK = Clock(speed_up=30, origin=0)
ADDRESSES = {"old": "10.0.30.2", "new": "10.0.30.3"}


def pod(name="new", last_response=None, **events):
    return PodTimeline(
        name=name, node="", old=name == "old", events=events, last_request=None, last_response=last_response, requests=0
    )


def record(end=3.0, cause="", upstream="10.0.30.3:8080", late=0.0, stalled=0.0):
    return Record(1.0, end, "", upstream, cause, late, stalled)


@pytest.mark.parametrize("part", ["controllers", "proxies", "load generator", "pods"])
def test_a_part_that_waits_longer_than_a_timeout_bears_is_named_with_latency_and_bound(part):
    others = dict.fromkeys(("controllers", "proxies", "load generator", "pods"), MOST_LATENCY_REAL_SECONDS)
    assert latency_doubts(others) == []
    assert latency_doubts(others | {part: 0.412}) == [f"machine too busy: latency of the {part} 412 ms, bound 167 ms"]


def test_requests_sent_late_and_pods_that_woke_up_late_are_latencies():
    assert latencies_of([]) == {"load generator": 0, "pods": 0}
    sent = [record(late=0.1), record(late=0.3, stalled=0.2), record(stalled=0.1)]
    assert latencies_of(sent) == {"load generator": 0.3, "pods": 0.2}


@pytest.mark.parametrize(
    ("conn_reuse_mode", "expire_nodest_conn", "drops"), [(0, 0, False), (0, 1, True), (1, 0, True)]
)
def test_ipvs_drops_no_syn_that_it_sends_where_the_remembered_connection_went(
    conn_reuse_mode, expire_nodest_conn, drops
):
    mode = Ipvs(packages="", conn_reuse_mode=conn_reuse_mode, expire_nodest_conn=expire_nodest_conn)
    assert mode.drops_syns is drops


def test_failures_before_a_proxy_are_the_load_generators_and_none_of_a_rollout():
    assert own_errors([record(), record(cause="backend_timeout")], 5000) == []
    failed = [record(cause="load generator: Cannot assign requested address")] * 3
    (said,) = own_errors([record(), *failed], 5000)
    assert said == (
        "the load generator could not keep up at 5,000 requests/s on this machine: "
        "3 of its 4 requests reached no proxy (load generator: Cannot assign requested address)"
    )


@pytest.mark.parametrize(
    ("events", "upstream", "void"),
    [
        ({}, "10.0.30.3:8080", True),
        ({"term": 95.0}, "10.0.30.3:8080", True),
        ({"term": 85.0}, "10.0.30.3:8080", False),
        ({"gone": 85.0}, "10.0.30.3:8080", False),
        ({"gone": 85.0}, "10.130.0.2:30080", False),
        ({}, "10.130.0.2:30080", True),
    ],
)
def test_a_timeout_is_the_machines_where_the_pod_lived_for_all_of_it(events, upstream, void):
    asked = [record(end=3.0, cause="backend_timeout", upstream=upstream)]
    assert bool(impossible_timeouts(asked, [pod(**events)], ADDRESSES, CLOCK, trigger=0.0)) is void


def test_another_pods_end_explains_no_timeout_of_a_pod_that_is_known():
    asked = [record(cause="backend_timeout")]
    assert impossible_timeouts(asked, [pod(), pod("old", gone=1.0)], ADDRESSES, CLOCK, trigger=0.0)
    assert not impossible_timeouts([record()], [pod()], ADDRESSES, CLOCK, trigger=0.0)


@pytest.mark.parametrize(("last_response", "void"), [(None, False), (90.0, False), (100.8, False), (101.0, True)])
def test_no_pod_answers_after_it_was_gone_but_by_what_its_answer_waits_for_the_machine(last_response, void):
    latencies = {"proxies": 0.01, "controllers": 0.002}  # 3 x 10 ms at 30x are 0.9 s
    assert bool(impossible_ends([pod("old", last_response, gone=100.0)], latencies, 30)) is void
    assert not impossible_ends([pod("old", last_response, gone=100.0)], {"proxies": 1.0}, 30)
    assert not impossible_ends([pod("old", last_response)], latencies, 30)


def test_a_negative_slack_is_void_where_the_pod_went_in_time_and_the_rollouts_where_it_was_killed_late():
    in_time, late = (pod("old", 106.0, deleted=5.0, term=65.0, gone=gone) for gone in (99.0, 107.0))
    assert least_slack((in_time,), grace_seconds=95).kill_after_last_response == -6
    assert impossible_ends([in_time], {"proxies": 0.01}, 30) == ["pod old answered 7.0 s after it was gone"]
    assert least_slack((late,), grace_seconds=95).kill_after_last_response == -6
    assert impossible_ends([late], {"proxies": 0.01}, 30) == []


def test_a_pod_that_becomes_ready_late_is_named():
    assert late_starts([pod(created=0.0, ready=27.0)], 12, 15) == []
    assert late_starts([pod(created=0.0)], 12, 15) == []
    assert late_starts([pod("old", created=0.0, ready=99.0)], 12, 15) == []
    assert late_starts([pod(created=1.0, ready=29.0)], 12, 15) == [
        "pod new needed 28.0 s to become ready, 12.0 s are expected at most"
    ]


def test_a_rollout_that_did_not_end_where_the_model_expects_it_to_is_the_machines():
    predicted = [pod("old", gone=300.0), pod(created=1.0)]
    assert unexpected_ends(predicted, 400) == [
        "this machine did not replace 1 pod within 400 s of the rehearsed system, where the timing model expects 300 s"
    ]
    assert unexpected_ends(predicted, 200) == []
    assert unexpected_ends([pod("old", deleted=1.0)], 400) == []
    assert unexpected_ends([], 400) == []


@pytest.mark.parametrize(
    ("failures", "expected", "latency", "void"),
    [
        ({"backend_timeout": 1}, 0.0, 0.1, True),
        ({"backend_timeout": 1}, 0.0, 0.05, False),
        ({"backend_timeout": 1}, 70.0, 0.1, False),
        ({"backend_timeout": 1}, None, 0.1, False),
        ({}, 0.0, 0.1, False),
    ],
)
def test_failures_that_the_model_excludes_are_void_with_a_sign_of_a_stall_only(failures, expected, latency, void):
    assert bool(unexpected_failures(failures, expected, {"proxies": latency})) is void


@pytest.mark.parametrize(
    ("counted", "expected", "said"),
    [
        (0, (45.0, 60.0), "no request failed where the timing model expects 45"),
        (1, (45.0, 60.0), "1 request failed where the timing model expects 45"),
        (14, (45.0, 60.0), "14 requests failed where the timing model expects 45"),
        (15, (45.0, 60.0), ""),
        (180, (45.0, 60.0), ""),
        (181, (45.0, 60.0), "181 requests failed where the timing model expects 60"),
        (5_000, (45.0, 1_500.0), "5,000 requests failed where the timing model expects 1,500"),
        (0, (29.0, 60.0), ""),
        (30, (0.0, 0.0), "30 requests failed where the timing model expects none"),
        (29, (0.0, 0.0), ""),
        (90, (0.0, 2.0), ""),
        (91, (0.0, 2.0), "91 requests failed where the timing model expects 2"),
        (0, None, ""),
        (500, None, ""),
    ],
)
def test_what_the_model_all_but_excludes_is_told_both_ways_where_it_speaks_of_the_rollout(counted, expected, said):
    assert unlike_the_model(counted, expected) == said


def test_no_run_of_the_record_is_more_than_half_as_far_off_as_what_is_far():
    record = recorded((Path(__file__).parents[2] / "docs" / "consistency.json").read_text())
    assert not [each for each in record if unlike_the_model(each.counted, (each.expected, each.expected))]
    farthest = max(max(each.counted / each.expected, each.expected / each.counted) for each in record if each.expected)
    assert 1 < farthest <= FAR / 2
