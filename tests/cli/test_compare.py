"""`nodrop compare`: its options and its two stacks."""

import re
import sys
from copy import deepcopy
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from nodrop.cli.compare import behind_ipvs
from nodrop.lab.errors import LabFailedError
from tests.cli.labs import ROOT, make_ipvs_folder, nodrop, told_alike, too_fast
from tests.report.conftest import rollout


def test_a_comparison_ends_with_0_whatever_drops(lab, tmp_path):
    lab.rollout = rollout(failed=9)
    ended = nodrop("compare", "--project", ROOT, "--report", tmp_path)
    assert ended.exit_code == 0
    assert ended.stdout.startswith("Every rollout dropped requests")


def test_compare_takes_replicas_seeds_and_the_stacks_backends(lab, tmp_path):
    ended = nodrop("compare", "--project", ROOT, "--replicas", 4, "--seeds", 2, "--report", tmp_path)
    assert ended.exit_code == 0
    assert len(lab.jobs) == 32
    assert {job.settings.seed for job in lab.jobs} == {1, 2}
    assert {(job.settings.speed_up, job.settings.speed_up_is_forced) for job in lab.jobs} == {(30, False)}
    assert {job.path.replicas for job in lab.jobs if job.experiment == "rollout"} == {4}


def test_compare_takes_the_control_plane_of_its_rows(lab, tmp_path):
    options = ("--control-plane", "kubernetes", "--report", tmp_path)
    assert nodrop("compare", "--project", ROOT, *options).exit_code == 0
    assert {job.settings.control_plane for job in lab.jobs} == {"kubernetes"}


def test_where_there_is_a_kernel_with_ipvs_compare_runs_it_too(lab, tmp_path):
    make_ipvs_folder(tmp_path)
    assert nodrop("compare", "--project", ROOT, "--report", tmp_path).exit_code == 0
    assert len(lab.jobs) == 22
    modes = [job.settings.ipvs for job in lab.jobs if job.settings.ipvs]
    assert [(mode.conn_reuse_mode, mode.expire_nodest_conn, mode.delete_at_once) for mode in modes] == [
        (1, 1, False),
        (0, 1, False),
        (0, 0, False),
        (0, 1, True),
    ]


@pytest.mark.parametrize(
    "row", ["short connections", "short connections, 64 ports", "IPVS today", "IPVS of kube-proxy 1.21"]
)
def test_a_row_behind_ipvs_without_the_kernel_is_refused_before_anything_is_evaluated(lab, tmp_path, monkeypatch, row):
    monkeypatch.setattr("nodrop.preview.evaluate", None)
    variant = f"NodePort, preStop, {row}"
    ended = nodrop("compare", "--project", ROOT, "--variant", variant, "--report", tmp_path / "report")
    assert (ended.exit_code, ended.stdout) == (3, "")
    assert ended.stderr.startswith(f"error: --variant {variant!r} needs a User-mode Linux: ")
    assert "`make ipvs` brings it" in ended.stderr
    ended = nodrop("demo", "--variant", variant, "--report", tmp_path / "report")
    assert ended.exit_code == 2
    assert f"nodrop compare --project {ROOT} has it" in ended.stderr


def test_the_rows_behind_ipvs_are_those_that_the_kernel_adds(lab, tmp_path):
    nodrop("compare", "--project", ROOT, "--report", tmp_path / "report")
    without = {job.variant for job in lab.jobs}
    make_ipvs_folder(tmp_path)
    lab.jobs.clear()
    nodrop("compare", "--project", ROOT, "--report", tmp_path / "report")
    assert behind_ipvs(without) == []
    assert {*behind_ipvs(job.variant for job in lab.jobs)} == {job.variant for job in lab.jobs} - without


def test_a_project_without_the_default_stacks_is_told_the_options_that_name_others(lab, tmp_path):
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "__main__.py").touch()
    (tmp_path / "Pulumi.dev.yaml").touch()
    ended = nodrop("compare", "--project", tmp_path, "--report", tmp_path / "report")
    assert ended.exit_code == 2
    assert "--neg-stack container-native: the project has no file Pulumi.container-native.yaml" in ended.stderr
    assert "--node-port-stack legacy-nodeport: the project has no file Pulumi.legacy-nodeport.yaml" in ended.stderr
    assert "stacks here: dev" in ended.stderr


