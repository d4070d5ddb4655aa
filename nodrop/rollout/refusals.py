"""Why no numbers meet what a service's owner wishes, and which wish could be met.

What the solver refuses, it refuses in the owner's words: not the grace period is too long, but the longest request.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from math import ceil, inf

from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.registry import all_rules
from nodrop.rollout.rules import check
from nodrop.rollout.sources import KUBERNETES_API
from nodrop.rollout.timing import Rollout

MAX_SECONDS = 2**28
"""The longest time that may be stated: some eight years, so that no sum of a few exceeds an int32. Source: chosen."""

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


class Unsolvable(ValueError):  # noqa: N818 - the inputs are at fault, not the solver
    """No numbers meet what the owner wishes; `diagnostics` says which rules stop them, and the nearest wish."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__("\n".join(map(str, diagnostics)))
        self.diagnostics = diagnostics


def out_of_range(inputs: dict[str, tuple[float | None, int, int]]) -> Iterator[Diagnostic]:
    """A finding for each input (value, least, most) that no manifest could hold; None is no statement."""
    for name, (value, least, most) in inputs.items():
        if value is not None and not least <= value <= most:
            yield Diagnostic(
                rule="inputs-in-range",
                severity=Severity.ERROR,
                input=name,
                value=value,
                seen=f"not a number from {least} to {most}",
                why="the timings are computed from it",
                source=KUBERNETES_API,
                would_pass=max(least, 1),
            )


def refusals(rollout: Rollout, accept: Collection[str]) -> list[Diagnostic]:
    """What stops a solved rollout, as errors: every broken rule that `accept` does not name."""
    return [
        replace(finding, severity=Severity.ERROR)
        for finding in check(rollout)
        if finding.rule not in accept and _refuses(finding)
    ]


def _refuses(finding: Diagnostic) -> bool:
    return finding.severity is Severity.ERROR or finding.input in _CHOSEN


def nearest(
    refused: list[Diagnostic], stated: Mapping[str, float], solution: Callable[..., Rollout]
) -> list[Diagnostic]:
    """The refusals in terms of what the owner states, one for each input, with the greatest value that would pass.

    Args:
        refused: what stops the solution for `stated`.
        stated: seconds by keyword of `solution`, in the order in which the owner is asked for less.
        solution: the rollout for such statements.
    """
    least_by_input: dict[str, tuple[float, Diagnostic]] = {}
    for diagnostic in refused:
        seconds, wish = _wish(diagnostic, stated, solution)
        if wish.input not in least_by_input or seconds < least_by_input[wish.input][0]:
            least_by_input[wish.input] = seconds, wish
    return [wish for _, wish in least_by_input.values()]


def _wish(
    finding: Diagnostic, stated: Mapping[str, float], solution: Callable[..., Rollout]
) -> tuple[float, Diagnostic]:
    """The finding as one of the first statement that can mend it, and the most seconds of that."""

    def passes(name: str, seconds: float) -> bool:
        return not any(map(_refuses, all_rules()[finding.rule].judge(solution(**{**stated, name: seconds}))))

    own = finding.input.removeprefix("rollout.")
    if finding.input not in _CHOSEN and own not in stated:
        return inf, replace(finding, input=finding.input.replace("placement.", "rollout."))
    for name, value in stated.items():
        if passes(name, 0):
            most = _greatest(lambda seconds, name=name: passes(name, seconds), ceil(value))
            needs = f"needs {own} = {finding.value}: " if finding.input in _CHOSEN else ""
            advice = f"{most}: {finding.would_pass}" if isinstance(finding.would_pass, str) else most
            wish = replace(finding, input=f"rollout.{name}", value=value, seen=needs + finding.seen, would_pass=advice)
            return most, wish
    return inf, finding


def least(meets: Callable[[int], bool], above: int, most: int) -> int:
    """The least whole number over `above` that meets, where `most` does and what meets is an interval to it."""
    low, high = above, most
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if meets(middle) else (middle, high)
    return high


def _greatest(passes: Callable[[float], bool], below: int) -> int:
    """The greatest whole number under `below` that passes, where 0 does and what passes is an interval from 0."""
    low, high = 0, below
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if passes(middle) else (low, middle)
    return low
