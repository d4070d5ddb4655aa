"""The JSON of every command has a format and a version, and is what its schema says."""

import json
import re
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator, ValidationError
from referencing import Registry, Resource

from tests.cli.conftest import SHOP
from tests.cli.labs import NEG, ROOT, nodrop

SCHEMAS = {
    each.name: json.loads(each.read_text())
    for each in files("nodrop.report.schemas").iterdir()
    if each.name.endswith(".json")
}
REGISTRY = Registry().with_resources((name, Resource.from_contents(schema)) for name, schema in SCHEMAS.items())
PAGE = ROOT / "docs" / "formats.md"
STACK = ("--project", ROOT, "--stack", "container-native")
COMMANDS = {
    "check": (("check", SHOP, "--json", "--requests-per-second", 100), "nodrop-check"),
    "check of a stack": (("check", *STACK, "--format", "json"), "nodrop-check"),
    "plan": (("plan", "--json", "--requests-per-second", 100), "nodrop-plan"),
    "plan of a file": (("plan", SHOP, "--format", "json"), "nodrop-plan"),
    "preview": (("preview", *STACK, "--json"), "nodrop-preview"),
    "rehearse": (("rehearse", NEG, "--json"), "nodrop-rehearsal"),
    "compare": (("compare", "--project", ROOT, "--json", "--replicas", 1), "nodrop-rehearsal"),
    "demo": (("demo", "--json"), "nodrop-rehearsal"),
    "rules": (("rules", "--json"), "nodrop-rules"),
    "explain": (("explain", "survives-a-lost-pod", "--json"), "nodrop-rules"),
}


def validate(document: Any) -> None:
    schema = SCHEMAS[f"{document['format']}.schema.json"]
    Draft202012Validator(schema, registry=REGISTRY).validate(document)


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name == "demo")) for name in COMMANDS])
def test_what_a_command_prints_as_json_is_by_its_schema(name, lab, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    arguments, expected = COMMANDS[name]
    done = nodrop(*arguments)
    document = json.loads(done.stdout)
    assert document["format"] == expected
    assert document["version"] == SCHEMAS[f"{expected}.schema.json"]["properties"]["version"]["const"]
    validate(document)


def test_every_command_has_json():
    from nodrop.cli import main

    assert {arguments[0] for arguments, _ in COMMANDS.values()} == main.commands.keys()
    assert {expected for _, expected in COMMANDS.values()} == {name.removesuffix(".schema.json") for name in SCHEMAS}


def test_the_page_of_formats_names_each_schema_with_its_version_and_the_commands_that_print_it():
    rows = re.findall(r"^\| (`nodrop .*) \| `(nodrop-\w+)`, (\d+) \| \[([\w.-]+)\]", PAGE.read_text(), re.MULTILINE)
    assert {(file, int(number)) for _, _, number, file in rows} == {
        (name, schema["properties"]["version"]["const"]) for name, schema in SCHEMAS.items()
    }
    told = {(command, form) for row, form, _, _ in rows for command in re.findall(r"`(?:nodrop )?(\w+)`", row)}
    assert told == {(str(arguments[0]), form) for arguments, form in COMMANDS.values()}


@pytest.mark.parametrize("schema", SCHEMAS.values(), ids=lambda schema: schema["title"])
def test_a_schema_is_one_and_is_named_as_its_file(schema):
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] in SCHEMAS
    assert (
        schema["title"]
        == f"{schema['$id'].removesuffix('.schema.json')}, version {schema['properties']['version']['const']}"
    )


@pytest.mark.parametrize("name", ["plan", "rehearse", "rules", "preview"])
def test_a_schema_refuses_another_shape(name, lab):
    document = json.loads(nodrop(*COMMANDS[name][0]).stdout)
    validate(document)
    for broken in (
        {**document, "more": 1},
        {**document, "version": 9},
        {key: document[key] for key in document if key != "generator"},
    ):
        with pytest.raises(ValidationError):
            validate(broken)


def test_the_change_against_a_state_is_in_the_judgement(tmp_path):
    state = tmp_path / "state.json"
    resources = json.loads(nodrop("preview", *STACK, "--json").stdout)["resources"]
    state.write_text(json.dumps({"version": 3, "deployment": {"resources": resources}}))
    document = json.loads(nodrop("preview", *STACK, "--json", "--against", state).stdout)
    validate(document)
    assert document["judgement"]["against"]["verdict"] == "clean"
