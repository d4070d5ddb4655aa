"""Writes docs/rules/: a page for each rule and a list of all, from the registry.

python docs/rules.py
"""

from __future__ import annotations

from pathlib import Path

from nodrop.rollout import Rule, RuleKind, all_rules
from nodrop.rollout.registry import rules_of
from nodrop.rule_words import sections, weight

FOLDER = Path(__file__).with_name("rules")
LIST = "README.md"
HEAD = """# Rules

Every rule that `nodrop` judges by, written by `python docs/rules.py` from where the rules stand; a test holds these
pages to them. `nodrop rules` lists them, `nodrop explain NAME` tells one. Each example is an edit of a service that
breaks no rule, and runs as a test.
"""
TITLES = {
    RuleKind.VERSION: "Of one version",
    RuleKind.CHANGE: "Of a change",
    RuleKind.OBJECTS: "Of one object",
    RuleKind.REHEARSAL: "Of a rehearsal",
    RuleKind.WAIVER: "Of waivers",
}


def pages() -> dict[str, str]:
    """Every page by file name, in Markdown."""
    return {LIST: _list(), **{f"{name}.md": _page(rule) for name, rule in all_rules().items()}}


def _list() -> str:
    parts: list[str] = [HEAD.rstrip()]
    for kind, title in TITLES.items():
        rows = [
            f"| [{rule.name}]({rule.name}.md) | {weight(rule)} | {_cell(rule.holds)} |"
            for rule in sorted(rules_of(kind), key=lambda rule: rule.name)
        ]
        parts += [f"## {title}", "\n".join(["| Rule | Severity | Holds |", "|---|---|---|", *rows])]
    return "\n\n".join(parts) + "\n"


def _page(rule: Rule) -> str:
    paragraphs = [f"**{label}:** {_cell(text)}" for label, text in sections(rule)]
    return "\n\n".join([f"# {rule.name}", rule.holds, *paragraphs]) + "\n"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;")


def write() -> None:
    """Writes all pages, and removes those of rules that are gone."""
    FOLDER.mkdir(exist_ok=True)
    wanted = pages()
    for file in FOLDER.glob("*.md"):
        if file.name not in wanted:
            file.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    write()
