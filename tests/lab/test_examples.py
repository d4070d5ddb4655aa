"""Each example is rehearsed on real packets, in the protocol that it speaks: a rollout fails no request.

Paths that are the same for the lab, in every number of the rollout and in what makes the load balancer, are rehearsed
once.
"""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import pytest

from harness.examples import EXAMPLES, Example
from nodrop.lab.conditions import unrehearsed
from nodrop.lab.containers import Application
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.protocols import Requests, requests_of
from nodrop.lab.results import RolloutResult
from nodrop.lab.runner import run_all
from nodrop.paths import Backend, Behaviour, ServingPath, behaviour
from nodrop.rollout import OnTerm, Rollout
from nodrop.testing import Program

pytestmark = pytest.mark.lab
SETTINGS = Settings(speed_up=12)
"""So slow that a busy machine keeps up with the requests; at 30 one in thousands met the backend timeout on one."""
UNSTATED = Behaviour(
    longest_request_seconds=30, startup_seconds=10, keep_alive_timeout_seconds=620, on_term=OnTerm.DRAIN
)
SENT = {"grpc": Requests.GRPC}
"""What clients send to an example whose objects do not say it."""


class SameForTheLab(NamedTuple):
    """What decides a rehearsal."""

    rollout: Rollout
    """With what the objects are called left out."""
    backend: Backend
    by_gateway: bool
    target_port: int
    protocol: str | None
    requests: Requests


@dataclass(frozen=True)
class Rehearsal:
    """A path and the examples' paths that it stands for, itself first."""

    path: ServingPath
    requests: Requests
    stands_for: list[str]


def evaluated(example: Example) -> Program:
    with tempfile.TemporaryDirectory() as folder:
        return Program(example.evaluate(Path(folder)))


@pytest.fixture(scope="module")
def programs() -> dict[str, Program]:
    return {example.slug: evaluated(example) for example in EXAMPLES}


@pytest.fixture(scope="module")
def rehearsals(programs: dict[str, Program]) -> list[Rehearsal]:
    found: dict[SameForTheLab, Rehearsal] = {}
    for slug, program in programs.items():
        for judged in program.judged().paths:
            path, rollout = judged.path, judged.rollout
            assert path is not None
            assert rollout is not None
            requests = requests_of(path, SENT.get(slug))
            assert unrehearsed(path, rollout, stand_in=True, requests=requests) == ()
            rollout = replace(rollout, wiring=None, placement=None)
            same = SameForTheLab(rollout, path.backend, path.by_gateway, path.target_port, path.protocol, requests)
            found.setdefault(same, Rehearsal(path, requests, [])).stands_for.append(f"{slug}: {path.name}")
    return list(found.values())


def test_every_path_of_every_example_is_stood_for(programs: dict[str, Program], rehearsals: list[Rehearsal]) -> None:
    stood_for = [name for each in rehearsals for name in each.stands_for]
    assert {name.partition(":")[0] for name in stood_for} == programs.keys()
    assert len(stood_for) == sum(len(program.paths) for program in programs.values())
    spoken = {(each.path.protocol, each.requests) for each in rehearsals}
    assert {("HTTP", Requests.HTTP), ("HTTP2", Requests.HTTP), ("HTTP2", Requests.GRPC)} <= spoken


@pytest.mark.timeout(900)
def test_a_rollout_of_every_example_fails_no_request(rehearsals: list[Rehearsal], tell: Callable[[str], None]) -> None:
    jobs = [
        Job(
            experiment=Experiment.ROLLOUT,
            variant=rehearsal.stands_for[0],
            path=rehearsal.path,
            application=Application(behaviour(rehearsal.path.deployment, UNSTATED), None, requests=rehearsal.requests),
            settings=SETTINGS,
            steady_first=False,
        )
        for rehearsal in rehearsals
    ]
    results = run_all(jobs, lambda _job, _phase: None)
    for rehearsal, result in zip(rehearsals, results, strict=True):
        assert isinstance(result, RolloutResult)
        first, *others = rehearsal.stands_for
        also = f"; stands for {', '.join(others)}" if others else ""
        tell(f"{first}: {result.failed} of {result.requests} requests failed{also}")
        assert result.finished
        assert result.failures == {}
        assert result.requests > 12 * result.duration_seconds * 0.9  # all the time under load
