"""The policy pack asks the judgement of `nodrop check`: each finding under its rule's policy, nothing left untold."""

import textwrap
from dataclasses import replace
from pathlib import Path

import pytest

from nodrop.policy import NOT_JUDGED, main, pack
from nodrop.preview import UNKNOWN, evaluate
from nodrop.preview.analyzer import Level
from nodrop.preview.judged import judge_program
from nodrop.project_file import ProjectFile, read_project_file
from nodrop.report.judged.model import report_of
from nodrop.report.judged.text import text
from nodrop.rollout import all_rules

PROGRAM = """
import pulumi, pulumi_kubernetes as k8s
from gke_nodrop import WebService

def edit(args):
    EDIT
    return pulumi.ResourceTransformResult(args.props, args.opts)

pulumi.runtime.register_resource_transform(edit)
WebService("web", {"image": "web:1", "rollout": {"longest_request_seconds": 30, "keep_alive_timeout_seconds": 620}})
"""
OF_PODS = 'spec = args.props["spec"]["template"]["spec"] if args.type_.endswith(":Deployment") else {}; '
CUT = OF_PODS + 'spec and spec["containers"][0].pop("lifecycle")'
UNTOLD = "args.type_.endswith(':Deployment') and args.props['metadata']['annotations'].clear()"


@pytest.fixture
def evaluated(tmp_path):
    def evaluated(edit="pass"):
        (tmp_path / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
        (tmp_path / "__main__.py").write_text(textwrap.dedent(PROGRAM).replace("EDIT", edit))
        return evaluate(tmp_path, "dev")

    return evaluated


def stating(folder: Path, content: str) -> ProjectFile:
    file = folder / "nodrop.yaml"
    file.write_text(content)
    return read_project_file(file)


def found(verdict):
    return [each.policy for each in verdict.violations]


def test_a_clean_program_violates_nothing_and_its_verdict_is_told(evaluated):
    verdict = pack(ProjectFile()).judge(evaluated())
    assert verdict.violations == ()
    told, path = verdict.told.splitlines()
    assert told == "gke-nodrop: 1 serving path: 1 clean."
    assert path.startswith("  clean  web/web; stated longest request 30 s (annotation)")


def test_a_finding_has_the_words_of_check_and_stands_at_its_resource(evaluated):
    evaluation = evaluated(CUT)
    [violation] = pack(ProjectFile()).judge(evaluation).violations
    report = text(report_of(judge_program(evaluation)), 160)
    head, *lines, stated, assumed = violation.message.splitlines()
    assert head == "error on the serving path web/web"
    assert stated.startswith("    stated      longest request 30 s (annotation)")
    assert assumed == "    assumed     zones one, or enough pods in each"
    assert "\n".join(lines) in report
    assert len(lines) >= 4
    assert violation.policy == "pre-stop-outlasts-deprogramming"
    assert (violation.urn or "").endswith("kubernetes:apps/v1:Deployment::web")


def test_an_unknown_value_is_not_judged_and_never_clean(evaluated):
    evaluation = evaluated()
    unknown = tuple(
        replace(each, inputs=each.inputs | {"spec": UNKNOWN}) if each.type.endswith(":Deployment") else each
        for each in evaluation.resources
    )
    verdict = pack(ProjectFile()).judge(replace(evaluation, resources=unknown))
    [violation] = verdict.violations
    assert violation.policy == NOT_JUDGED
    assert violation.message.startswith("Deployment web/web: spec is not known before `pulumi up`")
    assert (violation.urn or "").endswith("kubernetes:apps/v1:Deployment::web")
    assert " clean" not in verdict.told


def test_what_is_passed_over_is_told(evaluated):
    evaluation = evaluated()
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "alone", "namespace": "web"}}
    extra = replace(evaluation.resources[-1], urn="urn:pod", type="kubernetes:core/v1:Pod", custom=True, inputs=pod)
    verdict = pack(ProjectFile()).judge(replace(evaluation, resources=(*evaluation.resources, extra)))
    told = {(each.policy, each.message, each.urn) for each in verdict.violations}
    assert (NOT_JUDGED, "Pod web/alone: a pod that no controller replaces", "urn:pod") in told


def test_an_entry_of_the_projects_file_that_nearly_names_a_workload_is_told(evaluated, tmp_path):
    stated = stating(tmp_path, "workloads:\n  wbe/web: {startup_seconds: 5}\n")
    *_, last = pack(stated).judge(evaluated()).told.splitlines()
    assert last == f"warning: {stated.file}: workloads.wbe/web matches no Deployment here; did you mean web/web?"


def test_a_stack_without_anything_to_judge_is_passed_in_silence(evaluated):
    evaluation = evaluated()
    verdict = pack(ProjectFile()).judge(replace(evaluation, resources=()))
    assert (verdict.violations, verdict.told) == ((), "")


def test_a_warning_of_a_rule_that_finds_errors_has_a_policy_of_its_own(evaluated, tmp_path):
    levels = {each.name: each.level for each in pack(ProjectFile()).policies}
    assert levels["grace-covers-longest-request"] is Level.MANDATORY
    assert levels["grace-covers-longest-request.warning"] is Level.ADVISORY
    assert levels["survives-a-lost-pod"] is Level.ADVISORY
    assert levels[NOT_JUDGED] is Level.ADVISORY
    milder = stating(tmp_path, "severities: {pre-stop-outlasts-deprogramming: warning}")
    assert found(pack(milder).judge(evaluated(CUT))) == ["pre-stop-outlasts-deprogramming.warning"]


def test_a_severity_that_the_project_states_makes_a_rule_mandatory(tmp_path):
    harder = stating(tmp_path, "severities: {survives-a-lost-pod: error}")
    levels = {each.name: each.level for each in pack(harder).policies}
    assert levels["survives-a-lost-pod"] is Level.MANDATORY


def test_facts_and_waivers_of_the_project_count(evaluated, tmp_path):
    waived = stating(tmp_path, "accept: {pre-stop-outlasts-deprogramming: one shot}")
    verdict = pack(waived).judge(evaluated(CUT))
    assert verdict.violations == ()
    assert "accepted  pre-stop-outlasts-deprogramming: one shot" in verdict.told
    assumed = "longest request 7 s (nodrop.yaml)"
    stated = stating(tmp_path, "workloads: {web/web: {longest_request_seconds: 7}}")
    assert assumed in pack(stated).judge(evaluated(UNTOLD)).told


def test_there_is_a_policy_for_every_rule_but_those_that_compare_versions():
    names = {each.name for each in pack(ProjectFile()).policies}
    compared = {name for name, rule in all_rules().items() if rule.compares}
    assert {"selector-stays", "standalone-negs-stay", "infrastructure-stays"} <= compared
    assert names & set(all_rules()) == set(all_rules()) - compared


def test_a_fault_in_the_projects_file_ends_the_pack(tmp_path):
    (tmp_path / "nodrop.yaml").write_text("severity: {}")
    with pytest.raises(SystemExit, match=r"nodrop\.yaml:1: severity is not a key of this file"):
        main(tmp_path)
