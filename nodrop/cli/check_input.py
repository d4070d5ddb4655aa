"""What `nodrop check` judges: objects from files, standard input or a stack, with where each was read from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from nodrop.terminal import echo

if TYPE_CHECKING:
    from nodrop.judge import ChangeJudgement, Judgement
    from nodrop.judge.judge import Positions, Surroundings
    from nodrop.paths import Manifest
    from nodrop.preview import Evaluation
    from nodrop.project_file import ProjectFile
    from nodrop.rollout import Diagnostic, Facts


@dataclass(frozen=True, kw_only=True)
class Given:
    """Objects, and what of the input is none."""

    objects: Sequence[Manifest]
    positions: Positions | None
    """Where a field of an object was read from; None: they came from no file."""
    passed_over: tuple[str, ...]
    faults: tuple[str, ...] = ()
    """What should have been read and could not be."""
    surroundings: Surroundings | None = None
    """What is known of the objects besides themselves."""
    given_to_all: frozenset[str] = frozenset()
    """What kustomizations give all their objects, such as `namePrefix eu-`."""
    facts: Facts | None = None
    """What the options state of every application, where neither its annotations nor nodrop.yaml do."""

    def tell_faults(self) -> None:
        """Say on stderr what should have been read and could not be."""
        from nodrop.report.judged.model import NOT_READ

        for fault in self.faults:
            echo(f"{NOT_READ}{fault}", err=True)

    def all_passed_over(self) -> tuple[str, ...]:
        """What of the input is not read, where no judgement of it says so."""
        return (*self.passed_over, *(map(str, self.surroundings.unread) if self.surroundings else ()))

    def judged(self, objects: Sequence[Manifest], stated: ProjectFile) -> Judgement:
        """The judgement of these objects, or of edited copies, with what the owner states."""
        from nodrop.judge import judge
        from nodrop.project_file import weighed

        judgement = judge(
            objects,
            facts=stated.facts(objects),
            waivers=stated.reasons,
            defaults=self.facts,
            positions=self.positions,
            surroundings=self.surroundings,
        )
        return weighed(judgement, stated)


def changed(before: Given, after: Given, stated: ProjectFile) -> ChangeJudgement:
    """The judgement of what applying the second over the first does, with the file and line of each finding.

    An object of a path that is not applied as it was read, in either version, is why that path was not compared.
    """
    from nodrop.judge import judge_change
    from nodrop.judge.path_judge import at
    from nodrop.paths.fields import ref_of
    from nodrop.project_file import weighed_change

    judged = judge_change(
        before.objects,
        after.objects,
        waivers=stated.reasons,
        facts=stated.facts_of,
        defaults=after.facts,
        around_before=before.surroundings,
        around_after=after.surroundings,
    )
    change = weighed_change(judged, stated)
    read = {ref_of(each): (given, each) for given in (before, after) for each in given.objects}

    def placed(found: Diagnostic) -> Diagnostic:
        given, manifest = read.get(found.object, (None, {})) if found.object else (None, {})
        return found if given is None else at(found, manifest, found.field or "", given.positions)

    return replace(
        change,
        diagnostics=tuple(map(placed, change.diagnostics)),
        not_compared=(*change.not_compared, *_given_otherwise(before, after)),
    )


def _given_otherwise(before: Given, after: Given) -> Iterator[str]:
    """What kustomizations give all objects alike in one version alone: it renames, moves or relabels what is there."""
    otherwise = (*(after.given_to_all - before.given_to_all), *(before.given_to_all - after.given_to_all))
    if otherwise:
        told = "another namespace, other names or other labels of selectors than the other version's"
        yield f"a kustomization gives objects {told} ({', '.join(sorted(otherwise))}): pipe `kustomize build` into `-`"


def from_files(files: Iterable[Path], settings: Path | None, facts: Facts | None = None) -> Given:
    """The objects in files, folders and, for `-`, standard input; the settings' file is none of them.

    What is no Kubernetes object is skipped in a folder, and a fault in a file that is named.

    Raises:
        ManifestError: where nothing can be read, or nothing is there, as on a pipe whose first command failed.
    """
    from nodrop.judge.judge import Surroundings
    from nodrop.judge.judgement import PassedOver
    from nodrop.paths import ManifestError
    from nodrop.paths.files.foreign import EMPTY
    from nodrop.paths.files.reading import read
    from nodrop.paths.files.sources import STDIN
    from nodrop.report.judged.model import PASSED_OVER
    from nodrop.rollout import ObjectRef

    files = tuple(files)
    reading = read(files, leave_out=settings)
    faults = tuple(map(str, reading.faults))
    passed_over = tuple(map(str, reading.passed_over))
    if not reading.objects:
        given = {STDIN, *map(str, files)}
        others = [each for each in reading.passed_over if each.reason != EMPTY or each.file not in given]
        empty = "" if others else "empty: "
        nothing = faults or [f"{file}: {empty}not one Kubernetes object" for file in files]
        raise ManifestError([*nothing, *(f"{PASSED_OVER}{each}" for each in others)])

    def changed_by(manifest: Manifest) -> str | None:
        file = reading.changed_by(manifest)
        return file and f"{file} changes it: pipe `kustomize build` into `-`"

    def parted_by(manifests: Collection[Manifest]) -> str | None:
        file = reading.parted_by(manifests)
        return file and f"{file} changes objects of the path apart from others: pipe `kustomize build` into `-`"

    unread = tuple(
        PassedOver(
            object=ObjectRef(kind="Kustomization", namespace=None, name=str(each)),
            reason="not read: pipe `kustomize build` into `-`",
        )
        for each in reading.unread
    )
    return Given(
        objects=reading.objects,
        positions=reading.position,
        passed_over=passed_over,
        faults=faults,
        given_to_all=reading.given_to_all,
        surroundings=Surroundings(changed_by=changed_by, parted_by=parted_by, unread=unread),
        facts=facts,
    )


def from_stack(evaluation: Evaluation, facts: Facts | None = None) -> Given:
    """The Kubernetes objects that a program would create, secrets masked, with what they stand on."""
    from nodrop.preview import ProgramObjects, surroundings_of

    made = ProgramObjects(evaluation)
    return Given(
        objects=made.all,
        positions=None,
        passed_over=(),
        surroundings=surroundings_of(made),
        facts=facts,
    )


def project_file(stated: Path | None) -> tuple[Path | None, ProjectFile]:
    """The file that is named, or else the nodrop.yaml here or above, with what it states; None where there is none."""
    from nodrop.project_file import ProjectFile, find_project_file, read_project_file

    file = stated or find_project_file(Path())
    return file, ProjectFile() if file is None else read_project_file(file)


def tell_slips(stated: ProjectFile, objects: Sequence[Manifest]) -> None:
    """Say on stderr which entries of nodrop.yaml state nothing here and nearly name a workload, and which file nearly
    is one."""
    from nodrop.project_file import NAME, misnamed

    names_it = stated.file is None or stated.file.name == NAME
    for slip in (*stated.slips(objects), *(misnamed(Path()) if names_it else ())):
        echo(f"warning: {slip}", err=True)


def repository(folder: Path) -> Path:
    """The root of the repository that the folder is in, absolute; the folder itself if it is in none."""
    folder = folder.absolute()
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)
