"""Names, labels and messages from outside reach a terminal, a CI job's log and the page as text only."""

import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from nodrop.cli import main

HOSTILE = "web\x1b]52;c;cm0=\x07\n::error::owned\n##[add-mask]x[/bold][link=file:///]\u202e"

PROGRAM = f"""
import pulumi
pulumi.log.warn({HOSTILE!r})
pulumi.ComponentResource("a:b:C", {HOSTILE!r})
pulumi.export({HOSTILE!r}, {HOSTILE!r})
"""


def obeyed(text: str) -> list[str]:
    """What a terminal or a CI runner would obey in the text."""
    return re.findall(r"[^\n\x20-\x7e\xa0-\u200a\u2010-\u2027\u2030-\u205f\u2070-\ud7ff]|(?m:^\s*::)|##\[", text)


@pytest.fixture
def run(tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(main, list(arguments))
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.output

    return run


def test_a_programs_names_and_messages_are_not_obeyed(run, tmp_path):
    Path("Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    Path("__main__.py").write_text(PROGRAM)
    text = run("preview", "--stack", "dev")
    assert "owned" in text
    assert not obeyed(text)


def test_an_error_that_quotes_a_file_is_not_obeyed(run, tmp_path):
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": HOSTILE, "annotations": [HOSTILE]}}
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": HOSTILE},
        "spec": {"defaultBackend": {"service": {"name": HOSTILE, "port": {"number": 80}}}},
    }
    Path("all.yaml").write_text(yaml.safe_dump_all([service, ingress]))
    text = run("rehearse", "all.yaml")
    assert "owned" in text
    assert not obeyed(text)


def test_an_argument_that_is_quoted_is_not_obeyed(run):
    assert not obeyed(run("rehearse", "--command", f"'{HOSTILE}", "."))
