import re
from dataclasses import replace

import pytest

from nodrop.judge import Verdict
from nodrop.report.judged.model import ChangeReport, PathReport, Report
from nodrop.report.judged.text import text


def test_a_finding_says_where_what_why_its_source_and_what_would_pass(report):
    lines = text(report, 120).splitlines()
    start = lines.index("  error  grace-covers-longest-request")
    assert lines[start + 1 : start + 6] == [
        "    deploy/web.yaml:31  Deployment shop/web  spec.template.spec.terminationGracePeriodSeconds",
        "    seen        20: shorter than 60 s + 30 s",
        "    why         KILL cuts off the last request [kubernetes.io, Pod Lifecycle]",
        "    instead     95",
        "    alone       218 requests would fail in one rollout at 100 requests/s if this were the only finding",
    ]


def test_everything_that_is_known_is_told(report):
    told = " ".join(text(report, 120).split())
    assert "drops shop/web: Ingress web > Service web:80 > NEG > Deployment web" in told
    assert "not judged Service shop/legacy: spec.type: a path through a NodePort" in told
    assert "accepted error draining-covers-longest-request: 20: shorter than 60 s + 30 s. Reason: clients re" in told
    assert "stated keep-alive 7 s (annotation) assumed longest request 30 s; start-up 10 s" in told
    assert "218 of 8,267 requests fail (2.6 %: 218 cut in flight) in one rollout at 100 requests/s" in told
    assert "passed over: values.yaml: not a Kubernetes object" in told
    assert "hidden: health-check-is-explicit, 2 found" in told
    assert "no longer found, so remove it from the baseline: rolls-without-unavailable of shop/web" in told
    assert told.endswith(
        "3 serving paths: 1 drops, 1 not judged, 1 clean. 1 error, 1 warning, 1 not judged, 1 accepted, 1 known from "
        "the baseline, 2 hidden."
    )


@pytest.mark.parametrize("width", [80, 120, 200])
def test_no_line_is_wider_than_the_terminal(report, width):
    lines = text(report, width).splitlines()
    assert max(map(len, lines)) <= width
    assert max(map(len, lines)) > width * 0.6


def test_a_word_longer_than_the_line_stays_whole(report, found):
    field = "spec." + "a" * 100
    path = replace(report.paths[0], found=(found(field=field),))
    assert field in text(Report(verdict=Verdict.DROPS, paths=(path,)), 80)


def test_colour_is_all_that_a_terminal_adds(report):
    coloured = text(report, 120, lambda words, kind: f"<{kind}>{words}</>")
    assert re.sub(r"<[a-z ]+>|</>", "", coloured) == text(report, 120)
    assert "<drops>drops</>" in coloured
    assert "<warning>warning</>" in coloured


HOSTILE = "x\x1b[31m\n::error::forged\r\n##vso[task.complete]\u202e[red]y"


def test_nothing_that_others_wrote_is_obeyed_or_breaks_a_line(found):
    hostile = found(rule=HOSTILE, seen=HOSTILE, why=HOSTILE, source=HOSTILE, would_pass=HOSTILE, file=HOSTILE)
    path = PathReport(
        name=HOSTILE,
        verdict=Verdict.DROPS,
        way=(HOSTILE,),
        found=(hostile,),
        accepted=(found(waiver=HOSTILE),),
        not_judged=(HOSTILE,),
        stated=(HOSTILE,),
        assumptions=(HOSTILE,),
    )
    report = Report(
        verdict=Verdict.DROPS,
        paths=(path,),
        objects=(hostile,),
        passed_over=(HOSTILE,),
        hidden={HOSTILE: 1},
        gone=(HOSTILE,),
    )
    told = text(report, 120)
    assert "\x1b" not in told
    assert "\r" not in told
    assert "\u202e" not in told
    assert "##vso[" not in told
    assert not re.search(r"^\s*::", told, re.MULTILINE)


def test_without_a_path_it_says_so():
    assert text(Report(verdict=Verdict.NOT_JUDGED, kinds={"Job": 2}), 120) == (
        "No serving path: nothing leads from an Ingress or Gateway of GKE's to a Deployment. Found: 2 Job.\n"
    )


def test_a_change_comes_first_with_what_was_compared_and_what_was_not(compared):
    told = " ".join(text(compared, 120).split())
    assert told.startswith(
        "drops the change from before/ error target-port-stays deploy/web.yaml:8 Deployment shop/web"
    )
    assert "accepted error selector-stays: Deployment shop/web: 20. Reason: both have it" in told
    assert "not compared Service shop/legacy: a NodePort Compared: serving path shop/web; " in told
    assert "accepted not judged load-balancer-is-admitted: Service shop/lost: app=lost" in told
    assert "The change: drops. 3 serving paths: 1 drops, 1 not judged, 1 clean. 2 errors, " in told


def test_no_change_is_called_harmless_where_none_was_compared():
    nothing = ChangeReport(verdict=Verdict.NOT_JUDGED, before="before/")
    told = text(Report(verdict=Verdict.NOT_JUDGED, change=nothing), 120)
    assert "Nothing was compared: there is no serving path in before/." in told
    assert "known to drop" not in told


def test_no_break_of_a_line_makes_a_command(found):
    words = " ".join(f"{'x' * (number % 17)} ::error::forged ##[group]y" for number in range(40))
    path = PathReport(
        name="shop/web", verdict=Verdict.DROPS, found=(found(seen=words, why=words),), not_judged=(words,)
    )
    for width in range(40, 120):
        told = text(Report(verdict=Verdict.DROPS, paths=(path,), passed_over=(words,)), width)
        assert not re.search(r"^\s*::|##\[", told, re.MULTILINE)
