"""`make controllers`: compares all cases and writes docs/controllers.json."""

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from differential.cases import ALL
from differential.compare import compare

FILE = Path(__file__).parents[3] / "docs" / "controllers.json"


def main() -> int:
    """Exit code 1 where the two part anywhere."""
    begun = time.monotonic()
    comparison = compare(ALL)
    cases: dict[str, dict[str, Any]] = {
        outcome.case.name: {
            "steps": len(outcome.steps),
            "differences": outcome.all_differences,
        }
        for outcome in comparison.outcomes
    }
    lags = [lag for outcome in comparison.outcomes for lag in outcome.lags]
    found = {
        "date": datetime.now(UTC).date().isoformat(),
        "kubernetes": comparison.version,
        "seconds": round(time.monotonic() - begun),
        "seconds_later": [round(min(lags), 2), round(max(lags), 2)],
        "cases": cases,
    }
    FILE.write_text(json.dumps(found, indent=1) + "\n")
    parted = {name: case["differences"] for name, case in cases.items() if case["differences"]}
    for name, differences in parted.items():
        print(f"{name}: {differences[0]}")
    steps = sum(len(each.steps) for each in comparison.outcomes)
    print(f"{len(cases)} configurations, {steps} steps, {len(parted)} differ")
    return bool(parted)


if __name__ == "__main__":
    sys.exit(main())
