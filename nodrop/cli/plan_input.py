"""What `nodrop plan` is asked: what a service's owner states, and what manifests say of each serving path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import click

from nodrop.cli.behaviour_options import facts_of
from nodrop.cli.plan_words import annotated

if TYPE_CHECKING:
    from nodrop.judge import Judgement, PathJudgement
    from nodrop.paths import ServingPath
    from nodrop.project_file import ProjectFile
    from nodrop.report.plan_yaml import Names
    from nodrop.rollout import Behaviour, Origin, Rollout, Severity


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
