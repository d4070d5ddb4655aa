"""What `nodrop plan FILE` takes from nodrop.yaml and from a Deployment's own waivers."""

import json
from pathlib import Path

import pytest
import yaml

from tests.cli.conftest import SHOP, check
from tests.cli.plans import plan

STATED = """
workloads:
  "shop/*":
    accept: {draining-covers-longest-request: the clients of the export reconnect}
accept: {surge-limits-blast-radius: our clusters have room for twice the pods}
"""
OWN = 'gke-nodrop/accept: \'{"survives-a-lost-pod": "a batch"}\''


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def with_annotation(folder: Path, annotation: str) -> Path:
    file = folder / "annotated.yaml"
    file.write_text(
        SHOP.read_text().replace(
            "kind: Deployment\nmetadata: {", f"kind: Deployment\nmetadata: {{annotations: {{{annotation}}}, ", 1
        )
    )
    assert annotation in file.read_text()
    return file


def test_a_waiver_of_the_file_or_the_annotation_that_the_solved_numbers_do_not_need_is_no_warning(here):
    (here / "nodrop.yaml").write_text(STATED)
    done = plan(with_annotation(here, OWN))
    assert done.exit_code == 0, done.stderr
    assert "waives nothing" not in done.stdout + done.stderr


def test_a_needless_waiver_of_the_option_is_one_beside_files_too(here):
    (here / "nodrop.yaml").write_text(STATED)
    done = plan(SHOP, "--accept", "survives-a-lost-pod=a batch")
    assert done.stdout.count("waives nothing") == 1
    assert 'warning: --accept "survives-a-lost-pod": waives nothing' in done.stdout


def test_what_the_file_accepts_is_accepted_of_the_solved_numbers(here):
    (here / "nodrop.yaml").write_text("accept: {survives-a-lost-pod: a batch}\n")
    said = " ".join(plan(SHOP, "--replicas", 1).stdout.split())
    assert "accepted: --replicas 1: " in said
    assert "Reason: a batch" in said


def test_what_the_file_accepts_may_be_solved_for(here):
    refused = plan(SHOP, "--spot")
    assert (refused.exit_code, "nodes-drain-before-they-stop" in refused.stderr) == (2, True)
    (here / "nodrop.yaml").write_text("accept: {nodes-drain-before-they-stop: a batch}\n")
    assert plan(SHOP, "--spot").exit_code == 0


def test_the_yaml_carries_the_waivers_of_option_and_annotation_and_none_of_the_file(here):
    (here / "nodrop.yaml").write_text(STATED)
    done = plan(with_annotation(here, OWN), "--format", "yaml", "--accept", "nodes-drain-before-they-stop=a batch")
    deployment, *_ = yaml.safe_load_all(done.stdout)
    accepted = json.loads(deployment["metadata"]["annotations"]["gke-nodrop/accept"])
    assert accepted.keys() == {"survives-a-lost-pod", "nodes-drain-before-they-stop"}


def test_a_wrong_waiver_of_the_annotation_is_refused_with_its_file_and_line_as_check_reports_it(here):
    file = with_annotation(here, 'gke-nodrop/accept: \'{"survives-a-lost-pot": "a batch"}\'')
    done = plan(file)
    line = next(n for n, text in enumerate(file.read_text().splitlines(), 1) if "gke-nodrop/accept" in text)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"error: {file}:{line}: Deployment shop/web: its annotation gke-nodrop/accept ")
    assert "did you mean survives-a-lost-pod?" in done.stderr
    assert "--accept" not in done.stderr
    assert f"{file}:{line}" in check(file).stdout


def test_the_severities_of_the_file_weigh_what_stays_open(here):
    (here / "nodrop.yaml").write_text("severities: {survives-a-lost-pod: error}\n")
    assert "error: --replicas 1: fewer than 2" in plan(SHOP, "--replicas", 1).stdout
