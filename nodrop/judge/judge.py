"""The one judgement: Kubernetes objects -> a verdict for each serving path, with everything that it rests on."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from nodrop.judge.changed_objects import with_repeats
from nodrop.judge.clusters import told_apart
from nodrop.judge.ends import behind, ends
from nodrop.judge.judgement import Judgement, PassedOver, PathJudgement, Positions, Unjudged, in_order, worst_first
from nodrop.judge.other_policies import OtherPolicies
from nodrop.judge.other_ways import OtherWays
from nodrop.judge.passed_over import passed_over
from nodrop.judge.path_judge import PathJudge, unjudged
from nodrop.judge.problems import diagnostic_of, is_of_another_controller
from nodrop.judge.surroundings import Surroundings
from nodrop.paths import Manifest, Problem, ProblemKind, ServingPath, resolve
from nodrop.paths.addresses import addresses_elsewhere
from nodrop.paths.around import Around
from nodrop.paths.fields import ref_of, whole
from nodrop.paths.index import INDEXED
from nodrop.paths.repeats import GroupedRef, grouped_ref, without_repeats
from nodrop.rollout import Diagnostic, Facts, ObjectRef

_ON_A_WAY = (
    "Ingress",
    "Gateway",
    "HTTPRoute",
    "Service",
    "Deployment",
    "BackendConfig",
    "GCPBackendPolicy",
    "HealthCheckPolicy",
)


def judge(
    objects: Iterable[Manifest],
    *,
    facts: Mapping[str, Facts] | None = None,
    defaults: Facts | None = None,
    waivers: Callable[[str], Mapping[str, str]] = lambda _: {},
    positions: Positions | None = None,
    surroundings: Surroundings | None = None,
) -> Judgement:
    """The verdicts on every way from a load balancer to a workload. Raises nothing, whatever the objects are.

    Args:
        objects: Kubernetes objects.
        facts: about the application by workload, such as `demo/web`: the Deployment's namespace and name.
        defaults: about every application that neither an annotation nor `facts` covers.
        waivers: reason by rule of a workload such as `demo/web`; what the Deployment's annotation says goes before.
        positions: where a field of an object was read from.
        surroundings: what the objects cannot say, such as what the cluster stands on; None: nothing more is known.
    """
    surroundings = surroundings or Surroundings()
    by_cluster: dict[str, list[Manifest]] = {}
    for each in objects:
        if isinstance(each, dict):
            by_cluster.setdefault(surroundings.cluster(each), []).append(each)
    clusters = {
        cluster: _Cluster(
            given,
            facts=facts or {},
            defaults=defaults or Facts(),
            waivers=waivers,
            positions=positions,
            surroundings=surroundings.of(cluster),
        )
        for cluster, given in by_cluster.items()
    }
    paths = worst_first(told_apart({cluster: one.paths for cluster, one in clusters.items()}, by_cluster))
    over = [replace(each, cluster=cluster) for cluster, one in clusters.items() for each in one.passed_over]
    for cluster, one in clusters.items():
        over += [replace(each, cluster=cluster) for each in (one.behind if paths else one.ends)]
    return Judgement(
        paths=paths,
        objects=in_order(
            replace(each, cluster=cluster) if len(clusters) > 1 else each
            for cluster, one in clusters.items()
            for each in one.objects
        ),
        passed_over=(*surroundings.unread, *over),
        kinds=Counter(str(each.get("kind")) for given in by_cluster.values() for each in given),
    )


class _Cluster:
    """The judgement of the objects of one cluster."""

    def __init__(
        self,
        objects: list[Manifest],
        *,
        facts: Mapping[str, Facts],
        defaults: Facts,
        waivers: Callable[[str], Mapping[str, str]],
        positions: Positions | None,
        surroundings: Surroundings,
    ) -> None:
        given, alike = without_repeats(objects)
        surroundings = with_repeats(surroundings, alike)
        resolution = resolve(given)
        others = OtherWays(given)
        entries = {ref_of(path.entry): whole(path.entry) for path in resolution.paths}
        one = PathJudge(
            around=Around(given, surroundings.autopilot),
            others=others,
            policies=OtherPolicies(given),
            facts=facts,
            defaults=defaults,
            waivers=waivers,
            positions=positions,
            by_ref={ref_of(each): each for each in given},
            surroundings=surroundings,
            addresses_elsewhere=addresses_elsewhere(entries.values()),
        )
        foreign = dict.fromkeys(each for each in resolution.problems if is_of_another_controller(each))
        known = [each for each in resolution.problems if each not in foreign]
        problems = _Problems([*known, *_of_repeats(given, alike, surroundings)], given, one)
        paths = [problems.added_to(one.judged(path)) for path in resolution.paths]
        by_gateway = {ref_of(path.service) for path in resolution.paths if path.by_gateway}
        besides = (one.not_judged(name, why) for name, why in others.besides(by_gateway))
        ways, about_objects = problems.left(others)
        told = (*about_objects, *(each for found in (*paths, *ways) for each in found.diagnostics))
        known = set(map(_place, told))
        elsewhere = [each for each in one.refused_elsewhere(objects) if _place(each) not in known]
        on_paths = {ref_of(path.deployment) for path in resolution.paths}
        of_others = {each.object for each in foreign}
        self._ends = partial(ends, given, of_others, positions)
        self.paths = [*paths, *ways, *besides]
        """In no particular order."""
        self._behind = partial(behind, given, of_others, {each.name for each in self.paths}, on_paths, positions)
        self.objects = tuple(dict.fromkeys([*about_objects, *elsewhere]))
        """What was found of objects on no path."""
        self.passed_over = (*_of_others(foreign, given, positions), *passed_over(given, positions, on_paths))
        """Objects on no path that were not read."""

    @property
    def behind(self) -> Iterator[PassedOver]:
        """The Services to which no way leads, if there is any path."""
        return self._behind()

    @property
    def ends(self) -> Iterator[PassedOver]:
        """Where ways end, if no path is anywhere."""
        return self._ends()


def _place(found: Diagnostic) -> tuple[object, ...]:
    """What is said, and of which field: where both are the same, one fault was found twice."""
    return found.rule, found.object, found.field, found.file, found.line


def _of_others(
    foreign: Iterable[Problem], objects: Iterable[Manifest], positions: Positions | None
) -> Iterator[PassedOver]:
    """The load balancers of other controllers."""
    reasons = {each.object: f"{each.message}; wanted {each.wanted}" for each in foreign}
    for each in objects if reasons else ():
        if (ref := ref_of(each)) in reasons:
            position = positions(each, "") if positions else None
            yield PassedOver(object=ref, reason=reasons[ref], position=position)


def _of_repeats(
    objects: Iterable[Manifest], alike: Collection[GroupedRef], surroundings: Surroundings
) -> Iterator[Problem]:
    """That objects of paths, or of what might be one, are given more than once."""
    for each in objects if alike else ():
        if each.get("kind") in INDEXED and grouped_ref(each) in alike and (why := surroundings.changed_by(each)):
            yield Problem(kind=ProblemKind.AMBIGUOUS, object=ref_of(each), message=why)


class _Problems:
    """The problems by object: each is reported with every path of its object, else by itself."""

    def __init__(self, problems: Iterable[Problem], objects: list[Manifest], one: PathJudge) -> None:
        self._one = one
        self._of: dict[ObjectRef, list[Problem]] = {}
        for problem in problems:
            self._of.setdefault(problem.object, []).append(problem)
        self._manifests = {ref: each for each in objects if (ref := ref_of(each)) in self._of}
        self._told: set[ObjectRef] = set()

    def added_to(self, judged: PathJudgement) -> PathJudgement:
        """A path's judgement with the problems of its objects."""
        refs = [ref for each in _objects(judged.path) if (ref := ref_of(each)) in self._of] if self._of else []
        self._told.update(refs)
        return self._with(judged, refs) if refs else judged

    def left(self, others: OtherWays) -> tuple[list[PathJudgement], tuple[Diagnostic, ...]]:
        """A judgement for each object with problems that is on no path, and what was found of objects on no path."""
        ways: list[PathJudgement] = []
        about_objects: list[Diagnostic] = []
        for ref in self._of:
            if ref not in self._told:
                found = self._with(self._one.not_judged(str(ref), others.behind_named(str(ref))), [ref])
                if ref.kind in _ON_A_WAY or found.not_judged:
                    ways.append(found)
                else:
                    about_objects += found.diagnostics
        return ways, in_order(about_objects)

    def _with(self, judged: PathJudgement, refs: Iterable[ObjectRef]) -> PathJudgement:
        found: list[Diagnostic] = []
        reasons: list[Unjudged] = []
        for ref in refs:
            manifest = self._manifests.get(ref)
            for problem in self._of[ref]:
                told = diagnostic_of(problem, manifest)
                if told is None or manifest is None:
                    reasons.append(unjudged(problem))
                else:
                    found.append(self._one.located(told, manifest, told.input))
        known = set(map(_place, judged.diagnostics))
        return replace(
            judged,
            diagnostics=in_order([*(each for each in found if _place(each) not in known), *judged.diagnostics]),
            reasons=tuple(dict.fromkeys((*judged.reasons, *self._one.told(reasons)))),
        )


def _objects(path: ServingPath | None) -> Iterator[Manifest]:
    if path is not None:
        yield from (path.entry, *path.http_routes, path.service, path.deployment)
        yield from path.governing


__all__ = ["Positions", "Surroundings", "judge"]
