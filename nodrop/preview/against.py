"""What an update of a stack drops: its exported state against the evaluated program, judged as a change of its objects.

Compared are how requests reach the pods, what the pods run on, and what previews are refused for; an update of anything
else is silent here. Not here: whether the program itself is right.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace

from nodrop.judge import ChangeJudgement, judge_change
from nodrop.judge.changes_of_clusters import changes_told_apart
from nodrop.judge.judgement import in_order
from nodrop.judge.surroundings import Surroundings
from nodrop.paths import Manifest
from nodrop.paths.changes import PathChange
from nodrop.paths.fields import ref_of
from nodrop.paths.repeats import GroupedRef, grouped_ref
from nodrop.preview.changed_besides import changed_besides
from nodrop.preview.clusters import parts
from nodrop.preview.firewalls import lost_ports
from nodrop.preview.manifests import kubernetes_objects
from nodrop.preview.ownership import refused
from nodrop.preview.ranges import ChangedRanges, changed_ranges
from nodrop.preview.recreated import Recreated, recreated
from nodrop.preview.removed_pools import removed_pools
from nodrop.preview.renamed import Renamed, renamed
from nodrop.preview.replacement import Foundations, foundations
from nodrop.preview.resources import Evaluation, name_in
from nodrop.preview.standalone import lost_negs
from nodrop.preview.state import State, StateError
from nodrop.preview.update import Update, updated
from nodrop.rollout import Diagnostic, Facts, ObjectRef
from nodrop.rollout.rules.updates import objects_keep_their_resource
from nodrop.rollout.wiring import ChangedBeneath


def compare(
    evaluation: Evaluation,
    state: State,
    source: str = "the state",
    waivers: Callable[[str], Mapping[str, str]] = lambda _: {},
    facts: Callable[[str], Facts] = lambda _: Facts(),
    defaults: Facts | None = None,
) -> ChangeJudgement:
    """Judge what deploying the evaluated program over the state would do to each serving path.

    Raises StateError for the state of another stack, `source` being what the message calls it. `waivers`,
    `facts` and `defaults` are those of `judge_change`.
    """
    wanted = (evaluation.project, evaluation.stack)
    if state.stacks and state.stacks != {wanted}:
        others = " and ".join(f"stack {stack} of {project}" for project, stack in sorted(state.stacks - {wanted}))
        raise StateError(f"{source} is the state of {others}, not of stack {wanted[1]} of {wanted[0]}")
    versions = parts(evaluation, state) or {"": (evaluation, state)}
    second = renamed(evaluation, state)
    changes = {cluster: _compared(*both, second, waivers, facts, defaults) for cluster, both in versions.items()}
    objects = {
        cluster: [*kubernetes_objects(program), *(each.manifest for each in deployed.objects)]
        for cluster, (program, deployed) in versions.items()
    }
    told = _with_cloud_resources(changes_told_apart(changes, objects), second)
    return replace(told, not_compared=tuple(dict.fromkeys([*told.not_compared, *changed_besides(evaluation, state)])))


def _with_cloud_resources(judged: ChangeJudgement, found: Collection[Renamed]) -> ChangeJudgement:
    """The judgement, and that of resources in the cloud that two resources have; these concern every path."""
    refs = frozenset(each.ref for each in found)
    return replace(
        judged,
        diagnostics=in_order((*judged.diagnostics, *(told for each in found for told in each.judged()))),
        not_compared=(*judged.not_compared, *filter(None, (each.not_compared for each in found))),
        concerned={name: of_path | refs for name, of_path in judged.concerned.items()},
        of_clusters=tuple(_with_cloud_resources(each, found) for each in judged.of_clusters),
    )


def _compared(
    evaluation: Evaluation,
    state: State,
    second: Collection[Renamed],
    waivers: Callable[[str], Mapping[str, str]],
    facts: Callable[[str], Facts],
    defaults: Facts | None,
) -> ChangeJudgement:
    """The change of the objects of one cluster."""
    beneath = foundations(evaluation, state, {each.after.urn for each in second})
    pools = removed_pools(evaluation, state, {each.before for each in second if each.is_certain})
    update = updated(evaluation, state, beneath.replaced)
    again = recreated(evaluation, state, update, beneath)
    ranges = changed_ranges(evaluation, state)
    of_paths: set[ObjectRef] = set()
    doubted_ports: set[int] = set()

    def changed(path: PathChange) -> ChangedBeneath:
        of_paths.update(path.objects)
        urns = _urns(path, update)
        needed = beneath.needed_by(urns)
        lost = [each for one in ranges if not needed.isdisjoint(one.under) for each in one.lost]
        ports = lost_ports(_ports(path), evaluation, state, needed)
        doubted_ports.update(ports.doubted)
        return ChangedBeneath(
            replaced=(*beneath.under(urns), *(pool for urn in pools if urn in needed for pool in pools[urn])),
            lost_ranges=tuple(lost),
            shut_ports=ports.shut,
            denied_ports=ports.denied,
            objects=tuple(again.replaced[each] for each in path.objects if each in again.replaced),
        )

    judged = judge_change(
        update.before,
        update.after,
        moved=update.moved,
        beneath=changed,
        waivers=waivers,
        facts=facts,
        defaults=defaults,
        around_before=Surroundings(changed_by=_made_twice(state)),
    )
    return replace(
        judged,
        diagnostics=in_order((*judged.diagnostics, *_of_objects(update, again))),
        not_compared=(
            *judged.not_compared,
            *_unknown(update, beneath, ranges),
            *(
                f"whether load balancers still reach port {port} is not compared: a firewall rule denies it at some "
                "nodes or addresses, or may, as its inputs are not known yet"
                for port in sorted(doubted_ports)
            ),
            *again.not_compared,
            *again.beside(of_paths),
            *(f"{urn}: its objects are taken as unchanged, for its provider makes them" for urn in update.unseen),
        ),
    )


def _made_twice(state: State) -> Callable[[Manifest], str | None]:
    """What is said of an object that two resources of the state make."""
    urns: dict[GroupedRef | None, list[str]] = {}
    for each in state.objects:
        urns.setdefault(grouped_ref(each.manifest), []).append(each.urn)

    def told(manifest: Manifest) -> str | None:
        key = grouped_ref(manifest)
        named = [name_in(urn) for urn in urns.get(key, ())] if key else []
        return f"{' and '.join(named)} made it: what deletes either deletes it" if len(named) > 1 else None

    return told


def _ports(path: PathChange) -> list[int]:
    """On which the version before serves requests and its load balancer's checks, as far as they are known."""
    serving = path.before.wiring.serving_port if path.before.wiring else None
    return [port for port in (serving, path.before.health_check.port) if port is not None]


