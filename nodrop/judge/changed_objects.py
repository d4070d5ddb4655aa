"""The objects of a path that are not applied as they were read: kustomize or a patch of a program changes them, or they
are given more than once."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress

from nodrop.judge.judgement import Unjudged
from nodrop.paths import Manifest, ReadingError, ServingPath, resolve
from nodrop.paths.around import Around
from nodrop.paths.fields import ref_of
from nodrop.paths.repeats import GroupedRef, grouped_ref, without_repeats

ChangedBy = Callable[[Manifest], str | None]
"""What changes an object, and what to do instead; None: it is applied as it is."""
_REPEATED = "is given more than once, and not alike; the last one counts"


def or_repeated(changed_by: ChangedBy | None, alike: Mapping[GroupedRef, bool]) -> ChangedBy:
    """The same, and that an object is given more than once; `alike` is that of `without_repeats`."""

    def changed(manifest: Manifest) -> str | None:
        key = grouped_ref(manifest) if alike else None
        repeated = key is not None and not alike.get(key, True)
        change = changed_by(manifest) if changed_by else None
        return change or (_REPEATED if repeated else None)

    return changed


def of_changed_objects(
    path: ServingPath,
    beside: Iterable[Manifest],
    changed_by: ChangedBy,
    parted_by: Callable[[Collection[Manifest]], str | None] = lambda _: None,
) -> Iterator[Unjudged]:
    """Why the path is not judged, by what it consists of.

    Args:
        path: as it was read.
        beside: further objects that concern it.
        changed_by: what changes an object.
        parted_by: what changes some of the objects, so that they do not fit together as they were read.
    """
    objects = (path.entry, *path.http_routes, path.service, path.deployment, *path.governing, *beside)
    for each in objects:
        if change := changed_by(each):
            ref = ref_of(each)
            yield Unjudged(ref, "", f"{ref}: {change}", whole=True)
    if change := parted_by(objects):
        yield Unjudged(ref_of(path.entry), "", change, whole=True)


def changed_on_paths(
    objects: Iterable[Manifest], changed_by: ChangedBy | None, counts: Callable[[ServingPath], bool] = lambda _: True
) -> Iterator[str]:
    """The same of the paths among the objects that count, in words, for a comparison; each once."""
    given, alike = without_repeats(objects)
    if changed_by is None and all(alike.values()):
        return
    changed = or_repeated(changed_by, alike)
    around, told = Around(given), dict[str, None]()
    for path in filter(counts, resolve(given).paths):
        with suppress(ReadingError):
            told.update(dict.fromkeys(map(str, of_changed_objects(path, around.of(path), changed))))
    yield from told
