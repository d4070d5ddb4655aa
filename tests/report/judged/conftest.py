"""A report with one of everything, for each format to tell."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from nodrop.judge import Verdict
from nodrop.report.judged.loss import ExpectedLoss
from nodrop.report.judged.model import ChangeReport, PathReport, Report
from nodrop.rollout import Cause, Diagnostic, Drops, ObjectRef, Origin, Severity

FOUND = Diagnostic(
    rule="grace-covers-longest-request",
    severity=Severity.ERROR,
    input="rollout.termination_grace_period_seconds",
    value=20,
    seen="shorter than 60 s + 30 s",
    why="KILL cuts off the last request",
    source="kubernetes.io, Pod Lifecycle",
    would_pass=95,
    object=ObjectRef(kind="Deployment", namespace="shop", name="web"),
    field="spec.template.spec.terminationGracePeriodSeconds",
    file="deploy/web.yaml",
    line=31,
)


@pytest.fixture
def found() -> Callable[..., Diagnostic]:
    """A diagnostic, changed."""
    return lambda **changes: replace(FOUND, **changes)


@pytest.fixture
def root(tmp_path, monkeypatch) -> Path:
    """The repository's folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def report() -> Report:
    drops = Drops(requests=8267.0, by_cause=dict.fromkeys(Cause, 0.0) | {Cause.CUT_IN_FLIGHT: 218.2})
    nowhere = replace(
        FOUND,
        rule="selector-matches-pods",
        severity=Severity.NOT_JUDGED,
        object=ObjectRef(kind="Service", namespace="shop", name="lost"),
        value=("app=lost",),
        would_pass="one or more of the pods' labels",
        field=None,
        line=None,
    )
    return Report(
        verdict=Verdict.DROPS,
        paths=(
            PathReport(
                name="shop/web",
                verdict=Verdict.DROPS,
                way=("Ingress web", "Service web:80", "NEG", "Deployment web"),
                found=(FOUND, replace(FOUND, rule="survives-a-lost-pod", severity=Severity.WARNING, line=None)),
                accepted=(
                    replace(
                        FOUND,
                        rule="draining-covers-longest-request",
                        waiver="clients reconnect",
                        waived_by=Origin.ANNOTATION,
                    ),
                ),
                stated=("keep-alive 7 s (annotation)",),
                assumptions=("longest request 30 s", "start-up 10 s"),
                loss=ExpectedLoss(requests_per_second=100, drops=drops, alone={FOUND: 217.6}),
            ),
            PathReport(
                name="shop/legacy",
                verdict=Verdict.NOT_JUDGED,
                not_judged=("Service shop/legacy: spec.type: a path through a NodePort is judged by a rehearsal",),
            ),
            PathReport(name="shop/good", verdict=Verdict.CLEAN, way=("Ingress good", "Service good:80")),
        ),
        objects=(nowhere,),
        passed_over=("values.yaml: not a Kubernetes object",),
        hidden={"health-check-is-explicit": 2},
        known=(
            (
                "shop/web",
                replace(FOUND, rule="keep-alive-outlasts-load-balancer"),
            ),
        ),
        gone=("rolls-without-unavailable of shop/web, spec.strategy",),
    )


@pytest.fixture
def compared(report) -> Report:
    """The same with a change, and with an object on no path of which a finding is accepted."""
    change = ChangeReport(
        verdict=Verdict.DROPS,
        before="before/",
        compared=("shop/web",),
        found=(replace(FOUND, rule="target-port-stays", line=8),),
        accepted=(replace(FOUND, rule="selector-stays", waiver="both have it", waived_by=Origin.FILE),),
        not_compared=("Service shop/legacy: a NodePort",),
    )
    (lost,) = report.objects
    accepted = replace(lost, rule="load-balancer-is-admitted", waiver="an inner firewall", waived_by=Origin.FILE)
    return replace(report, change=change, accepted_objects=(accepted,))
