"""What the README shows is what happens."""

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from nodrop.cli import main
from nodrop.preview import Evaluation, ProgramError, evaluate, kubernetes_objects

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, flags=re.DOTALL | re.MULTILINE)
PROGRAMS = [text for language, text in BLOCKS if language == "python"]
COMMANDS = [
    line.partition(" #")[0]
    for language, text in BLOCKS
    for line in text.splitlines()
    if not language and line.startswith("nodrop ")
] + re.findall(r"`(nodrop (?:rehearse|preview|compare) -[^`]*)`", README)


def run(program: str, folder: Path) -> Evaluation:
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (folder / "__main__.py").write_text(program)
    return evaluate(folder, "dev")


def test_the_web_service_in_ten_lines_makes_what_the_text_says(tmp_path: Path) -> None:
    evaluation = run(PROGRAMS[0], tmp_path)
    kinds = {resource.type.rpartition(":")[2] for resource in evaluation.resources}
    assert evaluation.outputs == {"url": "https://www.example.com/"}
    assert evaluation.diagnostics == ()
    assert kinds >= {
        "Namespace",
        "GlobalAddress",
        "BackendConfig",
        "Service",
        "Ingress",
        "ManagedCertificate",
        "FrontendConfig",
        "Deployment",
        "PodDisruptionBudget",
    }


def test_the_wrong_inputs_get_the_answer_that_stands_below_them(tmp_path: Path) -> None:
    wrong, answer = next(
        (text, BLOCKS[number + 1][1]) for number, (_, text) in enumerate(BLOCKS) if '"replicas": 0' in text
    )
    with pytest.raises(ProgramError) as raised:
        run(f"from gke_nodrop import WebService\n{wrong}", tmp_path)
    assert str(raised.value).strip() == answer.strip()


def test_a_waiver_makes_a_warning_and_an_annotation(tmp_path: Path) -> None:
    program = next(text for text in PROGRAMS if '"accept"' in text)
    evaluation = run(f"from gke_nodrop import WebService\n{program}", tmp_path)
    (warning,) = [each.message for each in evaluation.diagnostics if "accepted" in each.message]
    assert "nodes are never scaled in" in warning
    (deployment,) = [each for each in kubernetes_objects(evaluation) if each["kind"] == "Deployment"]
    assert "nodes are never scaled in" in deployment["metadata"]["annotations"]["gke-nodrop/accept"]


def plan(command: str) -> Result:
    result = CliRunner(env={"COLUMNS": "120"}).invoke(main, shlex.split(command)[1:])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip() and line.strip() != "..."]


@pytest.mark.parametrize("document", [README, (ROOT / "docs" / "rollout.md").read_text()], ids=["README", "rollout.md"])
def test_what_stands_below_a_plan_is_what_it_prints(document: str) -> None:
    shown = re.findall(
        r"^(?:\$ )?(nodrop plan .*)\n(?:```\n```\n)?((?:(?!```).*\n)+?)```", document, flags=re.MULTILINE
    )
    assert shown
    for command, below in shown:
        result = plan(command)
        printed = _lines(result.stdout + result.stderr)
        assert [line for line in _lines(below) if line not in printed] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_one_that_nodrop_takes(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "manifests").mkdir()
    (tmp_path / "app.yaml").touch()
    (tmp_path / "state.json").touch()
    monkeypatch.chdir(tmp_path)
    _, name, *arguments = shlex.split(command)
    subcommand = main.commands[name]
    subcommand.make_context(name, arguments, parent=click.Context(main))


def test_there_are_commands_to_try() -> None:
    assert len(COMMANDS) >= 6
