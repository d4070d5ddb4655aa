"""When an experiment begins: a rollout once the pods count as available, any other once they serve."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace

import pytest

from nodrop.lab.containers import Application
from nodrop.lab.controllers.deployment import all_ready
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.results import Result
from nodrop.lab.runner import run_all
from nodrop.paths import Manifest, ServingPath, behaviour
from nodrop.rollout import ASSUMED

SPEED_UP = 30
MIN_READY_SECONDS = 240
"""Longer than anything else before an experiment takes, and than what the machine may add to it."""


def with_min_ready(path: ServingPath) -> ServingPath:
    deployment = deepcopy(path.deployment)
    deployment["spec"]["minReadySeconds"] = MIN_READY_SECONDS
    return replace(path, deployment=deployment)


def rehearsed(path: ServingPath, experiment: Experiment) -> Result:
    application = Application(behaviour(path.deployment, ASSUMED), None)
    job = Job(
        experiment=experiment,
        variant="minReadySeconds",
        path=path,
        application=application,
        settings=Settings(speed_up=SPEED_UP, speed_up_is_forced=False),
        steady_first=False,
    )
    (result,) = run_all([job], lambda _job, _phase: None)
    return result


@pytest.mark.lab
def test_a_rollout_begins_when_its_pods_have_been_ready_for_min_ready_seconds(neg_path) -> None:
    old = [pod for pod in rehearsed(with_min_ready(neg_path), Experiment.ROLLOUT).pods if pod.old]
    assert len(old) == 2
    assert all(pod.events["ready"] <= 1 - MIN_READY_SECONDS for pod in old)  # timestamps are in whole seconds


@pytest.mark.lab
def test_a_pod_is_made_unready_as_soon_as_all_serve(neg_path) -> None:
    pods = rehearsed(with_min_ready(neg_path), Experiment.UNREADY).pods
    assert len(pods) == 2
    assert all(-MIN_READY_SECONDS / 2 < pod.events["attached"] < 0 for pod in pods)


COUNTS = {"replicas": 2, "updatedReplicas": 2, "readyReplicas": 2}


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (COUNTS, True),
        ({**COUNTS, "observedGeneration": 3}, True),
        ({**COUNTS, "observedGeneration": 2}, False),
        ({**COUNTS, "readyReplicas": 1}, False),
        ({**COUNTS, "updatedReplicas": 1}, False),
        ({**COUNTS, "replicas": 3}, False),
        ({}, False),
    ],
    ids=["all", "observed", "of an earlier generation", "one unready", "one old", "one too many", "no report"],
)
def test_pods_are_all_ready_where_the_last_report_counts_them(status: Mapping[str, int], told: bool) -> None:
    deployment: Manifest = {"metadata": {"generation": 3}, "spec": {"replicas": 2}, "status": dict(status)}
    assert all_ready(deployment) is told
