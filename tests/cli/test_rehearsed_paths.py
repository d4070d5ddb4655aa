"""Which paths `nodrop rehearse` rehearses, and what it says of the others."""

import json
import re
from copy import deepcopy

import pytest

from tests.cli.labs import NEG, NODE_PORT, ROOT, Objects, in_another_namespace, nodrop


def test_every_path_of_all_files_and_folders_is_rehearsed(lab, write, tmp_path):
    write(in_another_namespace)
    nodrop("rehearse", tmp_path, NODE_PORT, "--experiment", "rollout")
    assert {job.variant for job in lab.jobs} == {"other/web, NEG", "demo/web, NodePort"}


def test_config_for_files_is_wrong_usage(lab):
    ended = nodrop("rehearse", NEG, "-c", "replicas=3")
    assert (ended.exit_code, len(lab.jobs)) == (2, 0)
    assert ended.stderr.startswith("error: --config replicas is for a --stack; files have no config\n")


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
    assert re.search(rf":[0-9]+: {named}: .*{said}", ended.stderr, re.MULTILINE), ended.stderr
    assert "no serving path: nothing leads from" in ended.stderr
    assert ended.stdout == ""
    assert not lab.jobs


def test_a_path_beside_one_that_leads_nowhere_is_rehearsed(lab, write):
    def add_ingress(objects: Objects) -> None:
        objects["another"] = deepcopy(objects["Ingress"])
        objects["another"]["metadata"]["name"] = "broken"
        objects["another"]["spec"]["defaultBackend"]["service"]["name"] = "absent"

    ended = nodrop("rehearse", write(add_ingress))
    assert ended.exit_code == 3
    assert "2 serving paths: 1 not judged, 1 at risk." in ended.stdout
    assert "Ingress demo/broken: names Service demo/absent" in " ".join(ended.stdout.split())
    assert {job.path.name for job in lab.jobs} == {"demo/web"}


def test_a_file_that_cannot_be_read_beside_a_rehearsed_path_ends_with_2_and_stands_in_text_and_json(lab, tmp_path):
    broken, output = tmp_path / "broken.yaml", tmp_path / "results.json"
    broken.write_text("kind: [")
    ended = nodrop("rehearse", NEG, broken, "--output", output)
    assert ended.exit_code == 2
    assert "Clean: demo/web" in ended.stdout
    assert f"not read: {broken}, line 1" in " ".join(ended.stdout.split())
    [unread] = json.loads(output.read_text())["judgement"]["unread"]
    assert unread.startswith(f"{broken}, line 1")


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
    assert ended.stderr.startswith("error: ")
    assert f"{file}, {place}: not " in ended.stderr
    assert isinstance(ended.exception, SystemExit)
    assert not lab.jobs


def test_a_clean_rehearsal_of_what_a_rule_finds_broken_ends_with_1(lab, write):
    def shorten(objects: Objects) -> None:
        objects["Deployment"]["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = 30

    ended = nodrop("rehearse", write(shorten), "--experiment", "rollout")
    assert ended.exit_code == 1
    assert "drops  demo/web" in ended.stdout
    assert "grace-exceeds-pre-stop" in ended.stdout


def ask_elsewhere(objects: Objects) -> None:
    objects["BackendConfig"]["spec"]["healthCheck"]["port"] = 9090
    (container,) = objects["Deployment"]["spec"]["template"]["spec"]["containers"]
    container["ports"].append({"name": "health", "containerPort": 9090})


def test_what_the_lab_would_do_otherwise_is_said_and_not_rehearsed(lab, write):
    ended = nodrop("rehearse", write(ask_elsewhere))
    assert (ended.exit_code, lab.jobs) == (3, [])
    said = " ".join(ended.stdout.split())
    assert "not rehearsed: BackendConfig demo/web: the health check asks GET :9090/ready/" in said


def test_a_path_beside_one_that_is_not_rehearsed_has_its_result_in_text_and_json(lab, write, tmp_path):
    def elsewhere(objects: Objects) -> None:
        ask_elsewhere(objects)
        in_another_namespace(objects)

    output = tmp_path / "results.json"
    ended = nodrop("rehearse", write(elsewhere), NEG, "--experiment", "rollout", "--output", output)
    assert ended.exit_code == 3
    assert [job.variant for job in lab.jobs] == ["demo/web, NEG"]
    said = " ".join(ended.stdout.split())
    assert said.startswith("Not every variant was decided ")
    assert "clean demo/web" in said
    assert "not rehearsed: BackendConfig other/web: the health check asks GET :9090/ready/" in said
    assert [each["subject"]["variant"] for each in json.loads(output.read_text())["results"]] == ["demo/web, NEG"]


def test_an_unknown_stack_is_one_message(lab):
    ended = nodrop("rehearse", "--project", ROOT, "--stack", "nowhere")
    assert ended.exit_code == 2
    assert ended.stderr.startswith("error: ")
    assert "nowhere" in ended.stderr


def test_a_pre_stop_that_cannot_be_rehearsed_is_named(lab, write):
    def drain(objects):
        (container,) = objects["Deployment"]["spec"]["template"]["spec"]["containers"]
        container["lifecycle"] = {"preStop": {"exec": {"command": ["/bin/drain.sh"]}}}

    result = nodrop("rehearse", write(drain))
    assert "lifecycle.preStop: for how many seconds it runs is not known" in " ".join(result.stdout.split())
    assert "lifecycle.preStop" not in nodrop("rehearse", NEG).stdout


def test_a_path_of_which_something_is_not_judged_is_rehearsed_and_its_run_knows(lab, write):
    def schedule_otherwise(objects: Objects) -> None:
        objects["Deployment"]["spec"]["template"]["spec"]["schedulerName"] = "mine"

    ended = nodrop("rehearse", write(schedule_otherwise), "--experiment", "rollout")
    assert ended.exit_code == 3
    (job,) = lab.jobs
    assert any("schedulerName" in each for each in job.unjudged)


def test_the_lab_knows_what_nodrop_yaml_waives(lab, write, tmp_path, monkeypatch):
    (tmp_path / "nodrop.yaml").write_text("accept:\n  every-container-has-pre-stop: the agent may end first\n")
    monkeypatch.chdir(tmp_path)
    nodrop("rehearse", write(lambda _: None), "--experiment", "rollout")
    (job,) = lab.jobs
    assert job.accepted == {"every-container-has-pre-stop": "the agent may end first"}
