"""Shows an evaluation: as the tree that `pulumi preview` prints, and as one JSON document for machines.

Not here: files of Kubernetes objects.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from nodrop.preview.kubernetes import concealed
from nodrop.preview.resources import Evaluation, Resource
from nodrop.preview.values import Properties, plain
from nodrop.rollout.text import printable

Style = Callable[[str, str], str]
"""Sets words in the style of a kind, `heading` or what would be done, or gives them back."""


def as_json(evaluation: Evaluation) -> dict[str, Any]:
    """The evaluation as JSON; secrets read "[secret]", unknowns "[unknown]", absent options are left out."""
    return {
        "project": evaluation.project,
        "stack": evaluation.stack,
        "resources": [_resource(resource) for resource in evaluation.resources],
        "outputs": plain(dict(evaluation.outputs)),
        "diagnostics": [dataclasses.asdict(diagnostic) for diagnostic in evaluation.diagnostics],
    }


def _resource(resource: Resource) -> dict[str, Any]:
    options = {name: value for name, value in dataclasses.asdict(resource.options).items() if value}
    return {
        "urn": resource.urn,
        "type": resource.type,
        "name": resource.name,
        "operation": operation(resource),
        "custom": resource.custom,
        "parent": resource.parent,
        "provider": resource.provider,
        "dependencies": list(resource.dependencies),
        "property_dependencies": {name: list(urns) for name, urns in resource.property_dependencies.items()},
        "inputs": _properties(resource, resource.inputs),
        "outputs": _properties(resource, resource.outputs),
        "options": options,
        "read_id": plain(resource.read_id),
    }


def _properties(resource: Resource, properties: Properties) -> Any:
    shown = plain(properties)
    return concealed(shown) if resource.type.startswith("kubernetes:") else shown


def operation(resource: Resource) -> str:
    """What the engine would do: "create", "import" or "read"."""
    if resource.read_id is not None:
        return "read"
    return "import" if resource.options.import_id else "create"


def tree_text(evaluation: Evaluation, width: int, style: Style = lambda words, _: words) -> str:
    """Resources under their parents, outputs, and a count of what would be done; no name is cut or wrapped.

    Where aligned columns are wider than `width`, each resource's name follows its type.
    """
    children: dict[str | None, list[Resource]] = {}
    for resource in evaluation.resources:
        children.setdefault(resource.parent, []).append(resource)
    rows = list(_rows(children, None, ""))
    types = max((len(label) for label, _ in rows), default=0)
    names = max((len(resource.name) for _, resource in rows), default=0)
    if types + names + _AROUND_COLUMNS > width:
        types = names = 0
    lines = [f"Previewing {evaluation.stack} of {evaluation.project}, offline, as a first deployment", ""]
    lines.append(style(f"   {'Type':<{types}}  {'Name':<{names}}  Plan", "heading"))
    for label, resource in rows:
        plan = operation(resource)
        shown = printable(f"{label:<{types}}  {resource.name:<{names}}")
        lines.append(f"{style(_SIGNS[plan], plan)}  {shown}  {style(plan, plan)}")
    if evaluation.outputs:
        lines += ["", style("Outputs:", "heading")]
        lines += [printable(f"    {name}: {plain(value)}") for name, value in evaluation.outputs.items()]
    lines += ["", style("Resources:", "heading")]
    counts = Counter(map(operation, evaluation.resources))
    lines += [f"    {_SIGNS[name]} {count} to {name}" for name, count in counts.items()]
    return "\n".join(lines) + "\n"


_SIGNS = {"create": "+", "import": "=", "read": ">"}
_AROUND_COLUMNS = len("+    ") + len("  create")


def _rows(children: dict[str | None, list[Resource]], parent: str | None, stem: str) -> Iterator[tuple[str, Resource]]:
    """Each resource below `parent` with its place in the tree and its type as text."""
    siblings = children.get(parent, [])
    for resource in siblings:
        last = resource is siblings[-1]
        branch = "" if parent is None else "└─ " if last else "├─ "
        yield f"{stem}{branch}{_short(resource.type)}", resource
        yield from _rows(children, resource.urn, stem if parent is None else stem + ("   " if last else "│  "))


def _short(type_token: str) -> str:
    """A type as Pulumi shows it: "gcp:compute/network:Network" is "gcp:compute:Network".

    Source: pulumi/pulumi pkg/backend/display, `simplifyTypeName`.
    """
    package, _, rest = type_token.partition(":")
    module, _, name = rest.partition(":")
    folder, slash, file = module.rpartition("/")
    return f"{package}:{folder}:{name}" if slash and name and file == name[0].lower() + name[1:] else type_token
