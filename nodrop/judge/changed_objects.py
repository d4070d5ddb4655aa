"""The objects of a path that are not applied as they were read: kustomize or a patch of a program changes them, or they
are given more than once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from nodrop.judge.judgement import Unjudged
from nodrop.judge.surroundings import Surroundings
from nodrop.paths import Manifest, ReadingError, ServingPath, resolve
from nodrop.paths.around import Around
from nodrop.paths.fields import ref_of
from nodrop.paths.repeats import GroupedRef, grouped_ref, without_repeats

_REPEATED = "is given more than once, and not alike; the last one counts"


def with_repeats(surroundings: Surroundings, alike: Mapping[GroupedRef, bool]) -> Surroundings:
    """The same, and that an object is given more than once; `alike` is that of `without_repeats`."""

    def changed_by(manifest: Manifest) -> str | None:
        key = grouped_ref(manifest) if alike else None
        repeated = key is not None and not alike.get(key, True)
        return surroundings.changed_by(manifest) or (_REPEATED if repeated else None)

    return replace(surroundings, changed_by=changed_by)


def of_changed_objects(path: ServingPath, beside: Iterable[Manifest], surroundings: Surroundings) -> Iterator[Unjudged]:
    """Why the path is not judged, by what it consists of.

    Args:
        path: as it was read.
        beside: further objects that concern it.
        surroundings: what changes an object, or some of those that belong together.
    """
    objects = (path.entry, *path.http_routes, path.service, path.deployment, *path.governing, *beside)
    for each in objects:
        if change := surroundings.changed_by(each):
            ref = ref_of(each)
            yield Unjudged(ref, "", f"{ref}: {change}", whole=True)
    if change := surroundings.parted_by(objects):
        yield Unjudged(ref_of(path.entry), "", change, whole=True)


def changed_on_paths(
    objects: Iterable[Manifest],
    surroundings: Surroundings | None,
    counts: Callable[[ServingPath], bool] = lambda _: True,
) -> Iterator[str]:
    """The same of the paths among the objects that count, in words, for a comparison; each once."""
    given, alike = without_repeats(objects)
    if surroundings is None and all(alike.values()):
        return
    known = with_repeats(surroundings or Surroundings(), alike)
    around, told = Around(given), dict[str, None]()
    for path in filter(counts, resolve(given).paths):
        with suppress(ReadingError):
            told.update(dict.fromkeys(map(str, of_changed_objects(path, around.of(path), known))))
    yield from told
