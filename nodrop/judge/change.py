"""The judgement of a change: two versions of the same objects -> what the way from one to the other drops.

Each version can be right by itself. Not here: whether it is (`judge`), and where the versions come from.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from nodrop.judge.accepted import accepted_of
from nodrop.judge.changed_objects import changed_on_paths
from nodrop.judge.judgement import Verdict, in_order, verdict_of
from nodrop.judge.old_pods import OldPods
from nodrop.judge.pod_security import ChangedStandards
from nodrop.judge.problems import is_of_another_controller
from nodrop.judge.surroundings import Surroundings
from nodrop.paths import Manifest, ServingPath
from nodrop.paths.changes import Identity, PathChange, changes
from nodrop.paths.fields import ref_of
from nodrop.rollout import Diagnostic, Facts, ObjectRef, Origin, check_change
from nodrop.rollout.wiring import ChangedBeneath

_FRONT = (
    "schemes",
    "redirects",
    "address",
    "managed_hosts",
    "managed_certificates",
    "certificates",
    "ssl_policy",
    "global_access",
)
_LOAD_BALANCER = ("wiring.routes", "wiring.entry", *(f"wiring.front.{each}" for each in _FRONT))
"""Inputs of diagnostics that concern all paths of a load balancer."""


@dataclass(frozen=True, kw_only=True)
class ChangeJudgement:
    """What was compared, what was found, and what could not be compared."""

    paths: tuple[str, ...]
    """Names of the first version's serving paths that were compared."""
    diagnostics: tuple[Diagnostic, ...]
    """Worst first, waived ones last; their `object` is the Service of a serving path, the Ingress or Gateway of
    several, or another object."""
    not_compared: tuple[str, ...]
    """Why something that could matter to a path was not compared."""
    of_clusters: "tuple[ChangeJudgement, ...]" = ()
    """Where the objects are of several clusters: the judgement of each."""
    concerned: Mapping[str, frozenset[ObjectRef]] = field(default_factory=dict, repr=False, compare=False)
    """The first version's objects that a path is made of, or that govern or concern it, by its name."""

    @property
    def verdict(self) -> Verdict:
        """Clean only where something was compared, and nothing was left out."""
        reasons = self.not_compared if self.paths else ("no serving path was compared",)
        return verdict_of(self.diagnostics, reasons)


def judge_change(
    before: Iterable[Manifest],
    after: Iterable[Manifest],
    *,
    moved: Mapping[Identity, Identity] | None = None,
    beneath: Callable[[PathChange], ChangedBeneath] = lambda _: ChangedBeneath(),
    waivers: Callable[[str], Mapping[str, str]] = lambda _: {},
    facts: Callable[[str], Facts] = lambda _: Facts(),
    defaults: Facts | None = None,
    around_before: Surroundings | None = None,
    around_after: Surroundings | None = None,
) -> ChangeJudgement:
    """What applying `after` over `before` does to each serving path. Raises nothing, whatever the objects look like.

    Args:
        before: objects of the first version.
        after: objects of the second version.
        moved: objects that have another name or namespace in the second version, though their manager sees them as
            the same.
        beneath: what the change does to the cloud resources under a path.
        waivers: reason by rule of a workload such as `demo/web`, the second version's Deployment; what its annotation
            says goes before.
        facts: what is stated of a workload, in either version; its annotations go before.
        defaults: about every application that neither an annotation nor `facts` covers.
        around_before: what changes objects of the first version before or after they are applied; None: nothing.
        around_after: the same of the second version.
    """
    before, after = list(before), list(after)
    others = defaults or Facts()
    found = changes(before, after, moved, lambda workload: facts(workload).over(others))
    concerned: dict[str, frozenset[ObjectRef]] = {}
    for each in found.paths:
        concerned[each.name] = concerned.get(each.name, frozenset()).union(each.objects, each.beside)
    standards, old_pods = ChangedStandards(before, after), OldPods(before, found.paths, facts, others, waivers)
    compared = frozenset[ObjectRef]().union(*concerned.values())
    not_as_read = chain(
        changed_on_paths(before, around_before),
        changed_on_paths(after, around_after, lambda path: not compared.isdisjoint(_ends(path))),
    )

    def below(path: PathChange) -> ChangedBeneath:
        return replace(beneath(path), pod_security=standards.of(path), ends_badly=old_pods.ends_badly(path))

    return ChangeJudgement(
        paths=tuple(dict.fromkeys(change.name for change in found.paths)),
        diagnostics=in_order(_diagnostics(found.paths, below, waivers)),
        not_compared=(
            *(str(each) for each in found.problems if not is_of_another_controller(each)),
            *dict.fromkeys(not_as_read),
        ),
        concerned=concerned,
    )


def _ends(path: ServingPath) -> tuple[ObjectRef, ObjectRef]:
    """By which a path of the second version is one that was there: its Service and its Deployment."""
    return ref_of(path.service), ref_of(path.deployment)


def _diagnostics(
    paths: Iterable[PathChange],
    beneath: Callable[[PathChange], ChangedBeneath],
    waivers: Callable[[str], Mapping[str, str]],
) -> Iterator[Diagnostic]:
    """Each once for each object that it concerns, accepted where each path on which it was found accepts it.

    A path whose Deployment is gone has nothing left that could accept; the others of its load balancer decide.
    """
    found: dict[Diagnostic, list[tuple[bool, tuple[str, Origin] | None]]] = {}
    for path in paths:
        accept = accepted_of(path.accept, waivers(path.workload))
        for each in check_change(path.before, path.judged(beneath(path))):
            concerned = path.load_balancer if each.input in _LOAD_BALANCER else path.service
            found.setdefault(replace(each, object=concerned), []).append((path.workload_stays, accept.get(each.rule)))
    for each, answers in found.items():
        staying = [answer for stays, answer in answers if stays or answer]
        reasons = staying or [None]
        reason, origin = reasons[0] if reasons[0] and all(reasons) else (None, None)
        yield replace(each, waiver=reason, waived_by=origin)
