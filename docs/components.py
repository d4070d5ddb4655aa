"""Writes docs/components.md and docs/components/: a page for each component, from its types and docstrings.

python docs/components.py
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pulumi.provider.experimental.analyzer import ComponentDefinition, PropertyDefinition, TypeDefinition

from gke_nodrop.provider.host import COMPONENTS, NAME
from gke_nodrop.provider.schema import Documented

DOCS = Path(__file__).parent
LIST = "components.md"
SHARED = "components/shared-inputs.md"
HEAD = """# Components

Every component of `gke_nodrop`, written by `python docs/components.py` from types and docstrings; a test holds these
pages to them. Inputs are the keys of a dictionary, `WebService("web", {"image": …}, opts)`, or keywords,
`WebService("web", image=…, opts=opts)`; in other languages their names are in camelCase. Only what is called an Input
may be a Pulumi Output. All else must be known when the program runs, since it decides what is made. Wrong inputs are
all reported at once, before anything is registered; that of an Output as soon as it is known.
"""
SHARED_HEAD = """# Inputs that components share

Groups of inputs, and lists of values, that more than one component takes. Written by `python docs/components.py`.
"""


def pages() -> dict[str, str]:
    """Every page by its path in the documentation, in Markdown."""
    found = Documented(NAME).analyze(list(COMPONENTS))
    components: dict[str, ComponentDefinition] = found["component_definitions"]
    types: dict[str, TypeDefinition] = found["type_definitions"]
    users = {
        name: [each for each in sorted(components) if name in _types_of(components[each], types)] for name in types
    }
    homes = {name: f"components/{each[0]}.md" if len(each) == 1 else SHARED for name, each in users.items()}

    def groups(home: str) -> list[str]:
        return [_linked(_group(each), homes, home) for name, each in sorted(types.items()) if homes[name] == home]

    written = {LIST: _list(components), SHARED: "\n\n".join([SHARED_HEAD.rstrip(), *groups(SHARED)]) + "\n"}
    for name, each in components.items():
        home = f"components/{name}.md"
        written[home] = "\n\n".join([_linked(_component(each), homes, home), *groups(home)]) + "\n"
    return written


def _list(components: Mapping[str, ComponentDefinition]) -> str:
    rows = [
        f"| [{name}](components/{name}.md) | {_one_line((each.description or '').split(chr(10) * 2)[0])} |"
        for name, each in sorted(components.items())
    ]
    shared = f"Groups of inputs that several components take stand in [{_title(SHARED_HEAD)}]({SHARED})."
    return "\n\n".join([HEAD.rstrip(), "\n".join(["| Component | |", "|---|---|", *rows]), shared]) + "\n"


def _title(page: str) -> str:
    return page.partition("\n")[0].removeprefix("# ")


def _types_of(root: ComponentDefinition | TypeDefinition, types: Mapping[str, TypeDefinition]) -> set[str]:
    """Names of all types that its inputs lead to."""
    found: set[str] = set()
    open_ = [root]
    while open_:
        each = open_.pop()
        properties = each.inputs if isinstance(each, ComponentDefinition) else each.properties
        new = {name for one in properties.values() for name in _refs(one)} - found
        found |= new
        open_ += [types[name] for name in new]
    return found


def _refs(each: PropertyDefinition) -> Iterator[str]:
    if each.ref:
        yield each.ref.rpartition(":")[2]
    for inner in (each.items, each.additional_properties):
        if inner:
            yield from _refs(inner)


def _linked(text: str, homes: Mapping[str, str], home: str) -> str:
    """The text of a page, with links to groups that stand on another one."""

    def link(found: re.Match[str]) -> str:
        name = found[1]
        page = "" if homes[name] == home else Path(homes[name]).name
        return f"[{name}]({page}#{name.lower()})"

    return re.sub(r"\[(\w+)\]\(#\w+\)", link, text)


def _component(component: ComponentDefinition) -> str:
    lines = [f"# {component.name}", _without_args(component.description or "")]
    lines += ["\n".join(_table("Input", component.inputs, component.inputs_mapping))]
    if component.outputs:
        lines += ["\n".join(_table("Output", component.outputs, component.outputs_mapping, inputs=False))]
    return "\n\n".join(lines)


def _without_args(text: str) -> str:
    """A docstring without the section that the tables stand for."""
    return "\n\n".join(each for each in inspect.cleandoc(text).split("\n\n") if not each.startswith("Args:"))


def _group(group: TypeDefinition) -> str:
    described = inspect.cleandoc(group.description or "")
    if group.enum:
        members = [
            f"- `{member.value}`{f': {_one_line(member.description)}' if member.description else ''}"
            for member in group.enum
        ]
        return "\n\n".join([f"## {group.name}", described, "\n".join(members)])
    return "\n\n".join(
        [f"## {group.name}", described, "\n".join(_table("Input", group.properties, group.properties_mapping))]
    )


def _table(
    title: str, properties: Mapping[str, PropertyDefinition], names: Mapping[str, str], *, inputs: bool = True
) -> Iterator[str]:
    yield f"| {title} | Type | |"
    yield "|---|---|---|"
    for key, each in properties.items():
        must = "Required. " if inputs and not each.optional else ""
        kind = _type(each) if inputs else _type(each).removeprefix("Input of ")
        yield f"| `{names[key]}` | {kind} | {must}{_one_line(each.description)} |"


def _type(each: PropertyDefinition) -> str:
    if each.ref:
        name = each.ref.rpartition(":")[2]
        return f"[{name}](#{name.lower()})"
    if each.items:
        return f"list of {_type(each.items)}"
    if each.additional_properties:
        return f"mapping to {_type(each.additional_properties)}"
    kind = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
    name = kind.get(each.type.value if each.type else "", "any")
    return name if each.plain else f"Input of {name}"


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")


def write() -> None:
    """Writes all pages, and removes those of components that are gone."""
    wanted = pages()
    for file in (DOCS / "components").glob("*.md"):
        if file.relative_to(DOCS).as_posix() not in wanted:
            file.unlink()
    (DOCS / "components").mkdir(exist_ok=True)
    for name, text in wanted.items():
        (DOCS / name).write_text(text)


if __name__ == "__main__":
    write()
