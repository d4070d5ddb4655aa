"""What a run says of itself beside its counts."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from nodrop.lab.clock import LATENCY_ALLOWANCE_REAL_SECONDS
from nodrop.lab.described import conditions_of, subject_of
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.lab import Lab
from nodrop.lab.pace import paced
from nodrop.paths import ServingPath
from tests.lab.jobs import job


def lab_of(of: Job) -> Lab:
    """What of a lab that runs the job a description reads, without packets."""
    read = SimpleNamespace(
        job=of,
        store=SimpleNamespace(list=lambda _kind: ()),
        control_plane="embedded",
        backend=SimpleNamespace(retries=SimpleNamespace(value="never")),
        fabric=SimpleNamespace(nodes=()),
    )
    return cast("Any", read)


@pytest.mark.parametrize(("forced", "most", "expected"), [(True, 100, True), (True, 30, False), (False, 100, False)])
def test_whether_the_speed_was_forced_beyond_its_bound(
    neg_path: ServingPath, forced: bool, most: float, expected: bool
) -> None:
    settings = Settings(speed_up=most, speed_up_is_forced=forced)
    found = paced(job("any", Experiment.ROLLOUT, neg_path, settings=settings), LATENCY_ALLOWANCE_REAL_SECONDS)
    assert conditions_of(lab_of(found)).too_fast is expected


def test_from_which_variant_it_differs_and_what_of_it_is_waived_and_not_judged(neg_path: ServingPath) -> None:
    told = "NEG, neither, but with the readiness gate"
    unjudged, accepted = ("schedulerName: mine",), {"every-container-has-pre-stop": "the agent may end first"}
    declared = job("any", Experiment.ROLLOUT, neg_path)
    subject = subject_of(lab_of(replace(declared, differs=told, unjudged=unjudged, accepted=accepted)))
    assert (subject.differs, subject.unjudged, subject.accepted) == (told, unjudged, accepted)
