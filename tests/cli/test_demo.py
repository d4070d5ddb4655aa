"""`nodrop demo` has its stacks with it, in a checkout and in the wheel."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from nodrop.cli import main
from nodrop.cli.compare import compare
from nodrop.cli.demo import shipped_project

ROOT = Path(__file__).parents[2]
STACKS = ("container-native", "legacy-nodeport")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, unpacked."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (file,) = folder.glob("*.whl")
    with zipfile.ZipFile(file) as packed:
        packed.extractall(folder / "unpacked")
    return folder / "unpacked"


def rendered(project: Path, stack: str, folder: Path) -> dict[str, str]:
    """The objects that a stack's program makes, in a process of its own, by file."""
    nodrop = Path(sys.executable).parent / "nodrop"
    options = ["preview", "--project", str(project), "--stack", stack, "--render", str(folder)]
    subprocess.run([nodrop, *options], check=False, capture_output=True)  # the NodePort stack drops requests
    return {file.name: file.read_text() for file in folder.iterdir()}


@pytest.mark.parametrize("stack", STACKS)
def test_the_wheel_holds_each_stack_as_the_checkout_has_it(stack: str, wheel: Path, tmp_path: Path) -> None:
    shipped = rendered(wheel / "nodrop" / "demo", stack, tmp_path / "wheel")
    assert "Deployment" in "".join(shipped.values())
    assert shipped == rendered(ROOT, stack, tmp_path / "checkout")


def test_in_a_checkout_the_stacks_are_the_checkout_s() -> None:
    assert shipped_project() == ROOT


def test_it_compares_the_shipped_stacks_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: dict[str, object] = {}
    monkeypatch.setattr(compare, "callback", lambda **options: asked.update(options))
    monkeypatch.chdir(tmp_path)
    assert CliRunner().invoke(main, ["demo"]).exit_code == 0
    assert asked["project"] == ROOT
    assert (asked["neg_stack"], asked["node_port_stack"]) == STACKS
    assert asked["speed_up"] is None


def test_the_wheel_brings_no_package_of_a_general_name(wheel: Path) -> None:
    assert {each.name for each in wheel.iterdir() if each.suffix != ".dist-info"} == {"nodrop", "gke_nodrop"}
