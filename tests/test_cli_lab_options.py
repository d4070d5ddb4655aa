"""The options and inputs of `nodrop rehearse` and `nodrop compare`, without packets: what the lab is asked for."""

import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from nodrop.cli import main
from nodrop.lab import runner
from nodrop.lab.errors import LabFailedError, LabUnavailableError
from nodrop.lab.job import Job, Settings
from nodrop.report import html, table  # noqa: F401 - so that they keep the true `summarise`
from nodrop.report.summary import RehearsalVerdict
from nodrop.rollout import OnTerm
from tests.report.conftest import rollout, unready

ROOT = Path(__file__).parent.parent
MANIFESTS = Path(__file__).parent / "lab" / "manifests"
NEG, NODE_PORT = str(MANIFESTS / "neg.yaml"), str(MANIFESTS / "node_port.yaml")

Objects = dict[str, dict[str, Any]]


def nodrop(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@dataclass
class Lab:
    """Stands for the runner: keeps the jobs that it was given, and answers with results that are made up."""

    error: Exception | None = None
    jobs: Sequence[Job] = ()
    parallel: int = 0
    rollout: Any = field(default_factory=rollout)
    unready: Any = field(default_factory=lambda: unready(served=0))

    def run_each(self, jobs: Sequence[Job], progress: Callable[[Job, str], None], parallel: int) -> list[Any]:
        self.jobs, self.parallel = jobs, parallel
        if isinstance(self.error, LabUnavailableError):
            raise self.error
        return [self.error or (self.rollout if job.experiment == "rollout" else self.unready) for job in jobs]

    def run_all(self, jobs: Sequence[Job], progress: Callable[[Job, str], None], parallel: int) -> list[Any]:
        self.jobs, self.parallel = jobs, parallel
        if self.error:
            raise self.error
        return []


@pytest.fixture
def lab(monkeypatch) -> Lab:
    made = Lab()
    monkeypatch.setattr(runner, "run_all", made.run_all)
    monkeypatch.setattr(runner, "run_each", made.run_each)
    return made


@pytest.fixture
def write(tmp_path) -> Callable[..., Path]:
    """Writes the NEG manifests, changed; None instead of an object leaves it out."""

    def write(change: Callable[[Objects], object], name: str = "changed.yaml") -> Path:
        objects = {document["kind"]: document for document in yaml.safe_load_all(Path(NEG).read_text())}
        change(objects)
        file = tmp_path / name
        file.write_text(yaml.safe_dump_all(objects.values()))
        return file

    return write


def test_the_options_are_what_the_lab_is_asked_for(lab):
    lags = ["--attach-lag", 1, 2, "--detach-lag", 3, 4, "--kube-proxy-lag", 5, 6]
    more = ["--seed", 8, "--rate", 9, "--proxies", 3, "--speed-up", 20, "--parallel", 1, "--experiment", "rollout"]
    assert nodrop("rehearse", NEG, *lags, *more).exit_code == 0
    (job,) = lab.jobs
    assert job.settings == Settings(
        speed_up=20,
        seed=8,
        requests_per_second=9,
        proxies=3,
        attach_lag_seconds=(1, 2),
        detach_lag_seconds=(3, 4),
        kube_proxy_lag_seconds=(5, 6),
    )
    assert (job.experiment, lab.parallel) == ("rollout", 1)


def test_without_options_it_is_the_measured_lags_and_both_experiments(lab):
    assert nodrop("rehearse", NEG).exit_code == 0
    assert [(job.experiment, job.settings) for job in lab.jobs] == [("rollout", Settings()), ("unready", Settings())]


def test_a_range_of_lags_begins_with_the_lower_one_and_is_not_negative(lab):
    for option in ("--attach-lag", "--detach-lag", "--kube-proxy-lag"):
        for low, high in ((9, 3), (-1, 3)):
            ended = nodrop("rehearse", NEG, option, low, high)
            assert ended.exit_code == 2
            assert option in ended.stderr
        assert nodrop("rehearse", NEG, option, 3, 3).exit_code == 0


def test_the_application_behaves_as_its_deployment_says_and_else_as_the_options_say(lab, write):
    unstated = write(lambda objects: objects["Deployment"]["metadata"].pop("annotations"))
    said = ["--longest-request-seconds", 1, "--startup-seconds", 2, "--keep-alive-timeout-seconds", 3]
    for file, expected in ((unstated, (1, 2, 3, OnTerm.SERVE)), (NEG, (30, 5, 620, OnTerm.DRAIN))):
        nodrop("rehearse", file, *said, "--on-term", "serve")
        assert lab.jobs
        for job in lab.jobs:
            stated = job.application.behaviour
            times = (stated.longest_request_seconds, stated.startup_seconds, stated.keep_alive_timeout_seconds)
            assert (*times, stated.on_term) == expected


def test_every_path_of_all_files_and_folders_is_rehearsed(lab, write, tmp_path):
    def rename(objects: Objects) -> None:
        for each in objects.values():
            each["metadata"]["namespace"] = "other"

    write(rename)
    nodrop("rehearse", tmp_path, NODE_PORT, "--experiment", "rollout")
    assert {job.variant for job in lab.jobs} == {"other/web, NEG", "demo/web, NodePort"}


@pytest.mark.parametrize("arguments", [[], [NEG, "--stack", "container-native"]])
def test_neither_or_both_of_files_and_stack_is_wrong_usage(lab, arguments):
    ended = nodrop("rehearse", *arguments)
    assert ended.exit_code == 2
    assert "give either FILES or --stack" in ended.stderr
    assert not lab.jobs


def test_a_file_that_does_not_exist_is_wrong_usage(lab):
    ended = nodrop("rehearse", "nowhere.yaml")
    assert ended.exit_code == 2
    assert "nowhere.yaml" in ended.stderr


def ingress_without_service(objects: Objects) -> None:
    objects["Ingress"]["spec"] = {}


def service_without_deployment(objects: Objects) -> None:
    objects["Service"]["spec"]["selector"] = {"app": "other"}


def port_that_the_service_lacks(objects: Objects) -> None:
    objects["Ingress"]["spec"]["defaultBackend"]["service"]["port"] = {"number": 8080}


def target_port_that_no_container_has(objects: Objects) -> None:
    objects["Service"]["spec"]["ports"][0]["targetPort"] = "grpc"


def annotation_out_of_range(objects: Objects) -> None:
    objects["Deployment"]["metadata"]["annotations"]["gke-nodrop/on-term"] = "hope"


@pytest.mark.parametrize(
    ("change", "named", "said"),
    [
        (ingress_without_service, "Ingress demo/web", "names no Service"),
        (service_without_deployment, "Service demo/web", "Deployment"),
        (port_that_the_service_lacks, "Ingress demo/web", "8080"),
        (target_port_that_no_container_has, "Service demo/web", "grpc"),
        (annotation_out_of_range, "Deployment demo/web", "hope"),
    ],
)
def test_a_way_that_leads_nowhere_is_named_and_no_path_is_an_error(lab, write, change, named, said):
    ended = nodrop("rehearse", write(change))
    assert ended.exit_code == 2
    assert re.search(rf"^{named}: .*{said}", ended.stderr, re.MULTILINE), ended.stderr
    assert "no serving path in the files" in ended.stderr
    assert ended.stdout == ""
    assert not lab.jobs


def test_a_path_beside_one_that_leads_nowhere_is_rehearsed(lab, write):
    def add_ingress(objects: Objects) -> None:
        objects["another"] = deepcopy(objects["Ingress"])
        objects["another"]["metadata"]["name"] = "broken"
        objects["another"]["spec"]["defaultBackend"]["service"]["name"] = "absent"

    ended = nodrop("rehearse", write(add_ingress))
    assert ended.exit_code == 0
    assert "Ingress demo/broken: names Service demo/absent" in " ".join(ended.stdout.split())
    assert {job.path.name for job in lab.jobs} == {"demo/web"}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("kind: [", "line 1 (document 1)"),
        ("apiVersion: v1\nkind: ConfigMap\n---\n{", "line 4 (document 2)"),
        ("apiVersion: v1\nkind: A\n---\njust: words", "line 4 (document 2)"),
    ],
)
def test_a_broken_file_is_named_with_line_and_document(lab, tmp_path, text, place):
    file = tmp_path / "broken.yaml"
    file.write_text(text)
    ended = nodrop("rehearse", file)
    assert ended.exit_code == 2
    assert ended.stderr.startswith(f"error: {file}, {place}: not ")
    assert isinstance(ended.exception, SystemExit)
    assert not lab.jobs


