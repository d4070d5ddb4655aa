"""Two versions of the same objects -> each serving path before and after, whatever became of its objects meanwhile.

A path is found again by its objects, else by its Service behind the same or a new entry, else by its Deployment. Where
it leads nowhere any more, what is left of its objects is read. Nothing is judged here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from nodrop.paths.behaviour import behaviour
from nodrop.paths.fields import Field, Manifest, name_of, ref_of, whole
from nodrop.paths.gateways import entry_of
from nodrop.paths.pod_templates import same_pods
from nodrop.paths.problems import Problem, ProblemKind, ReadingError
from nodrop.paths.rollout import read_rollout
from nodrop.paths.routes import Entry, services_after
from nodrop.paths.service_ports import backend_of
from nodrop.paths.serving_path import Backend, ServingPath
from nodrop.paths.versions import (
    Identity,
    PathKeys,
    Version,
    http_routes_of,
    identity_of,
    keys_of,
    version_of,
)
from nodrop.paths.waivers import accepted
from nodrop.paths.wiring import admission_of, read_wiring
from nodrop.rollout import ASSUMED, Behaviour, Facts, ObjectRef, Rollout
from nodrop.rollout.wiring import ChangedBeneath, Replaced

_AUTONAMED = "pulumi.com/autonamed"
_UNSTATED = replace(ASSUMED, longest_request_seconds=0)
"""Where nothing states a Deployment's longest request, `requests_of_old_pods_fit`, the only rule of change that asks
how the application behaves, stays silent: an assumption about both versions would say nothing of the change."""


@dataclass(frozen=True, kw_only=True)
class PathChange:
    """One serving path in two versions."""

    name: str
    """Namespace and Service of the first version, such as `demo/web`."""
    service: ObjectRef
    """The first version's Service."""
    load_balancer: ObjectRef
    """The first version's Ingress or Gateway."""
    objects: tuple[ObjectRef, ...]
    """The first version's objects of the path, with its Namespace."""
    beside: tuple[ObjectRef, ...]
    """Further ones of the first version that govern the path or concern it, such as its BackendConfig."""
    before: Rollout
    """With its wiring, as in the other one."""
    after: Rollout
    workload: str
    """Namespace and name of the second version's Deployment, such as `demo/web`; of the first where it is gone."""
    accept: Mapping[str, str]
    """Reason by rule that the second version's Deployment waives."""
    workload_stays: bool
    """The second version has that Deployment."""
    ends_pods: bool = False
    """Whether the second version ends the first one's pods while the load balancer still has their Service."""
    replaced: tuple[Replaced, ...] = ()
    unserved: tuple[Problem, ...] = ()
    """Why the second version leads nowhere, although the load balancer still has the Service; empty if it does not."""

    def judged(self, beneath: ChangedBeneath) -> Rollout:
        """The second version, knowing what became of its objects and of the cloud resources beneath them."""
        assert self.after.wiring is not None  # noqa: S101 - states an invariant
        wiring = replace(
            self.after.wiring,
            replaced=tuple(dict.fromkeys((*self.replaced, *beneath.objects))),
            unserved=tuple(map(str, self.unserved)),
            replaced_resources=beneath.replaced,
            lost_ranges=beneath.lost_ranges,
            shut_ports=beneath.shut_ports,
            denied_ports=beneath.denied_ports,
            pod_security=beneath.pod_security,
            ends_badly=beneath.ends_badly,
        )
        return replace(self.after, wiring=wiring)


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What became of each path of the first version, and what could not be compared."""

    paths: tuple[PathChange, ...]
    problems: tuple[Problem, ...]


def changes(
    before: Iterable[Manifest],
    after: Iterable[Manifest],
    moved: Mapping[Identity, Identity] | None = None,
    facts: Callable[[str], Facts] = lambda _: Facts(),
) -> Changes:
    """Every serving path of `before` with what `after` makes of it. Raises nothing, whatever the objects look like.

    Args:
        before: objects of the first version.
        after: objects of the second version.
        moved: objects that have another name or namespace in the second version, though their manager sees them as
            the same.
        facts: what is stated of a workload such as `demo/web`, in either version; its annotations go before.
    """
    first, second = version_of(before), version_of(after)
    paths: list[PathChange] = []
    problems: list[Problem] = list(first.resolution.problems)
    for path in first.resolution.paths:
        try:
            change = _change(path, first, second, moved or {}, facts)
            problems += filter(_cannot_tell, change.unserved)
            paths.append(replace(change, unserved=tuple(each for each in change.unserved if not _cannot_tell(each))))
        except ReadingError as error:
            problems.append(error.problem)
    return Changes(paths=tuple(paths), problems=tuple(dict.fromkeys(problems)))


def _change(
    path: ServingPath,
    first: Version,
    second: Version,
    moved: Mapping[Identity, Identity],
    facts: Callable[[str], Facts],
) -> PathChange:
    old = keys_of(path)
    new = PathKeys(
        entry=moved.get(old.entry, old.entry),
        service=moved.get(old.service, old.service),
        deployment=moved.get(old.deployment, old.deployment),
        port=old.port,
    )
    around = first.around.of(path)
    wired = read_wiring(path, around)
    before = read_rollout(path, _behaviour(path.deployment, facts), wired)
    successor = _successor(new, first, second)
    left = successor or _left_over(path, new, second)
    after = before
    if successor:
        after = read_rollout(successor, _behaviour(successor.deployment, facts))
    entry = _entry_after(path, new, successor, first, second)
    wiring = replace(
        read_wiring(left, second.around.of(left)),
        entry=entry.name if entry else wired.entry,
        routes=services_after(entry_of(path.entry, path.http_routes), entry),
        lost_namespace=_lost_namespace(old, new, first, second),
    )
    if path.backend is Backend.NEG:
        wiring = replace(wiring, of_old_pods=admission_of(path, second.around.of(path)))
    before = replace(before, wiring=replace(wired, routed_ports=_routed_ports(old.service, first)))
    wiring = replace(wiring, routed_ports=_routed_ports(new.service, second))
    kept = new.deployment in second.index
    return PathChange(
        name=path.name,
        service=ref_of(path.service),
        load_balancer=ref_of(path.entry),
        objects=objects_of(path),
        beside=tuple(map(ref_of, (*path.governing, *around))),
        before=before,
        after=replace(after, wiring=wiring),
        workload=_workload(left.deployment),
        accept=accepted(left.deployment) if kept else {},
        workload_stays=bool(kept),
        ends_pods=_ends_pods(path, new, entry, second),
        replaced=tuple(_replaced(path, left, second)),
        unserved=() if successor else tuple(_unserved(new, entry, first, second)),
    )


def _ends_pods(path: ServingPath, new: PathKeys, entry: Entry | None, second: Version) -> bool:
    kept = second.index.get(new.deployment)
    if kept is None:
        return entry is not None and _names(entry, new.service)
    return not same_pods(path.deployment, kept.mapping())


def objects_of(path: ServingPath) -> tuple[ObjectRef, ...]:
    """The path's objects, with its Namespace. Raises ReadingError."""
    made = (path.entry, *path.http_routes, path.service, path.deployment)
    return (*map(ref_of, made), ObjectRef(kind="Namespace", namespace=None, name=path.namespace))


