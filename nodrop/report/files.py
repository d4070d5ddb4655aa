"""Writes a report to disk: JSON for programs, a page for people. What they say is decided elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from nodrop.files import write
from nodrop.lab.results import Result, to_json
from nodrop.report.documents import headed, serialised
from nodrop.report.judged.document import content
from nodrop.report.judged.model import Report
from nodrop.report.limits import LIMITS
from nodrop.report.origin import Provenance
from nodrop.report.plan import Answer

FORMAT = "nodrop-rehearsal"
FORMAT_VERSION = 1


def results_document(results: Iterable[Result], judgement: Report | None = None) -> str:
    """One JSON object: limits (topic, text), results (as `nodrop.lab.results.to_json` has them), the judgement.

    The judgement stands in it as `nodrop check` prints it; null: there is none.
    """
    said = {
        "limits": [asdict(limit) for limit in LIMITS],
        "results": [to_json(result) for result in results],
        "judgement": judgement and content(judgement),
    }
    return serialised(headed(FORMAT, FORMAT_VERSION, said))


def write_json(results: Iterable[Result], path: Path, judgement: Report | None = None) -> None:
    """Write that document. Makes the folder if need be. Raises OSError where the file cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write({path: results_document(results, judgement)})


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
