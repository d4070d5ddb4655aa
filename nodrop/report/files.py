"""Writes a report to disk: JSON for programs, a page for people. What they say is decided elsewhere."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from nodrop.files import write
from nodrop.lab.results import Result, to_json
from nodrop.report.judged.document import content
from nodrop.report.judged.model import Report
from nodrop.report.limits import LIMITS
from nodrop.report.origin import Provenance
from nodrop.report.plan import Answer


def write_json(results: Iterable[Result], path: Path, judgement: Report | None = None) -> None:
    """Write one JSON object: version, limits (topic, text), results (as `nodrop.lab.results.to_json` has them).

    A judgement stands in it as `nodrop check` writes it.

    Makes the folder if need be. Raises OSError where the file cannot be written.
    """
    document = {
        "generator": "gke-nodrop",
        "version": version("gke-nodrop"),
        "limits": [asdict(limit) for limit in LIMITS],
        "results": [to_json(result) for result in results],
        **({} if judgement is None else {"judgement": content(judgement)}),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    write({path: json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"})


def write_html(
    results: Iterable[Result],
    path: Path,
    judgement: Report | None = None,
    plan: Answer | None = None,
    origin: Provenance | None = None,
    undecided: Sequence[str] = (),
) -> None:
    """Write the self-contained page. Needs the extra `lab`; raises ImportError without it.

    Makes the folder if need be. Raises OSError where the file cannot be written.
    """
    from nodrop.report.html import page  # the only part that needs the extra; slow to import

    path.parent.mkdir(parents=True, exist_ok=True)
    write({path: page(results, judgement, plan, origin, undecided)})
