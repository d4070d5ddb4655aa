"""Objects that are given more than once, of the kinds beside serving paths; the index tells those of the others."""

from collections.abc import Iterable

from nodrop.paths.fields import Manifest, ref_of
from nodrop.paths.index import INDEXED
from nodrop.rollout import ObjectRef


def without_repeats(objects: Iterable[Manifest]) -> tuple[list[Manifest], frozenset[ObjectRef]]:
    """The objects, of each that is given more than once only the last, and those of which an earlier one differs.

    Applying an object again as it is changes nothing.
    """
    given = list(objects)
    last: dict[ObjectRef, Manifest] = {}
    differing: set[ObjectRef] = set()
    repeats: set[int] = set()
    for each in given:
        if each.get("kind") not in INDEXED and _has_name(each):
            earlier = last.get(ref := ref_of(each))
            if earlier is not None:
                repeats.add(id(earlier))
                if earlier != each:
                    differing.add(ref)
            last[ref] = each
    return [each for each in given if id(each) not in repeats], frozenset(differing)


def _has_name(manifest: Manifest) -> bool:
    """Whether it is one object; the API server gives each that has none a name of its own."""
    metadata = manifest.get("metadata")
    return isinstance(metadata, dict) and isinstance(metadata.get("name"), str)
