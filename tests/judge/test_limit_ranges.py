"""What LimitRanges of a namespace refuse of pods, and what they fill in."""

import pytest

from nodrop.judge import Verdict, judge
from tests.judge.edits import claim
from tests.judge.on_call_edits import limit_range, quota
from tests.judge.resources import (
    CORE,
    OWN_CLAIM,
    REFUSED,
    STANDARD,
    found_on_standard,
    named,
    pod_of,
    reasons,
    rules,
    written,
)


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


OF_POD = "spec.template.spec.containers"
OF_MEMORY = f"{OF_POD}[0].resources"
GIBIBYTE = {"resources": {"limits": {"memory": "1Gi"}}}


@pytest.mark.parametrize(
    ("limit", "container", "field", "value", "would_pass"),
    [
        ({"max": {"memory": "64Mi"}}, GIBIBYTE, f"{OF_MEMORY}.limits.memory", "1Gi", "64Mi or less"),
        ({"max": {"memory": 999999998}}, GIBIBYTE, f"{OF_MEMORY}.limits.memory", "1Gi", "999999998 or less"),
        ({"min": {"memory": "2G"}}, GIBIBYTE, f"{OF_MEMORY}.limits.memory", "1Gi", "2G or more"),
        ({"type": "Pod", "max": {"memory": "1Gi"}}, GIBIBYTE, OF_POD, "3Gi", "1Gi or less"),
        (
            {"maxLimitRequestRatio": {"memory": "1500m"}},
            {"resources": {"requests": {"memory": "1Gi"}, "limits": {"memory": "2Gi"}}},
            f"{OF_MEMORY}.limits.memory",
            "2Gi",
            "1536Mi or less",
        ),
        (
            {"default": {"memory": "999999998"}},
            {"resources": {"requests": {"memory": "1Gi"}}},
            f"{OF_MEMORY}.requests.memory",
            "1Gi",
            "999999998 or less, or a limit",
        ),
    ],
)
def test_what_is_beyond_a_limit_range_is_told_where_it_is_stated_and_as_it_is(
    limit, container, field, value, would_pass
):
    every = found_on_standard(written(limit_range(**limit), **container))
    [found] = [each for each in every if each.field == field]
    assert (found.value, found.would_pass) == (value, would_pass)
    fields = {each.field for each in every}
    assert not {each for each in fields if "requests" in each and "limits" in field}


def test_what_a_limit_range_fills_in_beyond_another_is_told_with_who_does():
    ranges = named("wide", limit_range(default={"memory": "2Gi"})), named("narrow", limit_range(min={"memory": "3Gi"}))
    [found, *_] = found_on_standard(written(*ranges, resources={"requests": {"memory": "3Gi"}}))
    assert (found.field, found.value) == (f"{OF_MEMORY}.limits.memory", "absent")
    assert "LimitRange shop/wide fills in 2Gi, too little" in found.seen


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
    objects = written(limit_range(type="Pod", **{bound: {"cpu": "1", "memory": "1Gi"}}))
    [found] = found_on_standard(objects)
    assert found.rule == REFUSED
    assert "containers web, logs, proxy state no" in found.seen
    assert judge(objects).verdict == Verdict.NOT_JUDGED
    [reason] = reasons(objects)
    assert "whether Autopilot fills that in" in reason
    pod_of(objects)["nodeSelector"] = {"cloud.google.com/compute-class": "autopilot"}
    assert not rules(objects)


def test_what_autopilot_fills_into_one_container_counts_for_the_whole_pod():
    objects = written(limit_range(type="Pod", max={"cpu": "9"}), init={}, **BOTH)
    assert judge(objects, surroundings=STANDARD).verdict == Verdict.CLEAN
    assert judge(objects).verdict == Verdict.NOT_JUDGED


def test_what_autopilot_never_fills_in_is_lacking_on_any_cluster():
    assert judge(written(limit_range(type="Pod", min={"nvidia.com/gpu": "1"}))).verdict == Verdict.DROPS


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
    assert judge(objects, surroundings=STANDARD).verdict == verdict
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
    pod_of(objects)["volumes"] = OWN_CLAIM
    assert judge(objects).verdict == Verdict.NOT_JUDGED


def mounting(*sizes, **spec):
    """Claims of such sizes, and the clean objects, whose pods mount all of them."""
    objects, claims = written(), list[dict]()
    for number, size in enumerate(sizes):
        storage = {"requests": {"storage": size}}
        claims.append(named(f"data-{number}", claim(accessModes=["ReadWriteMany"], resources=storage, **spec)))
    volumes = [
        {"name": each["metadata"]["name"], "persistentVolumeClaim": {"claimName": each["metadata"]["name"]}}
        for each in claims
    ]
    pod_of(objects)["volumes"] = [*pod_of(objects).get("volumes", ()), *volumes]
    return [*objects, *claims]


OF_CLAIM = "PersistentVolumeClaim"


@pytest.mark.parametrize("limit", [{"max": {"storage": "5Gi"}}, {"min": {"storage": "51Gi"}}])
def test_a_claim_beyond_a_limit_range_is_refused(limit):
    [path] = judge([*mounting("50Gi"), limit_range(type=OF_CLAIM, **limit)]).paths
    [found] = path.diagnostics
    assert (found.rule, found.field) == ("object-is-accepted", "spec.resources.requests.storage")
    assert (str(found.object), found.value) == ("PersistentVolumeClaim shop/data-0", "50Gi")


def test_a_claim_within_a_limit_range_is_taken():
    limit = limit_range(type=OF_CLAIM, max={"storage": "50Gi"}, min={"storage": "50Gi"})
    assert judge([*mounting("50Gi"), limit]).verdict == Verdict.CLEAN


@pytest.mark.parametrize("entry", ["requests.storage", "fast.storageclass.storage.k8s.io/requests.storage"])
def test_a_claim_beyond_a_quota_is_told_with_the_quota(entry):
    [path] = judge([*mounting("50Gi", storageClassName="fast"), quota(**{entry: "5Gi"})]).paths
    [found] = path.diagnostics
    assert (str(found.object), found.value, found.would_pass) == ("ResourceQuota shop/web", "5Gi", "50Gi or more")


@pytest.mark.parametrize(("most", "size"), [("[unknown]", "50Gi"), ("50Gi", "[unknown]")])
def test_a_claim_of_which_too_little_is_known_is_not_judged(most, size):
    limit = limit_range(type=OF_CLAIM, max={"storage": most})
    assert judge([*mounting(size), limit]).verdict == Verdict.NOT_JUDGED
