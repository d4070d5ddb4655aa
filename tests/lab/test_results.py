"""What the lab measured, as values that travel as JSON."""

import json

import pytest

from nodrop.lab.results import (
    Conditions,
    Histogram,
    PodTimeline,
    RolloutResult,
    Slack,
    Subject,
    UnreadyResult,
    to_json,
)

SUBJECT = Subject(
    variant="NEG, preStop",
    path="demo/web",
    backend="NEG",
    replicas=2,
    pre_stop_seconds=60,
    readiness_gate=True,
    keep_alive=True,
)
CONDITIONS = Conditions(
    speed_up=10,
    seed=1,
    requests_per_second=10,
    attach_lag_seconds=(7, 17),
    detach_lag_seconds=(12, 28),
    kube_proxy_lag_seconds=(5, 10),
    longest_request_seconds=1,
    startup_seconds=2,
    keep_alive_timeout_seconds=620,
    on_term="drain",
    stand_in="ready-test",
)
POD = PodTimeline(
    name="web-1",
    node="node-1",
    old=True,
    events={"deleted": 1.0, "term": 61.0},
    last_request=30.0,
    last_response=31.0,
    requests=9,
)


def rollout(requests, failures):
    return RolloutResult(
        subject=SUBJECT,
        conditions=CONDITIONS,
        requests=requests,
        failures=failures,
        finished=True,
        duration_seconds=100,
        slack=Slack(term_after_last_request=31, kill_after_last_response=65, deletion_after_new_routable=None),
        pods=(POD,),
        histogram=Histogram(start=-1, width=1, requests=(4, 5), by_old=(4, 0), failures=(0, 0)),
    )


def unready(after, served):
    return UnreadyResult(
        subject=SUBJECT,
        conditions=CONDITIONS,
        requests=100,
        failures={},
        removed_seconds=9.5,
        last_request_seconds=None,
        requests_after_removal=after,
        served_after_removal=served,
        pinned_flows=3,
        pods=(POD,),
        histogram=Histogram(start=0, width=1, requests=(), by_old=(), failures=()),
    )


@pytest.mark.parametrize(
    ("requests", "failures", "failed", "bound"),
    [(1500, {}, 0, 3.0 / 1500), (1500, {"timeout": 2, "refused": 1}, 3, 7.75 / 1500), (0, {}, 0, None)],
)
def test_failures_bound_the_loss(requests, failures, failed, bound):
    result = rollout(requests, failures)
    assert (result.failed, result.loss_bound) == (failed, bound and pytest.approx(bound, rel=0.01))


@pytest.mark.parametrize(("after", "served", "leak"), [(200, 50, 0.25), (200, 0, 0), (0, 0, 0)])
def test_the_leak_is_the_share_of_requests_that_the_unready_pod_still_served(after, served, leak):
    assert unready(after, served).leak == leak


def test_a_rollout_travels_as_json_with_its_derived_figures():
    sent = json.loads(json.dumps(to_json(rollout(1500, {}))))
    assert (sent["experiment"], sent["failed"], sent["loss_bound"]) == ("rollout", 0, pytest.approx(0.002, rel=0.01))
    assert sent["subject"]["variant"] == "NEG, preStop"
    assert sent["conditions"]["detach_lag_seconds"] == [12, 28]
    assert sent["slack"]["deletion_after_new_routable"] is None
    assert sent["pods"][0]["events"] == {"deleted": 1.0, "term": 61.0}


def test_an_unready_result_travels_as_json_with_its_derived_figures():
    sent = json.loads(json.dumps(to_json(unready(200, 50))))
    assert (sent["experiment"], sent["leak"], sent["removed_seconds"]) == ("unready", 0.25, 9.5)
    assert sent["histogram"] == {"start": 0, "width": 1, "requests": [], "by_old": [], "failures": []}
