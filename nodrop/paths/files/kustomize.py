"""What kustomizations among the files of a folder do: which files are patches, which objects are not applied as they
were read, and which parts may make objects that are not among the files.

Source: kustomize, The kustomization file: resources, components, generators and helmCharts.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from nodrop.paths.fields import Manifest
from nodrop.paths.files.faults import FileFault
from nodrop.paths.files.kustomization_file import Kustomization, kustomizations_in
from nodrop.paths.files.kustomize_changes import changes_of, patch_names, unread_components
from nodrop.paths.files.kustomize_targets import Target
from nodrop.paths.files.kustomize_trees import Layer, Tree

_RESOURCES = ("resources", "bases")
_PARTS = (*_RESOURCES, "components")
_MAKERS = ("generators", "helmCharts", "helmChartInflationGenerator")
"""Parts that make objects when kustomize runs."""


@dataclass(frozen=True)
class KustomizeChange:
    """What a kustomization changes of the objects that it is made of."""

    told: str
    """The file that says so: the patch's, or the kustomization's."""
    target: Target
    """Which objects."""
    files: frozenset[str] | None
    """Real paths of files that the kustomization takes objects from; None: whatever includes it says so."""

    def concerns(self, manifest: Manifest, file: str) -> bool:
        """Whether an object of the file with that real path may be changed."""
        return (self.files is None or file in self.files) and self.target.takes(manifest)


class KustomizePart(NamedTuple):
    """A part of a kustomization that makes objects."""

    file: str
    """The kustomization's."""
    part: str
    """Such as `helmCharts redis`."""
    line: int | None
    """Of the kustomization's file."""
    made_of: frozenset[str] = frozenset()
    """Real paths of files, with one of which it has been read; none: it is made elsewhere."""

    def __str__(self) -> str:
        """Such as `k8s/kustomization.yaml:4, helmCharts redis`."""
        return f"{self.file}{'' if self.line is None else f':{self.line}'}, {self.part}"

    def is_among(self, files: Collection[str]) -> bool:
        """Whether files with these real paths hold it; a folder's kustomization tells of its own parts."""
        return not self.made_of.isdisjoint(files)


@dataclass(frozen=True)
class Kustomizations:
    """What all of them do."""

    patches: set[str] = field(default_factory=set)
    """Real paths of files that are patches; they need not be there."""
    changes: list[KustomizeChange] = field(default_factory=list)
    parts: list[KustomizePart] = field(default_factory=list)
    trees: list[Tree] = field(default_factory=list)
    faults: list[FileFault] = field(default_factory=list)


class _Taken(NamedTuple):
    """What a kustomization is made of."""

    files: frozenset[str] | None
    """Real paths; None where it takes none by itself, or changes those of others too."""
    below: tuple[Kustomization, ...]
    """The kustomizations that it includes."""


def kustomizations_among(files: Iterable[Path]) -> Kustomizations:
    """What the kustomizations beside the files change, with the components that they include, wherever these are."""
    found = Kustomizations()
    taken = [(each, _taken(each)) for each in _with_components(files)]
    every = [*(each for each, _ in taken), *(below for _, of in taken for below in of.below)]
    for each, of in taken:
        before = of.below if of.files is not None else (other for other in every if other.file != each.file)
        found.changes.extend(KustomizeChange(told, target, of.files) for told, target in changes_of(each, before))
        found.patches.update(resolved(each.file.parent / name) for name in patch_names(each))
        found.parts.extend(_parts(each))
        found.faults.extend([each.fault] if each.fault else ())
    included = {below.file.resolve() for _, of in taken for below in of.below}
    roots = [each for each, _ in taken if not each.is_component and each.file.resolve() not in included]
    found.trees.extend(tuple(_layers(each, set())) for each in roots)
    return found


def _layers(of: Kustomization, seen: set[str]) -> Iterator[Layer]:
    """A kustomization, and those that it includes; a component changes what its includer has."""
    seen.add(resolved(of.file))
    files = _taken(of).files or frozenset()
    yield Layer(of, files)
    for part in of.local(*_PARTS):
        for each in kustomizations_in(part):
            if resolved(each.file) not in seen:
                yield from (
                    layer._replace(files=layer.files | files) if each.is_component else layer
                    for layer in _layers(each, seen)
                )


def _with_components(files: Iterable[Path]) -> Iterator[Kustomization]:
    waiting = list({resolved(each.parent): each.parent for each in files}.values())
    seen = {resolved(each) for each in waiting}
    while waiting:
        for each in kustomizations_in(waiting.pop(0)):
            yield each
            for component in each.local("components"):
                if resolved(component) not in seen:
                    seen.add(resolved(component))
                    waiting.append(component)


def resolved(file: Path) -> str:
    """The path without `..` and links, whatever the working directory; kustomize follows links too."""
    return os.path.realpath(file)


def _parts(of: Kustomization) -> Iterator[KustomizePart]:
    file = str(of.file)
    for key in _RESOURCES:
        for number, each in enumerate(of.entries(key)):
            if isinstance(each, str):
                name = each.splitlines()[0] if each else ""
                path = of.path(each)
                made_of = frozenset() if path is None else frozenset(_made_of(path))
                yield KustomizePart(file, f"{key} {name}".strip(), of.line(f"{key}[{number}]"), made_of)
    for key in _MAKERS:
        for number, each in enumerate(of.entries(key)):
            named = each.get("name") or each.get("chartName") if isinstance(each, dict) else each
            part = f"{key} {named}" if isinstance(named, str) and "\n" not in named else key
            yield KustomizePart(file, part, of.line(f"{key}[{number}]"))
    for number, name in unread_components(of):
        yield KustomizePart(file, f"components {name.partition(chr(10))[0]}", of.line(f"components[{number}]"))
    for key in of.unknown():
        yield KustomizePart(file, key, of.line(key))


def _made_of(part: Path) -> Iterator[str]:
    """Where one of the files was read, the part is: its own, or a folder's kustomization."""
    if os.path.isdir(part):
        yield from (os.path.realpath(each.file) for each in kustomizations_in(part))
    elif os.path.isfile(part):
        yield os.path.realpath(part)


def _taken(of: Kustomization) -> _Taken:
    """All files that a kustomization's objects come from."""
    taken: set[str] = set()
    below: list[Kustomization] = []
    waiting = [of]
    while waiting:
        for part in waiting.pop().local(*_PARTS):
            if (path := resolved(part)) not in taken:
                taken.add(path)
                further = list(kustomizations_in(part))
                waiting.extend(further)
                below.extend(further)
    return _Taken(None if of.is_component or not taken else frozenset(taken), tuple(below))
