"""The objects of a path that are not applied as they were read, as kustomize or a patch of a program changes them."""

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
        changed_by: what changes an object, and what to do instead; None: it is applied as it is.
    """
    governing = filter(None, (path.backend_config, path.backend_policy, path.health_check_policy))
    for each in (path.entry, *path.http_routes, path.service, path.deployment, *governing, *beside):
        if change := changed_by(each):
            ref = ref_of(each)
            yield Unjudged(ref, "", f"{ref}: {change}", whole=True)
