"""What one run may ask of this machine: one clear message, before anything is started."""

from dataclasses import replace

import pytest

from nodrop.lab import limits, sandbox, variants
from nodrop.lab.containers import Application
from nodrop.lab.errors import LabFailedError
from nodrop.lab.job import Experiment, Ipvs, Job, Settings
from nodrop.paths import Behaviour, ServingPath
from nodrop.rollout import OnTerm

STATED = Behaviour(longest_request_seconds=0, startup_seconds=0, keep_alive_timeout_seconds=0, on_term=OnTerm.EXIT)


def job(path: ServingPath) -> Job:
    return Job(experiment=Experiment.ROLLOUT, variant="", path=path, application=Application(STATED, None))


def with_sidecars(path: ServingPath, count: int) -> ServingPath:
    template = path.deployment["spec"]["template"]
    sidecars = [{"name": f"sidecar-{number}"} for number in range(count)]
    pod = {**template["spec"], "containers": [*template["spec"]["containers"], *sidecars]}
    spec = {**path.deployment["spec"], "template": {**template, "spec": pod}}
    return replace(path, deployment={**path.deployment, "spec": spec})


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What would have been started."""
    asked: list[object] = []
    monkeypatch.setattr(sandbox.subprocess, "Popen", lambda *arguments, **_options: asked.append(arguments))
    return asked


@pytest.mark.parametrize("replicas", [101, 1_000_000, 2**31 - 1])
def test_too_many_replicas_are_refused_with_the_number_that_would_pass(replicas: int, neg_path, started) -> None:
    with pytest.raises(LabFailedError) as refused:
        sandbox.run(job(variants.with_replicas(neg_path, replicas)), lambda _phase: None)
    assert str(refused.value) == (
        f"demo/web has {replicas} replicas, 1 container each; the lab starts at most 100 containers; "
        "what would pass: replicas: 100"
    )
    assert started == []
    limits.check(job(variants.with_replicas(neg_path, 100)))


def test_the_agent_that_deletes_servers_is_not_the_real_kube_proxys(node_port_path) -> None:
    settings = Settings(control_plane="kubernetes", ipvs=Ipvs(packages="/ipvs", conn_reuse_mode=0))
    real = replace(job(node_port_path), settings=settings)
    limits.check(real)
    agent = replace(settings, ipvs=Ipvs(packages="/ipvs", delete_at_once=True))
    with pytest.raises(LabFailedError, match=r"delete_at_once=1.*what would pass: --control-plane embedded$"):
        limits.check(replace(real, settings=agent))


def test_every_container_of_a_pod_counts(neg_path) -> None:
    path = with_sidecars(neg_path, 2)
    limits.check(job(variants.with_replicas(path, 33)))
    with pytest.raises(LabFailedError, match=r"34 replicas, 3 containers each.*what would pass: replicas: 33$"):
        limits.check(job(variants.with_replicas(path, 34)))


def test_a_pod_of_too_many_containers_is_refused_whatever_its_replicas(neg_path) -> None:
    path = variants.with_replicas(with_sidecars(neg_path, 100), 1)
    with pytest.raises(LabFailedError, match=r"what would pass: a pod of 100 containers or fewer$"):
        limits.check(job(path))


def test_no_replicas_are_nothing_to_rehearse(neg_path) -> None:
    with pytest.raises(LabFailedError, match="demo/web has no replicas"):
        limits.check(job(variants.with_replicas(neg_path, 0)))