def test_a_command_without_unready_path_is_rolled_out_only_and_that_is_said(lab):
    ended = nodrop("rehearse", NEG, "--command", "serve --port {port}")
    assert ended.exit_code == 0
    assert "unready is left out: --unready-path says how" in ended.stderr
    (job,) = lab.jobs
    assert (job.experiment, job.application.command) == ("rollout", "serve --port {port}")


def test_a_command_gets_the_variables_and_files_that_are_named_and_no_other(lab, tmp_path, monkeypatch):
    monkeypatch.setenv("MODE", "fast")
    monkeypatch.setenv("A_TOKEN", "a secret")
    monkeypatch.chdir(tmp_path)
    Path("data").mkdir()
    options = ("--command", "serve", "--env", "MODE", "--read", "data")
    assert nodrop("rehearse", NEG, *options).exit_code == 0
    (job,) = lab.jobs
    assert job.application.environment == {"MODE": "fast"}
    assert job.application.read == (str(tmp_path / "data"),)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--env", "PATH"), "--env and --read are for --command"),
        (("--read", "/etc"), "--env and --read are for --command"),
        (("--command", "serve", "--env", "NO_SUCH"), "--env NO_SUCH: the environment has no such variable"),
        (("--command", "serve", "--read", "no-such"), "'no-such' does not exist"),
    ],
)
def test_variables_and_files_that_cannot_be_handed_over_are_wrong_usage(lab, options, message):
    ended = nodrop("rehearse", NEG, *options)
    assert ended.exit_code == 2
    assert message in " ".join(ended.stderr.split())
    assert not lab.jobs


