"""The judgement of one serving path: read with what is around it, asked by every rule, each finding with its place."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from nodrop.gke.nodes import COMPUTE_CLASS
from nodrop.judge.accepted import Accepted, accepted_of, waived
from nodrop.judge.annotations import unread
from nodrop.judge.assumed import assumed_of, assumed_of_surroundings
from nodrop.judge.changed_objects import of_changed_objects
from nodrop.judge.facts import KnownBehaviour, known, with_units
from nodrop.judge.judgement import Assumption, PathJudgement, Positions, Unjudged, in_order
from nodrop.judge.limits import limits_of, of_open_pre_stops
from nodrop.judge.other_controllers import others_scale
from nodrop.judge.other_policies import OtherPolicies
from nodrop.judge.other_ways import OtherWays
from nodrop.judge.places import FieldPlace, Roles, place_of, waiver_place
from nodrop.judge.problems import diagnostic_of
from nodrop.judge.refusals import Refusal, Refusals, of_pods
from nodrop.judge.releases import of_releases
from nodrop.judge.severities import checked, milder_if_idle
from nodrop.judge.surroundings import Surroundings
from nodrop.paths import Manifest, Problem, ReadingError, ServingPath, read_rollout
from nodrop.paths.around import SCALING, Around
from nodrop.paths.compute_classes import default_classes
from nodrop.paths.containers import container_called
from nodrop.paths.fields import ref_of, unquoted, whole
from nodrop.paths.placement import SPOT_LABELS, read_placement
from nodrop.paths.quotas import NO_QUOTA, Room
from nodrop.paths.rollout import open_pre_stops
from nodrop.paths.scale_targets import is_astray
from nodrop.paths.server_settings import server_settings
from nodrop.paths.waivers import accepted
from nodrop.paths.wiring import read_wiring
from nodrop.rollout import CHANGE_RULES, Diagnostic, Facts, Mode, ObjectRef, Origin, Rollout, RuleKind
from nodrop.rollout.behaviour import WORDS
from nodrop.rollout.registry import all_rules, rules_of
from nodrop.rollout.rules.objects import object_is_accepted, pods_are_admitted
from nodrop.rollout.waivers import waive

_ASKED_LATER = frozenset(rule.name for rule in (*CHANGE_RULES, *rules_of(RuleKind.REHEARSAL)))
"""What a Deployment may waive of them is for a comparison or a rehearsal to say."""


@dataclass(frozen=True, kw_only=True)
class PathJudge:
    """Judges paths among the same objects."""

    around: Around
    others: OtherWays
    policies: OtherPolicies
    facts: Mapping[str, Facts]
    """By workload, such as `demo/web`: the Deployment's namespace and name."""
    defaults: Facts
    """For every workload, where neither an annotation nor `facts` says so."""
    waivers: Callable[[str], Mapping[str, str]]
    """Reason by rule, by workload; an annotation's goes before."""
    positions: Positions | None
    by_ref: Mapping[ObjectRef, Manifest]
    """The objects, by which the places in them are told."""
    surroundings: Surroundings
    addresses_elsewhere: Mapping[ObjectRef, Mapping[str, ObjectRef]] = field(default_factory=dict)
    """By Ingress or Gateway, its static addresses that one of another namespace names too, with that one."""
    refusals: Refusals = field(default_factory=Refusals)

    def judged(self, path: ServingPath) -> PathJudgement:
        """The path with everything that its verdict rests on; what cannot be read is why it is not judged."""
        try:
            return self._judged(path)
        except ReadingError as error:
            reason = unjudged(error.problem)
            return replace(self.not_judged(path.name, [reason], path), diagnostics=self._refused_at_least(path))

    def _judged(self, path: ServingPath) -> PathJudgement:
        beside, surroundings = self.around.of(path), self.surroundings
        stated, timeout = self.facts.get(_workload(path), Facts()), path.backend_timeout_seconds
        settings = server_settings(container_called(path.pod, path.container))
        knows = known(path.deployment, stated, self.defaults, settings, backend_timeout_seconds=timeout)
        room = self.around.room(path)
        placement = read_placement(path, beside, room.pod_quota, self.around.disruption_budget(path, beside))
        requests = self.around.requests(path)
        read = read_rollout(path, knows.behaviour, read_wiring(path, beside), placement, requests)
        rollout = _admitted_to_neg(self.surroundings.rollout(path, read))
        rollout = replace(rollout, longest_request_is_stated=knows.states_longest_request)
        limits = limits_of(path, beside, room.unknown, filled_in=self.around.are_filled_in(path))
        undecided, accept = open_pre_stops(path, rollout), self._accepted(path)
        open_hooks = [each for each, rules in undecided.items() if rules - accept.keys()]
        silenced = limits.silenced | self._silenced_without_pods(path, beside)
        silenced |= undecided.get(path.container, frozenset()) - accept.keys()
        found = [each for each in checked(rollout, knows) if each.rule not in silenced]
        found += self._of_new_pods(path, beside, room)
        by_release = [] if self.surroundings.by_pulumi else list(of_releases(path, rollout, beside))
        found += (self.located(each, of, each.input) for of, each in by_release if isinstance(each, Diagnostic))
        told = self._waived(path, milder_if_idle(path, found), _ASKED_LATER | silenced.union(*undecided.values()))
        roles = replace(_roles(path, beside, room), stated_at=knows.stated_at)
        return PathJudgement(
            name=path.name,
            path=path,
            rollout=rollout,
            diagnostics=in_order(
                [*self._refused(path, beside, room), *self._unread(path), *(self._placed(each, roles) for each in told)]
            ),
            awaiting_rehearsal=self.told(limits.awaiting_rehearsal),
            reasons=self.told(
                (
                    *limits.reasons,
                    *knows.contradictions,
                    *of_open_pre_stops(path, open_hooks),
                    *(each for _, each in by_release if isinstance(each, Unjudged)),
                    *dict.fromkeys(of_changed_objects(path, beside, surroundings)),
                    *self.others.behind(path.service),
                    *self.policies.over(path),
                )
            ),
            assumptions=(
                *self._with_places(knows),
                *assumed_of(path, rollout, beside, open_hooks),
                *self._assumed_of_addresses(path),
                *assumed_of_surroundings(self.surroundings),
            ),
            accepted=accept,
        )

    def _silenced_without_pods(self, path: ServingPath, beside: Iterable[Manifest]) -> frozenset[str]:
        """The rule about a Deployment without pods, where others may serve, or only its autoscaler would leave none."""
        if path.replicas != 0:
            return frozenset()
        by_autoscaler = whole(path.deployment)["spec"]["replicas"].value != 0
        others = by_autoscaler or others_scale(beside) or self.around.may_serve_beside(path)
        return frozenset({"some-pod-serves"} if others else ())

    def located(self, found: Diagnostic, manifest: Manifest, path: str) -> Diagnostic:
        """The diagnostic with object, field, file and line."""
        return at(found, manifest, path, self.positions)

    def refused_elsewhere(self, objects: Iterable[Manifest]) -> Iterator[Diagnostic]:
        """What is refused of the objects that no path asked about, once all paths are judged."""
        for manifest, found in self.refusals.elsewhere(objects):
            if isinstance(found, Refusal):
                yield from self._told(manifest, found)
            elif told := diagnostic_of(found, manifest):
                yield self.located(told, manifest, told.input)

    def not_judged(self, name: str, reasons: Iterable[Unjudged], path: ServingPath | None = None) -> PathJudgement:
        """A path that was not judged, with the reasons."""
        told = self.told(reasons)
        return PathJudgement(name=name, path=path, rollout=None, diagnostics=(), reasons=told, assumptions=())

    def told(self, reasons: Iterable[Unjudged]) -> tuple[str, ...]:
        """Each reason, with file and line where they are known, and what would make known what is not."""
        return tuple(f"{self._place(each)}{each}{self._known_by(each)}" for each in reasons)

    def _place(self, reason: Unjudged) -> str:
        manifest = self.by_ref.get(reason.object)
        position = self.positions(manifest, reason.field) if self.positions and manifest else None
        return f"{position}: " if position else ""

    def _known_by(self, reason: Unjudged) -> str:
        manifest = self.by_ref.get(reason.object)
        told = self.surroundings.known_by(manifest, reason.field) if manifest else None
        return f"; {told}" if told else ""

    def _refused_at_least(self, path: ServingPath) -> tuple[Diagnostic, ...]:
        """What is refused of a path that cannot be read as a whole, as far as it can be told."""
        try:
            beside = self.around.of(path)
            of_pods_alone = self._waived(path, self._of_new_pods(path, beside, NO_QUOTA), all_rules())
            told = (self._placed(each, Roles(path=path)) for each in of_pods_alone)
            return (*self._refused(path, beside, self.around.room(path)), *told)
        except ReadingError:
            return ()

    def _refused(self, path: ServingPath, beside: Iterable[Manifest], room: Room) -> Iterator[Diagnostic]:
        for manifest, found in self.refusals.of(path, (*beside, *self.around.read_by_pods(path)), room):
            yield from self._told(manifest, found)

    def _told(self, manifest: Manifest, refusal: Refusal) -> Iterator[Diagnostic]:
        path, shown = refusal.field.path, _shown(refusal)
        for each in object_is_accepted(path, shown, refusal.seen, refusal.source, refusal.would_pass, refusal.why):
            yield self.located(each, manifest, path)

    def _of_new_pods(self, path: ServingPath, beside: Iterable[Manifest], room: Room) -> Iterator[Diagnostic]:
        for refusal in of_pods(path, beside, room, filled_in=self.around.are_filled_in(path)):
            place, shown = refusal.field.path, _shown(refusal)
            yield from pods_are_admitted(place, shown, refusal.seen, refusal.source, refusal.would_pass)

    def _waived(self, path: ServingPath, found: Iterable[Diagnostic], not_asked: Collection[str]) -> list[Diagnostic]:
        """What was found, with the owner's waivers, and what is wrong with those of the Deployment's annotation.

        Of rules that were not asked none is stale. One of nodrop.yaml never is, which may speak of many workloads.
        """
        told = waive(found, accepted(path.deployment), not_asked=not_asked)
        return list(waived(told, self._accepted(path)))

    def _accepted(self, path: ServingPath) -> Accepted:
        return accepted_of(accepted(path.deployment), self.waivers(_workload(path)))

    def _with_places(self, knows: KnownBehaviour) -> Iterator[Assumption]:
        places = {WORDS[name]: Unjudged(at.object, at.path, "") for name, at in knows.stated_at.items()}
        for each in knows.assumptions:
            place = places.get(each.name)
            yield replace(each, place=f"{self._place(place)}{place.field}") if place else each

    def _assumed_of_addresses(self, path: ServingPath) -> Iterator[Assumption]:
        for name, other in self.addresses_elsewhere.get(ref_of(path.entry), {}).items():
            told = f"{name} in another project than that of {other}"
            yield Assumption(name="static address", value=told, origin=Origin.DEFAULT)

    def _unread(self, path: ServingPath) -> Iterator[Diagnostic]:
        for manifest, found in unread(path):
            yield self.located(found, manifest, found.input)

    def _placed(self, found: Diagnostic, roles: Roles) -> Diagnostic:
        if found.object is not None:
            return found
        if found.field is not None:
            return self.located(found, roles.path.deployment, found.field)
        place = waiver_place(roles) if found.input.startswith("accept[") else place_of(found.input, roles)
        place = place or FieldPlace(roles.path.deployment, "metadata.annotations")
        if place.field in (each.path for each in roles.stated_at.values()):
            found = with_units(found)
        return self.located(found, place.manifest, place.field)


