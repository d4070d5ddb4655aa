"""Every `make` command that a page, a message or a comment names is one."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
FOLDERS = ("docs", "nodrop", "components", "benchmarks", "policy", "tests", ".ci")
BLOCK = re.compile(r"^```[a-z]*\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def named_in(text: str) -> set[str]:
    """In a line of prose, a comment or a message in backquotes; in a code block as the first word of a line."""
    typed = "\n".join(BLOCK.findall(text))
    return {*re.findall(r"`make ([a-z-]+)", text), *re.findall(r"^(?:\$ )?make ([a-z-]+)", typed, re.MULTILINE)}


def texts():
    yield from (ROOT / name for name in ("README.md", "CHANGELOG.md", "SECURITY.md"))
    for folder in FOLDERS:
        yield from (path for path in (ROOT / folder).rglob("*") if path.suffix in (".md", ".py"))


def test_what_is_called_a_target_is_one():
    (phony,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)
    assert set(phony.split()) == TARGETS


def test_every_target_that_is_named_exists():
    named = {(name, str(path.relative_to(ROOT))) for path in texts() for name in named_in(path.read_text())}
    assert len(named) > 20
    assert {(name, path) for name, path in named if name not in TARGETS} == set()


def test_make_help_lists_every_target_but_help_itself():
    described = set(re.findall(r"^([a-z-]+):.* ## ", MAKEFILE, re.MULTILINE))
    assert described == TARGETS
