"""The tutorial's files and commands, in its order, in an empty folder, as a reader types them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.lab

PAGE = (Path(__file__).parents[1] / "docs" / "tutorial.md").read_text()
STEPS = re.split(r"^## \d\. ", PAGE, flags=re.MULTILINE)[2:-1]
"""From the program on; what is before installs, what is after deploys."""
FILE = re.compile(r"`([\w.]+)`:\n\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
BLOCK = re.compile(r"^```\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COMMANDS = ("nodrop", "sed", "pytest")
DROPS = {"nodrop check objects": 1, "nodrop rehearse objects --experiment rollout": 1}
"""Exit codes; of all other commands 0."""


def typed(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=800,
        check=False,
        env=os.environ | {"PATH": path, "COLUMNS": "120"},
    )


def test_each_step_does_what_it_says(tmp_path: Path) -> None:
    said: dict[str, str] = {}
    for step in STEPS:
        for name, text in FILE.findall(step):
            (tmp_path / name).write_text(text)
        for line in "".join(BLOCK.findall(step)).splitlines():
            if line.startswith(COMMANDS):
                result = typed(line, tmp_path)
                assert result.returncode == DROPS.get(line, 0), f"{line}\n{result.stdout}\n{result.stderr}"
                said[line] = result.stdout + result.stderr
    assert "clean  web/web: Ingress web > Service web:80 > NEG > Deployment web" in said["nodrop preview --stack dev"]
    assert "1 passed" in said["pytest"]
    assert "0 of" in said["nodrop rehearse --stack dev --report report"]
    assert (tmp_path / "report" / "index.html").exists()
    assert "pre-stop-outlasts-deprogramming" in said["nodrop check objects"]
    assert "seconds is 60 now" in said["nodrop check objects --fix"]
    assert said.keys() >= DROPS.keys()


def test_the_broken_program_gets_the_answer_of_step_four(tmp_path: Path) -> None:
    for name, text in FILE.findall(STEPS[0]):
        (tmp_path / name).write_text(text.replace('"rollout": {', '"rollout": {"pre_stop_seconds": 20, '))
    result = typed("nodrop preview --stack dev", tmp_path)
    (answer,) = BLOCK.findall(STEPS[2])
    assert result.returncode == 2
    assert answer.strip() in result.stderr
