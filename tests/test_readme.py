"""What the README and the pages beside it show is what happens."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nodrop.cli import main
from nodrop.judge import judge
from nodrop.judge.judgement import Verdict
from nodrop.preview import Evaluation, ProgramError, evaluate, kubernetes_objects

ROOT = Path(__file__).parent.parent
PAGES = {"README.md": ROOT / "README.md"} | {page.name: page for page in sorted((ROOT / "docs").glob("*.md"))}
TEXTS = {name: re.sub(r" \\\n +", " ", page.read_text()) for name, page in PAGES.items()}
"""Each command on one line."""
WEB_SERVICE = TEXTS["web-service.md"]
BLOCKS = {name: re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE) for name, text in TEXTS.items()}
SHOWN = re.compile(r"^\$ (nodrop .*)\n((?:(?!```|\$ ).*\n)+)", re.MULTILINE)
"""A command of a block, and what stands below it."""
MOST_LINES = 130
"""Of the README, so that it is read in a minute or two."""
README_COLUMNS = 80
"""Of the README's code blocks: GitHub, where it is read first, does not wrap them."""
COLUMNS = 120
"""Of the answers on other pages: tests/test_site.py shows that they fit."""


def run(program: str, folder: Path) -> Evaluation:
    (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (folder / "__main__.py").write_text(program)
    return evaluate(folder, "dev")


def programs(page: str) -> list[str]:
    return [text for language, text in BLOCKS[page] if language == "python"]


def test_the_readme_is_read_in_a_minute_or_two() -> None:
    assert len(TEXTS["README.md"].splitlines()) <= MOST_LINES


def test_no_code_block_of_the_readme_scrolls_sideways() -> None:
    blocks = re.findall(r"^```\w*\n(.*?)^```$", PAGES["README.md"].read_text(), re.DOTALL | re.MULTILINE)
    assert len(blocks) > 5
    assert [line for block in blocks for line in block.splitlines() if len(line) > README_COLUMNS] == []


@pytest.mark.parametrize("page", ["README.md", "web-service.md"])
def test_the_web_service_in_ten_lines_makes_what_the_text_says(page: str, tmp_path: Path) -> None:
    evaluation = run(programs(page)[0], tmp_path)
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
        "SSLPolicy",
        "Deployment",
        "PodDisruptionBudget",
    }


def test_the_wrong_inputs_get_the_answer_that_stands_below_them(tmp_path: Path) -> None:
    blocks = BLOCKS["web-service.md"]
    wrong, answer = next(
        (text, blocks[number + 1][1]) for number, (_, text) in enumerate(blocks) if '"replicas": 0' in text
    )
    with pytest.raises(ProgramError) as raised:
        run(f"from gke_nodrop import WebService\n{wrong}", tmp_path)
    assert str(raised.value).strip() == answer.strip()


def test_a_waiver_makes_a_warning_and_an_annotation(tmp_path: Path) -> None:
    program = next(text for text in programs("web-service.md") if '"accept"' in text)
    evaluation = run(f"from gke_nodrop import WebService\n{program}", tmp_path)
    (warning,) = [each.message for each in evaluation.diagnostics if "accepted" in each.message]
    assert "nodes are never scaled in" in warning
    (deployment,) = [each for each in kubernetes_objects(evaluation) if each["kind"] == "Deployment"]
    assert "nodes are never scaled in" in deployment["metadata"]["annotations"]["gke-nodrop/accept"]


def test_the_transform_adds_what_no_input_has_and_its_waiver_is_all_that_is_found(tmp_path: Path) -> None:
    evaluation = run(next(text for text in programs("web-service.md") if "transforms=" in text), tmp_path)
    objects = kubernetes_objects(evaluation)
    (template,) = [each["spec"]["template"] for each in objects if each["kind"] == "Deployment"]
    assert template["metadata"]["labels"]["team"] == "shop"
    assert template["spec"].keys() >= {"nodeSelector", "tolerations", "imagePullSecrets"}
    (path,) = judge(objects).paths
    assert path.verdict is Verdict.CLEAN
    assert [each.rule for each in path.diagnostics] == ["nodes-drain-before-they-stop"]


def answer(command: str, columns: int) -> Result:
    result = CliRunner(env={"COLUMNS": str(columns)}).invoke(main, shlex.split(command)[1:])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.splitlines() if line.strip() and line.strip() != "..."]


@pytest.mark.parametrize(
    ("page", "command", "below"),
    [(name, *shown) for name, text in TEXTS.items() for shown in SHOWN.findall(text)],
    ids=lambda text: text[:40],
)
def test_what_stands_below_a_command_is_what_it_prints(
    page: str, command: str, below: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    result = answer(command, README_COLUMNS if page == "README.md" else COLUMNS)
    printed = _lines(result.stdout + result.stderr)
    assert [line for line in _lines(below) if line not in printed] == []


def test_there_are_answers_to_compare() -> None:
    assert {name for name, text in TEXTS.items() if SHOWN.search(text)} >= {"README.md", "plan.md", "rollout.md"}
