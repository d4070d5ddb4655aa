"""Times `solve` against the search that it saves: trying timings, second by second, until `check` finds nothing.

    python benchmarks/solve.py

Both find the same numbers for the same service, in one run; then a sweep of 10,000 random services, and the import of
`nodrop.rollout` in a fresh process, with bytecode compiled, beyond an interpreter that does nothing. All is CPU time.
Exits 1 where a limit is exceeded.
"""

import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from typing import Any

from nodrop.rollout import OnTerm, Rollout, Unsolvable, check, solve

SERVICE: dict[str, Any] = {"longest_request_seconds": 30, "startup_seconds": 10, "replicas": 4}
TIMINGS = ("draining_timeout_seconds", "pre_stop_seconds", "termination_grace_period_seconds")
SWEEP = 10_000
REPEATS = 200
PROCESSES = 15

SOLVE_LIMIT_SECONDS = 0.001
SWEEP_LIMIT_SECONDS = 5.0
IMPORT_LIMIT_SECONDS = 0.05


def search(solved: Rollout) -> Rollout:
    """The same timings by trial: the least draining, then preStop, then grace period that break no rule."""
    found = replace(solved, **dict.fromkeys(TIMINGS, 0))
    for timing in TIMINGS:
        rules_of_timing = {f.rule for f in check(replace(solved, **{timing: 0}))}
        while any(finding.rule in rules_of_timing and finding.input == f"rollout.{timing}" for finding in check(found)):
            found = replace(found, **{timing: getattr(found, timing) + 1})
    return found


def solving() -> bool:
    """Times one service both ways; whether `solve` keeps its limit."""
    begin = time.process_time()
    for _ in range(REPEATS):
        solved = solve(**SERVICE)
    seconds = (time.process_time() - begin) / REPEATS
    begin = time.process_time()
    searched = search(solved)
    searching = time.process_time() - begin
    assert searched == solved, (searched, solved)
    print(f"solve:  {seconds * 1000:.2f} ms (limit {SOLVE_LIMIT_SECONDS * 1000:.0f} ms)")
    print(f"search: {searching * 1000:.2f} ms, {searching / seconds:.0f} x as long, for the same numbers")
    return seconds <= SOLVE_LIMIT_SECONDS


def sweeping() -> bool:
    """Times random services, most of which can be served; whether all together keep the limit."""
    draw = random.Random(1)
    services: list[dict[str, Any]] = [
        {
            "longest_request_seconds": draw.uniform(0, 290),
            "startup_seconds": draw.uniform(0, 560),
            "replicas": draw.randint(1, 200),
            "zones": draw.choice((None, 1, 3)),
            "on_term": draw.choice(tuple(OnTerm)),
            "keep_alive_timeout_seconds": draw.choice((0, 620, 700)),
            "rolled_out_within_seconds": draw.choice((None, draw.randint(1800, 7200))),
        }
        for _ in range(SWEEP)
    ]
    refused = 0
    begin = time.process_time()
    for service in services:
        try:
            solve(**service)
        except Unsolvable:
            refused += 1
    seconds = time.process_time() - begin
    print(
        f"sweep:  {SWEEP} services in {seconds:.1f} s (limit {SWEEP_LIMIT_SECONDS:.0f} s), {refused} of them refused "
        "with the nearest wish"
    )
    return seconds <= SWEEP_LIMIT_SECONDS


def importing() -> bool:
    """Times the import; whether its median keeps the limit."""
    programs = ("pass", "import nodrop.rollout")
    taken: dict[str, list[float]] = {program: [] for program in programs}
    with tempfile.TemporaryDirectory() as bytecode:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": bytecode, "PYTHONDONTWRITEBYTECODE": ""}
        for program in programs:
            process_seconds(program, environment)  # compiles
        for _ in range(PROCESSES):
            for program in programs:
                taken[program].append(process_seconds(program, environment))
    nothing, imported = (statistics.median(taken[program]) for program in programs)
    print(
        f"import: {(imported - nothing) * 1000:.0f} ms (limit {IMPORT_LIMIT_SECONDS * 1000:.0f} ms) beyond the "
        f"{nothing * 1000:.0f} ms of an interpreter, medians of {PROCESSES}"
    )
    return imported - nothing <= IMPORT_LIMIT_SECONDS


def process_seconds(program: str, environment: dict[str, str]) -> float:
    """CPU seconds of a fresh process that runs the program."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Measures all, prints the figures, and exits 1 where a limit is exceeded."""
    kept = [measure() for measure in (solving, sweeping, importing)]
    sys.exit(0 if all(kept) else 1)


if __name__ == "__main__":
    main()
