"""What `nodrop compare` runs: not one lucky pair, but every combination of what is said to help. Pure: makes jobs."""

from dataclasses import replace

from nodrop.lab import variants
from nodrop.lab.containers import Application
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.paths import Backend, Behaviour, ServingPath, behaviour

CLOSES = 0
"""A keep-alive timeout of 0: `Connection: close` after every response."""
SLOW_ATTACH_SECONDS = (80.0, 100.0)
"""Attach lags above every detach lag that was measured: an assumption, for it is then that the gate does its work."""


class ComparisonError(ValueError):
    """The two paths are not what is compared: the message names the path and what it would need."""


def comparison(
    neg: ServingPath, node_port: ServingPath, defaults: Behaviour, settings: Settings, replicas: int | None = None
) -> list[Job]:
    """Rollouts behind NodePort and NEG, each with neither, preStop, gate, both; the gate where attaching is slow; and
    pods that turn unready.

    Args:
        neg: a path with NEG backends; its preStop and grace period are what "preStop" means on both.
        node_port: a path with instance group backends.
        defaults: the applications' behaviour where the Deployments do not state it.
        settings: the lab's inputs.
        replicas: of every rollout; None: as declared.

    Raises:
        ComparisonError: a path has the wrong kind of backend, or `neg` has no preStop.
    """
    pre_stop = neg.pre_stop_seconds(neg.container)
    for path, wanted in ((neg, Backend.NEG), (node_port, Backend.INSTANCE_GROUP)):
        if path.backend is not wanted:
            raise ComparisonError(f"{path.name} has {path.backend} backends; the comparison needs {wanted} there")
    if pre_stop is None:
        raise ComparisonError(f"{neg.name} has no preStop that sleeps, so there is nothing to compare with")
    grace = neg.termination_grace_period_seconds
    slow = replace(settings, attach_lag_seconds=SLOW_ATTACH_SECONDS)
    return [
        *(
            _rollout(path, defaults, settings, replicas, pre_stop if slept else None, grace, gated)
            for path in (node_port, neg)
            for slept in (False, True)
            for gated in (False, True)
        ),
        *(
            replace(job, variant=f"{job.variant}, slow attach")
            for gated in (False, True)
            for job in [_rollout(neg, defaults, slow, replicas, pre_stop, grace, gated)]
        ),
        _unready(node_port, defaults, settings, 1, keep_alive=True),
        _unready(node_port, defaults, settings, 1, keep_alive=False),
        _unready(neg, defaults, settings, 1, keep_alive=True),
        _unready(node_port, defaults, settings, 2, keep_alive=True),
        _unready(neg, defaults, settings, 2, keep_alive=True),
    ]


def _rollout(
    path: ServingPath,
    defaults: Behaviour,
    settings: Settings,
    replicas: int | None,
    pre_stop: int | None,
    grace: int,
    gated: bool,
) -> Job:
    helps = " + ".join(name for name, there in (("preStop", pre_stop is not None), ("gate", gated)) if there)
    if replicas is not None:
        path = variants.with_replicas(path, replicas)
    slept = variants.without_pre_stop(path) if pre_stop is None else variants.with_pre_stop(path, pre_stop, grace)
    return Job(
        experiment=Experiment.ROLLOUT,
        variant=f"{path.backend}, {helps or 'neither'}",
        path=variants.with_gate(slept) if gated else variants.without_gate(slept),
        application=Application(behaviour(path.deployment, defaults), None),
        settings=settings,
        inject_gate=gated,
        steady_first=False,
    )


def _unready(path: ServingPath, defaults: Behaviour, settings: Settings, replicas: int, *, keep_alive: bool) -> Job:
    stated = behaviour(path.deployment, defaults)
    if not keep_alive:
        stated = replace(stated, keep_alive_timeout_seconds=CLOSES)
    pods = "1 pod" if replicas == 1 else f"{replicas} pods"
    return Job(
        experiment=Experiment.UNREADY,
        variant=f"{path.backend}, {'keep-alive' if keep_alive else 'Connection: close'}, {pods}",
        path=variants.with_replicas(path, replicas),
        application=Application(stated, None),
        settings=settings,
    )
