"""One command of `nodrop rehearse`, run from a checkout, and what it measured."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

PROJECT = Path(__file__).parents[1]


class Case(NamedTuple):
    """One row of a table."""

    name: str
    command: str
    """One that a reader runs in a shell; it ends with nodrop's own options."""


def run(case: Case) -> tuple[dict[str, Any], Mapping[str, Any] | None]:
    """What says how the row was measured, as JSON-ready plain data, and the command's only result as `--output` has it.

    Without a result there is None, and `said` says why.
    """
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "results.json"
        begin = time.monotonic()
        ended = subprocess.run(
            ["/bin/bash", "-c", f"{case.command} --output {output}"],
            cwd=PROJECT,
            env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
        row = {
            "name": case.name,
            "day": datetime.now(UTC).date().isoformat(),
            "command": case.command,
            "real_seconds": round(time.monotonic() - begin),
        }
        results = json.loads(output.read_text())["results"] if output.exists() else []
    if not results:
        return {**row, "said": reason(ended.stdout + ended.stderr)}, None
    (result,) = results
    return {**row, "said": ""}, result


def reason(output: str) -> str:
    """Why a rehearsal has no result, from what it printed."""
    found = re.search(r"(?:undecided,|error:) ([^;]+)", " ".join(output.split()))
    return found[1] if found else output[-500:]


def markdown(record: Mapping[str, Any], header: Sequence[str], cells: Callable[[Mapping[str, Any]], list[str]]) -> str:
    """The record as a page has it: a table, each row by its `cells`, then the command of each row."""
    rows = record["rows"]
    lines = [
        f"On {record['cores']} cores:",
        "",
        f"| {' | '.join(header)} |",
        "|---" * len(header) + "|",
        *(f"| {' | '.join(cells(row))} |" for row in rows),
        "",
        *(f"- {row['name']}: `{row['command']}`" for row in rows),
        "",
    ]
    return "\n".join(lines) + "\n"


def joined(
    kept: Mapping[str, Any] | None, row: Mapping[str, Any], cores: int | None, order: Iterable[str]
) -> dict[str, Any]:
    """The record with the row in the place of its predecessor; `kept` of a machine with other cores is another one.

    Rows come in the order of their names in `order`; one that is not in it any more goes.
    """
    rows = kept["rows"] if kept and kept["cores"] == cores else []
    by_name = {each["name"]: each for each in rows} | {row["name"]: row}
    return {"cores": cores, "rows": [by_name[name] for name in order if name in by_name]}
