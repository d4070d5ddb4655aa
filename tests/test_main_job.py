"""The main job, end to end: what the stacks declare is rehearsed on real packets, and differs as promised."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from nodrop.lab import variants
from nodrop.lab.containers import Application
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.results import Result, RolloutResult, UnreadyResult
from nodrop.lab.runner import run_all
from nodrop.paths import Behaviour, ServingPath, behaviour, resolve
from nodrop.preview import evaluate, kubernetes_objects
from nodrop.rollout import OnTerm

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]

ROOT = Path(__file__).parent.parent
SEEDS = range(1, 4)
UNSTATED = Behaviour(longest_request_seconds=0, startup_seconds=0, keep_alive_timeout_seconds=0, on_term=OnTerm.SERVE)
"""Would spoil every verdict: the stacks must state all of it."""

Results = Mapping[tuple[str, int], Result]


def declared(stack: str) -> ServingPath:
    (path,) = resolve(kubernetes_objects(evaluate(ROOT, stack))).paths
    return path


def job(
    name: str, seed: int, experiment: Experiment, path: ServingPath, *, close: bool = False, gate: bool = True
) -> Job:
    stated = behaviour(path.deployment, UNSTATED)
    if close:
        stated = replace(stated, keep_alive_timeout_seconds=0)
    return Job(
        experiment=experiment,
        variant=f"{name}, seed {seed}",
        path=path,
        application=Application(stated, None),
        settings=Settings(speed_up=30, seed=seed),
        inject_gate=gate,
        steady_first=False,
    )


@pytest.fixture(scope="module")
def results() -> Results:
    neg, legacy = declared("container-native"), declared("legacy-nodeport")
    bare = variants.without_gate(variants.without_pre_stop(neg))
    alone, legacy_alone = variants.with_replicas(neg, 1), variants.with_replicas(legacy, 1)
    jobs = {}
    for seed in SEEDS:
        jobs |= {
            ("preset, 2 pods", seed): job("preset, 2 pods", seed, Experiment.ROLLOUT, neg),
            ("preset, 6 pods", seed): job("preset, 6 pods", seed, Experiment.ROLLOUT, variants.with_replicas(neg, 6)),
            ("legacy", seed): job("legacy", seed, Experiment.ROLLOUT, legacy),
            ("NEG with neither", seed): job("NEG with neither", seed, Experiment.ROLLOUT, bare, gate=False),
            ("legacy, keep-alive", seed): job("legacy, keep-alive", seed, Experiment.UNREADY, legacy_alone),
            ("legacy, close", seed): job("legacy, close", seed, Experiment.UNREADY, legacy_alone, close=True),
            ("container-native", seed): job("container-native", seed, Experiment.UNREADY, alone),
        }
    measured = run_all(list(jobs.values()), lambda _job, _phase: None)
    return dict(zip(jobs, measured, strict=True))


def rollout(results: Results, name: str, seed: int) -> RolloutResult:
    result = results[name, seed]
    assert isinstance(result, RolloutResult)
    assert result.finished
    return result


def unready(results: Results, name: str, seed: int) -> UnreadyResult:
    result = results[name, seed]
    assert isinstance(result, UnreadyResult)
    assert result.removed_seconds is not None
    assert result.requests_after_removal > 500
    return result


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("pods", [2, 6])
def test_a_rollout_of_the_preset_drops_none_of_a_thousand_requests(results: Results, pods: int, seed: int) -> None:
    result = rollout(results, f"preset, {pods} pods", seed)
    assert result.failures == {}
    assert result.requests >= 1000
    assert sum(pod.old for pod in result.pods) == sum(not pod.old for pod in result.pods) == pods


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["legacy", "NEG with neither"])
def test_a_rollout_without_preset_drops_requests(results: Results, name: str, seed: int) -> None:
    assert rollout(results, name, seed).failed > 0


@pytest.mark.parametrize("seed", SEEDS)
def test_a_kept_alive_connection_leads_four_of_five_requests_to_an_unready_pod_behind_node_port(
    results: Results, seed: int
) -> None:
    result = unready(results, "legacy, keep-alive", seed)
    # Nearly all where nothing else uses the machine: docs/reports.md.
    assert result.leak >= 0.8
    assert result.pinned_flows > 0


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", ["legacy, close", "container-native"])
def test_no_request_reaches_an_unready_pod_without_keep_alive_or_without_node_port(
    results: Results, name: str, seed: int
) -> None:
    result = unready(results, name, seed)
    assert result.served_after_removal == 0
    assert result.pinned_flows == 0


@pytest.mark.parametrize("seed", SEEDS)
def test_the_preset_has_slack_at_every_edge(results: Results, seed: int) -> None:
    slack = rollout(results, "preset, 6 pods", seed).slack
    assert slack.term_after_last_request is not None
    assert slack.term_after_last_request > 0
    assert slack.kill_after_last_response is not None
    assert slack.kill_after_last_response > 0
