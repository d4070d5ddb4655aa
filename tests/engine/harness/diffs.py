"""What differs between two versions of a resource's properties, path by path."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pulumi.runtime.proto import provider_pb2 as pb

from harness.wire import plain

ADDED, DELETED, UPDATED = pb.PropertyDiff.ADD, pb.PropertyDiff.DELETE, pb.PropertyDiff.UPDATE


def changes(old: Mapping[str, Any], new: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, int]]:
    """Path and kind of each change; absent, null and empty are the same."""
    for key in sorted({*old, *new} - {"__defaults"}):
        name = key if key.isidentifier() or key.replace("-", "_").isidentifier() else f'["{key}"]'
        separator = "." if path and not name.startswith("[") else ""
        yield from _changes(old.get(key), new.get(key), f"{path}{separator}{name}")


def _changes(old: Any, new: Any, path: str) -> Iterator[tuple[str, int]]:
    old, new = plain(old), plain(new)
    if _empty(old) or _empty(new):
        if not (_empty(old) and _empty(new)):
            yield path, ADDED if _empty(old) else DELETED
    elif isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from changes(old, new, path)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            before, after = ((one[index] if index < len(one) else None) for one in (old, new))
            yield from _changes(before, after, f"{path}[{index}]")
    elif old != new:
        yield path, UPDATED


def _empty(value: Any) -> bool:
    return value is None or value == {} or value == []


def response(
    found: Iterator[tuple[str, int]],
    replaced_by: Callable[[str], bool],
    delete_before_replace: Callable[[], bool] = lambda: False,
) -> pb.DiffResponse:
    """The provider's answer: what changes, and what of it replaces the resource."""
    answer = pb.DiffResponse(changes=pb.DiffResponse.DIFF_NONE, hasDetailedDiff=True)
    for path, kind in found:
        replaces = replaced_by(path)
        answer.changes = pb.DiffResponse.DIFF_SOME
        answer.detailedDiff[path].kind = kind + 1 if replaces else kind  # X_REPLACE follows X
        answer.detailedDiff[path].inputDiff = True
        answer.diffs.append(path)
        if replaces:
            answer.replaces.append(path)
    answer.deleteBeforeReplace = bool(answer.replaces) and delete_before_replace()
    return answer
