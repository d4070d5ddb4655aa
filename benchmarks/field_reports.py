"""The field reports of unready pods and of container-native load balancing: what goes wrong, and its cures.

    make field-reports      # about 4 minutes; writes docs/field-reports.json and the tables of docs/reports.md

`--only TEXT` runs the rows whose name has the text; those that were recorded on as many cores stay, each with its day.
Exits with 1 where a row has no result. The report of IPVS has `benchmarks.ipvs_report`.
"""

import argparse
import json
import os
import sys
from collections.abc import Mapping
from typing import Any

from benchmarks import ipvs_report
from benchmarks.record import with_record
from benchmarks.rehearsed import PROJECT, Case, joined, markdown, run

FILE = PROJECT / "docs" / "field-reports.json"
PAGE = PROJECT / "docs" / "reports.md"
HEADER = ("What", "Failed, or answered by a pod after its removal", "Day")

_UNREADY = "--experiment unready"
_NODE_PORT = "nodrop rehearse --stack legacy-nodeport -c replicas=1"
_NEG = "nodrop rehearse --stack container-native"
UNREADY_PODS = (
    Case("NodePort, kept-alive connections", f"{_NODE_PORT} {_UNREADY}"),
    Case("NodePort, each response closes its connection", f"{_NODE_PORT} -c keep_alive_timeout_seconds=0 {_UNREADY}"),
    Case("NEG", f"{_NEG} {_UNREADY}"),
)
CONTAINER_NATIVE = (
    *(
        Case(name, f'nodrop compare --variant "{name}"')
        for name in (
            "NEG, neither",
            "NEG, preStop + gate",
            "NEG, preStop, slow attach",
            "NEG, preStop + gate, slow attach",
        )
    ),
    Case(
        "the guide's application and its hard-coded delay",
        f"{_NEG} -c app=serve-hostname -c mode=hard-coded-delay --experiment rollout",
    ),
)
TABLES = {"unready pods": UNREADY_PODS, "container-native": CONTAINER_NATIVE}
"""By the name of their place on the page."""


def main() -> None:
    """Reads the options, runs, writes, prints."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", default="")
    given = options.parse_args()
    order = [case.name for cases in TABLES.values() for case in cases]
    undecided = False
    for case in (case for cases in TABLES.values() for case in cases if given.only in case.name):
        row, result = run(case)
        row |= ipvs_report.row_of(result) if result else {}
        print(" | ".join(cells(row)), flush=True)
        undecided |= not result
        kept = json.loads(FILE.read_text()) if FILE.exists() else None
        record = joined(kept, row, os.cpu_count(), order)
        FILE.write_text(json.dumps(record, indent=1) + "\n")
        PAGE.write_text(with_tables(PAGE.read_text(), record))
    sys.exit(undecided)


def with_tables(page: str, record: Mapping[str, Any]) -> str:
    """The page with what is recorded of each report in its place."""
    for name, cases in TABLES.items():
        names = {case.name for case in cases}
        rows = [row for row in record["rows"] if row["name"] in names]
        page = with_record(page, markdown({**record, "rows": rows}, HEADER, cells), name)
    return page


def cells(row: Mapping[str, Any]) -> list[str]:
    """Of one row of a table."""
    if row["said"]:
        return [row["name"], f"undecided: {row['said']}", row["day"]]
    return [row["name"], ipvs_report.wrong_of(row), row["day"]]


if __name__ == "__main__":
    main()
