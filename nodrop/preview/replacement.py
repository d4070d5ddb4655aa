"""Which resources under the serving paths an update replaces: clusters, node pools, networks, Kubernetes providers.

A resource is replaced where an input differs that its provider cannot change in place, or that follows from another
resource that is replaced. `fixed_inputs` lists these inputs. Not here: Kubernetes objects (`ownership`,
`nodrop.paths.changes`), and what a replacement means for the requests.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from itertools import chain
from typing import Any

from nodrop.paths.fields import SECRET, UNKNOWN
from nodrop.preview.fixed_inputs import FIXED, KINDS, PROVIDER, replaces, same_strings, within
from nodrop.preview.resources import OTHER_STACK, Evaluation, Resource, name_in
from nodrop.preview.state import State
from nodrop.preview.values import plain
from nodrop.rollout.wiring import ReplacedResource


@dataclass(frozen=True, kw_only=True)
class Replacement:
    """A resource that the update deletes and makes anew."""

    urn: str
    type: str
    name: str
    """Its logical name."""
    input: str
    """The first input that forces it, such as `location`; in the provider's words, nested ones with dots."""
    was: str
    becomes: str
    """Values on one line, secrets masked; `[unknown]` where it follows from another replacement."""
    follows: str | None = None
    """URN of the replaced resource that it follows from; None: it comes from the input itself."""


@dataclass(frozen=True, kw_only=True)
class Foundations:
    """What the update makes of the resources that Kubernetes objects stand on."""

    replaced: Mapping[str, Replacement]
    """By URN."""
    not_compared: Mapping[str, str]
    """Why a resource could not be compared, by URN."""
    beneath: Mapping[str, frozenset[str]]
    """URNs of all resources that a resource needs, directly or not, by its URN."""

    def under(self, urns: Iterable[str]) -> list[ReplacedResource]:
        """What is replaced under these resources, each cause once with all that follows from it.

        The nodes of a cluster count as being under all that runs on it.
        """
        needed = self.needed_by(urns)
        on_them = {urn for urn in self.replaced if not needed.isdisjoint(self.beneath.get(urn, ()))}
        affected = [each for urn, each in self.replaced.items() if urn in needed | on_them]
        found = []
        for each in (one for one in affected if one.follows is None):
            follow = [one for one in affected if one.type in KINDS and self._cause(one) is each]
            if each.type in KINDS or follow:
                found.append(
                    ReplacedResource(
                        kind=KINDS.get(each.type, each.type.rpartition(":")[2]),
                        name=each.name,
                        input=each.input,
                        was=each.was,
                        becomes=each.becomes,
                        with_it=tuple(f"{KINDS[one.type]} {one.name}" for one in follow),
                    )
                )
        return found

    def needed_by(self, urns: Iterable[str]) -> frozenset[str]:
        """URNs of all that these resources need, directly or not."""
        return frozenset().union(*(self.beneath.get(urn, frozenset()) for urn in urns))

    def _cause(self, replacement: Replacement) -> Replacement | None:
        """The replacement that this one follows from in the end; None where it is itself the cause."""
        cause = None
        while replacement.follows is not None:
            cause = replacement = self.replaced[replacement.follows]
        return cause


def foundations(evaluation: Evaluation, state: State, second: Container[str] = ()) -> Foundations:
    """What deploying the evaluated program over the state replaces, and what stands on what.

    `second` are URNs of resources that the program has for what another one of the state is (`renamed`).
    """
    replaced: dict[str, Replacement] = {}
    new: dict[str, Resource] = {}
    unknown: dict[str, str] = {}
    changed: set[str] = set()
    for resource in evaluation.resources:  # each comes after all that it depends on
        old = deployed_inputs(resource, state)
        if old is None or resource.type == OTHER_STACK or differences(plain(resource.inputs), old):
            changed.add(resource.urn)
        exists = resource.options.import_id or resource.read_id is not None or resource.urn in second
        if old is None and resource.type in KINDS and not exists:
            new[resource.urn] = resource
        if old is None or not resource.custom or resource.read_id is not None:
            continue
        if resource.type not in FIXED:
            if resource.type.startswith("gcp:") and differences(plain(resource.inputs), old):
                unknown[resource.urn] = f"{resource.type} {resource.name} changes; which inputs replace it is not known"
            continue
        asked = asked_for(resource, state, replaced)
        found = next(
            chain(_asked(resource, asked), _forced(resource, old, replaced), _led_elsewhere(resource, old, new)), None
        )
        if found is not None:
            replaced[resource.urn] = found
        elif asked.not_compared:
            unknown[resource.urn] = f"{resource.type} {resource.name}: {asked.not_compared}"
        elif resource.type == PROVIDER and _may_lead_elsewhere(resource, old, changed):
            unknown[resource.urn] = (
                f"Kubernetes provider {resource.name}: its kubeconfig may change; another cluster or address in it "
                "replaces the provider and all that it made, unless cluster_identifier says that it is the same cluster"
            )
    return Foundations(replaced=replaced, not_compared=unknown, beneath=beneath(evaluation))


