"""`pulumi preview --policy-pack` judges the stack that the plain CLI runs; the pack has a venv of its own."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.cli import Checkout
from harness.cloud import PROJECT
from harness.engine import Engine
from tools import venvs

pytestmark = pytest.mark.engine
PACK = Path(__file__).parent / "languages" / "policy_pack"
WITHOUT_PRE_STOP = """
import pulumi
from stacks.programs import run


def cut(args):
    if args.type_ != "kubernetes:apps/v1:Deployment":
        return None
    template = args.props["spec"]["template"]
    for container in template["spec"]["containers"]:
        del container["lifecycle"]
    return pulumi.ResourceTransformResult(args.props, args.opts)


pulumi.runtime.register_resource_transform(cut)
run()
"""


@pytest.fixture
def checkout(engine: Engine) -> Iterator[Checkout]:
    checkout = Checkout(engine, "container-native", **{"gcp:project": PROJECT})
    yield checkout
    checkout.stop()


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """As in a project that keeps the pack and its venv in one folder."""
    if why_not := venvs.POLICY_PACK.missing():
        if os.environ.get("NODROP_REQUIRE_ENGINE"):
            pytest.fail(f"the engine must run here, but cannot: {why_not}")
        pytest.skip(f"the engine cannot run here: {why_not}")
    folder = tmp_path / "policy_pack"
    shutil.copytree(PACK, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "venv").symlink_to(venvs.POLICY_PACK.folder)
    return folder


def test_stack_passes_the_policy_pack(checkout: Checkout, pack: Path) -> None:
    previewed = checkout.run("preview", "--policy-pack", str(pack))
    assert previewed.exit_code == 0, previewed.output
    assert "Policies:\n    ✅ minimal" in previewed.stdout


def test_policy_pack_stops_a_program_that_breaks_its_rule(checkout: Checkout, pack: Path) -> None:
    (checkout.folder / "__main__.py").write_text(WITHOUT_PRE_STOP)
    previewed = checkout.run("preview", "--policy-pack", str(pack))
    assert previewed.exit_code != 0
    assert "[mandatory]  containers-have-pre-stop  (kubernetes:apps/v1:Deployment: web)" in previewed.stdout
    assert "container web has no preStop hook" in previewed.stdout