def _behaviour(deployment: Manifest, facts: Callable[[str], Facts]) -> Behaviour:
    return behaviour(deployment, facts(_workload(deployment)).over(_UNSTATED))


def _workload(deployment: Manifest) -> str:
    return "/".join(identity_of(deployment)[1:])


def _routed_ports(service: Identity, version: Version) -> tuple[int, ...]:
    """Numbers of the Service's ports that paths lead through."""
    paths = [path for _, path in version.found.get(("service", service), ())]
    ports = (Field(path.service_port, ref_of(path.service))["port"].number() for path in paths)
    return tuple(dict.fromkeys(port for port in ports if port is not None))


def _lost_namespace(old: PathKeys, new: PathKeys, first: Version, second: Version) -> str | None:
    """The Namespace of a Service that stays in it, where the Namespace itself goes."""
    name = old.service[1]
    had, has = name in first.namespaces, name in second.namespaces
    return name if had and not has and new.service == old.service and new.service in second.index else None


def _successor(new: PathKeys, first: Version, second: Version) -> ServingPath | None:
    """The path of the second version that has taken this one's place."""
    same = second.found.get(new, ())
    of_service = second.found.get(("service", new.service), ()) if new.entry not in second.index else ()
    for found in (
        [path for keys, path in same if keys.port == new.port],
        [path for _, path in same],
        [path for _, path in second.found.get(("entry and service", new.entry, new.service), ())],
        [path for _, path in second.found.get(("entry and deployment", new.entry, new.deployment), ())],
        [
            path
            for keys, path in of_service
            if keys.entry[0] == new.entry[0] and ("entry and service", keys.entry, keys.service) not in first.found
        ],
    ):
        if found:
            return found[0]
    return None


