"""What `nodrop check` judges: objects from files, standard input or a stack, with where each was read from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nodrop.judge import Judgement
    from nodrop.judge.judge import Surroundings
    from nodrop.paths import Manifest
    from nodrop.preview import Evaluation
    from nodrop.project_file import ProjectFile

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

    def judged(self, objects: Sequence[Manifest], stated: ProjectFile) -> Judgement:
        """The judgement of these objects, or of edited copies, with what the owner states."""
        from nodrop.judge import judge
        from nodrop.project_file import settled

        judgement = judge(
            objects, facts=stated.facts(objects), positions=self.positions, surroundings=self.surroundings
        )
        return settled(judgement, stated)


def from_files(files: Iterable[Path]) -> Given:
    """The objects in files, folders and, for `-`, standard input.

    Raises:
        ManifestError: with every file that cannot be read.
    """
    from nodrop.paths import read_manifests

    readable = [Path("/dev/stdin") if str(file) == "-" else file for file in files]
    return Given(objects=read_manifests(readable), positions=None, passed_over=())


def from_stack(evaluation: Evaluation) -> Given:
    """The Kubernetes objects that a program would create, secrets masked, with what they stand on."""
    from nodrop.preview import kubernetes_objects, surroundings_of

    return Given(
        objects=kubernetes_objects(evaluation),
        positions=None,
        passed_over=(),
        surroundings=surroundings_of(evaluation),
    )


def repository(folder: Path) -> Path:
    """The root of the repository that the folder is in, absolute; the folder itself if it is in none."""
    folder = folder.absolute()
    return next((each for each in (folder, *folder.parents) if (each / ".git").exists()), folder)
