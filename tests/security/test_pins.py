"""What is installed or built is what the locks say, byte for byte."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {package["name"]: package for package in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def files(package: dict[str, Any]) -> list[dict[str, str]]:
    return [*package.get("wheels", []), *([package["sdist"]] if "sdist" in package else [])]


def test_uv_itself_is_installed_by_the_hashes_of_the_lock() -> None:
    said = subprocess.run([sys.executable, ROOT / ".ci" / "pinned_uv.py"], capture_output=True, text=True, check=True)
    pin, *hashes = said.stdout.split()
    assert pin == f"uv=={PACKAGES['uv']['version']}"
    assert sorted(hashes) == sorted(f"--hash={wheel['hash']}" for wheel in PACKAGES["uv"]["wheels"])
    (installs,) = re.findall(r".*bin/pip install.*", (ROOT / "Makefile").read_text())
    assert "--require-hashes --requirement $(VENV)/uv.txt" in installs


def test_this_project_is_built_by_the_hatchling_of_the_lock() -> None:
    assert PROJECT["build-system"]["requires"] == [f"hatchling=={PACKAGES['hatchling']['version']}"]
    assert PROJECT["tool"]["uv"]["no-build-isolation-package"] == [PROJECT["project"]["name"]]


@pytest.mark.parametrize("name", sorted(PACKAGES.keys() - {"gke-nodrop"}))
def test_every_file_of_the_lock_has_its_hash(name: str) -> None:
    found = files(PACKAGES[name])
    assert found
    assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", file["hash"]) for file in found)


@pytest.mark.parametrize("requirements", ["scans/requirements.txt", "tools/go/requirements.txt"])
def test_every_requirement_of_the_engine_suite_has_a_version_and_a_hash(requirements: str) -> None:
    text = (ROOT / "tests" / "engine" / requirements).read_text().replace("\\\n", "")
    lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    assert lines
    assert all(re.match(r"\S+==\S+.*--hash=sha256:[0-9a-f]{64}", line) for line in lines)
