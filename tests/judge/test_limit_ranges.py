"""What LimitRanges of a namespace refuse of pods, and what they fill in."""

import pytest

from nodrop.judge import Verdict, judge
from tests.judge.on_call_edits import limit_range, quota
from tests.judge.test_quotas import CORE, REFUSED, named, pod_of, reasons, rules, written


@pytest.mark.parametrize(
    "limit",
    [
        {"defaultRequest": {"cpu": "1"}},
        {"default": {"cpu": "1"}},
        {"max": {"cpu": "1"}},
        {"min": {"cpu": "1"}},
        {"defaultRequest": {"cpu": "1"}, "default": {"cpu": "3"}, "max": {"cpu": "4"}, "min": {"cpu": "500m"}},
    ],
)
def test_a_limit_range_fills_in_what_containers_do_not_state(limit):
    assert judge(written(quota(**{"requests.cpu": "53"}), limit_range(**limit))).verdict == Verdict.DROPS
    assert judge(written(quota(**{"requests.cpu": "54"}), limit_range(**limit))).verdict == Verdict.CLEAN


def test_what_a_container_states_is_not_filled_in():
    defaults = limit_range(default={"cpu": "9"}, defaultRequest={"cpu": "9"})
    assert judge(written(quota(**{"requests.cpu": "54"}), defaults, **CORE)).verdict == Verdict.CLEAN
    limits = {"resources": {"limits": {"cpu": "1"}}}
    assert judge(written(quota(**{"requests.cpu": "54"}), defaults, **limits)).verdict == Verdict.CLEAN


def test_two_limit_ranges_that_fill_in_different_amounts_are_not_judged():
    ranges = [named(str(each), limit_range(defaultRequest={"cpu": str(each)})) for each in (1, 2)]
    assert judge(written(quota(**{"requests.cpu": "500"}), *ranges)).verdict == Verdict.NOT_JUDGED
    assert judge(written(quota(**{"requests.cpu": "500"}), *ranges, **CORE)).verdict == Verdict.CLEAN


REQUEST = {"resources": {"requests": {"cpu": "250m"}}}
BOTH = {"resources": {"requests": {"cpu": "250m"}, "limits": {"cpu": "500m"}}}


@pytest.mark.parametrize(
    ("limit", "container"),
    [
        ({"max": {"cpu": "100m"}}, REQUEST),
        ({"max": {"cpu": "499m"}}, BOTH),
        ({"min": {"cpu": "300m"}}, BOTH),
        ({"default": {"cpu": "200m"}}, REQUEST),
        ({"type": "Pod", "max": {"cpu": "1499m"}}, BOTH),
        ({"type": "Pod", "min": {"cpu": "751m"}}, BOTH),
    ],
)
def test_pods_beyond_a_limit_range_are_refused(limit, container):
    objects = written(limit_range(**limit), **container)
    assert judge(objects).verdict == Verdict.DROPS
    assert REFUSED in rules(objects)


def test_an_init_container_beyond_a_limit_range_is_refused():
    assert rules(written(limit_range(max={"cpu": "1"}), init={"resources": {"requests": {"cpu": "2"}}})) == {REFUSED}


@pytest.mark.parametrize(
    ("limit", "container"),
    [
        ({"max": {"cpu": "250m"}}, REQUEST),
        ({"max": {"cpu": "500m"}, "min": {"cpu": "250m"}}, BOTH),
        ({"default": {"cpu": "250m"}}, REQUEST),
        ({"type": "Pod", "max": {"cpu": "1500m"}}, BOTH),
        ({"type": "Pod", "min": {"cpu": "750m"}}, BOTH),
    ],
)
def test_pods_within_a_limit_range_are_no_fault(limit, container):
    assert judge(written(limit_range(**limit), **container)).verdict == Verdict.CLEAN


@pytest.mark.parametrize("bound", ["min", "max"])
def test_a_limit_range_of_whole_pods_wants_the_amount_stated(bound):
    objects = written(limit_range(type="Pod", **{bound: {"cpu": "1"}}))
    assert rules(objects) == {REFUSED}
    pod_of(objects)["nodeSelector"] = {"cloud.google.com/compute-class": "autopilot"}
    assert REFUSED not in rules(objects)
    assert any("Autopilot may fill it in" in each for each in reasons(objects))


LIMITS = {"resources": {"limits": {"cpu": "500m"}}}
NOTHING = {"resources": {"requests": {"cpu": "0"}, "limits": {"cpu": "500m"}}}


@pytest.mark.parametrize(
    ("limit", "container", "verdict"),
    [
        ({"maxLimitRequestRatio": {"cpu": "2"}}, BOTH, Verdict.CLEAN),
        ({"maxLimitRequestRatio": {"cpu": "1900m"}}, BOTH, Verdict.DROPS),
        ({"maxLimitRequestRatio": {"cpu": "1"}}, LIMITS, Verdict.CLEAN),
        ({"maxLimitRequestRatio": {"cpu": "2"}}, REQUEST, Verdict.DROPS),
        ({"maxLimitRequestRatio": {"cpu": "2"}}, NOTHING, Verdict.DROPS),
        ({"maxLimitRequestRatio": {"cpu": "2"}}, {}, Verdict.DROPS),
        ({"maxLimitRequestRatio": {"cpu": "2"}, "default": {"cpu": "500m"}}, REQUEST, Verdict.CLEAN),
        ({"maxLimitRequestRatio": {"cpu": "2"}, "default": {"cpu": "501m"}}, REQUEST, Verdict.DROPS),
        ({"type": "Pod", "maxLimitRequestRatio": {"cpu": "2"}}, BOTH, Verdict.CLEAN),
        ({"type": "Pod", "maxLimitRequestRatio": {"cpu": "1900m"}}, BOTH, Verdict.DROPS),
    ],
)
def test_a_limit_is_within_the_ratio_of_a_limit_range(limit, container, verdict):
    objects = written(limit_range(**limit), **container)
    assert judge(objects).verdict == verdict
    assert rules(objects) == ({REFUSED} if verdict == Verdict.DROPS else set())


@pytest.mark.parametrize("value", ["[unknown]", "[secret]"])
@pytest.mark.parametrize("bound", ["min", "max", "maxLimitRequestRatio"])
def test_a_limit_range_of_an_unknown_amount_is_not_judged(bound, value):
    assert judge(written(limit_range(**{bound: {"cpu": value}}), **BOTH)).verdict == Verdict.NOT_JUDGED


def test_pods_that_ask_nobody_knows_how_much_are_not_judged_by_a_limit_range():
    unknown = {"resources": {"requests": {"cpu": "[unknown]"}}}
    assert judge(written(limit_range(max={"cpu": "1"}), **unknown)).verdict == Verdict.NOT_JUDGED


def test_a_limit_range_of_claims_matters_to_pods_that_make_claims():
    objects = written(limit_range(type="PersistentVolumeClaim", max={"storage": "1Gi"}))
    pod_of(objects)["volumes"] = [{"name": "data", "ephemeral": {"volumeClaimTemplate": {"spec": {}}}}]
    assert judge(objects).verdict == Verdict.NOT_JUDGED
