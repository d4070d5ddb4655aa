"""Why no numbers meet what a service's owner wishes, and which wish could be met.

What the solver refuses, it refuses in the owner's words: not the grace period is too long, but the longest request.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import fields, replace
from math import ceil, inf

from nodrop.rollout.diagnostics import Diagnostic, Severity
from nodrop.rollout.registry import all_rules
from nodrop.rollout.rules import check
from nodrop.rollout.timing import Rollout
from nodrop.rollout.wishes import Wishes

_CHOSEN = frozenset(
    f"rollout.{name}" for name in {each.name for each in fields(Rollout)} - {each.name for each in fields(Wishes)}
)
"""Numbers that the solver chooses and no owner states: even a warning about one of them is a refusal."""


class Unsolvable(ValueError):  # noqa: N818 - the inputs are at fault, not the solver
    """No numbers meet what the owner wishes; `diagnostics` says which rules stop them, and the nearest wish."""

    def __init__(self, diagnostics: list[Diagnostic]) -> None:
        super().__init__("\n".join(map(str, diagnostics)))
        self.diagnostics = diagnostics


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
    """The finding as one of the first statement that can satisfy it, and the most seconds of that."""

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
