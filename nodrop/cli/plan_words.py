"""Findings in the words of `nodrop plan`: options for the owner's wishes, the API's names for the solver's numbers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nodrop.gke.applications import ACCEPT

if TYPE_CHECKING:
    from nodrop.rollout import Diagnostic
    from nodrop.rollout.diagnostics import Value

_OPTIONS = {
    "longest_request_seconds": "--longest-request-seconds",
    "startup_seconds": "--startup-seconds",
    "start_delay_seconds": "--start-delay-seconds",
    "keep_alive_timeout_seconds": "--keep-alive-timeout-seconds",
    "rolled_out_within_seconds": "--within",
    "pre_stop_floor_seconds": "--pre-stop-floor-seconds",
    "max_replicas": "--replicas (the most)",
    "replicas": "--replicas",
    "zones": "--zones",
    "spot": "--spot",
    "on_term": "--on-term",
    "path": "--health-check-path",
}
_FACTS = (
    "longest_request_seconds",
    "startup_seconds",
    "start_delay_seconds",
    "keep_alive_timeout_seconds",
    "on_term",
    "spot",
    "zones",
    "path",
)
"""What a service is like, and no wish."""
_FIELDS = {
    "pre_stop_seconds": "preStop",
    "termination_grace_period_seconds": "terminationGracePeriodSeconds",
    "draining_timeout_seconds": "drainingTimeoutSec",
    "backend_timeout_seconds": "timeoutSec",
    "min_ready_seconds": "minReadySeconds",
    "progress_deadline_seconds": "progressDeadlineSeconds",
    "max_surge": "maxSurge",
    "max_unavailable": "maxUnavailable",
}
_NAMES = _OPTIONS | _FIELDS
_STATED = ("nodes-drain-before-they-stop",)
"""Rules whose fact an option states."""


def unstated(zones: int | None) -> dict[str, str]:
    """By rule that finds nothing, whatever the service is like: what it would judge. `zones`: as stated, or None."""
    from nodrop.rollout import CHANGE_RULES, RULES

    stated = _STATED if zones is None else (*_STATED, "every-zone-keeps-an-endpoint")
    return {each.name: each.fact for each in (*RULES, *CHANGE_RULES) if each.fact and each.name not in stated}


def accepted(finding: Diagnostic) -> str:
    """What the owner accepts, and why."""
    return f"accepted: {_subject(finding)}: {_words(finding.seen)} [{finding.rule}]. Reason: {finding.waiver}"


def in_options(finding: Diagnostic) -> str:
    """The finding in the words of the options."""
    name = finding.input.rpartition(".")[2]
    would_pass = _words(_shown(finding.would_pass))
    if finding.would_pass is False:
        would_pass = f"without {_NAMES.get(name, name)}"
    elif name in _NAMES:
        would_pass = f"{_NAMES[name]} {would_pass}"
    return (
        f"{_subject(finding)}: {_words(finding.seen)}; {_words(finding.why)} "
        f"[{finding.rule}; {finding.source}]. Would pass: {would_pass}"
    )


def annotated(finding: Diagnostic) -> str:
    """What is wrong with a waiver of a Deployment's annotation."""
    name = finding.input[len("accept[") : -1]
    return f"its annotation {ACCEPT} waives {name}: {finding.seen} [{finding.rule}]. Would pass: {finding.would_pass}"


def refusal(finding: Diagnostic) -> str:
    """A finding that stops a plan: of a fact, the waiver is offered before another application."""
    from nodrop.rollout.waivers import WAIVABLE

    told = in_options(finding)
    if finding.rule not in WAIVABLE:
        return told
    waiver = f"--accept '{finding.rule}=REASON'"
    if finding.input.rpartition(".")[2] not in _FACTS:
        return f"{told}; or {waiver}"
    said, _, other = told.rpartition(". Would pass: ")
    return f"{said}. Would pass: {waiver}; or another application: {other}"


def _subject(finding: Diagnostic) -> str:
    name = finding.input.rpartition(".")[2]
    if finding.input.startswith("accept["):
        return f"--accept {finding.input[len('accept[') : -1]}"
    value = "" if finding.value is True else f" {_shown(finding.value)}"
    return f"{_NAMES.get(name, finding.input)}{value}"


def _shown(value: Value) -> str:
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _words(text: str) -> str:
    """The text with the options' and the fields' names for the model's."""
    named = re.sub(r"\b(?:rollout\.)?([a-z]+(?:_[a-z]+)+)\b", lambda match: _NAMES.get(match[1], match[1]), text)
    return named.replace("mode hard-coded-delay", "--mode hard-coded-delay")
