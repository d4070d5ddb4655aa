"""Whether the verdicts of `nodrop compare` repeat: every variant, over seeds, on an idle machine and on a busy one.

    python -m benchmarks.repeat        # 20 seeds, two loads; writes docs/repeat.json and its table

`--seeds`, `--load` and `--variant` take fewer. The record is written after each variant, and rows of the other load or
of other variants that were recorded over the same seeds stay, each with its day: so it can be measured in parts. A run
that the machine does not let be decided counts as undecided, with its reason. Exits with 1 where two runs of a variant
contradict each other. The rows behind IPVS are among them where `make ipvs` has brought a kernel for it.
"""

import argparse
import json
import multiprocessing
import os
import sys
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress

from benchmarks.record import with_record
from benchmarks.repeat_rows import LOADS, Load, joined, markdown, row, table
from nodrop.cli.compare import NEG_STACK, NODE_PORT_STACK, Stack, compared
from nodrop.cli.proxy_options import ipvs_here
from nodrop.lab.job import Job, Settings
from nodrop.lab.runner import run_each
from nodrop.project_file import ProjectFile
from nodrop.rollout import Facts

PROJECT = Path(__file__).parents[1]
FILE = PROJECT / "docs" / "repeat.json"
PAGE = PROJECT / "docs" / "compare.md"
MOST_SPEED_UP = 30


def main() -> None:
    """Reads the options, runs, writes, prints."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, default=20)
    options.add_argument("--load", choices=LOADS, action="append", help="may be repeated; default: both")
    options.add_argument("--variant", action="append", help="may be repeated; default: all")
    options.add_argument("--output", type=Path, default=FILE)
    given = options.parse_args()
    found: list[dict[str, Any]] = []
    for load in given.load or LOADS:
        with processors_busy(load):
            for each in measured(load, jobs_of(range(1, given.seeds + 1), given.variant)):
                found.append(each)
                written(given.output, {"cores": os.cpu_count(), "seeds": given.seeds, "rows": [each]})
    Console(width=180).print(table(found))
    contradicting = [f"{row['variant']}, {row['load']}" for row in found if row["contradicts"]]
    print(f"{len(found) - len(contradicting)} of {len(found)} variants have one verdict over {given.seeds} seeds")
    for name in contradicting:
        print(f"contradicts itself: {name}")
    sys.exit(bool(contradicting))


def jobs_of(seeds: Iterable[int], variants: Sequence[str] | None) -> list[Job]:
    """The comparison of the shipped stacks, once a seed; the rows behind IPVS only where there is a kernel for it."""
    settings = [Settings(speed_up=MOST_SPEED_UP, speed_up_is_forced=False, seed=seed) for seed in seeds]
    stacks = (Stack(PROJECT, NEG_STACK, {}), Stack(PROJECT, NODE_PORT_STACK, {}))
    made = compared(*stacks, ProjectFile(), Facts(), settings, kernel=ipvs_here(None))
    if unknown := set(variants or ()) - {job.variant for job in made}:
        raise SystemExit(f"no such variant here: {', '.join(sorted(unknown))}")
    return [job for job in made if not variants or job.variant in variants]


def written(file: Path, content: Mapping[str, Any]) -> None:
    """Adds the rows to the record, and to its page where that is the one in docs/."""
    record = joined(json.loads(file.read_text()) if file.exists() else None, content)
    file.write_text(json.dumps(record, indent=1) + "\n")
    if file == FILE:
        PAGE.write_text(with_record(PAGE.read_text(), markdown(record)))


def measured(load: Load, jobs: Sequence[Job]) -> Iterator[dict[str, Any]]:
    """A row a variant, over all its seeds, as soon as it is measured."""
    by_variant: dict[str, list[Job]] = {}
    for job in jobs:
        by_variant.setdefault(job.variant, []).append(job)
    with Progress(console=Console(stderr=True)) as progress:
        bar = progress.add_task(load, total=len(jobs))

        def told(_job: Job, phase: str) -> None:
            if phase == "done":
                progress.advance(bar)

        for variant, of_variant in by_variant.items():
            outcomes = run_each(of_variant, told)
            yield row(variant, load, datetime.now(UTC).date(), outcomes)


@contextmanager
def processors_busy(load: Load) -> Generator[None]:
    """Keeps every core busy with something else while the body runs, where the load says so."""
    others = [
        multiprocessing.Process(target=_compute, daemon=True)
        for _ in range(len(os.sched_getaffinity(0)) if load == "busy" else 0)
    ]
    for other in others:
        other.start()
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.join()


def _compute() -> None:
    while True:
        pass


if __name__ == "__main__":
    main()
