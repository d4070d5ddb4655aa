"""What a judgement comes to in a title and a few sentences: what drops, and what to change."""

from nodrop.judge import Verdict
from nodrop.judge.places import unattached
from nodrop.report.headline import Headline
from nodrop.report.judged.model import Report, counted, instead, of_object, place, sentence, shown, values_add_up
from nodrop.rollout import Diagnostic, Severity

MOST_CHANGES = 3
_TITLES = {
    Verdict.DROPS: "Requests drop",
    Verdict.AT_RISK: "Requests are at risk",
    Verdict.CLEAN: "No rollout drops a request",
    Verdict.NOT_JUDGED: "Not judged, or not all of it",
}


def judged_headline(report: Report) -> Headline:
    """The title names the path where only one drops requests; the sentences count, and name the first changes."""
    return Headline(title=_title(report), details=(sentence(report), *_changes(report)))


def _title(report: Report) -> str:
    dropping = [path.name for path in report.paths if path.verdict is Verdict.DROPS]
    if report.verdict is not Verdict.DROPS or not dropping:
        return _TITLES[report.verdict]
    if len(dropping) == 1:
        return f"A rollout of {dropping[0]} drops requests"
    return f"Rollouts of {len(dropping)} of {len(report.paths)} services drop requests"


def _changes(report: Report) -> list[str]:
    errors = [each for _, each in report.found if each.severity is Severity.ERROR and (each.field or each.file)]
    told = [_change(each) for each in errors[:MOST_CHANGES]]
    more = len(errors) - len(told)
    last = f"; {counted(more, 'more change')} below" if more else ""
    together = (
        ["Each value is right on its own; nodrop plan shows values that work together."]
        if values_add_up(report)
        else []
    )
    return [f"Cure: {'; '.join(told)}{last}.", *together] if told else []


def _change(found: Diagnostic) -> str:
    where = place(found) or of_object(found)
    if unattached(found):
        return f"{instead(found)} ({where})"
    return f"{found.field or found.input}: {instead(found)} instead of {shown(found.value)} ({where})"
