"""Runs the lab on random configurations and compares its counts with the model's expectations.

    python benchmarks/consistency.py        # 60 labs; writes docs/consistency.json, prints every row and the verdict

`python docs/figures.py` draws the scatter plot from that file.
"""

import argparse
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.consistency_cases import Comparison, configurations, draws, to_json
from nodrop.lab.errors import LabFailedError
from nodrop.lab.results import RolloutResult
from nodrop.lab.runner import run_all

BATCH = 4
"""Labs after which the progress moves; one that cannot be run takes its batch with it."""
FILE = Path(__file__).parent.parent / "docs" / "consistency.json"


def main() -> None:
    """Reads the options, runs, writes, prints; exit code 1 if model and lab disagree more than is claimed."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--count", type=int, default=60)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--parallel", type=int, default=2)
    options.add_argument("--output", type=Path, default=FILE)
    given = options.parse_args()
    console = Console(width=160)
    asked = configurations(given.count, given.seed)
    comparisons: list[Comparison] = []
    failed = 0
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task("labs", total=len(asked))
        for first in range(0, len(asked), BATCH):
            batch = asked[first : first + BATCH]
            jobs = [configuration.job(number) for number, configuration in enumerate(batch, first + 1)]
            try:
                results = run_all(jobs, lambda _job, _phase: None, given.parallel)
            except LabFailedError as error:  # the machine was too busy: what the others counted stays
                failed += len(batch)
                print(error, file=sys.stderr)
                continue
            finally:
                progress.advance(bar, len(batch))
            comparisons += [
                Comparison(
                    configuration=configuration,
                    failures=result.failures,
                    requests=result.requests,
                    saved=result.saved,
                )
                for configuration, result in zip(batch, results, strict=True)
                if isinstance(result, RolloutResult)
            ]
    console.print(_table(comparisons))
    drawn = next(number for number, each in enumerate(draws(given.seed), 1) if each == asked[-1])
    print(f"{len(asked)} configurations of {drawn} drawn; the others would be decided by chance or by the machine")
    zero = sum(comparison.agrees_on_zero for comparison in comparisons)
    near = sum(comparison.within_tolerance for comparison in comparisons)
    print(f"zero or not: {zero} of {len(comparisons)} agree; within 30 %: {near} of {len(comparisons)}")
    if failed:
        print(f"{failed} configurations gave no result, nothing is recorded: free the machine and run it again")
    else:
        given.output.write_text(json.dumps([to_json(comparison) for comparison in comparisons], indent=1) + "\n")
    sys.exit(bool(failed) or zero < len(comparisons) or near < 0.9 * len(comparisons))


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
