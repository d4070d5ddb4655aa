"""`pulumi preview --policy-pack policy` judges the stack that the plain CLI runs, as `nodrop check` would."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.cli import ROOT, Checkout
from harness.cloud import PROJECT
from harness.engine import Engine

pytestmark = pytest.mark.engine
PACK = str(ROOT / "policy")


@pytest.fixture
def checkout(engine: Engine) -> Iterator[Checkout]:
    checkout = Checkout(engine, "container-native", **{"gcp:project": PROJECT})
    yield checkout
    checkout.stop()


def test_stack_passes_the_policy_pack(checkout: Checkout) -> None:
    previewed = checkout.run("preview", "--policy-pack", PACK)
    print(previewed.output)
    assert previewed.exit_code == 0, previewed.output
    assert 0
