"""Selectors by their labels, so that those that may take an object are found without asking each one."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar

Item = TypeVar("Item")


class SelectorIndex(Generic[Item]):
    """Items, each with the labels that it wants, in places such as namespaces."""

    def __init__(self, selectors: Iterable[tuple[str, Mapping[str, object], Item]]) -> None:
        """Place, wanted labels and item of each selector; without labels it may take everything of its place.

        Each is filed under that of its labels which the fewest selectors of its place want: one that all objects of a
        chart have, such as app.kubernetes.io/managed-by, would leave as many to ask as there are.
        """
        given = [(place, [_text(*each) for each in labels.items()], item) for place, labels, item in selectors]
        wanted = Counter((place, label) for place, labels, _ in given for label in labels)
        self._filed: dict[tuple[str, str], list[Item]] = {}
        for place, labels, item in given:
            label = min(labels, key=lambda each, place=place: wanted[place, each], default="")
            self._filed.setdefault((place, label), []).append(item)

    def candidates(self, place: str, labels: Mapping[str, object]) -> Iterator[Item]:
        """Those that may take an object of these labels; that they do is still to be asked."""
        for label in ("", *(_text(*each) for each in labels.items())):
            yield from self._filed.get((place, label), ())


def _text(key: str, value: object) -> str:
    return f"{key}={value}"