def test_a_command_with_unready_path_is_rehearsed_in_both_experiments(lab):
    ended = nodrop("rehearse", NEG, "--command", "serve --port {port}", "--unready-path", "/off")
    assert (ended.exit_code, ended.stderr) == (0, "")
    assert [(job.experiment, job.application.unready_path) for job in lab.jobs] == [
        ("rollout", "/off"),
        ("unready", "/off"),
    ]


@pytest.mark.parametrize(
    "arguments", [["--command", "serve {port}", "--experiment", "unready"], ["--unready-path", "/off"]]
)
def test_what_would_leave_nothing_to_do_or_have_no_effect_is_wrong_usage(lab, arguments):
    ended = nodrop("rehearse", NEG, *arguments)
    assert ended.exit_code == 2
    assert "--unready-path" in ended.stderr
    assert not lab.jobs


def test_a_lab_that_cannot_measure_exits_3_with_its_reason(lab):
    lab.error = LabFailedError("demo/web: does not become available")
    ended = nodrop("rehearse", NEG)
    assert ended.exit_code == 3
    assert "not rehearsed: demo/web: does not become available" in " ".join(ended.stdout.split())


@pytest.mark.parametrize(
    ("of_rollout", "of_unready", "code"),
    [
        ({}, {}, 0),
        ({"failures": {"failed_to_pick_backend": 3}}, {}, 1),
        ({}, {"served_after_removal": 5}, 1),
        ({"finished": False}, {}, 3),
        ({"requests": 0}, {}, 3),
        ({}, {"removed_seconds": None}, 3),
        ({"failures": {"failed_to_pick_backend": 3}}, {"removed_seconds": None}, 1),
    ],
)
def test_a_rehearsal_ends_with_1_when_requests_drop_or_leak_and_with_3_when_it_decides_nothing(
    lab, of_rollout, of_unready, code
):
    lab.rollout = rollout(**of_rollout)
    lab.unready = replace(unready(served=0), **of_unready)
    assert nodrop("rehearse", NEG).exit_code == code


