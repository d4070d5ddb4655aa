"""What `nodrop check` judges: objects from files, standard input or a stack, with where each was read from."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nodrop.edits import Lines
    from nodrop.judge import ChangeJudgement, Facts, Judgement
    from nodrop.judge.judge import Surroundings
    from nodrop.paths import Manifest
    from nodrop.preview import Evaluation
    from nodrop.project_file import ProjectFile
    from nodrop.rollout import Diagnostic, ObjectRef

STDIN = "<stdin>"
"""What stands for a file where objects came from standard input."""

Positions = Callable[["Manifest", str], tuple[str | None, int | None]]


@dataclass(frozen=True, kw_only=True)
class Given:
    """Objects, and what of the input is none."""

    objects: Sequence[Manifest]
    positions: Positions | None
    """File and line of a field of an object; None: they came from no file."""
    passed_over: tuple[str, ...]
    surroundings: Surroundings = lambda _, rollout: rollout
    """What is known of a path besides its objects."""

    def judged(self, objects: Sequence[Manifest], stated: ProjectFile, defaults: Facts | None = None) -> Judgement:
        """The judgement of these objects, or of edited copies, with what the owner states; `defaults` for the rest."""
        from nodrop.judge import judge
        from nodrop.project_file import settled

        judgement = judge(
            objects,
            facts=stated.facts(objects),
            defaults=defaults,
            positions=self.positions,
            surroundings=self.surroundings,
        )
        return settled(judgement, stated)


def changed(before: Given, after: Given, stated: ProjectFile) -> ChangeJudgement:
    """The judgement of what applying the second over the first does, with the file and line of each finding."""
    from nodrop.judge import judge_change
    from nodrop.paths.fields import ref_of
    from nodrop.project_file import settled_change

    change = settled_change(judge_change(before.objects, after.objects), stated)
    read = {ref_of(each): (given, each) for given in (before, after) for each in given.objects}

    def placed(found: Diagnostic) -> Diagnostic:
        given, manifest = read.get(found.object, (None, {})) if found.object else (None, {})
        if given is None or given.positions is None:
            return found
        file, line = given.positions(manifest, found.field or "")
        return replace(found, file=file, line=line)

    return replace(change, diagnostics=tuple(map(placed, change.diagnostics)))


def from_files(files: Iterable[Path], settings: Path | None) -> Given:
    """The objects in files, folders and, for `-`, standard input; the settings' file is none of them.

    What is no Kubernetes object is passed over in a folder, and an error in a file that is named.

    Raises:
        ManifestError: with every named file that cannot be read.
    """
    from nodrop.paths import ManifestError

    read = _Read()
    faults: list[str] = []
    for file in files:
        try:
            if file.is_dir():
                read.folder(file, settings)
            else:
                read.named(file)
        except ManifestError as error:
            faults += error.faults
    if faults:
        raise ManifestError(faults)
    return Given(objects=read.objects, positions=read.position, passed_over=tuple(read.passed_over))


class _Read:
    """What was read so far, and from where."""

    def __init__(self) -> None:
        self.objects: list[Manifest] = []
        self.passed_over: list[str] = []
        self._sources: dict[ObjectRef, tuple[str, Path | str]] = {}
        self._lines: dict[str, Lines] = {}

    def folder(self, folder: Path, settings: Path | None) -> None:
        """Read the YAML and JSON files below a folder; what is none of Kubernetes' is passed over."""
        from nodrop.paths import ManifestError
        from nodrop.paths.manifests import SUFFIXES

        files = sorted(file for file in folder.rglob("*") if file.suffix in SUFFIXES and file.is_file())
        if not files:
            raise ManifestError([f"{folder}: a folder without any file that ends in {', '.join(SUFFIXES)}"])
        for file in files:
            if settings is not None and file.samefile(settings):
                continue
            try:
                self.named(file)
            except ManifestError as error:
                self.passed_over += error.faults

    def named(self, file: Path) -> None:
        """Read one file, or standard input."""
        from nodrop.paths import read_manifests

        if str(file) != "-":
            self._add(read_manifests([file]), str(file), file)
            return
        content = sys.stdin.buffer.read()
        with TemporaryDirectory() as folder:
            kept = Path(folder) / STDIN
            kept.write_bytes(content)
            self._add(read_manifests([kept]), STDIN, content.decode())

    def _add(self, objects: list[Manifest], name: str, source: Path | str) -> None:
        from nodrop.paths.fields import ref_of

        self.objects += objects
        for each in objects:
            self._sources.setdefault(ref_of(each), (name, source))

    def position(self, manifest: Manifest, field: str) -> tuple[str | None, int | None]:
        """File and line of a field of an object that was read, or of a copy of it."""
        from nodrop.edits import Lines
        from nodrop.paths.fields import ref_of

        ref = ref_of(manifest)
        name, source = self._sources.get(ref, (None, ""))
        if name is None:
            return None, None
        if name not in self._lines:
            text = source if isinstance(source, str) else source.read_text(encoding="utf-8")
            self._lines[name] = Lines(text)
        return name, self._lines[name].of(ref, field)


def from_stack(evaluation: Evaluation) -> Given:
    """The Kubernetes objects that a program would create, secrets masked, with what they stand on."""
    from nodrop.preview import kubernetes_objects, surroundings_of

    return Given(
        objects=kubernetes_objects(evaluation),
        positions=None,
        passed_over=(),
        surroundings=surroundings_of(evaluation),
    )


def project_file(stated: Path | None) -> tuple[Path | None, ProjectFile]:
    """The file that is named, or else the nodrop.yaml here or above, with what it states; None where there is none."""
    from nodrop.project_file import ProjectFile, find_project_file, read_project_file

    file = stated or find_project_file(Path())
    return file, ProjectFile() if file is None else read_project_file(file)


def repository(folder: Path) -> Path:
    """The root of the repository that the folder is in, absolute; the folder itself if it is in none."""
    folder = folder.absolute()
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)
