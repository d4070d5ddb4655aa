"""What Kubernetes refuses as a name is refused by name, with file and line, in one message."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from nodrop.cli import main
from nodrop.paths.files.reading import read

CLEAN = Path(__file__).parents[1] / "judge" / "clean" / "ingress.yaml"
HOSTILE = "../x\x1b[31m"

WRONG = {
    "a Deployment's name": ("Deployment", ["metadata", "name"], HOSTILE),
    "a Service's name": ("Service", ["metadata", "name"], "[web]"),
    "a name of dots": ("Deployment", ["metadata", "name"], ".."),
    "a namespace": ("Deployment", ["metadata", "namespace"], "shop.example"),
    "a label's key": ("Deployment", ["metadata", "labels"], {HOSTILE: "a"}),
    "a label's prefix": ("Deployment", ["metadata", "labels"], {"a_b/c": "a"}),
    "a label's value": ("Deployment", ["metadata", "labels"], {"a": "[/bold]"}),
    "a label of the pods": ("Deployment", ["spec", "template", "metadata", "labels"], {"app": "web", "a/b/c": "a"}),
    "an annotation's key": ("Service", ["metadata", "annotations"], {"a b": "c"}),
    "a container's name": ("Deployment", ["spec", "template", "spec", "containers", 0, "name"], "Web"),
    "a port's name": ("Deployment", ["spec", "template", "spec", "containers", 0, "ports", 0, "name"], "a" * 16),
    "a port's name of two hyphens": (
        "Deployment",
        ["spec", "template", "spec", "containers", 0, "ports", 0, "name"],
        "a--b",
    ),
    "a port's name of digits": ("Deployment", ["spec", "template", "spec", "containers", 0, "ports", 0, "name"], "80"),
    "a Service port's name": ("Service", ["spec", "ports", 0, "name"], "HTTP"),
}


def findings(objects: list[dict], folder: Path) -> list[dict]:
    file = folder / "web.yaml"
    file.write_text("\n---\n".join(json.dumps(each, indent=1) for each in objects))
    result = CliRunner().invoke(main, ["check", str(file), "--format", "json"])
    assert isinstance(result.exception, SystemExit | None), result.exception
    assert "Traceback" not in result.output
    assert "\x1b" not in result.output
    report = json.loads(result.stdout)
    return [each for path in report["paths"] for each in path["findings"]]


def wrong(which: str) -> tuple[list[dict], str]:
    """The clean objects with a wrong name, everywhere where it stands."""
    kind, steps, value = WRONG[which]
    objects = json.loads(json.dumps(read([CLEAN]).objects))
    (place,) = [each for each in objects if each["kind"] == kind]
    for step in steps[:-1]:
        place = place[step] if isinstance(step, int) else place.setdefault(step, {})
    old = place.get(steps[-1])
    if isinstance(value, dict):
        place[steps[-1]] = {**(old or {}), **value}
        return objects, str(next(reversed([*value, *value.values()])) if which.endswith("value") else [*value][-1])
    everywhere = {
        "a namespace": ['"namespace": %s'],
        "a Service's name": ['"service": {"name": %s', '"kind": "Service", "metadata": {"name": %s'],
    }
    text = json.dumps(objects)
    if "port's name" in which:
        everywhere[which] = ["%s"]
    for each in everywhere.get(which, []):
        assert each % json.dumps(old) in text
        text = text.replace(each % json.dumps(old), each % json.dumps(value))
    if which in everywhere:
        return json.loads(text), value
    place[steps[-1]] = value
    return objects, value


@pytest.mark.parametrize("which", WRONG)
def test_a_name_that_kubernetes_refuses_is_refused_by_name_file_and_line(which, tmp_path):
    objects, name = wrong(which)
    refused = [each for each in findings(objects, tmp_path) if each["rule"] == "object-is-accepted"]
    told = [each for each in refused if repr(name) in each["seen"]]
    assert told, refused
    for each in told:
        assert each["severity"] == "error"
        assert each["file"] == str(tmp_path / "web.yaml")
        assert each["line"] > 0


def test_the_clean_objects_have_no_wrong_name(tmp_path):
    assert findings(read([CLEAN]).objects, tmp_path) == []


@pytest.mark.parametrize(
    ("kind", "steps", "value"),
    [
        ("Ingress", ["spec", "rules"], [{"host": "[evil.example.com", "http": {"paths": []}}]),
        ("Namespace", ["metadata", "labels"], {"pod-security.kubernetes.io/enforce": "[restricted"}),
        ("BackendConfig", ["spec", "customRequestHeaders"], {"headers": ["[no colon"]}),
        (
            "Deployment",
            ["spec", "template", "spec", "containers", 0, "resources"],
            {"limits": {"memory": "[512Mi"}, "requests": {"memory": "[512Mi"}},
        ),
    ],
    ids=["host", "level", "header", "quantity"],
)
def test_a_value_that_begins_with_a_bracket_passes_for_no_unknown_one(kind, steps, value, tmp_path):
    objects = json.loads(json.dumps(read([CLEAN]).objects))
    place = next(each for each in objects if each["kind"] == kind)
    for step in steps[:-1]:
        place = place[step]
    place[steps[-1]] = value
    assert any(found["rule"] == "object-is-accepted" for found in findings(objects, tmp_path))
