"""From what a service's owner states, or a manifest, to a plan: what is solved, and all that is said of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import click

from nodrop.cli.behaviour_options import facts_of
from nodrop.cli.plan_words import accepted, annotated, in_options, refusal, unstated

if TYPE_CHECKING:
    from nodrop.judge import Judgement, PathJudgement
    from nodrop.paths import ServingPath
    from nodrop.project_file import ProjectFile
    from nodrop.report.plan import Answer
    from nodrop.report.plan_yaml import Names
    from nodrop.rollout import Behaviour, Diagnostic, Origin, Rollout, Severity


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is planned: a service of the owner's words, or a serving path of manifests."""

    options: Mapping[str, Any]
    behaviour: Behaviour
    accept: Mapping[str, str]
    """Reason by rule, of the options."""
    assumed: tuple[str, ...]
    """Names of the facts that nothing states."""
    by_gateway: bool
    wishes: Mapping[str, Any] = field(default_factory=dict)
    """What the manifest says where no option does, by the solver's keywords."""
    declared: Rollout | None = None
    """The manifest's rollout; None: there is no manifest."""
    name: str | None = None
    stated: tuple[str, ...] = ()
    names: Names | None = None
    """None: those of the objects to print are chosen."""
    annotated: Mapping[str, str] = field(default_factory=dict)
    """Reason by rule, of the Deployment's annotation."""
    in_file: Mapping[str, str] = field(default_factory=dict)
    """The same of nodrop.yaml."""
    severities: Mapping[str, Severity] = field(default_factory=dict)
    """Those of nodrop.yaml, by rule."""
    wrong_waivers: tuple[str, ...] = ()
    """What is wrong with those of the annotation."""

    @property
    def waivers(self) -> dict[str, str]:
        """All that the owner accepts; an option goes before the annotation, and that before the file."""
        return {**self.in_file, **self.annotated, **self.accept}


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One plan, and what its YAML takes besides."""

    rollout: Rollout
    answer: Answer
    asked: Asked


def from_options(options: Mapping[str, Any], accept: Mapping[str, str]) -> Asked:
    """What the options alone state."""
    from nodrop.rollout import ASSUMED

    facts = facts_of(options)
    return Asked(
        options=options,
        behaviour=facts.over(ASSUMED),
        accept=accept,
        assumed=facts.unstated,
        by_gateway=options["load_balancer"] == "gateway",
    )


def from_manifests(
    judgement: Judgement,
    stated: ProjectFile,
    options: Mapping[str, Any],
    accept: Mapping[str, str],
    passed_over: Iterable[str] = (),
) -> Iterator[Asked]:
    """Each serving path that was read; an option goes before what a manifest says, but for facts.

    Args:
        judgement: of the manifests.
        stated: in nodrop.yaml.
        options: of the command.
        accept: reason by rule, of the options.
        passed_over: what of the input was, for the message that there is no path.

    Raises:
        click.ClickException: there is none.
    """
    from nodrop.report.judged.model import no_path
    from nodrop.report.judged.model import stated as facts_stated
    from nodrop.rollout import Origin

    if not any(each.rollout for each in judgement.paths):
        raise click.ClickException(no_path(judgement, passed_over=passed_over))
    for judged in judgement.paths:
        path, rollout = judged.path, judged.rollout
        if path is None or rollout is None:
            continue
        yield Asked(
            options=options,
            behaviour=rollout.behaviour,
            accept=accept,
            assumed=_assumed(judged),
            by_gateway=path.by_gateway,
            wishes=_wishes(rollout),
            declared=rollout,
            name=path.name,
            stated=facts_stated(judged),
            names=_names(path),
            annotated=_accepted_by(judged, Origin.ANNOTATION),
            in_file=_accepted_by(judged, Origin.FILE),
            severities=stated.severities,
            wrong_waivers=_wrong_waivers(judged),
        )


def not_planned(judgement: Judgement) -> list[str]:
    """The ways of which nothing could be planned, each with the reasons."""
    from nodrop.report.judged.model import place

    told = []
    for judged in judgement.paths:
        if judged.path is None or judged.rollout is None:
            found = [": ".join(filter(None, (place(each), each.seen))) for each in judged.diagnostics]
            told.append(f"{judged.name}: {'; '.join((*found, *judged.not_judged)) or 'it cannot be read'}")
    return told


def _wrong_waivers(judged: PathJudgement) -> tuple[str, ...]:
    """What the Deployment's annotation waives and cannot, each with its line."""
    from nodrop.report.judged.model import place

    wrong = (each for each in judged.diagnostics if each.input.startswith("accept[") and each.is_error)
    return tuple(": ".join(filter(None, (place(each), f"{each.object}: {annotated(each)}"))) for each in wrong)


def _accepted_by(judged: PathJudgement, who: Origin) -> dict[str, str]:
    return {rule: reason for rule, (reason, origin) in judged.accepted.items() if origin is who}


def _assumed(judged: PathJudgement) -> tuple[str, ...]:
    from nodrop.rollout import Origin
    from nodrop.rollout.behaviour import WORDS

    by_default = {each.name for each in judged.assumptions if each.origin is Origin.DEFAULT}
    return tuple(name for name, words in WORDS.items() if words in by_default)


def _wishes(rollout: Rollout) -> dict[str, Any]:
    placement = rollout.placement
    return {
        "replicas": (rollout.replicas, rollout.max_replicas),
        "mode": rollout.mode.value,
        "health_check_path": rollout.health_check.path or "/",
        "zones": placement.zones if placement else None,
        "spot": bool(placement and placement.spot),
    }


def _names(path: ServingPath) -> Names:
    from nodrop.paths.fields import whole
    from nodrop.report.plan_yaml import Names

    deployment, service = whole(path.deployment), whole(path.service)["metadata"]["name"].text() or ""
    policy = path.backend_policy or path.health_check_policy if path.by_gateway else path.backend_config
    return Names(
        deployment=deployment["metadata"]["name"].text() or "",
        container=path.container,
        port=path.target_port,
        service=service,
        policies=(whole(policy)["metadata"]["name"].text() if policy else None) or service,
        namespace=path.namespace,
        labels=deployment["spec"]["selector"]["matchLabels"].mapping(),
        service_names_it=path.backend_config is not None,
    )


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
        raise click.ClickException(_lines(asked, list(map(refusal, error.diagnostics)))) from None
    return solved if asked.declared is None else replace(solved, protocol=asked.declared.protocol)


def _lines(asked: Asked, lines: list[str]) -> str:
    of_path = f"{asked.name}: " if asked.name else ""
    return of_path + (lines[0] if len(lines) == 1 else "\n  ".join(["no rollout meets all of this:", *lines]))


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