@dataclass(frozen=True, kw_only=True)
class ForcedByOption:
    """What asks for a resource's replacement, whatever becomes of its inputs."""

    option: str | None = None
    """Such as `replacement_trigger`; None: nothing does."""
    was: str = ""
    becomes: str = ""
    not_compared: str | None = None
    """Why it cannot be told."""


def asked_for(resource: Resource, state: State, replaced: Container[str]) -> ForcedByOption:
    """Whether the state or an option asks for a resource's replacement; `replaced` are the URNs of others that are.

    Source: pulumi/pulumi pkg/resource/deploy/step_generator.go, shouldTriggerReplace, isTargetedReplace.
    """
    urns = resource.urns
    if not state.tainted.isdisjoint(urns):
        return ForcedByOption(option="taint", was="tainted in the state", becomes="absent")
    with_it = next((name_in(urn) for urn in resource.options.replace_with if urn in replaced), None)
    if with_it is not None:
        return ForcedByOption(option="replace_with", was="as deployed", becomes=f"{with_it}, made anew")
    was = next((state.replacement_triggers[urn] for urn in urns if urn in state.replacement_triggers), None)
    becomes = resource.options.replacement_trigger
    if was is None or becomes is None:
        return ForcedByOption()
    if any(mask in str(each) for mask in (SECRET, UNKNOWN) for each in (was, becomes)):
        return ForcedByOption(not_compared=_HIDDEN_TRIGGER)
    if was == becomes:
        return ForcedByOption()
    return ForcedByOption(option="replacement_trigger", was=str(was), becomes=str(becomes))


_HIDDEN_TRIGGER = "its replacement_trigger may change, which is a secret or known only by `pulumi up`"


def _asked(resource: Resource, asked: ForcedByOption) -> Iterator[Replacement]:
    if asked.option is not None:
        yield _replacement(resource, asked.option, asked.was, asked.becomes)


def deployed_inputs(resource: Resource, state: State) -> Mapping[str, Any] | None:
    """What the state has of a resource, under its URN or one that it had before; None: it is new."""
    return next((state.inputs[urn] for urn in resource.urns if urn in state.inputs), None)


def is_ignored(resource: Resource, path: str) -> bool:
    """Whether the option `ignore_changes` keeps what the state has at an input, such as `nodeConfig.machineType`.

    Source: pulumi/pulumi sdk/go/common/resource/property_path.go, whose `*` stands for every key or index.
    """
    return _named_by(path, resource.options.ignore_changes)


def replaces_on_change(resource: Resource, path: str) -> bool:
    """Whether the option `replace_on_changes` makes a change of this input, or below it, replace the resource.

    Source: pulumi/pulumi pkg/resource/deploy/step_generator.go, applyReplaceOnChanges.
    """
    return _named_by(path, resource.options.replace_on_changes)


def _named_by(path: str, named: Iterable[str]) -> bool:
    """Whether one of the property paths is the input's, or holds it; `*` stands for every key or index."""
    of_every_entry = re.sub(r"\[[0-9]+\]", "[*]", path)
    patterns = [_camel(each) for each in named]
    return "*" in patterns or any(within(path, each) or within(of_every_entry, each) for each in patterns)


def _forced(resource: Resource, old: Mapping[str, Any], replaced: Mapping[str, Replacement]) -> Iterator[Replacement]:
    inputs = plain(resource.inputs)
    autopilot = inputs.get("enableAutopilot") is True
    for path, was, becomes in differences(inputs, old):
        fixed = replaces(resource.type, path, was, becomes, autopilot=autopilot)
        if not is_ignored(resource, path) and (fixed or replaces_on_change(resource, path)):
            yield _replacement(resource, path, was, becomes)
    for key, urns in resource.property_dependencies.items():
        cause = next((urn for urn in urns if urn in replaced), None)
        if cause is not None and replaces(resource.type, key, None, UNKNOWN):
            yield _replacement(resource, key, old.get(key), UNKNOWN, follows=cause)


