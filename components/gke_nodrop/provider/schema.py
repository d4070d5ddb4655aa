"""The package's schema: descriptions of inherited inputs too, and in the words that other languages use."""

import ast
import functools
import inspect
import re
import sys
import typing
from collections.abc import Iterable
from typing import Any

from pulumi.provider.experimental.analyzer import Analyzer, ComponentDefinition, TypeDefinition

ONLY_IN_PYTHON = ("Args:", "Attributes:", "Raises:")
"""How paragraphs begin that say nothing to programs in other languages."""
NAME = r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b"
"""What may be a name in Python's words that is another one in the schema's."""


class Documented(Analyzer):
    """The SDK's analyzer, which leaves out the docstrings of what a TypedDict inherits: its MRO does not name bases."""

    def analyze_type(self, typ: Any, *args: Any, **kwargs: Any) -> Any:
        """A type's properties; of a component's inputs, which may also come as keywords, those of the mapping."""
        return super().analyze_type(typing.get_args(typ)[0] if typing.get_args(typ) else typ, *args, **kwargs)

    def analyze_property(self, arg: Any, *args: Any, **kwargs: Any) -> Any:
        """A property's type, of which the schema cannot say limits."""
        return super().analyze_property(_bare(arg), *args, **kwargs)

    def get_docstring(self, typ: type, name: str) -> str | None:
        """A field's docstring, from the class that declares it."""
        return super().get_docstring(typ, name) or next(
            (found for base in _bases(typ) if (found := self.get_docstring(base, name))), None
        )


@functools.cache
def _bases(shape: type) -> list[type]:
    (statement,) = ast.parse(inspect.getsource(shape)).body
    assert isinstance(statement, ast.ClassDef)  # noqa: S101 - states an invariant
    module = sys.modules[shape.__module__]
    named = [getattr(module, base.id, None) for base in statement.bases if isinstance(base, ast.Name)]
    return [base for base in named if isinstance(base, type) and typing.is_typeddict(base)]


def _bare(declared: Any) -> Any:
    """A type without what Annotated says of its parts."""
    if typing.get_origin(declared) is typing.Annotated:
        return _bare(typing.get_args(declared)[0])
    inner = typing.get_args(declared)
    if any(typing.get_origin(each) is typing.Literal for each in inner):  # the texts of an Enum
        return inner[0]
    return (
        declared.copy_with(tuple(map(_bare, inner)))
        if hasattr(declared, "copy_with") and inner
        else (typing.get_origin(declared)[tuple(map(_bare, inner))] if inner else declared)
    )


class Words:
    """The names of inputs and outputs in Python's words and in the schema's."""

    def __init__(self, components: Iterable[ComponentDefinition], types: Iterable[TypeDefinition]) -> None:
        self._camel_case: dict[str, str] = {}
        for component in components:
            self._add(component.inputs_mapping)
            self._add(component.outputs_mapping)
        for each in types:
            self._add(each.properties_mapping)

    def _add(self, mapping: dict[str, str]) -> None:
        self._camel_case |= {name: key for key, name in mapping.items()}

    def translate(self, text: str) -> str:
        """The text with every name in the schema's words; what stands in quotes is the user's and stays."""
        return re.sub(rf'"(?:[^"\\]|\\.)*"|{NAME}', self._word, text)

    def translate_example(self, text: str) -> str:
        """The same for an example, whose quotes hold names too."""
        return re.sub(NAME, self._word, text)

    def _word(self, found: re.Match[str]) -> str:
        return self._camel_case.get(found[0], found[0])


def described(node: Any, words: Words) -> Any:
    """A schema without nulls, each property described once, for programs in any language."""
    if isinstance(node, list):
        return [described(item, words) for item in node]
    if not isinstance(node, dict):
        return node
    clean = {key: described(value, words) for key, value in node.items() if value is not None}
    if isinstance(node.get("description"), str):
        clean["description"] = _description(node["description"], words)
    for inner in ("items", "additionalProperties"):
        if isinstance(clean.get(inner), dict):  # the SDK repeats the property's description there
            clean[inner].pop("description", None)
    return clean


def _description(text: str, words: Words) -> str:
    paragraphs = inspect.cleandoc(text).split("\n\n")
    return words.translate("\n\n".join(text for text in paragraphs if not text.startswith(ONLY_IN_PYTHON)))


def without_args(schema: str) -> str:
    """A schema, as text, with types such as `Rollout`: generated SDKs call an input of that type `RolloutArgs`."""
    return re.sub(r'(:index:\w+)Args"', r'\1"', schema)
