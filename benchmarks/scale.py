"""How many pods and how many requests a second the lab holds on this machine: rehearsals, each a command.

    python -m benchmarks.scale        # writes docs/scale.json and its table

`--only TEXT` runs the rows whose name contains it. A row is written as soon as it is measured, with its day, and those
that were recorded on as many cores stay: so the list can be measured in parts. Exits with 1 where a row has no result,
or a request failed; only what a ladder tries after its first load may be undecided.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from benchmarks.record import with_record
from benchmarks.rehearsed import PROJECT, Case, joined, markdown, run
from nodrop.lab.confidence import upper_bound
from nodrop.lab.kubernetes.programs import VEGETA
from nodrop.lab.load_generator import VEGETA_HOLDS
from nodrop.report.figures import count
from nodrop.report.figures import upper_bound as bound_text

FILE = PROJECT / "docs" / "scale.json"
PAGE = PROJECT / "docs" / "scale.md"
HEADER = (
    "What",
    "Failed",
    "95 % bound",
    "Requests/s of wall clock, by",
    "For",
    "Speed",
    "Latest part",
    "Whole run",
    "Day",
)
PRESET = "nodrop rehearse --stack container-native --experiment rollout"
MINUTE_SPEED_UP, MINUTE_RATE = 3.125, 1600
"""A rollout of the preset lasts for more than a minute of wall clock then, at what the load generator holds."""

CASES = (
    *(Case(f"{pods} pod{'s' if pods > 1 else ''}", f"{PRESET} -c replicas={pods}") for pods in (1, 2, 20, 90)),
    Case(
        f"{VEGETA_HOLDS:,} requests/s, a minute and more",
        f"{PRESET} --speed-up {MINUTE_SPEED_UP} --requests-per-second {MINUTE_RATE}",
    ),
)


class Ladder(NamedTuple):
    """Loads that are tried in turn, until a run is undecided."""

    name: str
    command: str
    speed_up: int
    rates: tuple[int, ...]
    """Requests in a second of wall clock. Source: chosen."""

    @property
    def steps(self) -> tuple[Case, ...]:
        """The rows, one for each load."""
        return tuple(
            Case(
                f"{self.name}: {rate:,} requests/s",
                f"{self.command} --speed-up {self.speed_up} --requests-per-second {rate // self.speed_up}",
            )
            for rate in self.rates
        )


LADDERS = (
    Ladder(
        "the first report's service, 90 pods",
        "nodrop rehearse tests/lab/manifests/long_polls.yaml --experiment rollout",
        3,
        (1200, 1800, 2400, 3000),
    ),
    Ladder("what the machine holds", PRESET, 10, (3000, 4000, 5000, 6000, 7000, 8000)),
)


def main() -> None:
    """Reads the options, runs, writes, prints."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", default="")
    given = options.parse_args()
    found = []
    for row in measured(given.only):
        print(f"{row['name']}: {' | '.join(cells(row)[1:])}", flush=True)
        found.append(row)
        record = joined(json.loads(FILE.read_text()) if FILE.exists() else None, row, os.cpu_count(), order())
        FILE.write_text(json.dumps(record, indent=1) + "\n")
        PAGE.write_text(with_record(PAGE.read_text(), markdown(record, HEADER, cells)))
    beyond = {step.name for ladder in LADDERS for step in ladder.steps[1:]}
    sys.exit(any(row["failed"] != 0 for row in found if row["failed"] is not None or row["name"] not in beyond))


def measured(only: str) -> Iterator[dict[str, Any]]:
    """The rows, one after the other, as JSON-ready plain data."""
    for case in CASES:
        if only in case.name:
            yield measured_by(case)
    for ladder in LADDERS:
        for step in ladder.steps:
            if only in step.name:
                yield (row := measured_by(step))
                if row["failed"] is None:
                    break


def measured_by(case: Case) -> dict[str, Any]:
    """What one command measured; `failed` is None where it has no result, and `said` says why."""
    row, result = run(case)
    return {**row, **(row_of(result) if result else {"requests": None, "failed": None})}


def row_of(result: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of a row, from one rollout of what `--output` wrote; `_seconds` are the rehearsed system's."""
    conditions = result["conditions"]
    return {
        "pods": result["subject"]["replicas"],
        "speed_up": conditions["speed_up"],
        "load_generator": conditions["load_generator"],
        "requests_per_real_second": round(conditions["requests_per_second"] * conditions["speed_up"]),
        "traffic_real_seconds": round(_span(result["histogram"]) / conditions["speed_up"]),
        "rollout_seconds": round(result["duration_seconds"]),
        "requests": result["requests"],
        "failed": result["failed"],
        "too_fast": conditions["speed_up_is_forced"] and conditions["speed_up_is_bounded"],
        "steady_requests": result["steady_requests"],
        "latest_real_seconds": {part: round(late, 3) for part, late in result["latencies_real_seconds"].items()},
        "void_runs": len(result["void_runs"]),
    }


def _span(histogram: Mapping[str, Any]) -> float:
    return len(histogram["requests"]) * histogram["width"]


def order() -> list[str]:
    """The names of all rows there may be, as the table has them."""
    return [case.name for case in (*CASES, *(step for ladder in LADDERS for step in ladder.steps))]


def cells(row: Mapping[str, Any]) -> list[str]:
    """Of one row of the table."""
    if row["failed"] is None:
        return [row["name"], f"undecided: {row['said']}", "", "", "", "", "", f"{row['real_seconds']} s", row["day"]]
    bound = upper_bound(row["failed"], row["requests"])
    bounded = "-" if bound is None else bound_text(bound)
    part, late = max(row["latest_real_seconds"].items(), key=lambda item: item[1])
    by = VEGETA if row["load_generator"] == VEGETA else "Python"
    return [
        row["name"],
        f"{count(row['failed'])} of {count(row['requests'])}",
        "too fast" if row["too_fast"] else bounded,
        f"{count(row['requests_per_real_second'])}, {by}",
        f"{row['traffic_real_seconds']} s",
        f"{row['speed_up']:g}x",
        f"{part}, {1000 * late:.0f} ms",
        f"{row['real_seconds']} s",
        row["day"],
    ]


if __name__ == "__main__":
    main()
