"""What the lab leaves out of a path that it rehearses is told where the path has it, and only there."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from nodrop.cli.rehearsals import job_of, rehearsals
from nodrop.judge import judge, with_rehearsals
from nodrop.lab.errors import LabFailedError
from nodrop.lab.job import Experiment, Ipvs, Settings
from nodrop.lab.left_out import OMISSIONS, left_out
from tests.judge.edits import POD, WEB, Edit, clean, edited
from tests.lab.jobs import SETTINGS
from tests.lab.jobs import job as lab_job
from tests.report.conftest import rollout

DOCS = Path(__file__).parent.parent.parent / "docs" / "rollout.md"
STARTING = {"startupProbe": {"tcpSocket": {"port": 15020}}}
EXAMPLES = [
    ("restarts by liveness probes", Edit(f"{WEB}.livenessProbe", {"exec": {"command": ["ok"]}}), None),
    ("restarts by liveness probes", Edit(f"{POD}.initContainers.0.livenessProbe", {"exec": {"command": ["ok"]}}), None),
    ("init containers and postStart hooks", Edit(f"{POD}.initContainers.1", {"name": "migrate"}), None),
    (
        "init containers and postStart hooks",
        Edit(f"{WEB}.lifecycle.postStart", {"exec": {"command": ["warm-up"]}}),
        None,
    ),
    (
        "endpoints of pods whose native sidecars still start",
        Edit(f"{POD}.initContainers.0", {"name": "proxy", "restartPolicy": "Always", **STARTING}),
        None,
    ),
    ("session affinity", Edit("BackendConfig:spec.sessionAffinity", {"affinityType": "CLIENT_IP"}), None),
    (
        "session affinity",
        Edit("GCPBackendPolicy:spec.default.sessionAffinity", {"type": "HTTP_COOKIE"}, base="gateway"),
        None,
    ),
    ("streams of gRPC", Edit("Service:spec.ports.0.appProtocol", "kubernetes.io/h2c", base="gateway"), "grpc"),
]

OF_NODES = {"kube-proxy in IPVS mode", "IPVS of other kernels", "Dataplane V2"}


def job(objects, requests=None):
    (judged,) = judge(objects).paths
    return job_of(judged, "rollout", Settings(), {"command": None}, requests)


def without_liveness(objects):
    for each in objects:
        if each["kind"] == "Deployment":
            each["spec"]["template"]["spec"]["containers"][0].pop("livenessProbe", None)
    return objects


@pytest.mark.parametrize("base", ["ingress", "gateway"])
def test_a_path_without_any_is_rehearsed_whole(base):
    assert left_out(job(without_liveness(clean(base)))) == ()


@pytest.mark.parametrize(("topic", "edit", "requests"), EXAMPLES)
def test_what_a_path_has_is_told(topic, edit, requests):
    assert topic in left_out(job(edited(edit), requests))


def test_behind_a_node_port_nothing_is_said_of_nodes_that_translate_otherwise(node_port_path, neg_path):
    ipvs = replace(SETTINGS, ipvs=Ipvs(packages="/ipvs"))
    runs = [(node_port_path, SETTINGS), (node_port_path, ipvs), (neg_path, ipvs)]
    told = [left_out(lab_job("any", Experiment.ROLLOUT, path, settings=settings)) for path, settings in runs]
    assert [OF_NODES.intersection(each) for each in told] == [
        {"kube-proxy in IPVS mode", "Dataplane V2"},
        {"IPVS of other kernels", "Dataplane V2"},
        set(),
    ]


def test_every_omission_has_an_example():
    assert {topic for topic, *_ in EXAMPLES} | OF_NODES == {each.topic for each in OMISSIONS}


def test_the_documentation_lists_every_omission():
    section = DOCS.read_text().partition("## What is left out of a rehearsal")[2].partition("\n## ")[0]
    assert re.findall(r"^- (.+?): ", section, re.MULTILINE) == [each.topic for each in OMISSIONS]


def test_the_verdict_says_what_a_run_was_without_and_nothing_where_there_was_none():
    judgement = judge(clean("ingress"))
    (path,) = judgement.paths
    run = rollout()
    run = replace(run, subject=replace(run.subject, left_out=("session affinity", "streams of gRPC")))
    asked = job(clean("ingress"))
    ran, failed = (
        with_rehearsals(judgement, rehearsals([asked], [outcome], {path.name: ()})).paths[0].assumptions
        for outcome in (run, LabFailedError("machine too busy"))
    )
    assert [str(each) for each in ran if each not in path.assumptions] == [
        "rehearsed without session affinity, streams of gRPC (default)"
    ]
    assert failed == path.assumptions
