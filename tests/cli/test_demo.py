"""`nodrop demo` has its stacks with it, in a checkout and in the wheel."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from nodrop.cli.demo import shipped_project
from nodrop.lab.job import Ipvs
from nodrop.preview import evaluate, kubernetes_objects
from tests.cli.labs import Lab, make_ipvs_folder, nodrop

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


@pytest.mark.parametrize("stack", STACKS)
def test_the_wheel_holds_each_stack_as_the_checkout_has_it(stack: str, wheel: Path) -> None:
    shipped = evaluate(wheel / "nodrop" / "demo", stack)
    assert "Deployment" in [each["kind"] for each in kubernetes_objects(shipped)]
    assert shipped == evaluate(ROOT, stack)


def test_in_a_checkout_the_stacks_are_the_checkout_s() -> None:
    assert shipped_project() == ROOT


def test_it_compares_the_shipped_stacks_from_any_folder(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = nodrop("demo")
    assert ended.exit_code == 0, ended.output
    rows = [job.variant for job in lab.jobs]
    assert len(rows) == 16
    assert "NodePort, the service of the 2019 report" in rows
    assert all(not job.settings.speed_up_is_forced for job in lab.jobs)
    assert "compare --project" not in ended.stderr


def test_where_there_is_a_kernel_with_ipvs_it_names_the_command_for_it(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    make_ipvs_folder(tmp_path)
    ended = nodrop("demo")
    assert ended.exit_code == 0, ended.output
    assert not [job for job in lab.jobs if job.settings.ipvs]
    assert f"to add the rows behind IPVS: nodrop compare --project {ROOT}" in ended.stderr


def test_where_every_node_port_is_behind_ipvs_it_names_no_command_for_it(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = make_ipvs_folder(tmp_path, "unpacked")
    ended = nodrop("demo", "--proxy", "ipvs", "--ipvs-folder", folder)
    assert ended.exit_code == 0, ended.output
    assert {job.settings.ipvs for job in lab.jobs} == {Ipvs(packages=str(folder))}
    assert "to add the rows" not in ended.stderr


def test_the_wheel_brings_no_package_of_a_general_name(wheel: Path) -> None:
    assert {each.name for each in wheel.iterdir() if each.suffix != ".dist-info"} == {"nodrop", "gke_nodrop"}
