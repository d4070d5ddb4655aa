"""The whole way: `pulumi up` onto the lab's real control plane, then a new image by a second one, under load.

Real: the Pulumi engine, its CLI and its Kubernetes provider, kube-apiserver, the controllers, scheduler and kube-proxy,
Envoy, and every packet. The cloud and the ingress controller are the engine suite's stand-ins; kubelet, NEG controller
and the programming of the load balancer are the lab's; in the containers runs the lab's stand-in, not the image.
"""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from deploy_by_pulumi import NEW_IMAGE
from harness.cli import ROOT, copy_project
from nodrop.cli.check_input import from_stack
from nodrop.cli.rehearsals import job_of
from nodrop.lab.job import Settings
from nodrop.lab.results import RolloutResult
from nodrop.lab.runner import run_all
from nodrop.paths import ServingPath
from nodrop.preview import evaluate
from nodrop.project_file import ProjectFile

REPLICAS = 4
"""With fewer a rollout may empty a zone: minReadySeconds is then 60, which the real controllers do not compress."""
DEPLOYER = Path(__file__).with_name("deploy_by_pulumi.py")

pytestmark = [pytest.mark.engine, pytest.mark.lab, pytest.mark.kubernetes, pytest.mark.timeout(1800)]

WITHOUT_PRE_STOP = """
import pulumi

def without(args):
    if args.type_ == "kubernetes:apps/v1:Deployment":
        del args.props["spec"]["template"]["spec"]["containers"][0]["lifecycle"]
        return pulumi.ResourceTransformResult(args.props, args.opts)

pulumi.runtime.register_resource_transform(without)
"""


class WholeWay(NamedTuple):
    path: ServingPath
    result: RolloutResult
    ups: list[dict[str, Any]]
    """What came of each `pulumi up`."""


def gone(stack: str, folder: Path, program: str = "") -> WholeWay:
    """A stack of the project deployed and updated in the lab; `program` is put before its `__main__.py`."""
    project, results = folder / "project", folder / "results"
    copy_project(ROOT, project)
    results.mkdir()
    with (project / "stacks" / f"Pulumi.{stack}.yaml").open("a") as file:
        file.write(f"  gke-nodrop:replicas: {REPLICAS}\n")
    main = project / "__main__.py"
    main.write_text(f"{program}\n{main.read_text()}")
    given = from_stack(evaluate(project, stack))
    (judged,) = given.judged(given.objects, ProjectFile()).paths
    assert judged.path
    settings = Settings(control_plane="kubernetes", speed_up=10, speed_up_is_forced=False)
    job = job_of(judged, "rollout", settings, {"command": None})
    deployer = (sys.executable, str(DEPLOYER), stack, str(project), str(results))
    (result,) = run_all([replace(job, deployer=deployer)], lambda _job, phase: print(phase), parallel=1)
    assert isinstance(result, RolloutResult)
    return WholeWay(judged.path, result, json.loads((results / "ups.json").read_text()))


def told(way: WholeWay) -> str:
    result, (first, second) = way.result, way.ups
    return (
        f"{result.subject.path}: {result.failed:,} of {result.requests:,} requests failed {dict(result.failures)}, "
        f"{result.duration_seconds:.0f} s of rollout at {result.conditions.speed_up:g}x; "
        f"pulumi up {first['seconds']} s and {second['seconds']} s of wall clock"
    )


def is_within(declared: Any, live: Any) -> bool:
    """Whether an object has all that is declared; the API server leaves out what is empty or 0."""
    if isinstance(declared, dict):
        return all(is_within(value, (live or {}).get(key)) for key, value in declared.items())
    if isinstance(declared, list):
        return len(declared) == len(live or ()) and all(map(is_within, declared, live or ()))
    return declared == live or (live is None and not declared)


def assert_pulumi_rolled_it_out(way: WholeWay) -> None:
    path, result, (first, second) = way
    assert is_within(path.deployment, first["deployment"])  # what the lab goes by is what Pulumi has made
    assert is_within(path.service, first["service"])
    assert result.conditions.control_plane.startswith("Kubernetes v1.")
    assert result.finished
    assert result.requests > 500
    assert sum(result.steady_failures.values()) == 0
    assert sorted(pod.old for pod in result.pods) == [False] * REPLICAS + [True] * REPLICAS
    assert "created" in first["said"]
    assert "~ 1 updated" in second["said"]
    assert second["images"] == [NEW_IMAGE]


def test_a_second_pulumi_up_drops_no_request(tmp_path: Path, tell: Callable[[str], None]) -> None:
    way = gone("container-native", tmp_path)
    tell(told(way))
    assert_pulumi_rolled_it_out(way)
    assert way.result.subject.readiness_gate
    assert way.result.failed == 0


def test_without_the_pre_stop_it_drops_requests(tmp_path: Path, tell: Callable[[str], None]) -> None:
    way = gone("container-native", tmp_path, WITHOUT_PRE_STOP)
    tell(f"without preStop: {told(way)}")
    assert_pulumi_rolled_it_out(way)
    assert way.result.subject.readiness_gate
    assert way.result.failures["failed_to_connect_to_backend"] > 0


def test_behind_a_node_port_it_drops_requests(tmp_path: Path, tell: Callable[[str], None]) -> None:
    way = gone("legacy-nodeport", tmp_path)
    tell(told(way))
    assert_pulumi_rolled_it_out(way)
    assert way.result.failures["failed_to_connect_to_backend"] > 0
