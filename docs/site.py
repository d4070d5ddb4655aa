"""Writes the pages of the documentation site, with the README as its start page, and what Zensical needs to build it.

python docs/site.py FOLDER && zensical build --strict --config-file FOLDER/zensical.toml        # the site: FOLDER/site
"""

import re
import shutil
import sys
from pathlib import Path

DOCS = Path(__file__).parent
PROJECT = DOCS.parent
BESIDE = {"README.md": "index.md", "SECURITY.md": "security.md", "CHANGELOG.md": "changelog.md"}
"""Pages that stand beside the folder, and their names on the site."""
_LINK = re.compile(r"\[([^\]]*)\]\(([^)#:\s]+)(#[^)]*)?\)")


def main(folder: Path) -> None:
    """Writes all; what was in the folder before is gone."""
    shutil.rmtree(folder, ignore_errors=True)
    pages = folder / "docs"
    for file in (*DOCS.rglob("*.md"), *DOCS.rglob("*.svg"), *DOCS.rglob("*.css")):
        _copied(file, pages / file.relative_to(DOCS))
    for name, page in BESIDE.items():
        _copied(PROJECT / name, pages / page)
    shutil.copy(PROJECT / "zensical.toml", folder)


def _copied(file: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix == ".md":
        to.write_text(_LINK.sub(lambda link: _on_site(link, file, to), file.read_text()))
    else:
        shutil.copy(file, to)


def _on_site(link: re.Match[str], file: Path, to: Path) -> str:
    """The link as it is on the site; one to what the site does not have is its text alone."""
    text, path, anchor = link.groups()
    target = (file.parent / path).resolve()
    if text.endswith(".md") and target.suffix == ".md" and target.is_file():
        text = _title(target)
    if target.parent == PROJECT and target.name in BESIDE:
        page = BESIDE[target.name]
    elif target.is_relative_to(DOCS) and target.suffix in (".md", ".svg"):
        page = target.relative_to(DOCS).as_posix()
    else:
        return text
    depth = len(to.relative_to(_root(to)).parts) - 1
    return f"[{text}]({'../' * depth}{page}{anchor or ''})"


def _title(page: Path) -> str:
    """The first heading of a page; a reader of the site sees no names of files."""
    return next(line.removeprefix("# ") for line in page.read_text().splitlines() if line.startswith("# "))


def _root(page: Path) -> Path:
    return next(parent for parent in page.parents if parent.name == "docs")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
