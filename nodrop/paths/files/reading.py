"""Files, folders and standard input -> Kubernetes objects, a document at a time, each with its place.

Only the outer shape is looked at: documents, lists of objects, `kind`. What the objects say is read in `resolve`.
"""

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nodrop.garbage_collection import without_collection
from nodrop.paths.fields import Manifest, ref_of
from nodrop.paths.files import foreign
from nodrop.paths.files.documents import documents_of, objects_of
from nodrop.paths.files.faults import DocumentError, FileFault
from nodrop.paths.files.kustomize import KustomizeChange, KustomizePart, kustomizations_among, resolved
from nodrop.paths.files.kustomize_trees import Tree, given_to_all, parted
from nodrop.paths.files.positions import Document, ObjectPosition
from nodrop.paths.files.sources import (
    MAX_TOTAL_CHARACTERS,
    STDIN,
    SUFFIXES,
    NotRegularError,
    Passed,
    SourceError,
    files_in,
    text_of,
    text_of_file,
)
from nodrop.rollout import ObjectRef


@dataclass(frozen=True, kw_only=True)
class Position:
    """Where a field stands."""

    file: str
    """As it was named; `<stdin>` for standard input."""
    line: int
    """From 1."""
    document: int
    """From 1, as `---` separates them."""
    template: str | None
    """The chart's template that the document says it was rendered from."""

    def __str__(self) -> str:
        """Such as `k8s/web.yaml:31`, or `<stdin>:31 (shop/templates/web.yaml)`."""
        return f"{self.file}:{self.line}" + (f" ({self.template})" if self.template else "")


@dataclass
class Reading:
    """What was read, in its order. Do not change the objects: aliases share values."""

    objects: list[Manifest] = field(default_factory=list)
    passed_over: list[FileFault] = field(default_factory=list)
    """In folders, what is no Kubernetes object, and what is not opened: links to folders, hidden folders, devices."""
    faults: list[FileFault] = field(default_factory=list)
    """What should have been read and could not be; a folder without any object, unless kustomize changes others by it.
    """
    changes: list[KustomizeChange] = field(default_factory=list)
    """What kustomizations in the folders change of the objects."""
    parts: list[KustomizePart] = field(default_factory=list)
    """What makes their objects."""
    trees: list[Tree] = field(default_factory=list)
    """Kustomizations with those that they include."""
    _files: set[str] = field(default_factory=set)
    """Real paths of what was opened."""
    _characters: int = 0
    """Of all texts so far."""
    _places: dict[int, ObjectPosition] = field(default_factory=dict)
    """By id() of the object."""
    _places_by_ref: dict[ObjectRef, ObjectPosition | None] | None = None

    def position(self, manifest: Manifest, path: str = "") -> Position | None:
        """Where a field of an object stands, or what is nearest above it.

        Args:
            manifest: one of the objects, or a copy of one that is there once.
            path: such as `spec.template.spec.containers[0].lifecycle`, or with a name, `containers[web]`.

        Returns:
            None if the object was not read here.
        """
        place = self._place(manifest)
        if place is None:
            return None
        document = place.document
        line = place.line(path)
        return Position(file=document.file, line=line, document=document.number, template=document.template)

    @property
    def unread(self) -> list[KustomizePart]:
        """Parts of kustomizations whose objects are not here, each once."""
        return [each for each in dict.fromkeys(self.parts) if not each.is_among(self._files)]

    def changed_by(self, manifest: Manifest) -> str | None:
        """The file by which kustomize changes one of the objects before it is applied; None where nothing says so."""
        place = self._place(manifest) if self.changes else None
        if place is None:
            return None
        file = resolved(Path(place.document.file))
        return next((each.told for each in self.changes if each.concerns(manifest, file)), None)

    @property
    def given_to_all(self) -> frozenset[str]:
        """What kustomizations give all their objects alike, such as `namePrefix eu-`."""
        return frozenset(words for tree in self.trees for layer in tree for words in given_to_all(layer.of))

    def parted_by(self, manifests: Iterable[Manifest]) -> str | None:
        """The file by which kustomize changes some of a path's objects so that they do not fit together any more."""
        places = [(each, self._place(each)) for each in manifests] if self.trees else []
        objects = [(each, resolved(Path(place.document.file))) for each, place in places if place]
        return parted(objects, self.trees) if objects else None

    def _place(self, manifest: Manifest) -> ObjectPosition | None:
        return self._places.get(id(manifest)) or self._by_ref().get(ref_of(manifest))

    def _by_ref(self) -> dict[ObjectRef, ObjectPosition | None]:
        if self._places_by_ref is None:
            found: dict[ObjectRef, ObjectPosition | None] = {}
            for each in self.objects:
                ref = ref_of(each)
                found[ref] = None if ref in found else self._places[id(each)]
            self._places_by_ref = found
        return self._places_by_ref

    def admits(self, file: str, text: str) -> bool:
        """Whether a further text fits into the limit of all together; one that does not is a fault, told once."""
        was_over = self._characters > MAX_TOTAL_CHARACTERS
        self._characters += len(text)
        if self._characters <= MAX_TOTAL_CHARACTERS:
            return True
        if not was_over:
            reason = f"with it, the files are larger than {MAX_TOTAL_CHARACTERS // 1024**2} MiB together"
            self.faults.append(FileFault(file=file, reason=f"{reason}: neither it nor what comes after it is read"))
        return False

    def opened(self, file: Path) -> None:
        """Note a file that is read, or a fault."""
        with suppress(ValueError):
            self._files.add(os.path.realpath(file))

    def add(self, manifest: Manifest, place: ObjectPosition) -> None:
        """Add an object."""
        self.objects.append(manifest)
        self._places[id(manifest)] = place


