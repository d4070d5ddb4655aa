"""Objects of files that are all needed: one that cannot be read is an error. `nodrop.paths.files` reads what it can."""

from collections.abc import Iterable
from pathlib import Path

from nodrop.paths.fields import Manifest
from nodrop.paths.files.reading import read


class ManifestError(ValueError):
    """Files that cannot be read as Kubernetes objects; one line a fault, with file, line and document (from 1)."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def read_manifests(paths: Iterable[Path]) -> list[Manifest]:
    """The objects in the files and below the folders, in order; what is none of Kubernetes' in folders is left out.

    Raises:
        ManifestError: with everything that cannot be read.
    """
    reading = read(paths)
    if reading.faults:
        raise ManifestError([str(each) for each in reading.faults])
    return reading.objects
