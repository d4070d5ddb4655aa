"""The one judgement: Kubernetes objects -> a verdict for each serving path, with everything that it rests on."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from nodrop.judge.facts import Facts, Known, known
from nodrop.judge.judgement import Judgement, PathJudgement, in_order, worst_first
from nodrop.judge.limits import limits_of
from nodrop.judge.other_ways import OtherWays
from nodrop.judge.passed_over import passed_over
from nodrop.judge.places import Place, Roles, place_of, waiver_place
from nodrop.judge.refusals import diagnostic, of_problem, refusals
from nodrop.paths import Manifest, Problem, ProblemKind, ReadingError, ServingPath, read_rollout, resolve
from nodrop.paths.around import SCALING, Around
from nodrop.paths.fields import ref_of, whole
from nodrop.paths.placement import read_placement
from nodrop.paths.waivers import accepted
from nodrop.paths.wiring import read_wiring
from nodrop.rollout import CHANGE_RULES, Diagnostic, Mode, ObjectRef, Rollout, Severity, check
from nodrop.rollout.waivers import waive

Positions = Callable[[Manifest, str], tuple[str | None, int | None]]
"""File and line, from 1, of a field of an object, or of what is nearest above it; None where it is unknown."""

Surroundings = Callable[[ServingPath, Rollout], Rollout]
"""What is known of a path besides its objects, written into its rollout."""

ObjectPositions = Callable[[ObjectRef, str], tuple[str | None, int | None]]
"""The same, of an object by its name."""

_WAITS = Mode.HARD_CODED_DELAY
_OF_CHANGE = frozenset(each.name for each in CHANGE_RULES)
"""What a Deployment may waive of them is for a comparison to say."""


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What somebody states beside the objects, by workload, such as `demo/web`, the Deployment's namespace and name."""

    facts: Mapping[str, Facts]
    defaults: Facts
    """For every workload, where neither an annotation nor `facts` says so."""
    waivers: Mapping[str, Mapping[str, str]]
    """Reason by rule; an annotation's goes before."""


def judge(
    objects: Iterable[Manifest],
    *,
    facts: Mapping[str, Facts] | None = None,
    defaults: Facts | None = None,
    waivers: Mapping[str, Mapping[str, str]] | None = None,
    positions: Positions | None = None,
    surroundings: Surroundings = lambda _, rollout: rollout,
) -> Judgement:
    """The verdicts on every way from a load balancer to a workload. Raises nothing, whatever the objects are.

    Args:
        objects: Kubernetes objects.
        facts: about the application by workload, such as `demo/web`: the Deployment's namespace and name.
        defaults: about every application that neither an annotation nor `facts` tells of.
        waivers: reason by rule, by workload; what the Deployment's annotation says goes before.
        positions: where a field of an object was read from.
        surroundings: adds to the rollout of a path what its objects cannot say, such as what the cluster stands on.
    """
    given = [each for each in objects if isinstance(each, dict)]
    stated = Stated(facts=facts or {}, defaults=defaults or Facts(), waivers=waivers or {})
    resolution = resolve(given)
    around = Around(given)
    others = OtherWays(given)
    read = [_judged(path, around, stated, positions, surroundings, others) for path in resolution.paths]
    judged, left = _with_problems(read, resolution.problems, _of_objects(given, positions))
    besides = [_not_judged(name, why) for name, why in others.besides(resolution.paths)]
    return Judgement(paths=worst_first([*judged, *left, *besides]), objects=(), passed_over=tuple(passed_over(given)))


def _not_judged(name: str, reasons: Iterable[str]) -> PathJudgement:
    return PathJudgement(name=name, path=None, rollout=None, diagnostics=(), not_judged=tuple(reasons), assumptions=())


def _judged(
    path: ServingPath,
    around: Around,
    stated: Stated,
    positions: Positions | None,
    surroundings: Surroundings,
    others: OtherWays,
) -> PathJudgement:
    try:
        return _readable(path, around, stated, positions, surroundings, others)
    except ReadingError as error:
        return PathJudgement(
            name=path.name, path=path, rollout=None, diagnostics=(), not_judged=(str(error),), assumptions=()
        )


def _readable(
    path: ServingPath,
    around: Around,
    stated: Stated,
    positions: Positions | None,
    surroundings: Surroundings,
    others: OtherWays,
) -> PathJudgement:
    path = replace(path, autoscaler=_autoscaler(path, around))
    beside = around.of(path)
    workload = "/".join(str(part) for part in (path.namespace, whole(path.deployment)["metadata"]["name"].text()))
    knows = known(path.deployment, stated.facts.get(workload, Facts()), stated.defaults)
    roles = _roles(path, beside)
    read = read_rollout(path, knows.behaviour, read_wiring(path, beside), read_placement(path, beside))
    rollout = _admitted_to_neg(surroundings(path, read))
    limits = limits_of(path, beside)
    found = [each for each in _checked(rollout, knows) if each.rule not in limits.silenced]
    accept = {**stated.waivers.get(workload, {}), **accepted(path.deployment)}
    told = waive(found, accept, not_asked=_OF_CHANGE | limits.silenced)
    return PathJudgement(
        name=path.name,
        path=path,
        rollout=rollout,
        diagnostics=in_order([*_refused(path, beside, positions), *(_placed(each, roles, positions) for each in told)]),
        not_judged=(*limits.reasons, *others.behind(path.service)),
        assumptions=(*knows.assumptions, *limits.assumptions),
    )


