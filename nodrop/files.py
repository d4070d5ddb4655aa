"""Writing files whole or not at all: into a temporary file beside each, then moved into place.

A link in a file's place is replaced, and never followed; a file that is replaced keeps its rights; a device or a
pipe, or a link to one, is refused. Not here: what the files say.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

MAX_NAME_BYTES = 200
"""Longest name given to a file; file systems take 255 bytes, and a temporary file's name is longer than its own.
Source: limits.h, NAME_MAX."""


def write(texts: Mapping[Path, str]) -> None:
    """Write every text, as UTF-8, to its file in a folder that exists. Nothing is in place before all can be.

    Raises:
        OSError: with the name of the file that cannot be written; the temporary files are gone then.
    """
    written: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            if path.is_dir() and not path.is_symlink():
                raise IsADirectoryError(21, "Is a directory", str(path))
            if path.exists() and not path.is_file():  # a device or a pipe, which root could replace for everybody
                raise OSError(22, "Is not a regular file", str(path))
            temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
            written[temporary] = path
            try:
                file = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
            except OSError as error:
                raise type(error)(error.errno, error.strerror, str(path)) from error
            if path.is_file() and not path.is_symlink():
                os.fchmod(file, path.stat().st_mode & 0o777)
            with open(file, "w", encoding="utf-8", errors="backslashreplace") as stream:
                stream.write(text)
        for temporary, path in written.items():
            temporary.replace(path)
    finally:
        for temporary in written:
            with suppress(OSError):
                temporary.unlink()


def bounded_name(stem: str, suffix: str) -> str:
    """A file's name of stem and suffix; a stem too long for a file is cut, and ends in a digest of the whole."""
    if len(f"{stem}{suffix}".encode()) <= MAX_NAME_BYTES:
        return f"{stem}{suffix}"
    end = f"-{hashlib.sha256(stem.encode(errors='backslashreplace')).hexdigest()[:16]}{suffix}"
    kept = stem.encode(errors="backslashreplace")[: MAX_NAME_BYTES - len(end)].decode(errors="ignore")
    return f"{kept}{end}"