def test_a_clean_rehearsal_of_what_a_rule_finds_broken_ends_with_1(lab, write):
    def shorten(objects: Objects) -> None:
        objects["Deployment"]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 30

    ended = nodrop("rehearse", write(shorten), "--experiment", "rollout")
    assert ended.exit_code == 1
    assert "drops  demo/web" in ended.stdout
    assert "grace-exceeds-pre-stop" in ended.stdout


def test_what_the_lab_would_do_otherwise_is_said_and_not_rehearsed(lab, write):
    def ask_elsewhere(objects: Objects) -> None:
        objects["BackendConfig"]["spec"]["healthCheck"]["port"] = 9090
        (container,) = objects["Deployment"]["spec"]["template"]["spec"]["containers"]
        container["ports"].append({"name": "health", "containerPort": 9090})

    ended = nodrop("rehearse", write(ask_elsewhere))
    assert (ended.exit_code, lab.jobs) == (3, [])
    assert "not rehearsed: BackendConfig demo/web: health check port 9090" in " ".join(ended.stdout.split())


def test_a_comparison_ends_with_0_whatever_drops(lab, tmp_path, monkeypatch):
    summaries = [SimpleNamespace(verdict=RehearsalVerdict.DROPS)], []
    monkeypatch.setattr("nodrop.report.summary.summarise", lambda _: summaries)
    assert nodrop("compare", "--project", ROOT, "--report", tmp_path).exit_code == 0


def test_a_machine_without_the_labs_needs_exits_3(lab):
    lab.error = LabUnavailableError("the lab needs Linux")
    ended = nodrop("rehearse", NEG)
    assert (ended.exit_code, ended.stdout) == (3, "")
    assert ended.stderr.startswith("error: the lab cannot run here: the lab needs Linux")


@pytest.mark.parametrize("option", ["--json", "--report"])
def test_a_result_that_cannot_be_written_is_one_message_after_the_table(lab, tmp_path, option):
    file = tmp_path / "file"
    file.touch()
    ended = nodrop("rehearse", NEG, option, file / "below")
    assert ended.exit_code == 2
    assert "The rollout dropped no request" in ended.stdout
    assert re.match(rf"Error: {re.escape(str(file))}\S* cannot be written: ", ended.stderr)


def test_an_unknown_stack_is_one_message(lab):
    ended = nodrop("rehearse", "--project", ROOT, "--stack", "nowhere")
    assert ended.exit_code == 2
    assert ended.stderr.startswith("error: ")
    assert "nowhere" in ended.stderr


def test_compare_takes_replicas_seeds_and_the_stacks_backends(lab, tmp_path):
    ended = nodrop("compare", "--project", ROOT, "--replicas", 4, "--seeds", 2, "--report", tmp_path)
    assert ended.exit_code == 0
    assert len(lab.jobs) == 30
    assert {job.settings.seed for job in lab.jobs} == {1, 2}
    assert {job.settings.speed_up for job in lab.jobs} == {30}
    assert {job.path.replicas for job in lab.jobs if job.experiment == "rollout"} == {4}


