"""Where the real control plane's programs are found, and what is said where they are not."""

from dataclasses import replace
from pathlib import Path

import pytest

from nodrop.lab import limits, sandbox
from nodrop.lab.containers import Application
from nodrop.lab.errors import LabFailedError, LabUnavailableError
from nodrop.lab.job import Experiment, Job, Settings
from nodrop.lab.kubernetes import programs
from nodrop.lab.kubernetes.api_store import wall_clock_times
from nodrop.paths import Behaviour, ServingPath
from nodrop.rollout import OnTerm

STATED = Behaviour(longest_request_seconds=0, startup_seconds=0, keep_alive_timeout_seconds=0, on_term=OnTerm.EXIT)


def job(path: ServingPath, speed_up: float = 10) -> Job:
    settings = Settings(control_plane="kubernetes", speed_up=speed_up)
    application = Application(STATED, None)
    return Job(experiment=Experiment.ROLLOUT, variant="", path=path, application=application, settings=settings)


def with_min_ready(path: ServingPath, seconds: int) -> ServingPath:
    spec = {**path.deployment["spec"], "minReadySeconds": seconds}
    return replace(path, deployment={**path.deployment, "spec": spec})


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine without any of the programs; the folder of its cache."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv(programs.ASSETS, raising=False)
    return programs.cache()


def put(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)


def test_what_is_missing_is_one_error_that_names_make_engine(empty: Path, neg_path: ServingPath) -> None:
    with pytest.raises(LabUnavailableError) as refused:
        sandbox.run(job(neg_path), lambda _phase: None)
    said = str(refused.value)
    assert said.startswith("etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kube-proxy, nft not found")
    assert "`make engine`" in said
    assert "$KUBEBUILDER_ASSETS" in said
    assert "\n" not in said


def test_the_newest_built_kubernetes_is_taken_and_folders_of_ones_own_come_before_it(
    empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("kube-apiserver-1.9.4-aaaaaaaaaaaa", "kube-apiserver-1.37.2-bbbbbbbbbbbb"):
        put(empty / folder, *programs.KUBERNETES)
    assert programs.path("kube-proxy").parent.name == "kube-apiserver-1.37.2-bbbbbbbbbbbb"
    put(tmp_path / "own", *programs.KUBERNETES)
    put(tmp_path / "other", "etcd", programs.NFT)
    monkeypatch.setenv(programs.ASSETS, f"{tmp_path / 'own'}:{tmp_path / 'other'}")
    assert programs.path("kube-proxy") == tmp_path / "own" / "kube-proxy"
    assert programs.missing() == ""


def test_kubernetes_is_never_taken_from_two_places(empty: Path, tmp_path: Path, monkeypatch) -> None:
    put(empty / "kube-apiserver-1.37.2-bbbbbbbbbbbb", *programs.KUBERNETES)
    put(tmp_path / "bin", "kube-proxy")
    assert programs.path("kube-proxy").parent.name == "kube-apiserver-1.37.2-bbbbbbbbbbbb"


def test_nothing_is_run_from_a_cache_that_others_can_change(empty: Path) -> None:
    put(empty / "etcd-3.7.3-aaaaaaaaaaaa", "etcd")
    empty.chmod(0o777)
    assert "can be changed by others" in programs.missing()


@pytest.mark.parametrize(("min_ready", "speed_up"), [(0, 10), (75, 1), (75, 5), (60, 6)])
def test_a_speed_up_that_keeps_min_ready_seconds_is_taken(min_ready: int, speed_up: float, neg_path) -> None:
    limits.check(job(with_min_ready(neg_path, min_ready), speed_up))
    assert wall_clock_times({"minReadySeconds": min_ready}, speed_up) == {"minReadySeconds": min_ready / speed_up}


@pytest.mark.parametrize(
    ("min_ready", "speed_up", "passes"), [(75, 10, "1, --speed-up 3, --speed-up 5"), (60, 7, "6"), (5, 5, "1")]
)
def test_a_speed_up_that_lets_pods_be_available_early_is_refused(
    min_ready: int, speed_up: float, passes: str, neg_path
) -> None:
    with pytest.raises(LabFailedError) as refused:
        limits.check(job(with_min_ready(neg_path, min_ready), speed_up))
    assert f"minReadySeconds: {min_ready}" in str(refused.value)
    assert str(refused.value).endswith(passes)
