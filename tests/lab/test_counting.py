"""What records add up to."""

import pytest

from nodrop.lab.clock import LATENCY_ALLOWANCE_REAL_SECONDS, Clock
from nodrop.lab.counting import (
    DRAINING_ENDED,
    Cut,
    by_method,
    disrupted_seconds,
    failures_by_cause,
    histogram,
    opened,
    reconnects,
    told_apart,
    with_draining_named,
)
from nodrop.lab.results import MethodCount
from nodrop.lab.traffic import END, OPEN, Record

CLOSED = "backend_connection_closed_before_data_sent_to_client"
POD = "10.0.30.2:8080"


@pytest.mark.parametrize(
    ("end", "upstream", "cause", "told"),
    [
        (10.1, POD, CLOSED, DRAINING_ENDED),
        (10.1, POD, "backend_connection_closed_after_partial_response_sent", DRAINING_ENDED),
        (9.9, POD, CLOSED, CLOSED),
        (10.2 + LATENCY_ALLOWANCE_REAL_SECONDS + 0.1, POD, CLOSED, CLOSED),
        (10.1, "10.0.31.2:8080", CLOSED, CLOSED),
        (10.1, POD, "failed_to_connect_to_backend", "failed_to_connect_to_backend"),
        (10.1, POD, "", ""),
    ],
    ids=["at the cut", "within a response", "before", "later", "another pod", "another failure", "answered"],
)
def test_draining_is_the_cause_of_what_it_cut_and_of_nothing_else(end, upstream, cause, told):
    cuts = [Cut(POD, 3, 3.1), Cut(POD, 10, 10.2)]
    (record,) = with_draining_named([Record(5, end, "", upstream, cause)], cuts, LATENCY_ALLOWANCE_REAL_SECONDS)
    assert record == Record(5, end, "", upstream, told)


@pytest.mark.parametrize(
    ("failures", "requests", "steady", "caused", "anyway"),
    [
        ({"a": 7}, 1000, {}, {"a": 7}, {}),
        ({"a": 104}, 1000, {"a": 50}, {}, {"a": 104}),
        ({"a": 160}, 1000, {"a": 50}, {"a": 60}, {"a": 100}),
        ({"a": 100, "b": 3}, 1000, {"a": 50}, {"b": 3}, {"a": 100}),
        ({}, 1000, {"a": 50}, {}, {}),
        ({"a": 1}, 0, {}, {"a": 1}, {}),
    ],
    ids=["only in the rollout", "as often", "more often", "another cause", "none", "no requests"],
)
def test_what_fails_without_a_rollout_as_well_is_told_apart(failures, requests, steady, caused, anyway):
    assert told_apart(failures, requests, steady, 500) == (caused, anyway)


def test_without_a_steady_window_every_failure_is_the_rollouts():
    assert told_apart({"a": 7}, 1000, {}, 0) == ({"a": 7}, {})


def sent(method, *, cause="", attempts=1):
    return Record(0, 1, "web-1", POD, cause, method=method, attempts=attempts)


def test_the_methods_are_counted_apart_with_what_a_second_try_saved():
    records = [
        *[sent("GET")] * 5,
        *[sent("GET", attempts=2)] * 3,
        sent("GET", cause=CLOSED, attempts=2),
        *[sent("POST")] * 4,
        *[sent("POST", cause=CLOSED)] * 2,
    ]
    assert by_method(records, []) == {
        "GET": MethodCount(requests=9, failed=1, saved=3),
        "POST": MethodCount(requests=6, failed=2, saved=0),
    }


def test_what_a_second_try_saves_without_a_rollout_as_well_is_not_the_rollouts():
    records = [*[sent("GET")] * 95, *[sent("GET", attempts=2)] * 5]
    assert by_method(records, records)["GET"].saved == 0
    assert by_method(records, [sent("GET")] * 100)["GET"].saved == 5


def test_a_request_stands_where_it_began_and_its_failure_where_it_failed():
    clock = Clock(10)
    records = [Record(0.05, 0.06, "", POD, ""), Record(0.15, 0.47, "", POD, CLOSED)]
    found = histogram({}, records, clock, clock.at(0.1), set())
    assert (found.start, found.width) == (-1, 1)
    assert found.requests == (1, 1, 0, 0, 0)
    assert found.failures == (0, 0, 0, 0, 1)


def ended(cause=""):
    return Record(5, 5, "web-1", POD, cause, method=END)


def test_an_end_of_a_connection_is_no_request_and_a_goodbye_no_failure():
    records = [sent(OPEN), sent(OPEN), ended(), ended(CLOSED)]
    assert len(opened(records)) == 2
    assert reconnects(records) == 1
    assert failures_by_cause(records) == {CLOSED: 1}


def test_a_second_with_failures_counts_once_for_each_kind_of_connection():
    clock = Clock(speed_up=10, origin=0)
    failed = [Record(start / 10, 9, "", "", "backend_timeout", reused=reused) for start, reused in SECONDS]
    assert disrupted_seconds([*failed, Record(9.0, 9.1, "", "", "")], clock) == {"new": 2, "reused": 1}


SECONDS = [(1.0, False), (1.9, False), (2.0, False), (2.0, True)]
