"""The documentation site builds, and every page is on it and within reach."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Browser, started

ROOT = Path(__file__).parents[1]
PAGES = {page.relative_to(ROOT / "docs").as_posix() for page in (ROOT / "docs").rglob("*.md")} | {
    "index.md",
    "security.md",
    "changelog.md",
}

SCROLLING = """(() => [document.documentElement, ...document.querySelectorAll("pre > code")]
  .filter((each) => each.scrollWidth > each.clientWidth).map((each) => each.textContent.trim().slice(0, 60)))()"""
"""The beginning of each code block, and of the page, that is wider than its place."""
COLUMNS = """(() => {
  const code = document.querySelector("pre > code");
  const [style, character] = [getComputedStyle(code), document.createElement("span")];
  character.textContent = "x";
  code.append(character);
  const inside = code.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
  return Math.floor(inside / character.getBoundingClientRect().width);
})()"""
"""How many characters a line of the first code block takes."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    subprocess.run([sys.executable, "docs/site.py", folder], cwd=ROOT, check=True)
    zensical = [Path(sys.executable).parent / "zensical", "build", "--strict"]
    result = subprocess.run(zensical, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with started(tmp_path_factory.mktemp("browser")) as browser:
        yield browser


@pytest.mark.slow
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


@pytest.mark.slow
def test_pages_ask_nobody_else_for_fonts_or_scripts(built: Path) -> None:
    for page in (built / "site").rglob("*.html"):
        assert not re.search(r"<(?:link|script|img)[^>]+(?:href|src)=\"https?:", page.read_text()), page


@pytest.mark.slow
def test_no_link_is_called_by_the_name_of_a_file(built: Path) -> None:
    assert "(docs/web-service.md)" in (ROOT / "README.md").read_text()
    assert "[WebService](web-service.md)" in (built / "docs" / "index.md").read_text()
    for page in (built / "docs").rglob("*.md"):
        assert not re.findall(r"\[[^\]]*\.md\]\([^)]*\)", page.read_text()), page


@pytest.mark.slow
def test_links_to_what_the_site_does_not_have_are_text(built: Path) -> None:
    assert "](../" not in (built / "docs" / "rehearse.md").read_text()
    assert "[benchmarks" not in (built / "docs" / "corpora.md").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("width", [1300, 400])
def test_nothing_scrolls_sideways(built: Path, browser: Browser, width: int) -> None:
    pages = [page for page in sorted((built / "site").rglob("index.html")) if "<pre" in page.read_text()]
    assert len(pages) > 20
    scrolling = {}
    for page in pages:
        browser.open(page, width=width)
        scrolling[page.parent.name] = browser.evaluate(SCROLLING)
    assert {name: blocks for name, blocks in scrolling.items() if blocks} == {}


@pytest.mark.slow
def test_an_answer_of_120_columns_keeps_its_lines_in_a_window_of_1300_pixels(built: Path, browser: Browser) -> None:
    browser.open(built / "site" / "compare" / "index.html", width=1300)
    assert browser.evaluate(COLUMNS) >= 120