def read(paths: Iterable[Path], *, leave_out: Path | None = None) -> Reading:
    """The objects in the files, below the folders and, for `-`, in standard input; lists are flattened.

    Raises nothing for what the inputs hold: one that cannot be read costs the others nothing.

    Args:
        paths: of files, folders and `-`.
        leave_out: a file that is not read in folders.
    """
    reading = Reading()
    with without_collection():
        for path in paths:
            if str(path) == "-":
                _read_stdin(reading)
            elif os.path.isdir(path):
                _read_folder(path, leave_out, reading)
            else:
                _read_file(path, reading, named=True)
    return reading


def _read_stdin(reading: Reading) -> None:
    try:
        text = text_of(sys.stdin.buffer)
    except SourceError as error:
        reading.faults.append(FileFault(file=STDIN, reason=error.reason, line=error.line))
        return
    _read_whole(STDIN, text, reading, named=True)


def _read_folder(folder: Path, leave_out: Path | None, reading: Reading) -> None:
    before, passed_before = (len(reading.objects), len(reading.faults)), len(reading.passed_over)
    try:
        found = list(files_in(folder))
    except SourceError as error:
        reading.faults.append(FileFault(file=str(folder), reason=error.reason))
        return
    if not any(isinstance(each, Path) for each in found):
        reason = f"a folder without any file that ends in {', '.join(SUFFIXES)}"
        reading.faults.append(FileFault(file=str(folder), reason=reason))
    kustomizations = kustomizations_among(each for each in found if isinstance(each, Path))
    reading.changes += kustomizations.changes
    reading.parts += kustomizations.parts
    reading.trees += kustomizations.trees
    reading.faults += (each for each in kustomizations.faults if each not in reading.faults)
    for each in found:
        if isinstance(each, Passed):
            unread = FileFault(file=str(each.path), reason=each.reason)
            (reading.faults if each.unreadable else reading.passed_over).append(unread)
        elif resolved(each) in kustomizations.patches:
            reading.passed_over.append(FileFault(file=str(each), reason=foreign.PATCH))
        elif leave_out is None or each.absolute() != leave_out.absolute():
            _read_file(each, reading, named=False)
    is_of_kustomize = any(each.reason in foreign.OF_KUSTOMIZE for each in reading.passed_over[passed_before:])
    if (len(reading.objects), len(reading.faults)) == before and not is_of_kustomize:
        reading.faults.append(FileFault(file=str(folder), reason="a folder without any Kubernetes object"))


def _read_file(file: Path, reading: Reading, *, named: bool) -> None:
    reading.opened(file)
    try:
        text = text_of_file(file)
    except SourceError as error:
        fault = FileFault(file=str(file), reason=error.reason, line=error.line)
        passed = not named and isinstance(error, NotRegularError)
        (reading.passed_over if passed else reading.faults).append(fault)
        return
    _read_whole(str(file), text, reading, named=named)


def _read_whole(file: str, text: str, reading: Reading, *, named: bool) -> None:
    if not text.strip():
        reading.passed_over.append(FileFault(file=file, reason=foreign.EMPTY))
    elif reading.admits(file, text):
        _read_text(file, text, reading, named=named)


def _read_text(file: str, text: str, reading: Reading, *, named: bool) -> None:
    before = len(reading.objects)
    broken: list[FileFault] = []
    strange: list[FileFault] = []
    for document, error in documents_of(file, text):
        if error is not None:
            broken.append(_fault(document, error))
            continue
        try:
            for manifest, place in objects_of(document):
                if not _is_object(manifest):
                    strange.append(_strange(document, place))
                elif foreign.is_template_object(manifest):
                    strange.append(_strange(document, place, foreign.TEMPLATE))
                elif foreign.is_kustomization(manifest):
                    strange.append(_strange(document, place, foreign.KUSTOMIZATION))
                else:
                    reading.add(manifest, place)
        except DocumentError as unread:
            broken.append(_fault(document, unread))
    is_foreign = not named and len(reading.objects) == before
    if broken and foreign.is_template(text):
        first = broken[0]
        broken = []
        template = FileFault(file=file, reason=foreign.TEMPLATE, line=first.line, document=first.document)
        (reading.faults if named else reading.passed_over).append(template)
    is_meant = foreign.mentions_an_object(text) or os.path.basename(file) in foreign.KUSTOMIZATIONS
    if is_foreign and not is_meant:
        reading.passed_over += broken[:1]
    else:
        reading.faults += broken
    if is_foreign:
        reading.passed_over += strange[:1] if not broken else []
    else:
        reading.faults += strange


def _is_object(value: Any) -> bool:
    return isinstance(value, dict) and isinstance(value.get("kind"), str) and isinstance(value.get("apiVersion"), str)


def _fault(document: Document, error: DocumentError) -> FileFault:
    line = document.first_line + (error.line or 0)
    return FileFault(file=document.file, reason=error.reason, line=line, document=document.number)


def _strange(document: Document, place: ObjectPosition, reason: str | None = None) -> FileFault:
    reason = reason or foreign.by_name(document.file) or foreign.NOT_AN_OBJECT
    return FileFault(file=document.file, reason=reason, line=place.line(""), document=document.number)