def _led_elsewhere(resource: Resource, old: Mapping[str, Any], new: Mapping[str, Resource]) -> Iterator[Replacement]:
    """By an input that cannot be changed in place, and is of a resource that the update makes."""
    inputs = plain(resource.inputs)
    for key, urns in resource.property_dependencies.items():
        other = next((new[urn] for urn in urns if urn in new), None)
        if other is None or inputs.get(key) != UNKNOWN or old.get(key) is None or is_ignored(resource, key):
            continue
        if replaces(resource.type, key, None, UNKNOWN):
            told = f"that of the new {KINDS[other.type]} {other.name}, which has no alias"
            yield _replacement(resource, key, old[key], told)


def _may_lead_elsewhere(resource: Resource, old: Mapping[str, Any], changed: Set[str]) -> bool:
    """Whether a Kubernetes provider that is not told its cluster may be given another kubeconfig.

    Args:
        resource: the provider.
        old: what the state has of it.
        changed: URNs of resources before it that the update makes or changes, or whose outputs may be others.

    Source: pulumi/pulumi-kubernetes provider/pkg/provider/provider.go, DiffConfig.
    """
    new = plain(resource.inputs)
    if "kubeconfig" not in new or ("clusterIdentifier" in new and "clusterIdentifier" in old):
        return False
    was, becomes = old.get("kubeconfig"), new["kubeconfig"]
    sources = resource.property_dependencies.get("kubeconfig")
    if sources and (SECRET in (was, becomes) or becomes == UNKNOWN):
        return not changed.isdisjoint(sources)
    return SECRET in (was, becomes) or was != becomes


def _replacement(resource: Resource, path: str, was: Any, becomes: Any, *, follows: str | None = None) -> Replacement:
    return Replacement(
        urn=resource.urn,
        type=resource.type,
        name=resource.name,
        input=path,
        was=_shown(was),
        becomes=_shown(becomes),
        follows=follows,
    )


def _shown(value: Any) -> str:
    return "absent" if value is None else str(value)


def differences(new: Mapping[str, Any], old: Mapping[str, Any], at: str = "") -> list[tuple[str, Any, Any]]:
    """Paths whose values differ, with both; what is unknown, or filled in by the provider, counts as unchanged.

    Lists of one length differ entry by entry, those of the same strings in another order as a whole.
    """
    found: list[tuple[str, Any, Any]] = []
    filled_in = old.get("__defaults")
    for key in dict.fromkeys((*old, *new)):
        was, becomes, path = old.get(key), new.get(key), f"{at}{key}"
        if key.startswith("__") or (isinstance(filled_in, list) and key in filled_in and becomes is None):
            continue
        found += _difference(path, was, becomes)
    return found


def _difference(path: str, was: Any, becomes: Any) -> list[tuple[str, Any, Any]]:
    if becomes == UNKNOWN or was == becomes or SECRET in (was, becomes):
        return []
    if isinstance(was, dict) and isinstance(becomes, dict):
        return differences(becomes, was, f"{path}.")
    if isinstance(was, list) and isinstance(becomes, list) and len(was) == len(becomes):
        if same_strings(was, becomes):
            return [(path, was, becomes)]
        pairs = enumerate(zip(was, becomes, strict=True))
        return [found for index, (one, other) in pairs for found in _difference(f"{path}[{index}]", one, other)]
    return [(path, was, becomes)]


def _camel(path: str) -> str:
    """A property path as the provider writes it; programs in Python may name it in their own way."""
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), path)


def beneath(evaluation: Evaluation) -> dict[str, frozenset[str]]:
    """URNs of all that a resource needs, directly or not, by its URN: dependencies, provider, parents, and theirs."""
    found: dict[str, frozenset[str]] = {}
    for resource in evaluation.resources:
        needed = {*resource.dependencies, *(urn for urns in resource.property_dependencies.values() for urn in urns)}
        needed |= {urn for urn in (resource.provider, resource.parent) if urn}
        found[resource.urn] = frozenset(needed.union(*(found.get(urn, frozenset()) for urn in needed)))
    return found
