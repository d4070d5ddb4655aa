"""The lab needs no root: an ordinary user runs the preset, under either control plane and behind IPVS, and nothing
drops."""

import json
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nodrop.lab.data_plane import ipvs_packages
from nodrop.lab.job import Experiment, Ipvs, Job
from nodrop.lab.kubernetes import programs
from nodrop.paths import ServingPath
from tests.lab.jobs import SETTINGS, job
from tests.lab.test_ipvs_lab import job as ipvs_job

pytestmark = pytest.mark.lab

AS_AN_ORDINARY_USER = """
import json, os, pickle, sys
from nodrop.lab.results import to_json
from nodrop.lab.runner import run_all
(result,) = run_all([pickle.load(sys.stdin.buffer)], lambda _job, _phase: None)
print(json.dumps({"uid": os.geteuid(), "result": to_json(result)}))
"""
ORDINARY_USER = 65534
CHOSEN = replace(SETTINGS, speed_up_is_forced=False)


@pytest.fixture(scope="module")
def readable() -> Iterator[Path]:
    """An empty folder of this user that every other one may read."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(scope="module")
def ordinary_user(readable: Path) -> tuple[str, dict[str, Any]]:
    """An interpreter that an ordinary user may run, and how to become that user; root turns into nobody."""
    become: dict[str, Any] = {"cwd": "/"}
    if os.geteuid() == 0:
        become |= {"user": ORDINARY_USER, "group": ORDINARY_USER, "extra_groups": []}
    said = ""
    for python in (sys.executable, *_environment_of_the_system(readable / "python")):
        try:
            attempt = subprocess.run([python, "-c", "import nodrop.lab.experiments"], capture_output=True, **become)
        except PermissionError as error:
            said = str(error)
            continue
        if attempt.returncode == 0:
            return python, become
        said = attempt.stderr.decode()
    pytest.skip(f"user {ORDINARY_USER} cannot run this Python: {said}")


def _environment_of_the_system(folder: Path) -> Iterator[str]:
    """The system's Python of this version, as one of a virtual environment that imports what this one does.

    What User-mode Linux starts has no variables, such as PYTHONPATH.
    """
    version = f"python3.{sys.version_info.minor}"
    if system := shutil.which(version, path="/usr/local/bin:/usr/bin"):
        packages = folder / "lib" / version / "site-packages"
        packages.mkdir(parents=True)
        (packages / "same.pth").write_text("\n".join(filter(None, sys.path)))
        (folder / "pyvenv.cfg").write_text(f"home = {Path(system).parent}\n")
        (folder / "bin").mkdir()
        (folder / "bin" / "python").symlink_to(system)
        yield str(folder / "bin" / "python")


@pytest.fixture(scope="module")
def cache(readable: Path) -> Path:
    """The folder for $XDG_CACHE_HOME with what `make engine` and `make ipvs` put there, for that user to read."""
    kept = (programs.cache(), ipvs_packages.default_folder())
    if os.geteuid() != 0:
        return kept[0].parents[1]
    for each in filter(Path.exists, kept):
        copy = Path(readable, *each.parts[-2:])
        shutil.copytree(each, copy, symlinks=True, copy_function=_link, ignore=_not_for_the_lab)
    return readable


def _link(file: str, copy: str) -> None:
    """A hard link, as the programs are large, or a copy where the folders are on two file systems."""
    try:
        os.link(file, copy)
    except OSError:
        shutil.copy2(file, copy)


def _not_for_the_lab(folder: str, names: list[str]) -> list[str]:
    """What only the engine suite runs."""
    if Path(folder) != programs.cache():
        return []
    return [name for name in names if not name.startswith(("etcd-", "kube-apiserver-", "nft-"))]


def preset(path: ServingPath, _cache: Path) -> Job:
    return job("preset", Experiment.ROLLOUT, path, settings=CHOSEN)


def under_kubernetes(path: ServingPath, _cache: Path) -> Job:
    return job("kubernetes", Experiment.ROLLOUT, path, settings=replace(CHOSEN, control_plane="kubernetes"))


def behind_ipvs(_path: ServingPath, cache: Path) -> Job:
    folder = cache / ipvs_packages.default_folder().relative_to(programs.cache().parents[1])
    return ipvs_job("today", Ipvs(packages=str(folder)))


@pytest.mark.parametrize(
    ("made", "control_plane", "proxy_mode"),
    [
        pytest.param(preset, "embedded", "nftables"),
        pytest.param(under_kubernetes, "Kubernetes v1.", "nftables", marks=pytest.mark.kubernetes),
        pytest.param(behind_ipvs, "embedded", "IPVS (", marks=pytest.mark.ipvs),
    ],
)
def test_an_ordinary_user_measures_the_same(
    neg_path: ServingPath,
    ordinary_user: tuple[str, dict[str, Any]],
    cache: Path,
    made: Callable[[ServingPath, Path], Job],
    control_plane: str,
    proxy_mode: str,
) -> None:
    python, become = ordinary_user
    run = subprocess.run(
        [python, "-c", AS_AN_ORDINARY_USER],
        input=pickle.dumps(made(neg_path, cache)),
        capture_output=True,
        timeout=800,
        env={**os.environ, "XDG_CACHE_HOME": str(cache)},
        **become,
    )
    assert run.returncode == 0, run.stderr.decode()
    said = json.loads(run.stdout)
    assert said["uid"] != 0
    assert said["result"]["finished"]
    assert said["result"]["failures"] == {}
    assert said["result"]["requests"] > 500
    assert said["result"]["conditions"]["control_plane"].startswith(control_plane)
    assert said["result"]["conditions"]["proxy_mode"].startswith(proxy_mode)
