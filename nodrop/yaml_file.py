"""One YAML document in a file that is written by hand: its nodes, and the plain values that Pulumi reads in it.

Whatever is wrong is one line with the file's name and, where it is known, the line. Not here: files of many documents,
such as Kubernetes objects (`nodrop.paths.files`), and what a file must say.
"""

from __future__ import annotations

from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any

from nodrop.rollout.text import one_line

if TYPE_CHECKING:
    from yaml import Node, SafeLoader

MOST_BYTES = 1_000_000
"""Largest file that is read; one is written by hand."""
_TAG = "tag:yaml.org,2002:"
_TIMESTAMP = f"{_TAG}timestamp"


class YamlFileError(ValueError):
    """Why a file cannot be read, with its name and the line."""


def read_node(file: Path) -> Node | None:
    """The document; None where there is none. Raises YamlFileError."""
    text = _text(file)
    return _asked(file, lambda loader: loader.get_single_node(), text)


def read_values(file: Path) -> tuple[Node | None, Any]:
    """The document, and its plain values; a date is text, as it is for Pulumi where it is no day of the calendar.

    Raises YamlFileError.
    """
    text = _text(file)

    def read(loader: SafeLoader) -> tuple[Node | None, Any]:
        node = loader.get_single_node()
        return node, None if node is None else loader.construct_document(node)

    return _asked(file, read, text)


def entries(node: Node | None) -> list[tuple[Node, Node]]:
    """The nodes of a mapping's keys and values; none of anything else."""
    from yaml import MappingNode

    return node.value if isinstance(node, MappingNode) else []


def value_of(node: Node | None, key: str) -> Node | None:
    """The node of a key's value; None where there is none."""
    return next((value for at, value in entries(node) if at.value == key), None)


def place(file: Path, node: Node) -> str:
    """Such as `Pulumi.dev.yaml:3`."""
    return f"{file}:{node.start_mark.line + 1}"


def short(text: str) -> str:
    """A value for a message: in quotes, in one line, its beginning."""
    return repr(one_line(text)[:60])


def _text(file: Path) -> str:
    try:
        if not S_ISREG(file.stat().st_mode):
            raise YamlFileError(f"{file}: not a file")
        with file.open("rb") as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise YamlFileError(f"{file}: cannot be read: {error.strerror}") from None
    if len(content) > MOST_BYTES:
        raise YamlFileError(f"{file}: more than {MOST_BYTES:,} bytes")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise YamlFileError(f"{file}: not UTF-8 text") from None


def _asked(file: Path, read: Any, text: str) -> Any:
    """What a loader of the text answers."""
    import yaml
    from yaml.reader import ReaderError

    loader = None
    try:
        loader = _loader()(text)
        return read(loader)
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise YamlFileError(f"{file}{line}: not YAML: {error.problem}") from None
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        told = f"the character {error.character:#x}, which YAML forbids"
        raise YamlFileError(f"{file}:{line}: not YAML: {told}") from None
    except RecursionError:
        raise YamlFileError(f"{file}: not YAML: nested too deeply") from None
    except (ValueError, OverflowError):  # from chr(), of PyYAML's scanner
        line = loader.line + 1 if loader else 1
        raise YamlFileError(f"{file}:{line}: not YAML: an escape such as \\U that names no character") from None


def _loader() -> type[SafeLoader]:
    import yaml
    from yaml.constructor import ConstructorError

    class Loader(yaml.SafeLoader):
        """Tells where a scalar stands that its tag does not fit, and refuses a value that contains itself."""

        yaml_implicit_resolvers = {
            first: [(tag, pattern) for tag, pattern in resolvers if tag != _TIMESTAMP]
            for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

        def construct_object(self, node: Node, deep: bool = False) -> Any:  # noqa: ARG002 - always deep, so that a value within itself is found
            try:
                return super().construct_object(node, deep=True)
            except (ValueError, TypeError, LookupError, AttributeError):
                seen = short(node.value) if isinstance(node.value, str) else "a list or keys"
                told = f"{seen} is no {node.tag.removeprefix(_TAG)}"
                raise ConstructorError(None, None, told, node.start_mark) from None

    return Loader
