"""What a ResourceQuota wants containers to state, and what Autopilot may fill in of it."""

import pytest

from nodrop.judge import Verdict, judge
from nodrop.judge.path_judge import Surroundings
from tests.judge.edits import clean, in_labels
from tests.judge.on_call_edits import limit_range, quota, scoped, workload
from tests.judge.resources import CORE, REFUSED, STANDARD, found_on_standard, pod_of, reasons, rules, written


@pytest.mark.parametrize("key", ["cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"])
def test_a_container_has_to_state_what_a_quota_limits(key):
    """A Mi of memory beside the core, so that only what is stated of the other group is lacking."""
    assert rules(written(quota(**{key: "200Ti"}))) == {REFUSED}
    small = {"cpu": "1", "memory": "1Mi"}
    stated = {"resources": {"requests": small, "limits": small}}
    assert judge(written(quota(**{key: "200Ti"}), **stated)).verdict == Verdict.CLEAN


def test_an_init_container_has_to_state_what_a_quota_limits():
    [found] = found_on_standard(written(quota(**{"requests.cpu": "200"}), init={}, **CORE))
    assert (found.rule, found.field) == (REFUSED, "spec.template.spec.initContainers[1].resources")


def test_only_a_quota_that_counts_the_pods_wants_amounts_stated():
    assert judge(written(scoped("Terminating", **{"requests.cpu": "200"}))).verdict == Verdict.CLEAN
    assert not rules(written(quota(**{"requests.ephemeral-storage": "200"})))


OF_A_CLASS = {
    "apiVersion": "v1",
    "kind": "Namespace",
    "metadata": {"name": "shop", "labels": {"cloud.google.com/default-compute-class": "autopilot"}},
}
OF_FOUR = {"requests.cpu": "50", "requests.memory": "90Gi", "limits.cpu": "50", "limits.memory": "90Gi"}


def test_what_a_quota_wants_stated_autopilot_may_fill_in():
    objects = written(quota(**OF_FOUR))
    assert judge(objects).verdict == Verdict.NOT_JUDGED
    [reason] = reasons(objects)
    assert "containers web, logs, proxy state no requests.cpu or requests.memory or limits.cpu or" in reason
    assert "whether Autopilot fills that in" in reason
    assert judge(objects, surroundings=STANDARD).verdict == Verdict.DROPS
    pod_of(objects)["nodeSelector"] = {"cloud.google.com/compute-class": "autopilot"}
    assert judge(objects, surroundings=STANDARD).verdict == Verdict.NOT_JUDGED
    del pod_of(objects)["nodeSelector"]
    pod_of(objects)["affinity"] = {"nodeAffinity": in_labels("cloud.google.com/compute-class", "In", "autopilot")}
    assert judge(objects, surroundings=STANDARD).verdict == Verdict.NOT_JUDGED
    del pod_of(objects)["affinity"]
    assert judge([*objects, OF_A_CLASS], surroundings=STANDARD).verdict == Verdict.NOT_JUDGED


def test_what_a_quota_wants_stated_is_one_finding_with_what_becomes_of_it():
    [found] = found_on_standard(written(quota(**OF_FOUR)))
    assert "containers web, logs, proxy state no requests.cpu or" in found.seen
    assert "accepts the Deployment but refuses its new pods" in found.why


def test_a_waiver_of_what_pods_lack_counts():
    judgement = judge(
        written(quota(**OF_FOUR)), surroundings=STANDARD, waivers=lambda _: {REFUSED: "a webhook states them"}
    )
    [found] = [each for path in judgement.paths for each in path.diagnostics]
    assert (found.rule, found.waiver) == (REFUSED, "a webhook states them")
    assert judgement.verdict == Verdict.CLEAN


def test_pods_that_state_resources_as_a_whole_lack_nothing():
    objects = written(quota(**OF_FOUR))
    pod_of(objects)["resources"] = {"requests": {"cpu": "1", "memory": "1Gi"}}
    assert not rules(objects)
    assert judge(objects).verdict == Verdict.NOT_JUDGED


def test_what_autopilot_fills_into_pods_of_others_is_not_known():
    other = workload("StatefulSet")
    other["spec"]["template"]["spec"]["containers"][0].pop("resources")
    objects = written(quota(**{"requests.cpu": "100"}), other, **CORE)
    assert judge(objects).verdict == Verdict.NOT_JUDGED
    assert any(
        "pods of StatefulSet shop/batch take is not known: container batch states" in each for each in reasons(objects)
    )
    assert judge(objects, surroundings=STANDARD).verdict == Verdict.CLEAN
    assert any("container batch states" in each for each in reasons([*objects, OF_A_CLASS], STANDARD))


def test_of_pods_in_autopilot_mode_nothing_is_refused_that_it_fills_in():
    autopilot = Surroundings(autopilot=lambda workload: workload["metadata"]["name"] == "web")
    for beside in (quota(**{"requests.cpu": "200"}), limit_range(maxLimitRequestRatio={"cpu": "2"})):
        objects = [*clean("ingress"), beside]
        assert judge(objects, surroundings=STANDARD).verdict == Verdict.DROPS
        judgement = judge(objects, surroundings=autopilot)
        assert judgement.verdict == Verdict.NOT_JUDGED
        [path] = judgement.paths
        assert all("Autopilot" in each for each in path.not_judged)
    stored = [*clean("ingress"), quota(**{"requests.ephemeral-storage": "200Gi"})]
    assert judge(stored, surroundings=STANDARD).verdict == Verdict.CLEAN
    assert judge(stored, surroundings=autopilot).verdict == Verdict.NOT_JUDGED
    assert judge([*clean("ingress"), scoped("BestEffort", pods="90")], surroundings=autopilot).verdict == (
        Verdict.NOT_JUDGED
    )