def _urns(path: PathChange, update: Update) -> list[str]:
    """URN of the path's Service, if the program still has it."""
    service = (path.service.kind, path.service.namespace or "default", path.service.name)
    urn = update.urns.get(update.moved.get(service, service))
    return [urn] if urn else []


def _unknown(update: Update, beneath: Foundations, ranges: Iterable[ChangedRanges]) -> list[str]:
    """Why a cloud resource that Kubernetes objects stand on was not compared."""
    needed = beneath.needed_by(update.urns.values())
    unknown = [each.not_compared for each in ranges if each.not_compared and not needed.isdisjoint(each.under)]
    return [*(why for urn, why in beneath.not_compared.items() if urn in needed), *unknown]


def _of_objects(update: Update, again: Recreated) -> list[Diagnostic]:
    """What is taken from others than a path's load balancer, and what stands in the way of the update itself.

    Objects are in the program's order, those whose resource is another one last.
    """
    return [
        *(
            replace(each, object=ref_of(kept.old.manifest))
            for kept in update.kept
            for each in (*lost_negs(kept.old.manifest, kept.manifest), *refused(kept.old, kept.manifest))
        ),
        *(
            replace(each, object=ref_of(old.manifest))
            for old, resource in again.renamed
            for each in objects_keep_their_resource(old.urn, resource.urn)
        ),
    ]
