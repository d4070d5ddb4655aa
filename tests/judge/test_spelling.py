"""A misspelt field is told, with the name that was meant."""

import json
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from nodrop.judge import judge
from nodrop.judge.refusals.field_names import BELOW, DEFINED_IN, NAMES, OF_KIND
from tests.judge.edits import POD, WEB, Edit, edited
from tests.judge.misspelt_edits import MISSPELT

SCHEMAS = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema" / "v1.37.0-local-strict"
DEFINITIONS = json.loads((SCHEMAS / "_definitions.json").read_text())["$defs"]
GROUPS = ("apps.v1", "autoscaling.v2", "core.v1", "networking.v1", "policy.v1")


CUSTOM = Path(__file__).parents[1] / "engine" / "harness" / "crds"


def types_below(name: str) -> set[str]:
    return {name}.union(*(types_below(each) for each in BELOW.get(name, {}).values()))


BUILT_IN = set[str]().union(*(types_below(name) for kind, name in OF_KIND.items() if kind not in DEFINED_IN))


@pytest.mark.parametrize("name", sorted(BUILT_IN))
def test_every_field_of_a_type_is_known(name):
    [definition] = [found for group in GROUPS if (found := DEFINITIONS.get(f"io.k8s.api.{group}.{name}"))]
    assert sorted(NAMES[name].split()) == sorted(definition["properties"])


@pytest.mark.parametrize("kind", DEFINED_IN)
def test_every_field_of_a_definition_is_known(kind):
    """The definitions that the engine suite installs."""
    [version] = yaml.safe_load((CUSTOM / f"{kind.lower()}.yaml").read_text())["spec"]["versions"]
    assert is_known(version["schema"]["openAPIV3Schema"]["properties"]["spec"], OF_KIND[kind])


def is_known(schema: Any, name: str) -> bool:
    properties = schema.get("items", schema)["properties"]
    below = BELOW.get(name, {})
    return properties.keys() <= set(NAMES[name].split()) and all(
        is_known(properties[key], each) for key, each in below.items() if key in properties
    )


def test_every_type_is_reached_and_every_field_with_a_type_is_one_of_its_holder():
    assert set().union(*map(types_below, OF_KIND.values())) == NAMES.keys()
    assert all(below.keys() <= set(NAMES[name].split()) for name, below in BELOW.items())


@pytest.mark.parametrize("edit", MISSPELT, ids=lambda each: each.name)
def test_a_misspelt_field_is_told_with_what_was_meant(edit):
    [path] = judge(edited(edit)).paths
    kind, _, field = edit.place.partition(":")
    [found] = [each for each in path.diagnostics if each.would_pass == edit.meant]
    shown = field.replace(".0", "[0]")
    assert (found.rule, str(found.object).split()[0], found.field) == ("object-is-accepted", kind, shown)


@pytest.mark.parametrize("place", [f"{WEB}.somethingElse", f"{POD}.quota", "Service:spec.ports.0.weight"])
def test_a_field_that_may_be_of_a_later_version_is_not_told(place):
    [path] = judge(edited(Edit(place, "a"))).paths
    assert path.diagnostics == ()
