"""What `check` says of a value that may be a secret: where it stands and what is wrong, never the value."""

import json

import pytest
from click.testing import CliRunner

from nodrop.cli import main
from tests.judge.resources import written

SECRET = 4242424242424
POD = "spec.template.spec"
CONTAINER = f"{POD}.containers[0]"
GET = {"path": "/", "port": "http"}
PLACES = {
    "a variable that is a number": ({"env": [{"name": "A", "value": SECRET}]}, f"{CONTAINER}.env[0].value", "a number"),
    "a variable that is zero": ({"env": [{"name": "A", "value": 0}]}, f"{CONTAINER}.env[0].value", "a number"),
    "a variable that is a list": ({"env": [{"name": "A", "value": [SECRET]}]}, f"{CONTAINER}.env[0].value", "a list"),
    "variables as a mapping": ({"env": {"A": SECRET}}, f"{CONTAINER}.env", "an object"),
    "a variable without name": ({"env": [[SECRET]]}, f"{CONTAINER}.env[0]", "a list"),
    "a command": ({"command": [{"TOKEN": SECRET}]}, f"{CONTAINER}.command[0]", "an object"),
    "an image": ({"image": {"TOKEN": SECRET}}, f"{CONTAINER}.image", "an object"),
    "the header of a probe": (
        {"livenessProbe": {"httpGet": {**GET, "httpHeaders": [{"name": "X-Token", "value": SECRET}]}}},
        f"{CONTAINER}.livenessProbe.httpGet.httpHeaders[0].value",
        "a number",
    ),
}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("output", ["text", "json", "sarif", "junit"])
def test_a_value_of_the_wrong_type_is_not_shown_where_it_may_be_a_secret(tmp_path, place, output):
    fields, at, kind = PLACES[place]
    file = tmp_path / "objects.json"
    file.write_text("\n---\n".join(map(json.dumps, written(**fields))))
    said = CliRunner().invoke(main, ["check", str(file), "--format", output]).output
    assert str(SECRET) not in said
    assert at in said
    assert kind in said


def test_a_header_without_a_colon_is_not_shown(tmp_path):
    objects = written()
    config = next(each for each in objects if each["kind"] == "BackendConfig")
    config["spec"]["customRequestHeaders"] = {"headers": [f"X-Token {SECRET}"]}
    file = tmp_path / "objects.json"
    file.write_text("\n---\n".join(map(json.dumps, objects)))
    said = CliRunner().invoke(main, ["check", str(file)]).output
    assert "spec.customRequestHeaders.headers[0]" in said
    assert str(SECRET) not in said


@pytest.mark.parametrize("file", ["Pulumi.yaml", "Pulumi.dev.yaml"])
@pytest.mark.parametrize("config", [[{"password": SECRET}], 5, {"shop:pin": {"password": SECRET}}])
def test_config_of_another_shape_is_not_shown(tmp_path, file, config):
    project = {"name": "shop", "runtime": "python", "config": {"pin": {"type": "integer", "default": 1}}}
    (tmp_path / "__main__.py").touch()
    (tmp_path / "Pulumi.yaml").write_text(json.dumps(project))
    (tmp_path / file).write_text(json.dumps({**project, "config": config}))
    said = CliRunner().invoke(main, ["preview", str(tmp_path), "--stack", "dev"]).output
    assert str(SECRET) not in said
