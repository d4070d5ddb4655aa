"""What a hostile manifest does to all that reads or tells it: nothing but a report or one of the stated errors."""

import json
import re
import resource
import signal
import time
import unicodedata
from collections.abc import Callable, Generator
from contextlib import contextmanager
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from rich.console import Console

from nodrop.judge import judge, judge_change
from nodrop.paths.files.reading import Reading, read
from nodrop.preview.manifests import render
from nodrop.preview.project import ProjectError
from nodrop.report.html import page
from nodrop.report.judged.annotations import annotations
from nodrop.report.judged.document import document
from nodrop.report.judged.junit import junit
from nodrop.report.judged.model import Report, change_report, report_of
from nodrop.report.judged.sarif import sarif
from nodrop.report.judged.text import text
from nodrop.rollout import Severity
from nodrop.terminal import plain_text
from tests.security.mutations import TESTS, mutated

MAX_CPU_SECONDS = 10.0
"""Of one manifest through everything; an ordinary one takes 0.05."""
MAX_GROWTH_BYTES = 256 * 1024**2
"""Of this process's peak memory by one manifest."""
_OBEYED = re.compile(r"^[^\S\n]*::|##\[|##vso\[", re.MULTILINE)
_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_OUR_COMMAND = re.compile(r"::(error|warning|notice) (\S[^\n]*?)::(?!\S*::)")


class TooLong(BaseException):
    """A manifest takes more CPU than it may; no `except Exception` catches it."""


class Elements(HTMLParser):
    """Elements of a page, each with its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str | None, str | None]] = []
        self.counts: dict[str, int] = {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.counts[tag] = self.counts.get(tag, 0) + 1
        self.found += [(tag, name, value) for name, value in attrs] or [(tag, None, None)]

    def handle_decl(self, decl: str) -> None:
        self.found.append(("!", decl, None))

    def handle_comment(self, data: str) -> None:
        self.found.append(("<!--", data, None))


def findings(seed: int, folder: Path) -> list[str]:
    """What is wrong with how the seed's manifest is read, judged and told; empty if nothing is."""
    return findings_of(mutated(seed), folder)


def findings_of(manifest: str, folder: Path, kept: Callable[[str], None] = lambda _: None) -> list[str]:
    """The same of a text; `kept` is given the page."""
    found: list[str] = []
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    try:
        with _bounded():
            for name, told in _told(manifest, folder).items():
                found += [f"{name}: {each}" for each in _wrong(name, told)]
                if name == "page":
                    kept(told)
    except TooLong:
        found.append(f"took more than {MAX_CPU_SECONDS:.0f} s of CPU")
    except Exception as error:
        place = error.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        where = f"{Path(place.tb_frame.f_code.co_filename).name}:{place.tb_lineno}" if place else ""
        found.append(f"{type(error).__name__} at {where}: {str(error)[:200]!r}")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    if grown > MAX_GROWTH_BYTES:
        found.append(f"took {grown // 1024**2} MiB")
    if time.process_time() - began > MAX_CPU_SECONDS and not found:
        found.append("took too long")
    return found


@contextmanager
def _bounded() -> Generator[None]:
    def stop(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, MAX_CPU_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _told(manifest: str, folder: Path) -> dict[str, str]:
    """Everything that is told of a manifest, by the name of the format."""
    file = folder / "web.yaml"
    file.write_bytes(manifest.encode(errors="surrogatepass"))
    reading = read([file])
    report = _report(reading)
    told = {
        "text": text(report, 100),
        "narrow text": text(report, 40),
        "JSON": document(report),
        "SARIF": sarif(report, folder, "<stdin>"),
        "JUnit": junit(report, [Severity.ERROR]),
        "GitHub": annotations(report, folder, "<stdin>"),
        "page": page([], report),
        "terminal": _laid_out(report),
        "faults": "\n".join(map(str, reading.faults)),
    }
    _counted(report, told)
    if reading.objects:
        told |= _rendered(reading.objects, folder / "rendered")
    return told


def _report(reading: Reading) -> Report:
    change = judge_change(CLEAN.objects, reading.objects)
    return report_of(
        judge(reading.objects, positions=reading.position),
        change_report(change, "clean"),
        requests_per_second=100,
        passed_over=tuple(map(str, reading.passed_over)),
        unread=tuple(map(str, reading.faults)),
    )


CLEAN = read([TESTS / "judge/clean/ingress.yaml"])


def _laid_out(report: Report) -> str:
    """Names and reasons as the tables print them: through Rich."""
    console = Console(file=StringIO(), width=100, force_terminal=False)
    for path in report.paths:
        console.print(plain_text(path.name))
        for reason in path.not_judged:
            console.print(plain_text(reason))
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def _rendered(objects: list[Any], folder: Path) -> dict[str, str]:
    for old in folder.glob("*") if folder.is_dir() else ():
        old.unlink()
    try:
        files = render(objects, folder)
    except ProjectError as error:
        return {"refusal to render": str(error)}
    assert all(file.parent == folder for file in files)
    assert sorted(folder.iterdir()) == sorted(files)
    assert len(read([folder]).objects) <= len(files)
    return {"names of what is rendered": "\n".join(file.name for file in files)}


def _counted(report: Report, told: dict[str, str]) -> None:
    """Nothing that a manifest says adds an element, a case or a command."""
    found = len(list(report.found))
    reasons = [reason for path in report.paths for reason in path.not_judged]
    change = report.change.not_compared if report.change else ()
    json.loads(told["JSON"])
    results = json.loads(told["SARIF"])["runs"][0]["results"]
    assert len(results) == found + len(list(report.accepted)) + len(reasons)
    commands = told["GitHub"].splitlines()[:-1]
    assert all(map(_OUR_COMMAND.match, commands))
    assert len(commands) == found + len(reasons) + len(change) + len(report.unread) + len(report.passed_over)
    ElementTree.fromstring(told["JUnit"])
    elements = Elements(told["page"])
    besides = (report.change, report.objects or report.accepted_objects)
    assert elements.counts.get("article", 0) == len(report.paths) + sum(map(bool, besides))
    assert elements.counts["main"] == 1
    foreign = set(elements.found) - _own_elements()
    assert not foreign, foreign


def _own_elements() -> set[tuple[str, str | None, str | None]]:
    """What the templates put into a page without results, whatever is judged."""
    if not _OWN:
        clean = Elements(page([], _report(CLEAN)))
        own = {"li", "strong", "ul", "article", "h3", "p", "div", "dt", "dd", "wbr"}
        _OWN.update(clean.found, ((tag, None, None) for tag in own))
        _OWN.update(("span", "class", f"verdict {tone}") for tone in ("bad", "good", "open"))
        _OWN.update({("p", "class", "place"), ("p", "class", "way"), ("article", "class", "judged")})
        _OWN.add(("dl", "class", "parts"))
    return _OWN


_OWN: set[tuple[str, str | None, str | None]] = set()


def _wrong(name: str, told: str) -> list[str]:
    """What of a text a terminal or a CI runner would obey, or a reader would not see."""
    found = {f"U+{ord(each):04X}" for each in set(told) if each != "\n" and unicodedata.category(each) in _UNSEEN}
    if name != "GitHub":
        found |= {repr(each) for each in _OBEYED.findall(told)}
    elif "##[" in told or "##vso[" in told:
        found.add("##[")
    return sorted(found)
