import re

import pytest

from nodrop.judge import Verdict
from nodrop.report.judged.annotations import annotations
from nodrop.report.judged.model import PathReport, Report

COMMAND = re.compile(r"^::(error|warning|notice) (\S[^:]*)::(.*)$")
"""A workflow command as GitHub's runner splits it."""


def of_one(found) -> Report:
    return Report(verdict=Verdict.DROPS, paths=(PathReport(name="shop/web", verdict=Verdict.DROPS, found=(found,)),))


def test_a_finding_marks_its_line_with_its_severity(report, root):
    first, second, *_ = annotations(report, root, "<stdin>").splitlines()
    assert first == (
        "::error file=deploy/web.yaml,line=31,title=shop/web%3A grace-covers-longest-request::"
        "spec.template.spec.terminationGracePeriodSeconds: 20: shorter than 60 s + 30 s; KILL cuts off the last "
        "request [kubernetes.io, Pod Lifecycle]. Instead: 95"
    )
    assert second.startswith("::warning file=deploy/web.yaml,title=shop/web%3A survives-a-lost-pod::")


def test_what_was_not_judged_or_passed_over_is_a_notice_and_the_log_ends_with_a_sentence(report, root):
    *_, unjudged, over, last = annotations(report, root, "<stdin>").splitlines()
    assert unjudged.startswith("::notice title=shop/legacy%3A not judged::Service shop/legacy: spec.type: a path")
    assert over == "::notice title=passed over::values.yaml: not a Kubernetes object"
    assert last.startswith("3 serving paths: ")


def test_files_are_named_from_the_repositorys_root_wherever_the_command_runs(found, root, monkeypatch):
    (root / "deploy").mkdir()
    monkeypatch.chdir(root / "deploy")
    assert "file=deploy/web.yaml,line=31," in annotations(of_one(found(file="web.yaml")), root, "<stdin>")


def test_standard_input_is_no_file(found, root):
    assert annotations(of_one(found(file="<stdin>")), root, "<stdin>").startswith("::error title=")


@pytest.mark.parametrize(
    "name", ["a::error::b", "a\n::error::b", "a\r::stop-commands::b", "a%0A::error::b", "a,line=9", "##[error]x"]
)
@pytest.mark.parametrize("place", ["rule", "seen", "why", "would_pass", "file", "field"])
def test_no_name_can_forge_a_command_or_a_property(found, root, name, place):
    *commands, _ = annotations(of_one(found(**{place: name})), root, "<stdin>").splitlines()
    (command,) = commands
    parts = COMMAND.match(command)
    assert parts
    assert re.sub(r"=[^,]*", "", parts[2]).split(",") == ["file", "line", "title"]
    assert re.search(r"line=31(,|$)", parts[2])
    assert not re.search(r"%(?!25|3A|2C)", command)
    assert "##[" not in command


def test_what_was_not_compared_is_a_notice_too(compared, root):
    lines = annotations(compared, root, "<stdin>").splitlines()
    assert lines[0].startswith("::error file=deploy/web.yaml,line=8,title=Deployment shop/web%3A target-port-stays::")
    assert "::notice title=not compared::Service shop/legacy: a NodePort" in lines