def _left_over(path: ServingPath, new: PathKeys, second: Version) -> ServingPath:
    """The path with what the second version has of its objects, where they lead nowhere together."""
    entry, service, deployment = (second.index.get(key) for key in (new.entry, new.service, new.deployment))
    left = replace(
        path,
        entry=entry.mapping() if entry else path.entry,
        http_routes=http_routes_of(entry, second.index) if entry else path.http_routes,
        deployment=deployment.mapping() if deployment else path.deployment,
    )
    if service is None:
        return left
    ports = service["spec"]["ports"].entries()
    named = [port for port in ports if new.port in (port["name"].value, port["port"].value)]
    port = next(iter(named or ports), None)
    try:
        always_neg = entry_of(left.entry, left.http_routes).name != "Ingress gce"
        backend = path.backend if path.by_gateway else backend_of(service, always_neg=always_neg)
    except ReadingError:
        backend = path.backend
    return replace(
        left, service=service.mapping(), service_port=port.mapping() if port else path.service_port, backend=backend
    )


def _entry_after(
    path: ServingPath, new: PathKeys, successor: ServingPath | None, first: Version, second: Version
) -> Entry | None:
    """The load balancer that serves the path in the second version; none if it has none any more."""
    if successor:
        return entry_of(successor.entry, successor.http_routes)
    if new.entry in second.index:
        entry = second.index[new.entry]
        return entry_of(entry.mapping(), http_routes_of(entry, second.index))
    before = {entry.object for entry in first.entries if _names(entry, identity_of(path.service))}
    added = (entry for entry in second.entries if _names(entry, new.service) and entry.object not in before)
    return next((entry for entry in added if not entry.object.startswith(f"{new.entry[0]} ")), None)


def _names(entry: Entry, service: Identity) -> bool:
    return entry.names(service[1], service[2])


def _unserved(new: PathKeys, entry: Entry | None, first: Version, second: Version) -> list[Problem]:
    """Why the way from the load balancer to the Service leads on to no pods, if there still is one."""
    if entry is None or new.entry not in second.index or not _names(entry, new.service):
        return []
    had = first.resolution.problems
    return [each for each in second.resolution.problems if each not in had and each.object.namespace == new.service[1]]


def _cannot_tell(problem: Problem) -> bool:
    """Whether an offline evaluation has no value there: nothing is known to have changed."""
    return problem.kind in (ProblemKind.UNKNOWN, ProblemKind.SECRET)


def _replaced(path: ServingPath, left: ServingPath, second: Version) -> Iterator[Replaced]:
    """What is deleted for another one. A Service that only gets another name shows as routes that move."""
    pairs = [(path.entry, left.entry), (path.service, left.service), (path.deployment, left.deployment)]
    for old, new in pairs:
        was, becomes = identity_of(old), identity_of(new)
        if becomes not in second.index:
            continue
        if was[1] != becomes[1] or (was != becomes and was[0] in ("Ingress", "Gateway")):
            yield Replaced(old=name_of(old), new=name_of(new))
        elif was == becomes and whole(new)["metadata"]["annotations"][_AUTONAMED].value != "true":
            fixed = {"Deployment": "selector", "Service": "clusterIP"}.get(was[0])
            if fixed and whole(old)["spec"][fixed].value != whole(new)["spec"][fixed].value:
                yield Replaced(old=name_of(old), new=name_of(new), field=f"spec.{fixed}")
