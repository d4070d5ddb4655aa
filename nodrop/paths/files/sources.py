"""Texts from regular files, folders and standard input, up to a stated size. Nothing else is opened or waited for."""

import errno
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from nodrop.paths.files.foreign import KUSTOMIZATIONS

SUFFIXES = (".yaml", ".yml", ".json")
"""Of the files that are read in a folder, beside kustomizations; kubectl reads the same."""
MAX_BYTES = 64 * 1024 * 1024
"""In one file. Kubernetes takes objects of at most 3 MiB."""
MAX_TOTAL_CHARACTERS = 128 * 1024 * 1024
"""In all files together. What is read takes about 15 times as much memory."""
STDIN = "<stdin>"
"""The file name for objects from standard input."""

_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
"""Byte order marks of UTF-16 and UTF-32."""
_KINDS = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a FIFO; pipe into `-` instead"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
)


class SourceError(ValueError):
    """Why a file cannot be read: `reason`, and the line from 1 where there is one."""

    def __init__(self, reason: str, line: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


class NotRegularError(SourceError):
    """It is a FIFO, a device or a socket."""


@dataclass(frozen=True)
class Passed:
    """A file or folder that is not read, and why."""

    path: Path
    reason: str
    unreadable: bool = False
    """Whether it should be read and cannot be, so that nobody knows what it holds."""


def files_in(folder: Path) -> Iterator[Path | Passed]:
    """The YAML and JSON files below a folder by name. Links to folders are not followed, hidden folders not read.

    Raises:
        SourceError: the folder cannot be listed.
    """
    waiting = [folder]
    while waiting:
        entry = waiting.pop()
        if entry != folder and not os.path.isdir(entry):  # Path.is_dir raises where a link leads into a closed folder
            if entry.suffix in SUFFIXES or entry.name in KUSTOMIZATIONS:
                yield entry
        elif entry != folder and entry.is_symlink():
            yield Passed(entry, "a link to a folder")
        elif entry != folder and entry.name.startswith("."):
            yield Passed(entry, "a hidden folder")
        else:
            try:
                waiting += _entries(entry)
            except OSError as error:
                if entry == folder:
                    raise SourceError(error.strerror or str(error)) from None
                yield Passed(entry, error.strerror or str(error), unreadable=True)


def _entries(folder: Path) -> list[Path]:
    """What a folder holds, by name from the last. Raises OSError where it cannot be listed, or nothing in it opened."""
    found = sorted(folder.iterdir(), reverse=True)
    if found and not os.access(folder, os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
    return found


def text_of_file(file: Path) -> str:
    """The text of a regular file.

    Raises:
        SourceError: it is none, is too large, or is no UTF-8 text.
    """
    try:
        _regular(os.stat(file).st_mode)
        descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with open(descriptor, "rb") as stream:
            _regular(os.fstat(descriptor).st_mode)
            return text_of(stream)
    except OSError as error:
        raise SourceError(error.strerror or str(error)) from None
    except ValueError as error:
        if isinstance(error, SourceError):
            raise
        raise SourceError("its name holds a NUL byte") from None


def text_of(stream: BinaryIO) -> str:
    """The text of a stream. Raises SourceError as `text_of_file` does."""
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise SourceError(f"is larger than {MAX_BYTES // 1024**2} MiB; split it")
    if content.startswith(_MARKS):
        raise SourceError("is UTF-16 or UTF-32 text; save it as UTF-8, which kubectl reads", 1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SourceError(f"not UTF-8 text: byte 0x{content[error.start]:02x}", line) from None


def _regular(mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = next((name for is_kind, name in _KINDS if is_kind(mode)), "no file")
        raise NotRegularError(f"is {kind}; only regular files are read")
