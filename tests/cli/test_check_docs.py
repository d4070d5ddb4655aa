"""What the pages about `nodrop check` say is so."""

import json
import re
from dataclasses import fields
from importlib.resources import files
from pathlib import Path

import click
import pytest
import yaml

from nodrop.cli import exit_codes, main
from nodrop.judge import Facts, Verdict
from nodrop.project_file import read_project_file

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
CHECK = main.commands["check"]


def page(name: str) -> str:
    return (DOCS / name).read_text()


def test_the_table_of_exit_codes_is_that_of_the_code():
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", page("exit-codes.md"), re.MULTILINE)}
    assert told == {0} | {value for name, value in vars(exit_codes).items() if name.isupper()}


def test_every_command_is_in_the_table_once():
    rows = re.findall(r"^\| (`nodrop [^|]*) \|", page("exit-codes.md"), re.MULTILINE)
    told = [command for row in rows for command in re.findall(r"`nodrop (\w+)`", row)]
    assert sorted(told) == sorted(main.commands)


def test_every_option_of_the_command_is_told_and_every_told_one_exists():
    options = {name for param in CHECK.params for name in param.opts if name.startswith("--")}
    told = set(re.findall(r"--[a-z][a-z-]*", page("check.md")))
    assert told <= options
    assert options - told <= {"--project", "--config"}


def test_the_example_of_nodrop_yaml_states_every_fact(tmp_path):
    (example,) = re.findall(r"```yaml\n(.*?)```", page("nodrop-yaml.md"), re.DOTALL)
    file = tmp_path / "nodrop.yaml"
    file.write_text(example)
    stated = read_project_file(file)
    shop, checkout = stated.workloads
    assert set(checkout.facts) == {field.name for field in fields(Facts)}
    assert shop.pattern == "shop/*"
    assert checkout.accept
    assert stated.accept
    assert stated.severities


def test_the_page_of_formats_has_each_format_and_each_key():
    form = next(param for param in CHECK.params if param.name == "form")
    assert isinstance(form.type, click.Choice)
    told = re.findall(r"^## (\w+)$", page("formats.md"), re.MULTILINE)
    assert told == list(form.type.choices)
    schema = json.loads((files("nodrop.report.schemas") / "nodrop-check.schema.json").read_text())
    for key in [
        *schema["properties"],
        *schema["$defs"]["path"]["properties"],
        *schema["$defs"]["finding"]["properties"],
    ]:
        if key not in ("generator", "summary"):
            assert re.search(rf"`{key}(\[\])?`", page("formats.md")), key


def test_every_verdict_is_explained():
    assert set(re.findall(r"^\| `([a-z ]+)` \|", page("check.md"), re.MULTILINE)) == set(Verdict)


def test_the_hook_runs_a_command_that_exists():
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    assert (hook["id"], hook["language"], hook["pass_filenames"]) == ("nodrop-check", "python", False)
    assert hook["entry"].split()[0] == "nodrop"
    assert hook["entry"].split()[1] in main.commands


@pytest.mark.parametrize("job", re.findall(r"```yaml\n(.*?)```", page("check.md"), re.DOTALL))
def test_what_the_jobs_run_are_commands_that_are_understood(job):
    assert yaml.safe_load(job)
    for line in re.findall(r"nodrop check deploy/(.*)$", job, re.MULTILINE):
        CHECK.make_context("check", ["deploy/", *line.split()], resilient_parsing=False)
