"""Writes a report to disk: JSON for programs, a page for people. What they say is decided elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

from nodrop.files import write
from nodrop.lab.results import Result, to_json
from nodrop.report.documents import headed, serialised
from nodrop.report.headline import undecided
from nodrop.report.judged.document import content
from nodrop.report.judged.model import Report
from nodrop.report.limits import limits_of
from nodrop.report.origin import Provenance
from nodrop.report.plan import Answer
from nodrop.report.summary import summarise

FORMAT = "nodrop-rehearsal"
FORMAT_VERSION = 2


def results_document(
    results: Iterable[Result], judgement: Report | None = None, without_result: Sequence[str] = ()
) -> str:
    """One JSON object: limits (topic, text), results (as `nodrop.lab.results.to_json` has them), what they leave
    undecided, the judgement.

    `without_result`: what has none, each with the reason. The judgement stands in it as `nodrop check` prints it; null:
    there is none.
    """
    results = tuple(results)
    said = {
        "limits": [asdict(limit) for limit in limits_of(results)],
        "results": [to_json(result) for result in results],
        "undecided": undecided(*summarise(results), without_result),
        "judgement": judgement and content(judgement),
    }
    return serialised(headed(FORMAT, FORMAT_VERSION, said))


def write_json(
    results: Iterable[Result], path: Path, judgement: Report | None = None, without_result: Sequence[str] = ()
) -> None:
    """Write that document. Makes the folder if need be. Raises OSError where the file cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write({path: results_document(results, judgement, without_result)})


def write_html(
    results: Iterable[Result],
    path: Path,
    judgement: Report | None = None,
    plan: Answer | None = None,
    origin: Provenance | None = None,
    without_result: Sequence[str] = (),
) -> None:
    """Write the self-contained page. Needs the extra `lab`; raises ImportError without it.

    Makes the folder if need be. Raises OSError where the file cannot be written.
    """
    from nodrop.report.html import page  # the only part that needs the extra; slow to import

    path.parent.mkdir(parents=True, exist_ok=True)
    write({path: page(results, judgement, plan, origin, without_result)})
