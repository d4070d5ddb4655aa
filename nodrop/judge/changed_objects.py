"""The objects of a path that are not applied as they were read, as kustomize changes them first."""

from collections.abc import Callable, Iterable, Iterator

from nodrop.judge.judgement import Unjudged
from nodrop.paths import Manifest, ServingPath
from nodrop.paths.fields import ref_of


def of_changed_objects(
    path: ServingPath, beside: Iterable[Manifest], changed_by: Callable[[Manifest], str | None]
) -> Iterator[Unjudged]:
    """Why the path is not judged, by what it consists of.

    Args:
        path: as it was read.
        beside: further objects that concern it.
        changed_by: the file by which an object is changed before it is applied; None: it is applied as it is.
    """
    governing = filter(None, (path.backend_config, path.backend_policy, path.health_check_policy))
    for each in (path.entry, *path.http_routes, path.service, path.deployment, *governing, *beside):
        if file := changed_by(each):
            ref = ref_of(each)
            yield Unjudged(ref, "", f"{ref}: {file} changes it: pipe `kustomize build` into `-`", whole=True)
