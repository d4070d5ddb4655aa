"""What is not rehearsed is one list: each entry has a path with it, whose reason names the field and is never clean."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from nodrop.cli.rehearsals import not_rehearsed, rehearsals
from nodrop.judge import Rehearsal, Verdict, judge, with_rehearsals
from nodrop.lab.conditions import CONDITIONS, PlannedRun
from nodrop.lab.protocols import Requests, requests_of
from tests.judge.edits import CHECK, POD, POLICY, WEB, Edit, clean, edited

DOCS = Path(__file__).parent.parent.parent / "docs" / "rollout.md"
GRPC = {"type": "GRPC", "grpcHealthCheck": {"port": 8080, "grpcServiceName": "shop"}}


class Example(NamedTuple):
    """A small edit of the clean objects."""

    edit: Edit
    field: str
    """What each reason must name."""
    requests: str | None = None


EXAMPLES = {
    "a health check of another type than HTTP, HTTPS, HTTP2, GRPC and TCP": [
        Example(Edit(f"{POLICY}.config.type", "SSL", base="gateway"), "health check type"),
    ],
    "a health check by a port's name, or with a request or response of its own": [
        Example(Edit(f"{POLICY}.config.httpHealthCheck.portName", "admin", base="gateway"), "httpHealthCheck.portName"),
    ],
    "a health check of a gRPC service that the stand-in is not probed for": [
        Example(Edit(f"{POLICY}.config", GRPC, base="gateway"), "grpcHealthCheck.grpcServiceName"),
    ],
    "a health check that asks the stand-in what no probe asks": [
        Example(Edit(f"{CHECK}.requestPath", "/other"), "the health check asks GET :8080/other"),
    ],
    "a probe by exec of a container that no `--command` stands for; a probe or preStop with its own host": [
        Example(Edit(f"{WEB}.readinessProbe", {"exec": {"command": ["true"]}}), "readinessProbe.exec"),
        Example(Edit(f"{WEB}.readinessProbe.httpGet.host", "elsewhere"), "readinessProbe.httpGet.host"),
        Example(
            Edit(f"{WEB}.lifecycle.preStop", {"httpGet": {"path": "/", "port": 8080, "host": "elsewhere"}}),
            "lifecycle.preStop.httpGet.host",
        ),
    ],
    "a preStop of unknown duration, but of a `--command`": [
        Example(Edit(f"{WEB}.lifecycle.preStop", {"exec": {"command": ["/drain"]}}), "lifecycle.preStop.exec"),
        Example(
            Edit(f"{WEB}.lifecycle.preStop", {"exec": {"command": ["sh", "-c", "sleep 5; /drain"]}}),
            "lifecycle.preStop.exec",
        ),
    ],
    "`paused`, `hostNetwork`, or a readiness gate that somebody else sets": [
        Example(Edit("Deployment:spec.paused", True), "spec.paused"),
        Example(Edit(f"{POD}.hostNetwork", True), "hostNetwork"),
        Example(Edit(f"{POD}.readinessGates", [{"conditionType": "example.com/ready"}]), "readinessGates[0]"),
    ],
    "a `stopSignal` other than SIGTERM": [
        Example(Edit(f"{WEB}.lifecycle.stopSignal", "SIGKILL"), "lifecycle.stopSignal"),
    ],
    "`publishNotReadyAddresses`": [
        Example(Edit("Service:spec.publishNotReadyAddresses", True), "spec.publishNotReadyAddresses"),
    ],
    "gRPC requests to a backend that does not speak HTTP/2, or WebSockets to one that does": [
        Example(Edit(f"{POD}.terminationGracePeriodSeconds", 120), "protocol HTTP", "grpc"),
    ],
}
"""By topic. `TESTED_ELSEWHERE` has the others."""
TESTED_ELSEWHERE = {
    "a NodePort of a cluster with Dataplane V2",  # tests/preview/test_judged.py: only a program states its cluster
    "NetworkPolicies that shut the load balancer out",  # tests/lab/test_field_cases.py
    "`sessionAffinity` of a NodePort",  # tests/lab/test_conditions.py
}
OF_THE_JUDGEMENT = [
    Example(
        Edit(f"{WEB}.readinessProbe.httpGet.httpHeaders", [{"name": "X-Key", "value": "1"}]), "httpGet.httpHeaders[0]"
    ),
    *(
        Example(Edit(f"HTTPRoute:spec.rules.0.{name}", value, base="gateway"), f"spec.rules[0].{name}")
        for name, value in {
            "timeouts": {"request": "10s"},
            "retry": {"attempts": 2},
            "sessionPersistence": {"type": "Cookie"},
        }.items()
    ),
]
ALL = [each for examples in EXAMPLES.values() for each in examples]


def test_every_condition_has_an_example_that_it_yields_itself():
    assert {each.topic for each in CONDITIONS} == EXAMPLES.keys() | TESTED_ELSEWHERE
    for condition in CONDITIONS:
        for example in EXAMPLES.get(condition.topic, ()):
            (judged,) = judge(edited(example.edit)).paths
            path, rollout = judged.path, judged.rollout
            assert path
            assert rollout
            run = PlannedRun(
                path=path,
                rollout=rollout,
                stand_in=True,
                requests=requests_of(path, Requests(example.requests) if example.requests else None),
            )
            assert any(example.field in each for each in condition.reasons(run)), condition.topic


@pytest.mark.parametrize("example", ALL, ids=lambda each: each.edit.name)
def test_no_path_with_one_is_rehearsed_or_clean(example):
    judgement = judge(edited(example.edit))
    (name,) = (each.name for each in judgement.paths)
    unfit = not_rehearsed(judgement, stand_in=True, requests=example.requests)
    assert any(example.field in reason for reason in unfit[name]), unfit
    (path,) = with_rehearsals(judgement, rehearsals([], [], unfit)).paths
    assert path.verdict in (Verdict.NOT_JUDGED, Verdict.DROPS)
    assert any(each.startswith("not rehearsed: ") and example.field in each for each in path.not_judged)


@pytest.mark.parametrize("example", OF_THE_JUDGEMENT, ids=lambda each: each.edit.name)
def test_what_the_judgement_leaves_open_no_rehearsal_makes_clean(example):
    judgement = judge(edited(example.edit))
    assert any(example.field in each for each in judgement.paths[0].reasons)
    (path,) = with_rehearsals(judgement, {judgement.paths[0].name: Rehearsal(requests=1000)}).paths
    assert path.verdict is Verdict.NOT_JUDGED


@pytest.mark.parametrize("base", ["ingress", "gateway"])
def test_the_paths_without_any_are_rehearsed(base):
    (reasons,) = not_rehearsed(judge(clean(base)), stand_in=True).values()
    assert reasons == ()


def test_the_documentation_lists_every_condition():
    section = DOCS.read_text().partition("## What is not rehearsed")[2].partition("\n## ")[0]
    listed = re.findall(r"^- (.+)$", section, re.MULTILINE)
    assert listed == [each.topic for each in CONDITIONS]
