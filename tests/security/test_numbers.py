"""Numbers that no type of the API holds, in fields that no rule reads: a clear answer with file and line.

What kubectl does: whole numbers beyond int64 become float64 (sigs.k8s.io/json), which the API server cannot decode into
any of its types; a float beyond float64 is text in YAML (go.yaml.in/yaml/v2, resolve.go), and refused in JSON.
"""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from nodrop.cli import main
from nodrop.paths import read_manifests
from tests.judge.edits import CLEAN, clean

PLACE = "      nodeSelector:"
"""A line of the Deployment's pods, before which a field is put."""


def written(tmp_path: Path, line: str) -> tuple[str, int]:
    """A file with that line in the pods' spec, and the line's number."""
    text = (CLEAN / "ingress.yaml").read_text().replace(PLACE, f"      {line}\n{PLACE}")
    file = tmp_path / "shop.yaml"
    file.write_text(text)
    return str(file), text.splitlines().index(f"      {line}") + 1


def checked(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["check", *arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize(
    ("line", "seen"),
    [
        ("priority: 99999999999999999999", "is a number beyond 64 bits"),
        ("priority: -99999999999999999999", "is a number beyond 64 bits"),
        ("priority: 3000000000", "is 3000000000"),
        ("tolerations: [{key: a, operator: Exists, tolerationSeconds: 1e300}]", "is a number beyond 64 bits"),
        ("securityContext: {runAsUser: '1000'}", 'is the text "1000", not a whole number'),
        ("priorityClassName: 5", "is 5, not a text"),
        ("hostNetwork: 'false'", 'is the text "false", no boolean'),
    ],
)
def test_a_value_that_the_api_cannot_decode_is_an_error_at_its_line(tmp_path, line, seen):
    file, number = written(tmp_path, line)
    code, said = checked(file)
    assert code == 1
    assert f"{file}:{number}" in said
    assert "object-is-accepted" in said
    assert seen in said


@pytest.mark.parametrize(
    "line", ["priority: 1000000000", "securityContext: {runAsUser: 2147483647}", "hostNetwork: no"]
)
def test_a_value_of_the_right_type_is_no_fault(tmp_path, line):
    assert checked(written(tmp_path, line)[0], "--fail-on", "warning")[0] == 0


def test_a_label_is_text_where_no_float_holds_it(tmp_path):
    """As kubectl reads it: 1e400 is text, 1e3 is the number 1000."""
    for text, code in (("1e400", 0), ("1e3", 1)):
        file = tmp_path / "shop.yaml"
        file.write_text(
            (CLEAN / "ingress.yaml").read_text().replace("{app: web, tier", f"{{app: web, at: {text}, tier")
        )
        assert checked(str(file))[0] == code


@pytest.mark.parametrize("number", ["1e400", "-1e400", "NaN", "Infinity"])
def test_json_with_a_number_that_json_does_not_have_is_refused_with_its_line(tmp_path, number):
    file = tmp_path / "shop.json"
    text = json.dumps(clean("ingress")[-2], indent=1).replace('"maxUnavailable": 1', f'"maxUnavailable": {number}')
    file.write_text(text)
    code, said = checked(str(file))
    assert code == 2
    assert f"{file}, line " in said
    assert f"{number} is not a number that JSON has" in said


def test_a_great_number_is_the_float_that_kubectl_reads(tmp_path):
    file = tmp_path / "web.yaml"
    file.write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\ndata: {a: 99999999999999999999}\n")
    (read,) = read_manifests([file])
    assert read["data"]["a"] == 1e20
    assert isinstance(read["data"]["a"], float)
    assert yaml.safe_load(file.read_text())["data"]["a"] == 99999999999999999999