def test_the_page_says_of_each_row_from_which_other_one_it_differs_and_in_what(lab, tmp_path):
    nodrop("compare", "--project", ROOT, "--report", tmp_path)
    shown = " ".join(re.sub(r"<[^>]*>", "", (tmp_path / "index.html").read_text()).split())
    told = [job.differs for job in lab.jobs if job.differs]
    assert len(told) == len(lab.jobs) - 1
    assert [each for each in told if f" As {each}." not in unescape(shown)] == []


def edit(monkeypatch, resource_type, change, stack=None):
    """What the stack's program makes of that type, or each stack's, is as `change` leaves its inputs."""
    compare: Any = sys.modules["nodrop.cli.compare"]
    evaluated = compare.evaluate_stack

    def edited(project, name, *more):
        evaluation = evaluated(project, name, *more)
        if stack not in (None, name):
            return evaluation
        resources = []
        for each in evaluation.resources:
            inputs = deepcopy(each.inputs)
            if each.type == resource_type:
                change(inputs)
            resources.append(replace(each, inputs=inputs))
        return replace(evaluation, resources=tuple(resources))

    monkeypatch.setattr(compare, "evaluate_stack", edited)


DEPLOYMENT = "kubernetes:apps/v1:Deployment"


def test_compare_says_what_it_assumes_of_an_application_and_nothing_where_all_is_stated(lab, monkeypatch, tmp_path):
    ended = nodrop("compare", "--project", ROOT, "--report", tmp_path)
    assert (ended.exit_code, "assumed" in ended.stderr) == (0, False)

    def hardly_stated(inputs):
        inputs["metadata"]["annotations"] = {"gke-nodrop/on-term": "exit"}

    edit(monkeypatch, DEPLOYMENT, hardly_stated)
    ended = nodrop("compare", "--project", ROOT, "--startup-seconds", 3, "--report", tmp_path)
    assert [line for line in ended.stderr.splitlines() if "assumed" in line] == [
        f"{stack}: assumed, as it is not stated: longest request 30 s, keep-alive 620 s"
        for stack in ("container-native", "legacy-nodeport")
    ]


def test_compare_takes_the_facts_and_waivers_of_nodrop_yaml(lab, monkeypatch, tmp_path):
    def hardly_stated(inputs):
        inputs["metadata"]["annotations"] = {"gke-nodrop/on-term": "exit"}

    edit(monkeypatch, DEPLOYMENT, hardly_stated)
    (tmp_path / "nodrop.yaml").write_text(
        "accept:\n  every-container-has-pre-stop: the agent may end first\n"
        "workloads:\n  container-native/*: {longest_request_seconds: 7}\n  legacy-nodeprt/*: {startup_seconds: 3}\n"
    )
    monkeypatch.chdir(tmp_path)
    ended = nodrop("compare", "--project", ROOT)
    own = {job.variant for job in lab.jobs if "2019" in job.variant}
    longest = {(job.variant in own, job.application.behaviour.longest_request_seconds) for job in lab.jobs}
    assert longest == {(False, 7), (True, 30)}
    assert {tuple(job.accepted.items()) for job in lab.jobs} == {
        (("every-container-has-pre-stop", "the agent may end first"),)
    }
    [slip] = [line for line in ended.stderr.splitlines() if line.startswith("warning: ")]
    assert "workloads.legacy-nodeprt/* matches no Deployment here" in slip


def test_each_row_of_a_stack_knows_what_of_it_is_not_judged(lab, monkeypatch, tmp_path):
    def scheduled_otherwise(inputs):
        inputs["spec"]["template"]["spec"]["schedulerName"] = "mine"

    edit(monkeypatch, DEPLOYMENT, scheduled_otherwise, "container-native")
    nodrop("compare", "--project", ROOT, "--report", tmp_path)
    told = {"2019" in job.variant: " ".join(job.unjudged) for job in lab.jobs}
    assert "schedulerName" in told[False]
    assert told[True] == ""


def test_compare_refuses_stacks_of_the_wrong_kind_by_name(lab, tmp_path):
    ended = nodrop("compare", "--project", ROOT, "--neg-stack", "legacy-nodeport", "--report", tmp_path)
    assert ended.exit_code == 2
    assert "has NodePort backends; the comparison needs NEG there" in ended.stderr
    assert isinstance(ended.exception, SystemExit)


def test_compare_refuses_a_stack_that_the_lab_would_run_otherwise_with_the_field(lab, monkeypatch, tmp_path):
    edit(monkeypatch, DEPLOYMENT, lambda inputs: inputs["spec"].update(paused=True), "legacy-nodeport")
    ended = nodrop("compare", "--project", ROOT, "--report", tmp_path)
    assert ended.exit_code == 2
    assert not lab.jobs
    said = " ".join(ended.stderr.split())
    assert "stack legacy-nodeport cannot be rehearsed as it is declared: Deployment legacy-nodeport/" in said
    assert "spec.paused: nothing rolls out while it is true" in said


