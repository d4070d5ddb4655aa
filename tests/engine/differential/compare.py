"""Runs cases under both and says where they part."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from differential.cases import Case
from differential.embedded import Difference, Replay

NODES = ("node-1", "node-2")


@dataclass(frozen=True)
class Outcome:
    """What came of one case."""

    case: Case
    steps: list[dict[str, Any]]
    difference: Difference | None
    lags: list[float]
    """By how many seconds the real controllers were later where time alone brought something."""

    @property
    def rules(self) -> list[str]:
        """Steps after which kube-proxy's rules were not the embedded kube-proxy's."""
        return [f"step {number}: {each}" for number, step in enumerate(self.steps) for each in step["rules"]]

    @property
    def restless(self) -> list[str]:
        """Steps that the real controllers had not finished when the next one began."""
        return [f"step {number}: not at rest" for number, step in enumerate(self.steps) if not step["rested"]]

    @property
    def all_differences(self) -> list[str]:
        """Everything in which the two part, and what could not be compared."""
        return [*([str(self.difference)] if self.difference else []), *self.rules, *self.restless]


@dataclass(frozen=True)
class Comparison:
    """All cases under one version of Kubernetes."""

    version: str
    outcomes: list[Outcome]


def compare(cases: Sequence[Case]) -> Comparison:
    """Runs the cases under the real controllers, then under the embedded ones.

    Raises:
        RuntimeError: the real control plane could not be run; with what it said.
    """
    argv = [sys.executable, "-m", "differential.real", *(case.name for case in cases)]
    ran = subprocess.run(argv, cwd=Path(__file__).parents[1], capture_output=True, text=True)
    if ran.returncode:
        raise RuntimeError(ran.stderr.strip()[-4000:])
    first, *rest = map(json.loads, ran.stdout.splitlines())
    steps = {each["name"]: each["steps"] for each in rest}
    return Comparison(first["version"], [outcome(case, steps[case.name]) for case in cases])


def outcome(case: Case, steps: list[dict[str, Any]]) -> Outcome:
    """Holds the embedded controllers to the steps of the real ones."""
    replay = Replay(case, steps[0]["at"], NODES)
    return Outcome(case, steps, replay.difference(steps), replay.lags)
