"""The documentation site builds, and every page is on it and within reach."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = {page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")} | {
    "index.md",
    "security.md",
    "changelog.md",
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    subprocess.run([sys.executable, "docs/site.py", folder], cwd=ROOT, check=True)
    zensical = [Path(sys.executable).parent / "zensical", "build", "--strict"]
    result = subprocess.run(zensical, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


def test_each_page_is_built(built: Path) -> None:
    for page in PAGES:
        name = re.sub(r"(^|/)(index|README)\.md$", r"\1index.html", page)
        assert (built / "site" / re.sub(r"\.md$", "/index.html", name)).exists(), page


def test_each_page_but_the_rules_is_in_the_navigation() -> None:
    def paths(entry: object) -> set[str]:
        if isinstance(entry, str):
            return {entry}
        inside = entry.values() if isinstance(entry, dict) else entry if isinstance(entry, list) else []
        return {path for each in inside for path in paths(each)}

    settings = tomllib.loads((ROOT / "zensical.toml").read_text())
    rules = {page for page in PAGES if page.startswith("rules/")} - {"rules/README.md"}
    assert paths(settings["project"]["nav"]) == PAGES - rules


def test_pages_ask_nobody_else_for_fonts_or_scripts(built: Path) -> None:
    for page in (built / "site").rglob("*.html"):
        assert not re.search(r"<(?:link|script|img)[^>]+(?:href|src)=\"https?:", page.read_text()), page


def test_no_link_is_called_by_the_name_of_a_file(built: Path) -> None:
    assert "(docs/web-service.md)" in (ROOT / "README.md").read_text()
    assert "[WebService](web-service.md)" in (built / "docs" / "index.md").read_text()
    for page in (built / "docs").rglob("*.md"):
        assert not re.findall(r"\[[^\]]*\.md\]\([^)]*\)", page.read_text()), page


def test_links_to_what_the_site_does_not_have_are_text(built: Path) -> None:
    assert "](../" not in (built / "docs" / "rehearse.md").read_text()
    assert "[benchmarks" not in (built / "docs" / "corpora.md").read_text()
