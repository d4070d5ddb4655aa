"""The option --stack-outputs: outputs of other stacks, for every command that evaluates a program."""

import json
import textwrap

import pytest
from click.testing import CliRunner

from nodrop.cli import main

INFRA = "org/infra/dev"
MAIN = """
    import pulumi
    from gke_nodrop import WebService

    infra = pulumi.StackReference("org/infra/dev")
    WebService("web", {"image": "shop/web:1", "existing_namespace": infra.require_output("namespace"),
        "rollout": {"longest_request_seconds": 20, "keep_alive_timeout_seconds": 620}})
"""


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Pulumi.yaml").write_text("name: demo\nruntime: python\n")
    (tmp_path / "__main__.py").write_text(textwrap.dedent(MAIN))
    (tmp_path / "infra.json").write_text(json.dumps({"namespace": "shop", "token": "[secret]"}))


def nodrop(*arguments):
    return CliRunner().invoke(main, list(map(str, arguments)))


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("command", ["preview", "check"])
def test_given_outputs_are_judged(command):
    without = nodrop(command, "--stack", "dev", "--json")
    judgement = json.loads(without.stdout)
    paths = judgement.get("judgement", judgement)["paths"]
    assert all("--stack-outputs org/infra/dev=FILE" in each["not_judged"][0] for each in paths)
    result = nodrop(command, "--stack", "dev", "--stack-outputs", f"{INFRA}=infra.json")
    assert "clean  shop/web" in result.stdout
    assert (result.exit_code, result.stderr) == (0, "")


@pytest.mark.usefixtures("project")
def test_given_outputs_are_rehearsed(lab):
    result = nodrop("rehearse", "--stack", "dev", "--stack-outputs", f"{INFRA}=infra.json")
    assert "shop/web" in result.stdout
    assert result.exit_code == 0, result.stderr


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("command", ["preview", "check", "rehearse"])
def test_outputs_of_a_stack_that_is_not_referenced_are_refused(command):
    result = nodrop(command, "--stack", "dev", "--stack-outputs", "org/infra/dve=infra.json")
    told = (
        "outputs are given for stack org/infra/dve, which the program does not reference; did you mean org/infra/dev?"
    )
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"error: {told}\n")


def test_compare_takes_outputs_that_either_stack_references(lab, project, tmp_path):
    by_stack = textwrap.dedent(MAIN).replace('"org/infra/dev"', 'f"org/infra/{pulumi.get_stack()}"')
    (tmp_path / "__main__.py").write_text(by_stack)
    given = [word for name in ("neg", "np", "prod") for word in ("--stack-outputs", f"org/infra/{name}=infra.json")]
    result = nodrop("compare", "--neg-stack", "neg", "--node-port-stack", "np", *given)
    [told] = [each for each in result.stderr.splitlines() if each.startswith("error:")]
    assert told.startswith("error: outputs are given for stack org/infra/prod, which the program does not reference")
    assert (result.exit_code, "org/infra/neg, which" in result.stderr) == (2, False)


@pytest.mark.usefixtures("project")
def test_everything_wrong_is_told_at_once_and_no_value(tmp_path):
    (tmp_path / "list.json").write_text('["hush"]')
    (tmp_path / "bytes.json").write_bytes(b"\xff")
    given = ["a", "=infra.json", "b=none.json", "c=list.json", "d=bytes.json", f"{INFRA}=infra.json", "b=infra.json"]
    result = nodrop("preview", "--stack", "dev", *(word for each in given for word in ("--stack-outputs", each)))
    told = "is not of the form STACK=FILE, such as 'org/infra/dev=infra.json'"
    assert (result.exit_code, result.stderr.splitlines()) == (
        2,
        [
            f"error: Invalid value for '--stack-outputs': 'a' {told}",
            f"'=infra.json' {told}",
            "none.json cannot be read: No such file or directory",
            (
                "list.json is not the outputs of c, one JSON object with each by its name; "
                "`pulumi stack output --json --stack c` prints them"
            ),
            "bytes.json is not UTF-8 text",
            "stack b is given 2 times",
            "`main preview --help` lists what it takes",
        ],
    )


@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("command", ["check", "rehearse"])
def test_files_reference_no_stack(command):
    result = nodrop(command, "web.yaml", "--stack-outputs", f"{INFRA}=infra.json")
    told = "error: --stack-outputs org/infra/dev is for a --stack; files reference none\n"
    assert (result.exit_code, result.stderr.startswith(told)) == (2, True)
