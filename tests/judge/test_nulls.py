"""Quantities that are null, as an empty value of a Helm chart is: the API reads each as zero, and as stated."""

import pytest

from nodrop.judge import Verdict, judge
from tests.judge.edits import clean
from tests.judge.on_call_edits import limit_range, quota, scoped
from tests.judge.resources import STANDARD, found_on_standard, written


def judged(beside, resources):
    """The clean objects, each container with these resources, beside a quota or LimitRange."""
    objects = clean("ingress")
    pod = next(each for each in objects if each["kind"] == "Deployment")["spec"]["template"]["spec"]
    for each in [*pod["containers"], *pod["initContainers"]]:
        each["resources"] = resources
    return judge([*objects, beside], surroundings=STANDARD).verdict


@pytest.mark.parametrize(
    ("resources", "verdict"),
    [
        ({}, Verdict.DROPS),
        ({"limits": {"cpu": None}}, Verdict.CLEAN),
        ({"requests": {"cpu": None}}, Verdict.CLEAN),
        ({"limits": None}, Verdict.DROPS),
        ({"limits": {"memory": None}}, Verdict.DROPS),
    ],
)
def test_a_quota_takes_a_null_for_an_amount_that_is_stated(resources, verdict):
    assert judged(quota(**{"requests.cpu": "1m"}), resources) == verdict


def test_a_limit_range_does_not_fill_in_what_is_null():
    beside = limit_range(default={"memory": "512m"})
    assert judged(beside, {}) == Verdict.DROPS
    assert judged(beside, {"limits": {"memory": None}}) == Verdict.CLEAN


def test_a_limit_range_wants_more_than_a_null():
    assert judged(limit_range(min={"cpu": "1m"}), {"limits": {"cpu": None}}) == Verdict.DROPS


def test_a_null_is_told_as_one():
    objects = written(limit_range(min={"memory": "64Mi"}), resources={"limits": {"memory": None}})
    assert {each.value for each in found_on_standard(objects)} == {"null"}


def test_a_quota_of_null_leaves_no_pod_and_is_not_refused():
    [found] = found_on_standard(written(quota(pods=None)))
    assert (found.rule, found.value, found.would_pass) == ("quota-covers-the-peak", "null", "18")


def test_pods_of_nulls_are_of_best_effort():
    assert judged(scoped("NotBestEffort", pods="3"), {"limits": {"cpu": None}}) == Verdict.CLEAN
