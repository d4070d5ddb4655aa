"""Nothing in the folder that a command runs in is imported: a checkout is data, whatever its files are called."""

import functools
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

MANIFEST = Path(__file__).parents[1] / "lab" / "manifests" / "neg.yaml"
IMPORTED = "imported"
"""A file that a module of the folder makes beside itself when it is imported."""
NODROP = Path(sys.executable).with_name("nodrop")
ENTRIES = {
    "the command": [str(NODROP)],
    "the module": [sys.executable, "-P", "-m", "nodrop"],
}
PACKAGES = ("nodrop", "gke_nodrop", "aiohttp", "envoy")
"""Decoys that are folders; the others are files."""


@functools.cache
def decoys() -> set[str]:
    """Every name that may be imported."""
    names = {*sys.stdlib_module_names, *packages_distributions(), *PACKAGES, "sitecustomize", "usercustomize"}
    return {name for name in names if name.isidentifier()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Holds a serving path in YAML and nothing else, so far."""
    (tmp_path / "serving.yaml").write_text(MANIFEST.read_text())
    return tmp_path


def fill(folder: Path) -> None:
    code = f"import os\nopen(os.path.join({str(folder)!r}, {IMPORTED!r}), 'a').write(__name__ + ' ')\n"
    for name in decoys():
        if name in PACKAGES:
            (folder / name).mkdir()
            (folder / name / "__init__.py").write_text(code)
        else:
            (folder / f"{name}.py").write_text(code)


def run(folder: Path, entry: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [*ENTRIES[entry], *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )


def imported(folder: Path) -> str:
    trace = folder / IMPORTED
    return trace.read_text() if trace.exists() else ""


def test_a_decoy_is_imported_where_nothing_keeps_it_out(folder: Path) -> None:
    """Else the tests below would show nothing."""
    fill(folder)
    subprocess.run([sys.executable, "-c", "import csv"], cwd=folder, check=True)
    assert "csv" in imported(folder)


@pytest.mark.lab
@pytest.mark.parametrize("entry", ENTRIES)
def test_a_rehearsal_imports_nothing_of_the_folder_it_runs_in(folder: Path, entry: str) -> None:
    fill(folder)
    done = run(folder, entry, "rehearse", "serving.yaml", "--experiment", "rollout")
    assert done.returncode == 0, done.stderr
    assert imported(folder) == ""


@pytest.mark.lab
def test_a_rehearsal_that_draws_its_page_imports_nothing_of_the_folder_it_runs_in(folder: Path) -> None:
    """Drawing loads the most packages of all."""
    fill(folder)
    (folder / "matplotlibrc").write_text("backend: module://csv\ntext.usetex: True\n")
    options = ("--experiment", "rollout", "--report", "page")
    done = run(folder, "the command", "rehearse", "serving.yaml", *options)
    assert done.returncode == 0, done.stderr
    assert (folder / "page" / "index.html").exists()
    assert imported(folder) == ""


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_plan_imports_nothing_of_the_folder_it_runs_in(folder: Path, entry: str) -> None:
    fill(folder)
    done = run(folder, entry, "plan", "--longest-request-seconds", "30")
    assert done.returncode == 0, done.stderr
    assert imported(folder) == ""


def test_the_module_refuses_to_run_where_python_would_import_from_the_folder(folder: Path) -> None:
    done = subprocess.run([sys.executable, "-m", "nodrop", "plan"], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("error: python -m nodrop would import modules from the current folder; run the comm")


def test_every_python_that_the_tools_start_is_kept_from_the_current_folder() -> None:
    started = []
    for file in sorted((Path(__file__).parents[2] / "nodrop").rglob("*.py")):
        tokens = re.findall(r"sys\.executable,\s*(\S+?),", file.read_text())
        started += [(file.name, option) for option in tokens]
    assert {option for _, option in started} <= {'"-P"', '"-I"'}, started
    assert {name for name, _ in started} >= {"sandbox.py", "sending.py", "contained.py", "containers.py"}
