"""What a rehearsal counted stands in the judgement beside what the rules found."""

from dataclasses import replace

from nodrop.gke.applications import ACCEPT
from nodrop.judge import Rehearsal, Verdict, judge, with_rehearsals
from nodrop.project_file import ProjectFile, Workload, weighed
from nodrop.rollout import Origin, Severity
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


def test_what_fails_without_a_rollout_as_well_is_a_warning_of_its_own():
    path = judged(Rehearsal(requests=1000, steady_requests=900, steady_failed=8, steady_causes=("backend_timeout",)))
    assert path.verdict is Verdict.AT_RISK
    assert [each.rule for each in path.diagnostics] == ["rehearsed-steady-traffic-fails-no-request"]
    assert "8" in str(path.diagnostics[0])


def cures(rehearsal, objects=None):
    return [each.would_pass for each in judged(rehearsal, objects).diagnostics if each.rule.startswith("rehearsed-")]


FAILED = Rehearsal(requests=1000, failed=7, steady_requests=900, steady_failed=8)


def test_other_findings_are_the_cure_only_where_there_are_some():
    broken = edited(Edit("Deployment:spec.template.spec.terminationGracePeriodSeconds", 10))
    assert cures(FAILED, broken) == ["0; the other findings say what to change"] * 2
    assert all("no other finding says why" in each for each in cures(FAILED))


def test_the_cure_for_connections_that_stay_open_is_draining_and_the_backend_timeout():
    rollout, steady = cures(replace(FAILED, kept_open=True))
    assert "`drainingTimeoutSec` longer than preStop" in rollout
    assert "backend timeout (`timeoutSec`)" in steady
    broken = edited(Edit("Deployment:spec.template.spec.terminationGracePeriodSeconds", 10))
    assert cures(replace(FAILED, kept_open=True), broken)[0] == f"{rollout}; and what the other findings say"


def test_a_leak_is_an_error():
    path = judged(Rehearsal(requests_after_removal=100, leaked=99))
    assert path.verdict is Verdict.DROPS
    assert "99" in str(path.diagnostics[0])


def test_what_a_rehearsal_found_is_waived_by_the_deployments_annotation():
    objects = clean("ingress")
    [deployment] = (each for each in objects if each["kind"] == "Deployment")
    deployment["metadata"]["annotations"][ACCEPT] = '{"rehearsed-rollout-fails-no-request": "clients retry"}'
    assert judged(CLEAN, objects).diagnostics == ()
    path = judged(Rehearsal(requests=1000, failed=7), objects)
    assert path.verdict is Verdict.CLEAN
    assert [(each.waiver, each.waived_by) for each in path.diagnostics] == [("clients retry", Origin.ANNOTATION)]


def test_what_a_rehearsal_found_is_waived_and_weighed_by_nodrop_yaml():
    rule = "rehearsed-unready-pod-gets-no-request"

    def found(stated):
        judgement = judge(clean("ingress"), waivers=stated.reasons)
        leaks = {judgement.paths[0].name: Rehearsal(requests_after_removal=100, leaked=9)}
        return weighed(with_rehearsals(judgement, leaks), stated)

    waived = found(ProjectFile(workloads=(Workload(pattern="shop/*", accept={rule: "a batch"}),)))
    assert waived.verdict is Verdict.CLEAN
    assert [(each.waiver, each.waived_by) for each in waived.paths[0].diagnostics] == [("a batch", Origin.FILE)]
    assert found(ProjectFile(severities={rule: Severity.WARNING})).verdict is Verdict.AT_RISK
    assert found(ProjectFile()).verdict is Verdict.DROPS


def test_a_path_that_was_not_rehearsed_is_never_clean():
    path = judged(Rehearsal(undecided=("not rehearsed: the lab failed",)))
    assert path.verdict is Verdict.NOT_JUDGED
    assert path.not_judged == ("not rehearsed: the lab failed",)


def test_a_node_port_is_judged_by_its_rehearsal_alone():
    waiting = judge(by_node_port()).paths[0]
    assert any("`nodrop rehearse` only" in each for each in waiting.not_judged)
    assert not judged(CLEAN, by_node_port()).not_judged
    unready_alone = judged(Rehearsal(requests_after_removal=100), by_node_port())
    assert unready_alone.verdict is Verdict.NOT_JUDGED
    assert unready_alone.not_judged == waiting.not_judged
    assert judged(Rehearsal(requests=10, undecided=("stalled",)), by_node_port()).not_judged