def at(found: Diagnostic, manifest: Manifest, field: str, positions: Positions | None) -> Diagnostic:
    """The diagnostic with object and field, and where that was read from."""
    placed = replace(found, object=ref_of(manifest), field=field)
    position = positions(manifest, field) if positions else None
    if position is None:
        return placed
    return replace(placed, file=position.file, line=position.line, template=position.template)


def _shown(refusal: Refusal) -> str:
    """What stands at the place of a refusal."""
    field = refusal.field
    if refusal.shown is not None:
        return refusal.shown
    if field.value is None:
        return "null" if field.is_null else "absent"
    return unquoted(field.value)


def _workload(path: ServingPath) -> str:
    """Such as `demo/web`."""
    return f"{path.namespace}/{whole(path.deployment)['metadata']['name'].text()}"


def unjudged(problem: Problem) -> Unjudged:
    """A problem of which nothing certain can be said."""
    return Unjudged(problem.object, problem.field or "", str(problem), whole=True)


def _admitted_to_neg(rollout: Rollout) -> Rollout:
    """With the gate that GKE injects into pods behind a NEG at their admission, declared or not.

    Source: Google, Container-native load balancing through Ingress, Pod readiness.
    """
    injected = rollout.wiring is not None and rollout.wiring.container_native
    waits = rollout.mode is Mode.HARD_CODED_DELAY
    return replace(rollout, readiness_gate=rollout.readiness_gate or (injected and not waits))


def _roles(path: ServingPath, beside: Iterable[Manifest], room: Room) -> Roles:
    by_kind: dict[object, list[Manifest]] = {}
    for each in beside:
        by_kind.setdefault(each.get("kind"), []).append(each)
    by_default = default_classes(path.pod, by_kind.get("Namespace", ()))
    spot = [each for each in by_default if each.value in SPOT_LABELS[COMPUTE_CLASS]]
    named = (each for kind in SCALING for each in by_kind.get(kind, ()))
    scaling = [each for each in named if not is_astray(whole(each)["spec"]["scaleTargetRef"])]
    return Roles(
        path=path,
        autoscaler=scaling[0] if scaling else None,
        budgets=tuple(by_kind.get("PodDisruptionBudget", ())),
        network_policies=tuple(by_kind.get("NetworkPolicy", ())),
        quota=FieldPlace(room.quota, room.field) if room.quota else None,
        frontend_config=next(iter(by_kind.get("FrontendConfig", ())), None),
        spot_by_default=FieldPlace(by_kind["Namespace"][0], spot[0].path) if spot else None,
    )