def test_compare_refuses_what_rehearse_refuses_of_a_cluster(lab, monkeypatch, tmp_path):
    advanced = {"datapathProvider": "ADVANCED_DATAPATH"}
    edit(monkeypatch, "gcp:container/cluster:Cluster", lambda inputs: inputs.update(advanced), "legacy-nodeport")
    ended = nodrop("compare", "--project", ROOT, "--report", tmp_path)
    assert (ended.exit_code, lab.jobs) == (2, ())
    assert "its cluster has Dataplane V2" in " ".join(ended.stderr.split())


def test_compare_refuses_a_stack_of_several_paths_by_name(lab, tmp_path):
    ended = nodrop("compare", "--project", ROOT, "--neg-stack", "comparison", "--report", tmp_path)
    assert ended.exit_code == 2
    assert "stack comparison has 2 serving paths" in ended.stderr


def test_compare_says_why_a_stack_has_no_path(lab, monkeypatch, tmp_path):
    compare: Any = sys.modules["nodrop.cli.compare"]
    evaluated = compare.evaluate_stack

    def without_service(*arguments: Any) -> Any:
        evaluation = evaluated(*arguments)
        kept = tuple(each for each in evaluation.resources if "/v1:Service" not in each.type)
        return replace(evaluation, resources=kept)

    monkeypatch.setattr(compare, "evaluate_stack", without_service)
    ended = nodrop("compare", "--project", ROOT, "--report", tmp_path)
    said = " ".join(ended.stderr.split())
    assert ended.exit_code == 2
    assert "stack container-native has 0 serving paths (none); compare takes one" in said
    assert "names Service container-native/web, which is not among the objects" in said


def test_config_can_be_for_one_of_the_compared_stacks_only(lab):
    own = ["--neg-config", "mode=hard-coded-delay", "--node-port-config", "keep_alive_timeout_seconds=15"]
    result = nodrop("compare", "--project", ROOT, "-c", "replicas=3", *own)
    assert result.exit_code == 0, result.stderr
    rollouts = [job for job in lab.jobs if job.experiment == "rollout"]
    assert {job.path.replicas for job in rollouts} == {3}
    assert {job.path.min_ready_seconds for job in rollouts if job.path.backend == "NEG"} == {60}
    assert 15 in {job.application.behaviour.keep_alive_timeout_seconds for job in lab.jobs}


def test_beside_a_variant_whose_runs_were_all_void_nothing_is_called_clean(lab, tmp_path):
    lab.void = "NEG, preStop + gate"
    document = tmp_path / "results.json"
    ended = nodrop("compare", "--project", ROOT, "--report", tmp_path, "--output", document)
    assert ended.exit_code == 3
    why = f"{lab.void}: undecided, 3 runs were void: machine too busy"
    told_alike(ended, tmp_path / "index.html", document, "Not every variant was decided", why)


def test_a_row_for_which_the_forced_speed_was_too_fast_is_not_clean_and_ends_with_3(lab, tmp_path):
    lab.rollout = too_fast(lab.rollout)
    ended = nodrop("compare", "--project", ROOT, "--variant", "NEG, preStop", "--report", tmp_path)
    assert (ended.exit_code, ended.stdout.splitlines()[0]) == (3, "The rollout was not decided: too fast")


def test_what_is_undecided_by_its_nature_is_what_a_comparison_shows(lab, tmp_path):
    lab.rollout = rollout(backend="NodePort")
    ended = nodrop("compare", "--project", ROOT, "--variant", "NodePort, preStop", "--report", tmp_path)
    assert (ended.exit_code, ended.stdout.splitlines()[0]) == (0, "The rollout was not decided: undecided")


def test_what_stays_undecided_is_told_and_ends_with_3(lab, tmp_path):
    lab.error = LabFailedError("NEG, preStop: undecided, 3 runs were void: machine too busy")
    ended = nodrop("compare", "--project", ROOT, "--report", tmp_path)
    assert ended.exit_code == 3
    why = "NEG, preStop: undecided, 3 runs were void: machine too busy"
    assert ended.stderr.count(f"error: {why}") == 1
    assert ended.stdout.startswith(f"Nothing was decided\nNot decided: {why}.\n")
    assert ended.stdout.count(why) == 1
