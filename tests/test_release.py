"""What is published can be installed and used, and a newcomer gets where README says."""

import os
import re
import subprocess
import sys
import tomllib
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]


def script(name: str) -> ModuleType:
    spec = spec_from_file_location(name, ROOT / ".ci" / f"{name}.py")
    assert spec
    assert spec.loader
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def newcomer(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    return script("newcomer")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_wheel_and_the_sdist_are_built_and_the_wheel_works_in_a_fresh_environment(tmp_path: Path) -> None:
    command = [sys.executable, ROOT / ".ci" / "release.py", "--out", tmp_path / "dist"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "are fit for release" in done.stdout


def test_a_file_that_is_missing_from_a_package_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"error: a\.whl lacks nodrop/py\.typed"):
        script("release").missing(tmp_path / "a.whl", ("nodrop/py.typed", "x"), {"x"})


@pytest.mark.slow
def test_a_newcomer_gets_a_verdict_on_yaml_of_their_own(newcomer: ModuleType, tmp_path: Path) -> None:
    newcomer.judged(tmp_path)


@pytest.mark.slow
def test_a_newcomer_sees_their_program_previewed(newcomer: ModuleType, tmp_path: Path) -> None:
    newcomer.previewed(tmp_path)


def test_a_newcomer_installs_from_a_clone_into_an_environment_of_their_own(newcomer: ModuleType) -> None:
    assert [command.split()[0] for command in newcomer.commands("Install")] == ["python3", "pip"]


def test_ci_takes_the_newcomers_way_and_builds_a_release() -> None:
    ci = (ROOT / ".ci" / "run").read_text().splitlines()
    assert "make newcomer" in ci
    makefile = (ROOT / "Makefile").read_text()
    assert re.search(r"^newcomer:.*\n\t.*\.ci/newcomer\.py$", makefile, re.MULTILINE)
    assert re.search(r"^release:.*\n\t.*\.ci/release\.py$", makefile, re.MULTILINE)


def test_the_changelog_tells_of_the_version_or_of_what_is_not_released() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    first = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[0]
    assert first == "Unreleased" or first.startswith(f"{version} ")
