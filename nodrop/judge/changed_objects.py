"""The objects of a path that are not applied as they were read, as kustomize or a patch of a program changes them."""

from collections.abc import Callable, Collection, Iterable, Iterator

from nodrop.judge.judgement import Unjudged
from nodrop.paths import Manifest, ServingPath
from nodrop.paths.fields import ref_of
from nodrop.rollout import ObjectRef

_REPEATED = "is given more than once, and not alike; the last one counts"


def of_changed_objects(
    path: ServingPath,
    beside: Iterable[Manifest],
    changed_by: Callable[[Manifest], str | None],
    repeated: Collection[ObjectRef] = (),
) -> Iterator[Unjudged]:
    """Why the path is not judged, by what it consists of.

    Args:
        path: as it was read.
        beside: further objects that concern it.
        changed_by: what changes an object, and what to do instead; None: it is applied as it is.
        repeated: objects that are given more than once, each time another one.
    """
    for each in (path.entry, *path.http_routes, path.service, path.deployment, *path.governing, *beside):
        ref = ref_of(each)
        change = changed_by(each) or (_REPEATED if ref in repeated else None)
        if change:
            yield Unjudged(ref, "", f"{ref}: {change}", whole=True)
