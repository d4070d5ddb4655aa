"""From what a plan is asked for to the plan: what is solved, and all that is said of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import click

from nodrop.cli.plan_words import accepted, in_options, refusal, unstated

if TYPE_CHECKING:
    from nodrop.cli.plan_input import Asked
    from nodrop.report.plan import Answer
    from nodrop.rollout import Diagnostic, Rollout


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One plan, and what its YAML takes besides."""

    rollout: Rollout
    answer: Answer
    asked: Asked


def planned(asked: Asked) -> Planned:
    """The plan. Raises click.ClickException where no rollout is as wished, or a waiver is wrong."""
    if asked.wrong_waivers:
        raise click.ClickException("\n  ".join(asked.wrong_waivers))
    rollout = _solved(asked)
    return Planned(rollout=rollout, answer=_answer(asked, rollout), asked=asked)


_OTHERWISE = {"replicas": (2, None), "mode": "pod-readiness-feedback", "health_check_path": "/"}
"""What a service is taken to be where neither an option nor a manifest says it."""


def _wish(asked: Asked, name: str) -> Any:
    given = asked.options.get(name)
    return given if given not in (None, False) else asked.wishes.get(name, _OTHERWISE.get(name, given))


def _solved(asked: Asked) -> Rollout:
    from nodrop.rollout import Mode, Unsolvable, solve
    from nodrop.rollout.waivers import effective, waive

    if wrong := waive([], asked.accept, not_asked=asked.accept):
        raise click.ClickException(_lines(asked, list(map(refusal, wrong))))
    replicas, max_replicas = _wish(asked, "replicas")
    try:
        solved = solve(
            **vars(asked.behaviour),
            replicas=replicas,
            max_replicas=max_replicas,
            mode=Mode(_wish(asked, "mode")),
            health_check_path=_wish(asked, "health_check_path"),
            zones=_wish(asked, "zones"),
            spot=bool(_wish(asked, "spot")),
            start_delay_seconds=asked.options["start_delay_seconds"],
            rolled_out_within_seconds=asked.options["rolled_out_within_seconds"],
            pre_stop_floor_seconds=asked.options["pre_stop_floor_seconds"],
            accept=effective(asked.waivers),
        )
    except Unsolvable as error:
        told = _lines(asked, list(map(refusal, error.diagnostics)))
        raise click.ClickException("\n  ".join([told, *_before_options(asked, error.diagnostics)])) from None
    return solved if asked.declared is None else replace(solved, protocol=asked.declared.protocol)


def _lines(asked: Asked, lines: list[str]) -> str:
    of_path = f"{asked.name}: " if asked.name else ""
    return of_path + (lines[0] if len(lines) == 1 else "\n  ".join(["no rollout meets all of this:", *lines]))


def _before_options(asked: Asked, found: Iterable[Diagnostic]) -> Iterator[str]:
    """The facts that stop the plan and that the objects or nodrop.yaml state: no option takes their place."""
    from nodrop.rollout import Origin
    from nodrop.rollout.behaviour import WORDS

    names = {each.input.rpartition(".")[2] for each in found}
    for words in (words for name, words in WORDS.items() if name in names):
        stated = (each for each in asked.stated if each.startswith(f"{words} "))
        yield from (f"stated, and no option changes it: {each}" for each in stated if f"({Origin.OPTION})" not in each)


def _answer(asked: Asked, rollout: Rollout) -> Answer:
    from nodrop.report.plan import Answer, ExpectedDrops
    from nodrop.rollout import check, expected_drops, timeline
    from nodrop.rollout import plan as durations
    from nodrop.rollout.api_defaults import with_api_defaults
    from nodrop.rollout.numbers import for_gateway, numbers
    from nodrop.rollout.reasons import reasons

    rate = asked.options["requests_per_second"]
    not_judged = unstated(_wish(asked, "zones"))
    found = _found(asked, check(rollout), not_judged)
    pods = rollout.replicas_at_most
    at_most = replace(rollout, replicas=pods, max_replicas=None)
    simulated = pods <= most_pods()
    drops = None
    if rate and simulated:
        drops = ExpectedDrops(
            requests_per_second=rate,
            planned=expected_drops(at_most, rate),
            by_default=expected_drops(with_api_defaults(at_most), rate),
        )
    solved = reasons(
        rollout,
        asked.options["rolled_out_within_seconds"],
        replicas_are_stated=asked.options["replicas"] is not None or "replicas" in asked.wishes,
    )
    declared = numbers(asked.declared) if asked.declared else {}
    if asked.by_gateway:
        moved = [for_gateway((each.place, each.field)) for each in solved]
        solved = tuple(replace(each, place=to[0], field=to[1]) for each, to in zip(solved, moved, strict=True))
        declared = {for_gateway(place): number for place, number in declared.items()}
    return Answer(
        reasons=solved,
        plan=durations(rollout),
        pods=pods,
        open=[f"{each.severity}: {in_options(each)}" for each in found if each.waiver is None],
        accepted=[accepted(each) for each in found if each.waiver is not None],
        assumed=asked.assumed,
        behaviour=asked.behaviour,
        not_judged=tuple(dict.fromkeys(not_judged.values())),
        timeline=timeline(at_most) if simulated else (),
        drops=drops,
        stated=asked.stated,
        name=asked.name,
        declared=declared,
    )


def _found(asked: Asked, broken: Iterable[Diagnostic], not_judged: Mapping[str, str]) -> list[Diagnostic]:
    """What the solved numbers break, as it weighs and with what the owner accepts; which of --accept are needless.

    A waiver of annotation or file may be for the numbers that the manifest has now, so that none of them is.
    """
    from nodrop.rollout.waivers import waive

    weighed = [replace(each, severity=asked.severities.get(each.rule, each.severity)) for each in broken]
    elsewhere = {**asked.in_file, **asked.annotated}
    return [
        each if each.waiver is not None else replace(each, waiver=elsewhere.get(each.rule))
        for each in waive(weighed, asked.accept, not_asked=not_judged)
    ]


def most_pods() -> int:
    """Of more, the rollout is not simulated."""
    from nodrop.rollout.facts import MOST_ENDPOINTS_PER_NEG

    return MOST_ENDPOINTS_PER_NEG
