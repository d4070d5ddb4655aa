"""Jobs of the lab as the tests on real packets give them: as fast as the machine allows, with a stand-in."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

from nodrop.lab.containers import Application
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.paths import Behaviour, Manifest, ServingPath, behaviour
from nodrop.rollout import OnTerm

SPEED_UP = 30
SETTINGS = Settings(speed_up=SPEED_UP)
UNSTATED = Behaviour(longest_request_seconds=0, startup_seconds=0, keep_alive_timeout_seconds=0, on_term=OnTerm.SERVE)


def job(
    variant: str,
    experiment: Experiment,
    path: ServingPath,
    *,
    command: str | None = None,
    settings: Settings = SETTINGS,
    gate: bool = True,
) -> Job:
    return Job(
        experiment=experiment,
        variant=variant,
        path=path,
        application=Application(behaviour(path.deployment, UNSTATED), command),
        settings=settings,
        inject_gate=gate,
    )


def with_annotation(path: ServingPath, key: str, value: str) -> ServingPath:
    deployment = deepcopy(path.deployment)
    deployment["metadata"].setdefault("annotations", {})[key] = value
    return replace(path, deployment=deployment)


def with_backend_config(path: ServingPath, change: Callable[[Manifest], object]) -> ServingPath:
    config = deepcopy(path.backend_config)
    assert config
    change(config["spec"])
    return replace(path, backend_config=config)


def with_pod(path: ServingPath, change: Callable[[Manifest], object]) -> ServingPath:
    """With the `spec` of its pods changed in place."""
    deployment = deepcopy(path.deployment)
    change(deployment["spec"]["template"]["spec"])
    return replace(path, deployment=deployment)
