"""Runs the lab on random configurations and compares its counts with the model's expectations.

    python -m benchmarks.consistency        # 60, and 20 with draining and long requests; writes docs/consistency.json

Each of the two draws is recorded with its day as soon as it is measured; `--count 0` or `--draining 0` leaves one out.
`python docs/figures.py` draws the scatter plot from that file.
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.consistency_cases import (
    DRAINING,
    RANDOM,
    Comparison,
    Configuration,
    configurations,
    draws,
    record,
)
from nodrop.lab.job import Job
from nodrop.lab.results import RolloutResult
from nodrop.lab.runner import run_each

FILE = Path(__file__).parent.parent / "docs" / "consistency.json"


def main() -> None:
    """Reads the options, runs, writes, prints; exit code 1 if model and lab disagree more than is claimed."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=60)
    options.add_argument("--draining", type=int, default=20)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--parallel", type=int, default=2)
    options.add_argument("--output", type=Path, default=FILE)
    given = options.parse_args()
    asked = {
        RANDOM: configurations(given.count, given.seed),
        DRAINING: configurations(given.draining, given.seed + 1, draining=True),
    }
    agree = [_measured(draw, of_draw, given) for draw, of_draw in asked.items() if of_draw]
    if given.count:
        last = asked[RANDOM][-1]
        drawn = next(number for number, each in enumerate(draws(given.seed), 1) if each == last)
        print(f"{given.count} configurations of {drawn} drawn; the others would be decided by chance or by the machine")
    sys.exit(not all(agree))


def _measured(draw: str, asked: Sequence[Configuration], given: argparse.Namespace) -> bool:
    """Rehearses, prints and records the configurations of a draw; returns whether model and lab agree as claimed."""
    comparisons, failed = _compared(asked, given.parallel)
    again, failed = _compared(failed, 1) if failed else ([], [])
    comparisons += again
    Console(width=160).print(_table(comparisons))
    zero = sum(comparison.agrees_on_zero for comparison in comparisons)
    near = sum(comparison.within_tolerance for comparison in comparisons)
    print(f"{draw}: zero or not: {zero} of {len(comparisons)} agree; within 30 %: {near} of {len(comparisons)}")
    if failed:
        print(
            f"{len(failed)} configurations gave no result, none of the draw is recorded: free the machine, run it again"
        )
    else:
        kept = given.output.read_text() if given.output.exists() else ""
        given.output.write_text(record(kept, draw, comparisons, datetime.now(UTC).date().isoformat()))
    return not failed and zero == len(comparisons) and near >= 0.9 * len(comparisons)


def _compared(asked: Sequence[Configuration], parallel: int) -> tuple[list[Comparison], list[Configuration]]:
    """What was counted, and the configurations that gave no result."""
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("labs", total=len(asked))

        def told(_job: Job, phase: str) -> None:
            if phase == "done":
                progress.advance(bar)

        outcomes = run_each([each.job(number) for number, each in enumerate(asked, 1)], told, parallel)
    failed: list[Configuration] = []
    comparisons: list[Comparison] = []
    for configuration, outcome in zip(asked, outcomes, strict=True):
        if isinstance(outcome, RolloutResult):
            counted = {"failures": outcome.failures, "requests": outcome.requests, "saved": outcome.saved}
            ran = configuration.as_run(outcome.conditions.allowance_real_seconds)
            comparisons.append(Comparison(configuration=ran, **counted))
        else:
            print(outcome, file=sys.stderr)
            failed.append(configuration)
    return comparisons, failed


def _table(comparisons: list[Comparison]) -> Table:
    table = Table(*("#", "expected", "counted", "by cause (expected)", "by cause (counted)", "configuration"))
    for number, comparison in enumerate(comparisons, 1):
        rollout, settings = comparison.configuration.rollout, comparison.configuration.settings
        causes = {cause.value: round(n) for cause, n in comparison.configuration.expected.by_cause.items() if n >= 0.5}
        said = (
            f"N {rollout.replicas} {rollout.strategy} s {rollout.max_surge} u {rollout.max_unavailable} "
            f"p {rollout.pre_stop_seconds} G {rollout.termination_grace_period_seconds} "
            f"R {rollout.longest_request_seconds} D {rollout.draining_timeout_seconds} m {rollout.min_ready_seconds} "
            f"start {rollout.startup_seconds} K {rollout.keep_alive_timeout_seconds} {rollout.on_term} "
            f"gate {comparison.configuration.injects_gate} attach {settings.attach_lag_seconds} "
            f"detach {settings.detach_lag_seconds} proxies {settings.proxies}"
        )
        style = None if comparison.agrees_on_zero and comparison.within_tolerance else "red"
        cells = (str(number), f"{comparison.expected:.0f}", str(comparison.counted))
        table.add_row(*cells, str(causes), str(dict(comparison.failures)), said, style=style)
    return table


if __name__ == "__main__":
    main()
