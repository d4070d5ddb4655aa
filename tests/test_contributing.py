"""The three changes that docs/contributing.md shows work in a copy of the tree, as its text says."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "contributing.md").read_text()


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def blocks(title: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", section(title), flags=re.DOTALL)


def named_files(title: str) -> list[str]:
    """The first file of each row of the table."""
    return re.findall(r"^\| `([^`]+)`", section(title), flags=re.MULTILINE)


@pytest.fixture
def tree(tmp_path) -> Path:
    for folder in ("nodrop", "components", "docs", "tests"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    for file in ("pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / file, tmp_path)
    return tmp_path


def ran(tree: Path, *command: str) -> str:
    """What a Python command prints that reads the copy."""
    paths = os.pathsep.join(map(str, (tree, tree / "components")))
    done = subprocess.run(
        [sys.executable, *command],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def passed_by(tree: Path, *tests: str) -> None:
    ran(tree, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests)


def inserted(path: Path, text: str, before: str) -> None:
    written = path.read_text()
    assert written.count(before) == 1, f"{path.name} has no single {before!r}"
    path.write_text(written.replace(before, text + before))


def test_a_rule_is_one_function_and_its_page(tree):
    module, generated = named_files("A rule")
    [function] = blocks("A rule")
    with (tree / module).open("a") as file:
        file.write(f"\n\n{function}")
    ran(tree, "docs/rules.py")
    assert (tree / generated / "pods-start-soon.md").exists()
    assert "longer than 300 s" in ran(tree, "-P", "-m", "nodrop", "explain", "pods-start-soon")
    passed_by(tree, "tests/rollout/test_registry.py", "tests/rollout/test_rules.py")


def test_an_input_is_one_field_and_the_line_that_writes_it(tree):
    module, _, outside, edits = named_files("An input of a component")
    declared, written, values, edit = blocks("An input of a component")
    kind, _, field = declared.partition("class BackendArgs(TypedDict):\n")
    inserted(tree / module, kind, "class BackendArgs(TypedDict):\n")
    inserted(tree / module, field, "    session_affinity: NotRequired[SessionAffinityArgs]\n")
    inserted(tree / module, written, "    return fields\n\n\ndef _sample_rate")
    inserted(tree / outside, values, '    "backend.request_headers": ')
    inserted(tree / edits, edit, '    yield web("backend.security_policy", None,')
    for command in re.findall(r"python ([^`>]+?)(?: > ([^`]+))?`", section("An input of a component")):
        printed = ran(tree, *command[0].split())
        if command[1]:
            (tree / command[1]).write_text(printed)
    assert "max_rate_per_endpoint" in (tree / "components/gke_nodrop/__init__.pyi").read_text()
    assert "maxRatePerEndpoint" in (tree / "components/schema.json").read_text()
    passed_by(tree, "tests/gke_nodrop/inputs/test_every_input.py", "tests/gke_nodrop/provider/test_component_schema.py")


def test_an_annotation_is_its_key_with_a_reader_and_a_writer(tree):
    [module] = named_files("An annotation")
    [code] = blocks("An annotation")
    with (tree / module).open("a") as file:
        file.write(f"\n\n{code}")
    passed_by(tree, "tests/gke/test_said_once.py")
    name = module.removesuffix(".py").replace("/", ".")
    trip = f"from {name} import *; print(read_max_rate_per_endpoint(write_max_rate_per_endpoint(100)))"
    assert ran(tree, "-c", trip) == "100\n"
