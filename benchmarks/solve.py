"""Times `solve` against the search that it saves: trying timings, second by second, until `check` finds nothing.

    python benchmarks/solve.py

Both find the same numbers for the same service, in one run; then a sweep of 10,000 random services.
"""

import random
import time
from dataclasses import replace
from typing import Any

from nodrop.rollout import OnTerm, Rollout, Unsolvable, check, solve

SERVICE: dict[str, Any] = {"longest_request_seconds": 30, "startup_seconds": 10, "replicas": 4}
TIMINGS = ("draining_timeout_seconds", "pre_stop_seconds", "termination_grace_period_seconds")
SWEEP = 10_000
REPEATS = 200


def search(solved: Rollout) -> Rollout:
    """The same timings by trial: the least draining, then preStop, then grace period that break no rule."""
    found = replace(solved, **dict.fromkeys(TIMINGS, 0))
    for timing in TIMINGS:
        rules_of_timing = {f.rule for f in check(replace(solved, **{timing: 0}))}
        while any(finding.rule in rules_of_timing and finding.input == f"rollout.{timing}" for finding in check(found)):
            found = replace(found, **{timing: getattr(found, timing) + 1})
    return found


def main() -> None:
    """Runs both, prints milliseconds, their ratio, and the sweep."""
    begin = time.perf_counter()
    for _ in range(REPEATS):
        solved = solve(**SERVICE)
    solving = (time.perf_counter() - begin) / REPEATS
    begin = time.perf_counter()
    searched = search(solved)
    searching = time.perf_counter() - begin
    assert searched == solved, (searched, solved)
    print(f"solve:  {solving * 1000:.2f} ms")
    print(f"search: {searching * 1000:.2f} ms, {searching / solving:.0f} x as long, for the same numbers")

    draw = random.Random(1)
    services: list[dict[str, Any]] = [
        {
            "longest_request_seconds": draw.uniform(0, 300),
            "startup_seconds": draw.uniform(0, 600),
            "replicas": draw.randint(1, 200),
            "zones": draw.choice((None, 1, 3)),
            "on_term": draw.choice(tuple(OnTerm)),
            "keep_alive_timeout_seconds": draw.choice((0, 75, 620)),
            "rolled_out_within_seconds": draw.choice((None, draw.randint(60, 3600))),
        }
        for _ in range(SWEEP)
    ]
    refused = 0
    begin = time.perf_counter()
    for service in services:
        try:
            solve(**service)
        except Unsolvable:
            refused += 1
    seconds = time.perf_counter() - begin
    print(f"sweep:  {SWEEP} services in {seconds:.1f} s, {refused} of them refused with the nearest wish")


if __name__ == "__main__":
    main()