def _admitted_to_neg(rollout: Rollout) -> Rollout:
    """With the gate that GKE injects into pods behind a NEG at their admission, declared or not.

    Source: Google, Container-native load balancing through Ingress, Pod readiness.
    """
    injected = rollout.wiring is not None and rollout.wiring.container_native
    return replace(rollout, readiness_gate=rollout.readiness_gate or (injected and rollout.mode is not _WAITS))


def _checked(rollout: Rollout, knows: Known) -> Iterator[Diagnostic]:
    """What the rules find; an error that only an assumption makes is a warning."""
    found = check(rollout)
    certain = {(each.rule, each.input) for each in found if each.severity is Severity.ERROR}
    if certain and knows.assumed:
        mildest = replace(
            rollout,
            longest_request_seconds=knows.best.longest_request_seconds,
            startup_seconds=knows.best.startup_seconds,
        )
        certain = {(each.rule, each.input) for each in check(mildest) if each.severity is Severity.ERROR}
    for each in found:
        if each.severity is Severity.ERROR and (each.rule, each.input) not in certain:
            yield replace(each, severity=Severity.WARNING, seen=f"{each.seen}; assumed, as nobody states it")
        else:
            yield each


def _autoscaler(path: ServingPath, around: Around) -> Manifest | None:
    scaling = around.autoscalers(path.deployment)
    return next((each for each in scaling if each.get("kind") == "HorizontalPodAutoscaler"), None)


def _roles(path: ServingPath, beside: Iterable[Manifest]) -> Roles:
    by_kind: dict[object, list[Manifest]] = {}
    for each in beside:
        by_kind.setdefault(each.get("kind"), []).append(each)
    scaling = [each for kind in SCALING for each in by_kind.get(kind, ())]
    return Roles(
        path=path,
        autoscaler=scaling[0] if scaling else None,
        budgets=tuple(by_kind.get("PodDisruptionBudget", ())),
        network_policies=tuple(by_kind.get("NetworkPolicy", ())),
        frontend_config=next(iter(by_kind.get("FrontendConfig", ())), None),
    )


def _refused(path: ServingPath, beside: Iterable[Manifest], positions: Positions | None) -> Iterator[Diagnostic]:
    for manifest, (field, seen, would_pass) in refusals(path, beside):
        file, line = positions(manifest, field.path) if positions else (None, None)
        yield replace(diagnostic(field, seen, would_pass), object=ref_of(manifest), file=file, line=line)


def _placed(diagnostic: Diagnostic, roles: Roles, positions: Positions | None) -> Diagnostic:
    about_waiver = diagnostic.input.startswith("accept[")
    place = waiver_place(roles) if about_waiver else place_of(diagnostic.input, roles)
    if place is None:
        place = Place(roles.path.deployment, "metadata.annotations")
    file, line = positions(place.manifest, place.field) if positions else (None, None)
    return replace(diagnostic, object=ref_of(place.manifest), field=place.field, file=file, line=line)


def _with_problems(
    judged: list[PathJudgement], problems: Iterable[Problem], positions: ObjectPositions
) -> tuple[list[PathJudgement], list[PathJudgement]]:
    """The paths, each with the problems of its objects, and a judgement for each object whose problems are on none."""
    on: dict[ObjectRef, list[int]] = {}
    for number, each in enumerate(judged):
        for manifest in _objects(each.path):
            on.setdefault(ref_of(manifest), []).append(number)
    told = dict(enumerate(judged))
    left: dict[ObjectRef, PathJudgement] = {}
    for problem in problems:
        for number in on.get(problem.object, ()):
            told[number] = _with_problem(told[number], problem, positions)
        if problem.object not in on:
            before = left.get(problem.object) or _not_judged(str(problem.object), ())
            left[problem.object] = _with_problem(before, problem, positions)
    return list(told.values()), list(left.values())


def _with_problem(judged: PathJudgement, problem: Problem, positions: ObjectPositions) -> PathJudgement:
    """With what an API or a controller refuses as an error of a rule, and any other problem as why it is not judged."""
    if problem.kind is not ProblemKind.REFUSED:
        return replace(judged, not_judged=(*judged.not_judged, str(problem)))
    file, line = positions(problem.object, problem.field or "")
    found = replace(of_problem(problem), file=file, line=line)
    return replace(judged, diagnostics=in_order([*judged.diagnostics, found]))


def _of_objects(objects: Iterable[Manifest], positions: Positions | None) -> ObjectPositions:
    """The positions, asked by an object's name."""
    by_name = {ref_of(each): each for each in objects} if positions else {}

    def position(name: ObjectRef, field: str) -> tuple[str | None, int | None]:
        manifest = by_name.get(name)
        return positions(manifest, field) if positions and manifest is not None else (None, None)

    return position


def _objects(path: ServingPath | None) -> Iterator[Manifest]:
    if path is not None:
        yield from (path.entry, *path.http_routes, path.service, path.deployment)
        yield from (each for each in (path.backend_config, path.backend_policy, path.health_check_policy) if each)
