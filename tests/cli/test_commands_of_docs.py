"""Every `nodrop` command of README and the docs runs, on files such as its page speaks of; the lab is a stand-in.

tests/test_readme.py compares what stands below a command, tests/test_tutorial.py and tests/lab send real packets.
"""

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from nodrop.cli import main
from tests.cli.conftest import SHOP
from tests.cli.labs import MANIFESTS, NEG, ROOT, make_ipvs_folder
from tests.test_readme import BLOCKS, TEXTS, programs

REFUSED = "plan --longest-request-seconds 600"
"""Shows what is refused."""
PROJECT = ("Pulumi.yaml", "__main__.py", "stacks")
OF_OTHERS = {"--import-pending-creates", "--policy-pack-config", "--refresh", "--skip-preview", "--only", "--quiet"}
"""Options of Pulumi and gcloud, and one of `python -m benchmarks.repeat`, that stand in a sentence by themselves."""


def commands() -> list[str]:
    found = set()
    for name, text in TEXTS.items():
        lines = [line for language, block in BLOCKS[name] if not language for line in block.splitlines()]
        stated = [line.removeprefix("$ ").partition(" #")[0].strip() for line in lines]
        stated = [line.rpartition("| ")[2].partition(" > ")[0] for line in stated]
        found |= {line for line in stated if re.match(r"nodrop [a-z]+ ", line)}
        found |= set(re.findall(r"`(nodrop (?:rehearse|preview|compare|check|plan) [-a-z][^`…]*)`", text))
    return sorted(each for each in found if not re.search(r"\b[A-Z]{2,}\b|\||\.\.\.|--(against|report)$", each))


WITHOUT_ROLLOUT = re.compile(r"nodrop rehearse .*--experiment (unready|relabelled)")
"""Of a path behind a NodePort, whose verdict needs a rehearsed rollout, it ends with 3."""


def unpacked(folder: Path, command: str) -> None:
    """The files and folders that the commands name, and of the project what the named stack needs."""
    shop = SHOP.read_text()
    written = () if "--render" in command else ("objects",)
    for name in ("deploy", "manifests", "after", "before", *written):
        (folder / name).mkdir()
        (folder / name / "web.yaml").write_text(shop)
    for name in ("app.yaml", "after.yaml", "before.yaml"):
        (folder / name).write_text(Path(NEG).read_text())
    shutil.copytree(MANIFESTS, folder / "tests" / "lab" / "manifests")
    shutil.copy(SHOP, folder / "tests")
    if re.search(r"--stack (dev|prod)", command):
        (folder / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
        (folder / "__main__.py").write_text(programs("README.md")[0])
    else:
        for name in PROJECT[:2]:
            shutil.copy(ROOT / name, folder)
        shutil.copytree(ROOT / PROJECT[2], folder / PROJECT[2])


def run(command: str, stdin: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(main, shlex.split(command)[1:], input=stdin, prog_name="nodrop")
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stderr


@pytest.mark.parametrize("command", commands())
def test_every_command_of_the_docs_runs(command, lab, tmp_path, monkeypatch):
    unpacked(tmp_path, command)
    make_ipvs_folder(tmp_path)
    monkeypatch.chdir(tmp_path)
    if "nodrop-baseline.json" in command:
        run("nodrop check deploy/ --write-baseline nodrop-baseline.json")
    if "state.json" in command:
        stack = re.findall(r"--stack (\S+)", command)[0]
        state = CliRunner().invoke(main, ["preview", "--stack", stack, "--json"]).stdout
        (tmp_path / "state.json").write_text(f'{{"version": 3, "deployment": {state}}}')
    code, said = run(command, stdin=SHOP.read_text())
    undecided = (3,) if WITHOUT_ROLLOUT.search(command) else ()
    assert code in ((2,) if REFUSED in command else (0, 1, *undecided)), said


def test_there_are_commands_to_run():
    assert len(commands()) >= 20
    assert {command.split()[1] for command in commands()} >= {"check", "plan", "preview", "rehearse"}


def test_every_option_that_a_sentence_names_is_one_of_a_command():
    options = {name for command in main.commands.values() for each in command.params for name in each.opts}
    told = {(page, option) for page, text in TEXTS.items() for option in re.findall(r"`(--[a-z][a-z-]+)", text)}
    assert len(told) > 40
    assert {(page, option) for page, option in told if option not in options | OF_OTHERS} == set()


PROGRAMS = "curl|eval|gcloud|helm|kubectl|make|nodrop|pip|pulumi|pytest|python3?|sed|uv"
TYPED = [
    (page, block)
    for page, blocks in BLOCKS.items()
    for language, block in blocks
    if language in ("", "bash") and re.match(rf"(?:#.*\n)*(?:{PROGRAMS}) ", block)
]


@pytest.mark.parametrize("block", [pytest.param(block, id=f"{page} {block[:20]!r}") for page, block in TYPED])
def test_every_block_of_commands_is_one_that_a_shell_reads(block):
    done = subprocess.run(["bash", "-n", "-c", block], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_there_are_blocks_of_commands_to_read():
    assert len(TYPED) >= 25
