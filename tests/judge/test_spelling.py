"""A misspelt field of a built-in kind is told, with the name that was meant."""

import json
from pathlib import Path

import kubernetes_validate
import pytest

from nodrop.judge import judge
from nodrop.judge.refusals.spelling import _NAMES
from tests.judge.edits import POD, WEB, Edit, edited
from tests.judge.misspelt_edits import MISSPELT

SCHEMAS = Path(kubernetes_validate.__file__).parent / "kubernetes-json-schema" / "v1.37.0-local-strict"
DEFINITIONS = json.loads((SCHEMAS / "_definitions.json").read_text())["$defs"]
GROUPS = ("apps.v1", "autoscaling.v2", "core.v1", "networking.v1", "policy.v1")


@pytest.mark.parametrize("name", _NAMES)
def test_every_field_of_a_type_is_known(name):
    [definition] = [found for group in GROUPS if (found := DEFINITIONS.get(f"io.k8s.api.{group}.{name}"))]
    assert sorted(_NAMES[name].split()) == sorted(definition["properties"])


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
