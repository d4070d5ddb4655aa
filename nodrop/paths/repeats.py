"""Objects that are given more than once, of the kinds beside serving paths; the index tells those of the others."""

from collections.abc import Iterable

from nodrop.gke.kinds import NO_LONGER_SERVED, VERSIONS
from nodrop.paths.fields import Manifest, ref_of
from nodrop.paths.index import INDEXED
from nodrop.rollout import ObjectRef


def without_repeats(objects: Iterable[Manifest]) -> tuple[list[Manifest], frozenset[ObjectRef]]:
    """The objects, of each that is given more than once only the last, and those of which an earlier one differs.

    Applying an object again as it is changes nothing. Two of one kind and name are two objects where their API groups
    are not the same.
    """
    given = list(objects)
    last: dict[tuple[str, ObjectRef], int] = {}
    differing: set[ObjectRef] = set()
    repeats: set[int] = set()
    for place, each in enumerate(given):
        if each.get("kind") not in INDEXED and _has_name(each):
            ref = ref_of(each)
            earlier = last.get(key := (_group(each), ref))
            if earlier is not None:
                repeats.add(earlier)
                if given[earlier] != each:
                    differing.add(ref)
            last[key] = place
    return [each for place, each in enumerate(given) if place not in repeats], frozenset(differing)


def _group(manifest: Manifest) -> str:
    """The API group; of a kind that moved from one to another, that which it is in now."""
    kind, version = str(manifest.get("kind")), str(manifest.get("apiVersion"))
    now = VERSIONS[kind][0] if version in NO_LONGER_SERVED.get(kind, ()) else version
    return now.rpartition("/")[0]


def _has_name(manifest: Manifest) -> bool:
    """Whether it is one object; the API server gives each that has none a name of its own."""
    metadata = manifest.get("metadata")
    return isinstance(metadata, dict) and isinstance(metadata.get("name"), str)
