"""Writes docs/components.md: every component with its inputs and outputs, from their types and docstrings.

python docs/components.py
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path

from pulumi.provider.experimental.analyzer import ComponentDefinition, PropertyDefinition, TypeDefinition

from gke_nodrop.provider.host import COMPONENTS, NAME
from gke_nodrop.provider.schema import Documented

FILE = Path(__file__).with_name("components.md")
HEAD = """# Components

Every component of `gke_nodrop` with its inputs, written by `python docs/components.py` from their types and docstrings;
a test holds this page to them. Inputs are the keys of a dictionary, `WebService("web", {"image": …}, opts)`, or
keywords, `WebService("web", image=…, opts=opts)`; in other languages their names are in camelCase. Only what is called
an Input may be a Pulumi Output; all else must be known when the program runs, since it decides what is made. Wrong
inputs are all reported at once, before anything is registered.
"""


def page() -> str:
    """The whole page, in Markdown."""
    found = Documented(NAME).analyze(list(COMPONENTS))
    components: dict[str, ComponentDefinition] = found["component_definitions"]
    types: dict[str, TypeDefinition] = found["type_definitions"]
    sections = [HEAD.rstrip(), *(_component(each) for _, each in sorted(components.items())), "## Groups of inputs"]
    sections += [_group(each) for _, each in sorted(types.items())]
    return "\n\n".join(sections) + "\n"


def _component(component: ComponentDefinition) -> str:
    lines = [f"## {component.name}", _without_args(component.description or "")]
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
        return "\n\n".join([f"### {group.name}", described, "\n".join(members)])
    return "\n\n".join(
        [f"### {group.name}", described, "\n".join(_table("Input", group.properties, group.properties_mapping))]
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


if __name__ == "__main__":
    FILE.write_text(page())
