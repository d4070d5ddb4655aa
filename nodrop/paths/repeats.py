"""Objects that are given more than once: of each the last one counts."""

from collections.abc import Iterable
from typing import Any

from nodrop.gke.kinds import HAD_OTHER_FIELDS, NO_LONGER_SERVED, VERSIONS, group_of
from nodrop.paths.fields import Manifest, ref_of
from nodrop.rollout import ObjectRef

GroupedRef = tuple[str, ObjectRef]
"""The API group of an object and its name; two of one kind and name are two objects where their groups differ."""


def without_repeats(objects: Iterable[Any]) -> tuple[list[Any], dict[GroupedRef, bool]]:
    """The objects, of each that is given more than once only the last; and whether all of those are alike.

    Applying an object again as it is changes nothing. What is no object stays.
    """
    given = list(objects)
    last: dict[GroupedRef, int] = {}
    repeats: set[int] = set()
    alike: dict[GroupedRef, bool] = {}
    for place, each in enumerate(given):
        key = grouped_ref(each) if isinstance(each, dict) else None
        if key is None:
            continue
        if key in last:
            earlier = last[key]
            repeats.add(earlier)
            alike[key] = alike.get(key, True) and given[earlier] == each
        last[key] = place
    return [each for place, each in enumerate(given) if place not in repeats], alike


def grouped_ref(manifest: Manifest) -> GroupedRef | None:
    """Which object it is; of a kind that moved to another API group, in that which it is in now.

    None: it has no name, so that the API server gives it one of its own, or is in a version that cannot be read as the
    one that is served.
    """
    kind, version = str(manifest.get("kind")), str(manifest.get("apiVersion"))
    metadata = manifest.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str):
        return None
    moved = version in NO_LONGER_SERVED.get(kind, ())
    if moved and kind in HAD_OTHER_FIELDS:
        return None
    return group_of(VERSIONS[kind][0] if moved else version), ref_of(manifest)
