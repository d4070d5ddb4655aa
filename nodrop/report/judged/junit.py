"""A judgement as JUnit XML: a suite for each path, a case for each finding, one that passes for a clean path.

Source: the schema of Jenkins' xUnit plugin, which CI servers read.
"""

from collections.abc import Iterable
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from nodrop.judge import Verdict
from nodrop.report.judged.model import ChangeReport, PathReport, Report, instead, place, shown
from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.text import printable


def junit(report: Report, failing: Iterable[Severity]) -> str:
    """The report as an XML document; what is of a severity in `failing` fails, the rest is skipped with a message."""
    failing = set(failing)
    suites = Element("testsuites", name="nodrop check")
    if report.change:
        suite = SubElement(suites, "testsuite", name=printable(f"change from {report.change.before}"))
        _change(suite, report.change, failing)
    for path in report.paths:
        _path(SubElement(suites, "testsuite", name=printable(path.name)), path, failing)
    if report.objects or report.accepted_objects:
        suite = SubElement(suites, "testsuite", name="objects on no serving path")
        for found in report.objects:
            _case(suite, str(found.object), found, failing)
        for found in report.accepted_objects:
            _accepted(suite, str(found.object), found)
    _not_read(suites, report)
    if not report.paths and not report.objects:
        suite = SubElement(suites, "testsuite", name="nothing judged")
        _unjudged(suite, "nodrop", "a serving path is judged", "No serving path.", failing)
    for suite in (*suites, suites):
        cases = list(suite.iter("testcase"))
        suite.set("tests", str(len(cases)))
        suite.set("failures", str(sum(case.find("failure") is not None for case in cases)))
        suite.set("skipped", str(sum(case.find("skipped") is not None for case in cases)))
        suite.set("errors", str(sum(case.find("error") is not None for case in cases)))
    ElementTree.indent(suites)
    body = ElementTree.tostring(suites, encoding="unicode").replace("##", "&#35;&#35;")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'


def _not_read(suites: Element, report: Report) -> None:
    if report.unread:
        suite = SubElement(suites, "testsuite", name="inputs")
        for each in report.unread:
            case = SubElement(suite, "testcase", classname="nodrop", name="an input is read")
            SubElement(case, "error", message=printable(each))
    if report.passed_over:
        suite = SubElement(suites, "testsuite", name="passed over")
        for each in report.passed_over:
            case = SubElement(suite, "testcase", classname="nodrop", name="is read")
            SubElement(case, "skipped", message=printable(f"passed over: {each}"))


def _path(suite: Element, path: PathReport, failing: set[Severity]) -> None:
    for found in path.found:
        _case(suite, path.name, found, failing)
    for reason in path.not_judged:
        _unjudged(suite, path.name, "is judged", f"not judged: {reason}", failing)
    for found in path.accepted:
        _accepted(suite, path.name, found)
    if path.verdict is Verdict.CLEAN:
        SubElement(suite, "testcase", classname=printable(path.name), name="drops no request")


def _change(suite: Element, change: ChangeReport, failing: set[Severity]) -> None:
    for found in change.found:
        _case(suite, str(found.object), found, failing)
    for reason in change.not_compared if change.compared else (*change.not_compared, "no serving path was compared"):
        _unjudged(suite, "change", "is compared", f"not compared: {reason}", failing)
    for found in change.accepted:
        _accepted(suite, str(found.object), found)
    if change.verdict is Verdict.CLEAN:
        SubElement(suite, "testcase", classname="change", name="drops no request")


def _unjudged(suite: Element, subject: str, name: str, message: str, failing: set[Severity]) -> None:
    case = SubElement(suite, "testcase", classname=printable(subject), name=name)
    tag = "failure" if Severity.NOT_JUDGED in failing else "skipped"
    SubElement(case, tag, message=printable(message))


def _accepted(suite: Element, subject: str, found: Diagnostic) -> None:
    case = SubElement(suite, "testcase", classname=printable(subject), name=printable(found.rule))
    SubElement(case, "skipped", message=printable(f"accepted: {found.waiver}"))


def _case(suite: Element, subject: str, found: Diagnostic, failing: set[Severity]) -> None:
    case = SubElement(suite, "testcase", classname=printable(subject), name=printable(found.rule))
    if found.file is not None:
        case.set("file", printable(found.file))
    if found.line is not None:
        case.set("line", str(found.line))
    told = f"{found.field or found.input}: {shown(found.value)}: {found.seen}"
    tag = "failure" if found.severity in failing else "skipped"
    outcome = SubElement(case, tag, message=printable(told), type=found.severity.value)
    lines = (place(found) or "", str(found.object or ""), f"{found.why} [{found.source}]", f"Instead: {instead(found)}")
    outcome.text = "\n".join(printable(line) for line in lines if line)
