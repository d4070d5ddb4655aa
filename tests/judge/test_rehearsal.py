"""What a rehearsal counted stands in the judgement beside what the rules found."""

from nodrop.judge import Rehearsal, Verdict, judge, with_rehearsals
from tests.judge.edits import Edit, clean, edited

CLEAN = Rehearsal(requests=1000)


def judged(rehearsal, objects=None):
    judgement = judge(objects or clean("ingress"))
    (path,) = with_rehearsals(judgement, {judgement.paths[0].name: rehearsal}).paths
    return path


def by_node_port():
    objects = clean("ingress")
    (service,) = (each for each in objects if each["kind"] == "Service")
    service["metadata"]["annotations"] |= {"cloud.google.com/neg": '{"ingress": false}'}
    service["spec"]["type"] = "NodePort"
    return objects


def test_a_clean_rehearsal_of_a_clean_path_is_clean():
    assert judged(CLEAN).verdict is Verdict.CLEAN


def test_a_clean_rehearsal_does_not_clear_what_a_rule_found():
    broken = edited(Edit("Deployment:spec.template.spec.terminationGracePeriodSeconds", 10))
    assert judged(CLEAN, broken).verdict is Verdict.DROPS


def test_failed_requests_are_an_error_with_their_causes():
    path = judged(Rehearsal(requests=1000, failed=7, causes=("failed_to_pick_backend",)))
    assert path.verdict is Verdict.DROPS
    assert (path.diagnostics[0].value, path.diagnostics[0].why) == (7, "failed_to_pick_backend")


def test_a_leak_is_an_error():
    path = judged(Rehearsal(requests_after_removal=100, leaked=99))
    assert path.verdict is Verdict.DROPS
    assert "99" in str(path.diagnostics[0])


def test_a_path_that_was_not_rehearsed_is_never_clean():
    path = judged(Rehearsal(undecided=("the rollout did not end",)))
    assert path.verdict is Verdict.NOT_JUDGED
    assert path.not_judged == ("not rehearsed: the rollout did not end",)


def test_a_node_port_is_judged_by_its_rehearsal_alone():
    waiting = judge(by_node_port()).paths[0]
    assert any("rehearsal" in each for each in waiting.not_judged)
    assert not judged(CLEAN, by_node_port()).not_judged
    assert judged(Rehearsal(requests=10, undecided=("stalled",)), by_node_port()).not_judged
