"""No edit that can be made through the serving components takes the traffic down unseen.

The table has at least one edit of every input. An edit gives one input, by its path, another value, beside what else is
given; `None` stands for an absent one. All are deployed together, each with names and a namespace of its own.
"""

import json
import re
import textwrap
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pulumi
import pytest

import gke_nodrop
from gke_nodrop import InputError
from nodrop.preview import Evaluation, compare, evaluate, kubernetes_objects, read_state
from nodrop.rollout import Diagnostic
from tests.preview.component_edits.load_balancers import backend, gateway_settings, ingress_settings, web_service
from tests.preview.component_edits.parts import parts
from tests.preview.component_edits.pods import around_the_pods, workload
from tests.preview.component_edits.table import (
    Args,
    Edit,
)

pytestmark = pytest.mark.slow


EDITS = tuple(
    each
    for group in (workload, around_the_pods, backend, web_service, ingress_settings, gateway_settings, parts)
    for each in group()
)


@dataclass(frozen=True)
class Update:
    """What becomes of one edit's objects."""

    told: tuple[Diagnostic, ...]
    compared: bool
    goes: frozenset[str]
    """Kinds of objects of which one is there no more."""


PROGRAM = """
    import json
    from pathlib import Path

    import gke_nodrop

    for kind, name, args in json.loads(Path(__file__).with_name("components.json").read_text()):
        getattr(gke_nodrop, kind)(name, args)
"""


NAMES = {id(each): f"e{number}" for number, each in enumerate(EDITS)}


KEEP_ALIVE = {"keep_alive_timeout_seconds": 620}


def components(edit: Edit, value: Any) -> list[tuple[str, str, Args]]:
    """What is deployed for an edit, its input having that value."""
    name = NAMES[id(edit)]
    given = json.loads(json.dumps(edit.args(value)).replace("{name}", name))
    if edit.component == "WebService":
        rollout = {**KEEP_ALIVE, **given.get("rollout", {})}
        return [("WebService", name, {"image": "web:1", **given, "rollout": rollout})]
    by_gateway = edit.component == "Gateway" or "for_gateway" in {**edit.given, edit.input: True}
    services: list[tuple[str, str, Args]] = [
        ("NegService", each, {"namespace": name, **({"for_gateway": True} if by_gateway else {})})
        for each in (name, f"{name}-two")
    ]
    check = given.get("health_check", {})
    pods: list[tuple[str, str, Args]] = [
        ("RollingDeployment", each, {"namespace": name, "image": "web:1", "rollout": KEEP_ALIVE, "health_check": check})
        for each in (name, f"{name}-two")
    ]
    routes = [{"backends": [{"service": name}], "path": "/"}]
    found: list[tuple[str, str, Args]] = [*services, ("Ingress", name, {"namespace": name, "default_service": name})]
    if by_gateway:
        found.append(("Gateway", f"{name}-front", {"namespace": name, "routes": routes}))
    found += pods
    at = next(index for index, each in enumerate(found) if each[0] == edit.component)
    kind, own, args = found[at]
    found[at] = (kind, own, {**args, **given})
    return found


@pytest.fixture(scope="session")
def updates(tmp_path_factory: pytest.TempPathFactory, export: Any) -> dict[str, Update]:
    """Both versions of all edits evaluated, and compared as `nodrop preview --against` does."""
    versions = []
    for version in ("old", "new"):
        folder = tmp_path_factory.mktemp(version)
        made = [each for edit in EDITS if not edit.refused for each in components(edit, getattr(edit, version))]
        (folder / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
        (folder / "__main__.py").write_text(textwrap.dedent(PROGRAM))
        (folder / "components.json").write_text(json.dumps(made))
        versions.append(evaluate(folder, "dev"))
    before, after = versions
    comparison = compare(after, read_state(export(before), "state.json"))
    told: dict[str, list[Diagnostic]] = {}
    for each in comparison.diagnostics:
        told.setdefault(named(str(each.object)), []).append(each)
    compared = {named(path) for path in comparison.paths}
    gone = identities(before) - identities(after)
    return {
        name: Update(
            told=tuple(told.get(name, ())),
            compared=name in compared,
            goes=frozenset(kind for kind, namespace, own in gone if named(f"{namespace}/{own}") == name),
        )
        for name in NAMES.values()
    }


def named(subject: str) -> str:
    """The edit that a path or an object belongs to."""
    found = re.search(r"\b(e\d+)\b", subject)
    assert found, subject
    return found[1]


def identities(evaluation: Evaluation) -> set[tuple[str, str, str]]:
    return {
        (each["kind"], each["metadata"].get("namespace", ""), each["metadata"]["name"])
        for each in kubernetes_objects(evaluation)
    }


def described(edit: Edit) -> str:
    return f"{edit.component} {edit.input} {edit.old} -> {edit.new}"


def leaves(group: Any, at: str = "") -> Iterator[str]:
    """Paths of all inputs of a group, `[]` standing for the items of a list."""
    for key, hint in typing.get_type_hints(group, localns={"Output": pulumi.Output, "T": Any}).items():
        yield from _inside(hint, f"{at}{key}")


def _inside(hint: Any, at: str) -> Iterator[str]:
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if typing.is_typeddict(hint):
        yield from leaves(hint, f"{at}.")
    elif origin is typing.NotRequired:
        yield from _inside(arguments[0], at)
    elif origin is list:
        yield from _inside(arguments[0], f"{at}[]")
    else:
        yield at


def inputs(component: str) -> set[str]:
    return set(leaves(getattr(gke_nodrop, f"{component}Args")))


OF_WEB_SERVICE = {
    "NegService": "",
    "RollingDeployment": "",
    "Ingress": "ingress.",
    "Gateway": "gateway.",
}
"""Where WebService has the inputs of a part."""


def test_every_input_has_an_edit() -> None:
    edited = {(each.component, each.input) for each in EDITS}
    wanted = {("WebService", each) for each in inputs("WebService")}
    for part, at in OF_WEB_SERVICE.items():
        wanted |= {(part, each) for each in inputs(part) if f"{at}{each}" not in inputs("WebService")}
    assert wanted - edited == set()


@pytest.mark.parametrize("edit", EDITS, ids=described)
def test_an_edit_is_harmless_or_refused_or_told_with_the_steps_to_take_instead(
    edit: Edit, updates: dict[str, Update]
) -> None:
    if edit.refused:
        [(kind, name, args)] = components(edit, edit.new)
        with pytest.raises(InputError, match=edit.refused):
            getattr(gke_nodrop, kind)(name, args)
        return
    update = updates[NAMES[id(edit)]]
    assert update.compared or edit.told
    assert {each.rule: str(each.severity) for each in update.told} == edit.told
    for each in update.told:
        assert re.search(r"; 2\. then|side by side|until no request uses", str(each.would_pass))
    if not edit.told:
        assert update.goes == edit.goes