def test_compare_says_what_it_assumes_of_an_application_and_nothing_where_all_is_stated(lab, monkeypatch, tmp_path):
    compare: Any = sys.modules["nodrop.cli.compare"]
    as_declared = compare._one_path

    def hardly_stated(*arguments: Any) -> Any:
        path = as_declared(*arguments)
        metadata = {**path.deployment["metadata"], "annotations": {"gke-nodrop/on-term": "exit"}}
        return replace(path, deployment={**path.deployment, "metadata": metadata})

    ended = nodrop("compare", "--project", ROOT, "--report", tmp_path)
    assert (ended.exit_code, "assumed" in ended.stderr) == (0, False)
    monkeypatch.setattr(compare, "_one_path", hardly_stated)
    ended = nodrop("compare", "--project", ROOT, "--startup-seconds", 3, "--report", tmp_path)
    assert [line for line in ended.stderr.splitlines() if "assumed" in line] == [
        f"{stack}: assumed, as nobody states it: longest request 30 s, keep-alive 620 s"
        for stack in ("container-native", "legacy-nodeport")
    ]


def test_compare_refuses_stacks_of_the_wrong_kind_by_name(lab, tmp_path):
    ended = nodrop("compare", "--project", ROOT, "--neg-stack", "legacy-nodeport", "--report", tmp_path)
    assert ended.exit_code == 2
    assert "has NodePort backends; the comparison needs NEG there" in ended.stderr
    assert isinstance(ended.exception, SystemExit)


def test_compare_refuses_a_stack_of_several_paths_by_name(lab, tmp_path):
    ended = nodrop("compare", "--project", ROOT, "--neg-stack", "comparison", "--report", tmp_path)
    assert ended.exit_code == 2
    assert "stack comparison has 2 serving paths" in ended.stderr


def test_progress_is_a_bar_with_the_phase_where_somebody_watches():
    script = """
from types import SimpleNamespace
from nodrop.cli.progress import progress_of
job = SimpleNamespace(variant="a variant", experiment="rollout")
with progress_of(2) as progress:
    progress(job, "done")
    progress(job, "warming up")
"""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    subprocess.run([sys.executable, "-c", script], stderr=theirs, env=environment, check=True, timeout=30)
    os.close(theirs)
    with open(ours, "rb") as terminal:
        shown = terminal.read1().decode()
    assert "1/2" in shown
    assert "a variant, rollout: warming up" in shown


@pytest.mark.parametrize("option", ["--speed-up", "--rate", "--startup-seconds"])
def test_nan_is_no_number(lab, option):
    result = nodrop("rehearse", NEG, option, "nan")
    assert result.exit_code == 2
    assert "nan is not a number" in result.stderr
    assert lab.jobs == ()


def test_a_command_that_cannot_be_split_is_a_usage_error(lab):
    result = nodrop("rehearse", NEG, "--command", "python3 'server.py", "--unready-path", "/fail")
    assert result.exit_code == 2
    assert "No closing quotation" in result.stderr
    assert lab.jobs == ()


def test_a_pre_stop_that_cannot_be_rehearsed_is_named(lab, write):
    def drain(objects):
        (container,) = objects["Deployment"]["spec"]["template"]["spec"]["containers"]
        container["lifecycle"] = {"preStop": {"exec": {"command": ["/bin/drain.sh"]}}}

    result = nodrop("rehearse", write(drain))
    assert "lifecycle.preStop: for how many seconds it runs is not known" in " ".join(result.stdout.split())
    assert "lifecycle.preStop" not in nodrop("rehearse", NEG).stdout


def test_config_can_be_for_one_of_the_compared_stacks_only(lab):
    own = ["--neg-config", "mode=hard-coded-delay", "--node-port-config", "keep_alive_timeout_seconds=15"]
    result = nodrop("compare", "--project", ROOT, "-c", "replicas=3", *own)
    assert result.exit_code == 0, result.stderr
    rollouts = [job for job in lab.jobs if job.experiment == "rollout"]
    assert {job.path.replicas for job in rollouts} == {3}
    assert {job.path.min_ready_seconds for job in rollouts if job.path.backend == "NEG"} == {60}
    assert 15 in {job.application.behaviour.keep_alive_timeout_seconds for job in lab.jobs}
