"""Writes what editors and type checkers see of the library, from the types and docstrings of its inputs.

    python docs/public_types.py

That is components/gke_nodrop/__init__.pyi, in which each group has all its inputs itself (pyright shows no docstring of
an inherited one on a dictionary's key), and the section `Args:` of each component, which `help` prints. A test holds
both to their source.
"""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
import typing
from collections import defaultdict
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

import gke_nodrop
from gke_nodrop.inputs.component import shape_of
from gke_nodrop.inputs.declared import Declared, fields_of
from gke_nodrop.provider.host import COMPONENTS, NAME
from gke_nodrop.provider.schema import Documented

STUB = Path(gke_nodrop.__file__).with_suffix(".pyi")
WIDTH = 120
_DOCSTRINGS = Documented(NAME)
_ARGS = re.compile(r"^( *)Args:\n(?:\1    .*\n)+\n", re.MULTILINE)
"""The section, indented as in the source, or not, as Python 3.13 keeps docstrings."""
_OPTIONS = "pulumi.ResourceOptions | None = None"


def stub() -> str:
    """The public names, with their types as plain as they are to a user."""
    shapes = [shape_of(component) for component in COMPONENTS]
    shapes += [each for name in gke_nodrop.__all__ if typing.is_typeddict(each := getattr(gke_nodrop, name))]
    groups = list(dict.fromkeys(group for shape in shapes for group in _groups(shape)))
    written = {each.__name__ for each in (*groups, *COMPONENTS)}
    imported = [name for name in gke_nodrop.__all__ if name not in written]
    modules: defaultdict[str, list[str]] = defaultdict(list)
    for name in imported:
        modules[_module(name)].append(f"{name} as {name}")
    for component in COMPONENTS:
        modules[component.__module__].append(f"{component.__name__} as _{component.__name__}")
    imports = [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(modules.items())]
    head = [f'"""{gke_nodrop.__doc__}\n\nWritten by `python docs/public_types.py`.\n"""']
    head += ["from typing import Literal, NotRequired, TypedDict, Unpack, overload", "import pulumi"]
    public = "__all__ = [\n" + "".join(f'    "{name}",\n' for name in gke_nodrop.__all__) + "]"
    sections = ["\n\n".join([*head, "\n".join(imports), public]), *map(_group, groups), *map(_component, COMPONENTS)]
    return "\n\n".join(sections) + "\n"


def _module(name: str) -> str:
    """Where a public name is from; a constant does not say so itself."""
    value = getattr(gke_nodrop, name)
    own = [
        each
        for each, module in sys.modules.items()
        if each.startswith(f"{gke_nodrop.__name__}.") and vars(module).get(name) is value
    ]
    return getattr(value, "__module__", None) or own[0]


def _groups(shape: type) -> Iterator[type]:
    """A TypedDict after those that it refers to."""
    for each in fields_of(shape).values():
        for part in (each, *each.parts):
            if typing.is_typeddict(part.kind):
                yield from _groups(part.kind)
    yield shape


def _group(shape: type) -> str:
    required: frozenset[str] = typing.cast("Any", shape).__required_keys__
    lines = [f"class {shape.__name__}(TypedDict):", _docstring(shape.__doc__ or "")]
    for key, each in fields_of(shape).items():
        kind = _type(each)
        lines += [f"    {key}: {kind if key in required else f'NotRequired[{kind}]'}", _docstring(_said(shape, key))]
    return "\n".join(lines)


def _component(component: type) -> str:
    name, shape = component.__name__, shape_of(component).__name__
    return "\n".join(
        [
            f"class {name}(_{name}):",
            _docstring(_ARGS.sub("", component.__doc__ or "")),
            "    @overload",
            f"    def __init__(self, name: str, /, args: {shape}, opts: {_OPTIONS}) -> None: ...",
            "    @overload",
            f"    def __init__(self, name: str, /, *, opts: {_OPTIONS}, **inputs: Unpack[{shape}]) -> None: ...",
        ]
    )


def _type(each: Declared) -> str:
    if each.kind in (list, dict):
        kind = f"{each.kind.__name__}[{', '.join(map(_type, each.parts))}]"
    elif isinstance(each.kind, type) and issubclass(each.kind, Enum):
        values = ", ".join(f'"{member.value}"' for member in each.kind)
        kind = f"{each.kind.__name__} | Literal[{values}]"
    else:
        kind = each.kind.__name__
    return f"pulumi.Input[{kind}]" if each.may_be_output else kind


def _said(shape: type, key: str) -> str:
    return inspect.cleandoc(_DOCSTRINGS.get_docstring(shape, key) or "")


def _docstring(text: str) -> str:
    clean = inspect.cleandoc(text).replace("\\", "\\\\")
    closing = '\n"""' if "\n\n" in clean else '"""'
    return textwrap.indent(f'"""{clean}{closing}', "    ")


def with_args_section(component: type, source: str) -> str:
    """The source of a component's module with the section that lists its inputs, which stands before `Attributes:`."""
    start = source.index(f"class {component.__name__}(pulumi.ComponentResource):")
    end = source.index("    Attributes: " if "    Attributes: " in source[start:] else "    Raises:", start)
    before = _ARGS.sub("", source[start:end])
    return source[:start] + before + args_section(component) + "\n" + source[end:]


def args_section(component: type) -> str:
    """Each input with the first sentence that is said of it."""
    shape = shape_of(component)
    lines = ["    Args:\n"]
    for key in fields_of(shape):
        text = " ".join(_said(shape, key).split())
        sentence = re.split(r"(?<=[.]) (?=[A-Z`])", text, maxsplit=1)[0]
        lines += textwrap.wrap(f"{key}: {sentence}", WIDTH, initial_indent=" " * 8, subsequent_indent=" " * 12)
    return lines[0] + "\n".join(lines[1:]) + "\n"


if __name__ == "__main__":
    for each in COMPONENTS:
        file = Path(inspect.getsourcefile(each) or "")
        file.write_text(with_args_section(each, file.read_text()))
    STUB.write_text(stub())
