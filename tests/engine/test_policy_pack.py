"""`pulumi preview --policy-pack policy` judges the stack that the plain CLI runs, as `nodrop check` does."""

import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli import ROOT, Checkout, Done
from harness.cloud import PROJECT
from harness.engine import Engine
from languages.run_python import AS_DECLARED
from nodrop.cli import main

pytestmark = pytest.mark.engine
STACK = "container-native"
PACK = ROOT / "policy"
DOCS = ROOT / "docs" / "policy-pack.md"
RULE = "pre-stop-outlasts-deprogramming"
EDITED = """
import pulumi
import pulumi_gcp as gcp
from stacks.programs import run

other = gcp.compute.GlobalAddress("other")


def edit(args):
    if args.type_ != "kubernetes:apps/v1:Deployment":
        return None
    spec = args.props["spec"]["template"]["spec"]
    EDIT
    return pulumi.ResourceTransformResult(args.props, args.opts)


pulumi.runtime.register_resource_transform(edit)
run()
"""
CUT = "del spec['containers'][0]['lifecycle']"


@pytest.fixture
def checkout(engine: Engine) -> Iterator[Checkout]:
    checkout = Checkout(engine, STACK, **{"gcp:project": PROJECT, "gke-nodrop:deletion_protection": "false"})
    checkout.environment[AS_DECLARED] = "1"
    yield checkout
    checkout.stop()


@pytest.fixture
def deployed(checkout: Checkout) -> Checkout:
    done = checkout.run("up", "--yes", "--skip-preview")
    assert done.exit_code == 0, done.output
    return checkout


@pytest.fixture
def own_pack(tmp_path: Path) -> Path:
    """A pack of one's own, as docs/policy-pack.md has it, beside the environment of the program."""
    folder = tmp_path / "policy"
    folder.mkdir()
    for name, content in re.findall(r"`policy/(\S+)`[^\n]*:\n\n```\w+\n(.*?)```", DOCS.read_text(), re.DOTALL):
        (folder / name).write_text(content)
    assert sorted(each.name for each in folder.iterdir()) == ["PulumiPolicy.yaml", "__main__.py"]
    (tmp_path / ".venv").symlink_to(sys.prefix)
    return folder


def edited(checkout: Checkout, edit: str) -> None:
    (checkout.folder / "__main__.py").write_text(EDITED.replace("EDIT", edit))


def preview(checkout: Checkout, *more: str, command: str = "preview", pack: Path = PACK) -> Done:
    """The command of docs/policy-pack.md."""
    assert "pulumi preview --policy-pack policy" in DOCS.read_text()
    return checkout.run(command, "--policy-pack", str(pack), *more)


def preview_at(checkout: Checkout, pack: Path, policy: str, level: str) -> Done:
    """The same, with a level for one policy."""
    assert "`--policy-pack-config`" in DOCS.read_text()
    file = checkout.folder / "levels.json"
    file.write_text(json.dumps({policy: level}))
    return preview(checkout, "--policy-pack-config", str(file), pack=pack)


def finding_of_check(checkout: Checkout) -> list[str]:
    """The lines in which `nodrop check` tells of the rule, without its name."""
    told = CliRunner().invoke(
        main, ["check", "--stack", STACK, "--project", str(checkout.folder)], env={**os.environ, "COLUMNS": "160"}
    )
    assert told.exit_code == 1, told.output
    below = told.output[told.output.index(f"error  {RULE}\n") :].splitlines()[1:]
    return [line.strip() for line in below[: next(at for at, line in enumerate(below) if line[:4].strip())]]


def test_a_clean_stack_passes_and_its_verdict_is_told(checkout: Checkout) -> None:
    previewed = preview(checkout)
    assert previewed.exit_code == 0, previewed.output
    assert "Policies:\n    ✅ gke-nodrop@v" in previewed.stdout
    assert "gke-nodrop: 1 serving path: 1 clean.\n" in previewed.stdout
    assert "clean  container-native/web; stated longest request 30 s (annotation)" in previewed.stdout


def test_what_drops_requests_is_refused_in_the_words_of_check_before_the_cluster_exists(
    checkout: Checkout,
) -> None:
    edited(checkout, CUT)
    previewed = preview(checkout, "--yes", command="up")
    assert previewed.exit_code != 0
    assert "resources" not in checkout.checkpoint(), "nothing is created"
    assert f"[mandatory]  {RULE}  (kubernetes:apps/v1:Deployment: web)" in previewed.stdout
    shown = {line.strip() for line in previewed.stdout.splitlines()}
    told = finding_of_check(checkout)
    assert len(told) >= 4
    assert [line for line in told if line not in shown] == [], previewed.stdout


def test_the_same_on_a_cluster_that_exists(deployed: Checkout) -> None:
    previewed = preview(deployed)
    assert previewed.exit_code == 0, previewed.output
    assert "gke-nodrop: 1 serving path: 1 clean.\n" in previewed.stdout
    edited(deployed, CUT)
    previewed = preview(deployed)
    assert previewed.exit_code != 0
    assert f"[mandatory]  {RULE}  (kubernetes:apps/v1:Deployment: web)" in previewed.stdout


def test_a_level_makes_a_rule_advisory_or_silent(checkout: Checkout, own_pack: Path) -> None:
    edited(checkout, CUT)
    told = preview_at(checkout, own_pack, RULE, "advisory")
    assert told.exit_code == 0, told.output
    assert f"[advisory]  {RULE}  (kubernetes:apps/v1:Deployment: web)" in told.stdout
    silent = preview_at(checkout, own_pack, RULE, "disabled")
    assert silent.exit_code == 0, silent.output
    assert RULE not in silent.stdout
    assert "1 serving path: 1 drops." in silent.stdout, "the verdict stays"
    misspelt = preview_at(checkout, own_pack, RULE[:-1], "advisory")
    assert misspelt.exit_code != 0
    assert f"{RULE[:-1]}: no such policy in gke-nodrop; did you mean {RULE}?" in misspelt.output


def test_an_unknown_value_is_told_and_lets_nothing_pass_as_clean(checkout: Checkout, own_pack: Path) -> None:
    edited(checkout, "spec['terminationGracePeriodSeconds'] = other.address.apply(len)")
    previewed = preview(checkout, pack=own_pack)
    assert previewed.exit_code == 0, previewed.output
    assert "[advisory]  not-judged  (kubernetes:apps/v1:Deployment: web)" in previewed.stdout
    assert "1 serving path: 1 not judged." in previewed.stdout
    mandatory = preview_at(checkout, own_pack, "not-judged", "mandatory")
    assert mandatory.exit_code != 0
