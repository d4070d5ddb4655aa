"""Which pods a ResourceQuota counts, by its scopes."""

import pytest

from nodrop.judge import Verdict, judge
from tests.judge.on_call_edits import limit_range, scoped, selected, workload
from tests.judge.resources import CORE, ELSEWHERE, STANDARD, WITHOUT_ROOM, pod_of, reasons, rules, written


@pytest.mark.parametrize(
    ("scopes", "verdict"),
    [
        (["NotTerminating"], Verdict.DROPS),
        (["NotBestEffort"], Verdict.DROPS),
        (["NotTerminating", "NotBestEffort"], Verdict.DROPS),
        (["NotTerminating", "BestEffort"], Verdict.CLEAN),
        (["BestEffort"], Verdict.CLEAN),
        (["PriorityClass"], Verdict.NOT_JUDGED),
        (["[unknown]"], Verdict.NOT_JUDGED),
        (["PriorityClass", "Terminating"], Verdict.CLEAN),
        (["CrossNamespacePodAffinity"], Verdict.CLEAN),
    ],
)
def test_a_quota_counts_the_pods_of_its_scopes(scopes, verdict):
    assert judge(written(scoped(*scopes, pods="3"), **CORE)).verdict == verdict


@pytest.mark.parametrize(
    ("operator", "values", "verdict"),
    [
        ("In", ["high"], Verdict.DROPS),
        ("In", ["low"], Verdict.CLEAN),
        ("NotIn", ["low"], Verdict.DROPS),
        ("NotIn", ["high"], Verdict.CLEAN),
        ("Exists", [], Verdict.DROPS),
        ("DoesNotExist", [], Verdict.CLEAN),
        ("[unknown]", ["high"], Verdict.NOT_JUDGED),
        ("In", ["[unknown]"], Verdict.NOT_JUDGED),
    ],
)
def test_a_quota_counts_the_pods_of_a_priority_class(operator, values, verdict):
    objects = written(selected("PriorityClass", operator, *values, pods="3"))
    pod_of(objects)["priorityClassName"] = "high"
    assert judge(objects).verdict == verdict


IN_FAR = {key: value for key, value in ELSEWHERE.items() if key != "namespaceSelector"} | {"namespaces": ["far"]}
REQUIRED = {"requiredDuringSchedulingIgnoredDuringExecution": [ELSEWHERE]}
PREFERRED = {"preferredDuringSchedulingIgnoredDuringExecution": [{"weight": 1, "podAffinityTerm": IN_FAR}]}


@pytest.mark.parametrize("kind", ["podAffinity", "podAntiAffinity"])
@pytest.mark.parametrize("terms", [REQUIRED, PREFERRED])
def test_a_quota_counts_the_pods_that_look_into_other_namespaces(kind, terms):
    objects = written(scoped("CrossNamespacePodAffinity", pods="3"))
    pod_of(objects)["affinity"] = {kind: terms}
    assert WITHOUT_ROOM in rules(objects)


def test_pods_that_ask_nothing_are_best_effort():
    assert rules(written(scoped("BestEffort", pods="3"))) == {WITHOUT_ROOM}
    assert not rules(written(scoped("NotBestEffort", pods="3")))
    filled_in = limit_range(defaultRequest={"cpu": "1"})
    assert judge(written(scoped("BestEffort", pods="3"), filled_in)).verdict == Verdict.CLEAN
    assert judge(written(scoped("NotBestEffort", pods="3"), filled_in)).verdict == Verdict.DROPS


@pytest.mark.parametrize("scope", ["BestEffort", "NotBestEffort"])
def test_whether_autopilot_makes_pods_that_ask_nothing_other_than_best_effort_is_not_told(scope):
    assert judge(written(scoped(scope, pods="3"))).verdict == Verdict.NOT_JUDGED


@pytest.mark.parametrize("scope", ["BestEffort", "NotBestEffort"])
@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("resources", {"requests": {"cpu": "1"}}),
        ("nodeSelector", {"cloud.google.com/compute-class": "autopilot"}),
    ],
)
def test_whether_pods_of_a_class_or_resources_of_their_own_are_best_effort_is_not_told(scope, key, value):
    objects = written(scoped(scope, pods="3"))
    pod_of(objects)[key] = value
    assert judge(objects, surroundings=STANDARD).verdict == Verdict.NOT_JUDGED
    assert any("whether the scope counts these pods" in each for each in reasons(objects))


def test_a_quota_of_claims_of_a_class_counts_no_pods():
    assert judge(written(scoped("VolumeAttributesClass", **{"requests.storage": "0"}))).verdict == Verdict.CLEAN


@pytest.mark.parametrize("scope", ["BestEffort", "NotBestEffort"])
def test_whether_pods_of_masked_requests_are_best_effort_is_not_told(scope):
    objects = written(scoped(scope, pods="3"), resources={"requests": {"cpu": "[unknown]"}})
    assert judge(objects).verdict == Verdict.NOT_JUDGED


def test_pods_of_another_scope_take_nothing():
    job = workload("Job", parallelism=4)
    job["spec"]["template"]["spec"]["activeDeadlineSeconds"] = 60
    assert judge(written(scoped("NotTerminating", pods="18"), job)).verdict == Verdict.CLEAN
