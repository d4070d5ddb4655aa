"""Which configuration keys a program reads, so that a slip in the name of an optional one does not pass unseen.

Not here: keys of other namespaces, which providers read, and keys that Pulumi.yaml declares, whose absence is an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from nodrop.rollout.text import meant


class RecordedConfig(dict[str, Any]):
    """The configuration of a program, in the place where the SDK looks keys up, and which of them it looked up."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        super().__init__(values)
        self.read: set[str] = set()
        """Keys that the program asked for, set or not; all that are set, where it went through them."""

    def __contains__(self, key: object) -> bool:
        self.read.add(str(key))
        return super().__contains__(key)

    def __iter__(self) -> Iterator[str]:
        self.read.update(super().keys())
        return super().__iter__()

    def keys(self) -> Any:
        """All keys, which count as read."""
        self.read.update(super().keys())
        return super().keys()

    def items(self) -> Any:
        """All keys and values, which count as read."""
        self.read.update(super().keys())
        return super().items()


def unread(optional: Iterable[str], read: Iterable[str]) -> Iterator[str]:
    """A sentence on each of the keys that are set and that the program did not read, with the nearest that it did."""
    given, known = set(optional), set(read)
    for key in sorted(given - known):
        yield f"config {key} is set, but the program does not read it{meant(key, sorted(known - given))}"
