"""What `nodrop check` prints: formats, terminals, lines, and nothing that a terminal or a CI runner obeys."""

import json
import re
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest

from tests.cli.conftest import SHOP, check


def test_json_holds_the_same_findings(dropping):
    document = json.loads(check(dropping, "--format", "json").stdout)
    (path,) = document["paths"]
    assert (document["verdict"], path["name"], path["verdict"]) == ("drops", "shop/web", "drops")
    assert "pre-stop-outlasts-deprogramming" in {each["rule"] for each in path["findings"]}


def test_the_expected_loss_is_told_at_a_given_rate(dropping):
    assert "requests fail" not in check(dropping).stdout
    told = " ".join(check(dropping, "--requests-per-second", 100).stdout.split())
    assert "in one rollout at 100 requests/s, 10% of them as long as the longest" in told
    (path,) = json.loads(check(dropping, "--requests-per-second", 100, "--format", "json").stdout)["paths"]
    assert 0 < path["expected_loss"]["failed"] < path["expected_loss"]["requests"]


@pytest.mark.parametrize(
    ("form", "begins"),
    [
        ("json", '{\n  "format"'),
        ("sarif", '{\n  "$schema"'),
        ("junit", "<?xml"),
        ("github", "::error "),
        ("html", "<!doctype html>"),
    ],
)
def test_a_format_is_printed_or_written_beside_the_text(dropping, tmp_path, form, begins):
    printed = check(dropping, "--format", form)
    assert printed.stdout.startswith(begins)
    assert printed.exit_code == 1
    output = tmp_path / "output"
    written = check(dropping, "--format", form, "--output", output)
    assert written.stdout == check(dropping).stdout
    assert output.read_text() == printed.stdout
    assert written.exit_code == 1


def test_the_text_goes_into_a_file_too(dropping, tmp_path):
    output = tmp_path / "output"
    assert check(dropping, "--output", output).stdout == output.read_text()


def test_an_output_that_cannot_be_written_is_one_message(dropping, tmp_path):
    done = check(dropping, "--output", tmp_path / "absent" / "output")
    assert done.exit_code == 2
    assert "cannot be written: No such file" in done.stderr


HELM = """\
---
# Source: shop/templates/empty.yaml
---
# Source: shop/templates/web.yaml

"""


def test_what_helm_pipes_has_the_lines_of_the_pipe():
    text = HELM + SHOP.read_text().replace("---\n", "---\n# Source: shop/templates/more.yaml\n\n")
    done = check("-", "--format", "sarif", stdin=text)
    (run,) = json.loads(done.stdout)["runs"]
    places = [each["locations"][0]["physicalLocation"] for each in run["results"]]
    lines = [text.splitlines()[each["region"]["startLine"] - 1].split(":")[0].strip() for each in places]
    assert lines == ["preStop", "terminationGracePeriodSeconds"]
    assert {each["artifactLocation"]["uri"] for each in places} == {"stdin"}


def test_what_helm_pipes_is_told_with_the_charts_template():
    text = SHOP.read_text().replace("---\napi", "---\n# Source: shop/templates/web.yaml\napi")
    line = text.splitlines().index("            preStop:") + 1
    assert f"<stdin>:{line} (shop/templates/web.yaml)  Deployment shop/web" in check("-", stdin=text).stdout
    (path,) = json.loads(check("-", "--format", "json", stdin=text).stdout)["paths"]
    assert {(each["line"], each["template"]) for each in path["findings"]} >= {(line, "shop/templates/web.yaml")}
    (run,) = json.loads(check("-", "--format", "sarif", stdin=text).stdout)["runs"]
    assert {each["properties"]["template"] for each in run["results"]} == {"shop/templates/web.yaml"}


CASES = sorted((Path(__file__).parents[1] / "judge" / "field_cases").glob("*.yaml"))


def test_what_is_printed_keeps_the_schema_and_no_line_is_wider_than_asked_for_in_every_field_case(monkeypatch):
    schema = json.loads((files("nodrop.report.schemas") / "nodrop-check.schema.json").read_text())
    assert len(CASES) > 10
    for case in CASES:
        printed = check(case, "--format", "json", "--requests-per-second", 50)
        jsonschema.validate(json.loads(printed.stdout), schema)
        for width in (80, 120, 200):
            monkeypatch.setenv("COLUMNS", str(width))
            lines = [line for line in check(case).stdout.splitlines() if str(case) not in line]
            assert max(map(len, lines)) <= width


@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github", "html"])
def test_no_name_in_a_file_reaches_the_terminal_or_the_log_as_it_is(tmp_path, form):
    hostile = '"\\e[31mweb\\n::error::forged\\r##[error]x ##vso[task.complete]\\u202e[red]"'
    file = tmp_path / "::warning::x\x1b[31m.yaml"
    file.write_text(SHOP.read_text().replace("name: web", f"name: {hostile}"))
    done = check(file, "--format", form)
    assert done.exit_code in (0, 1), done.stderr
    for told in (done.stdout, done.stderr):
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", told)
        assert "##[" not in told
        assert "##vso[" not in told
        commands = [line for line in told.splitlines() if line.lstrip().startswith("::")]
        assert all(re.match(r"::(error|warning|notice) (file|title)=", line) for line in commands)
        assert form == "github" or not commands
    assert "forged" in done.stdout
