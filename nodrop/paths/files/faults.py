"""What of the input cannot be read as Kubernetes objects, in one line each."""

from dataclasses import dataclass

from nodrop.rollout.text import printable


class DocumentError(ValueError):
    """A document that cannot be read: `reason`, and `line` inside it, from 0, where one is known."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class TooLargeError(DocumentError):
    """A document that holds more than is read of one."""


@dataclass(frozen=True, kw_only=True)
class FileFault:
    """An input that cannot be read, or a part of it."""

    file: str
    reason: str
    line: int | None = None
    """From 1; None: the file as a whole."""
    document: int | None = None
    """From 1, as `---` separates them; None: the file as a whole."""

    def __str__(self) -> str:
        place = self.file
        if self.line is not None:
            place += f", line {self.line}"
        if self.document is not None:
            place += f" (document {self.document})"
        return printable(f"{place}: {self.reason}")
