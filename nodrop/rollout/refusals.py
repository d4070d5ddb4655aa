"""Why no numbers meet what a service's owner wishes, and which wish could be met.

What the solver refuses, it refuses in the owner's words: not the grace period is too long, but the longest request.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from math import ceil, inf

from nodrop.rollout.findings import Finding, Severity
from nodrop.rollout.rules import RULES, check
from nodrop.rollout.timing import Rollout

MAX_INT32 = 2**31 - 1
"""The greatest number of seconds or pods that a manifest can hold. Source: Kubernetes API, int32."""

_CHOSEN = frozenset(
    f"rollout.{name}"
    for name in (
        "pre_stop_seconds",
        "termination_grace_period_seconds",
        "draining_timeout_seconds",
        "min_ready_seconds",
        "max_surge",
    )
)
"""Numbers that no owner states: a warning about one of them is no less a refusal than an error."""

_LONGEST, _STARTUP = "rollout.longest_request_seconds", "rollout.startup_seconds"
_RULES = {rule.__name__.replace("_", "-"): rule for rule in RULES}


class Unsolvable(ValueError):  # noqa: N818 - the inputs are at fault, not the solver
    """No numbers meet what the owner wishes; `findings` says which rules stop them, and the nearest wish."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("\n".join(str(finding) for finding in findings))
        self.findings = findings


def out_of_range(inputs: dict[str, tuple[float | None, int]]) -> Iterator[Finding]:
    """A finding for each input (value and least value) that no API could hold; None is no statement."""
    for name, (value, least) in inputs.items():
        if value is not None and not least <= value <= MAX_INT32:
            yield Finding(
                rule="inputs-in-range",
                severity=Severity.ERROR,
                input=name,
                value=value,
                seen=f"not a number from {least} to {MAX_INT32}",
                why="the timings are computed from it",
                source="Kubernetes API, int32",
                would_pass=max(least, 1),
            )


def refusals(rollout: Rollout, accept: Collection[str]) -> list[Finding]:
    """What stops a solved rollout, as errors: every broken rule that `accept` does not name."""
    return [
        replace(finding, severity=Severity.ERROR)
        for finding in check(rollout)
        if finding.rule not in accept and _refuses(finding)
    ]


def _refuses(finding: Finding) -> bool:
    return finding.severity is Severity.ERROR or finding.input in _CHOSEN


def nearest(refused: list[Finding], rollout: Rollout, solution: Callable[[float, float], Rollout]) -> list[Finding]:
    """The refusals in terms of what the owner states, one for each input, with the greatest value that would pass.

    Args:
        refused: what stops `rollout`.
        rollout: the solution for what the owner states.
        solution: the one for another longest request and another start-up, both in seconds.
    """
    told: dict[str, tuple[float, Finding]] = {}
    for finding in refused:
        seconds, wish = _wish(finding, rollout, solution)
        if wish.input not in told or seconds < told[wish.input][0]:
            told[wish.input] = seconds, wish
    return [wish for _, wish in told.values()]


def _wish(finding: Finding, rollout: Rollout, solution: Callable[[float, float], Rollout]) -> tuple[float, Finding]:
    """The finding as one of the longest request or of the start-up, whichever can mend it, and its most seconds."""
    longest, startup = rollout.longest_request_seconds, rollout.startup_seconds

    def passes(longest: float, startup: float) -> bool:
        return not any(map(_refuses, _RULES[finding.rule](solution(longest, startup))))

    if finding.input not in _CHOSEN | {_LONGEST, _STARTUP}:
        return inf, replace(finding, input=finding.input.replace("placement.", "rollout."))
    if passes(0, startup):
        name, value, most = _LONGEST, longest, _greatest(lambda seconds: passes(seconds, startup), ceil(longest))
    elif passes(longest, 0):
        name, value, most = _STARTUP, startup, _greatest(lambda seconds: passes(longest, seconds), ceil(startup))
    else:
        return inf, finding
    needs = f"needs {finding.input.removeprefix('rollout.')} = {finding.value}: " if finding.input in _CHOSEN else ""
    advice = f"{most}: {finding.would_pass}" if isinstance(finding.would_pass, str) else most
    return most, replace(finding, input=name, value=value, seen=needs + finding.seen, would_pass=advice)


def _greatest(passes: Callable[[float], bool], below: int) -> int:
    """The greatest whole number under `below` that passes, where 0 does and what passes is an interval from 0."""
    low, high = 0, below
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if passes(middle) else (low, middle)
    return low
