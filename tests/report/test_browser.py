"""The page in a real browser: nothing is cut, everything can be read and reached, in light, in dark and on paper."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from nodrop.cli import main
from nodrop.lab.results import MethodCount
from nodrop.report.html import page
from nodrop.report.origin import Provenance
from nodrop.report.rehearsal_verdict import WHY_UNDECIDED, RehearsalVerdict
from tests.browser import Browser, started

pytestmark = pytest.mark.slow

SHOP = Path(__file__).parents[1] / "shop.yaml"
WIDTHS = (1300, 800, 400)
KINDS = ("rehearsal", "undecided", "clean", "check", "plan")
ORIGIN = Provenance(
    command=("nodrop", "demo", "--report", "a-folder-with-a-name-that-is-long/" * 4),
    written=datetime(2026, 11, 27, tzinfo=UTC),
    machine="2 cores",
    by_variant=True,
)
VOID = "NEG, gate: undecided, 3 runs were void: the proxies were late by 0.9 s"

CUT = """(() => {
  for (const each of document.querySelectorAll("details")) each.open = true;
  const wide = [...document.querySelectorAll("body *")].filter((each) =>
    !each.closest("svg") && !each.querySelector("svg.timeline") &&
    (each.getBoundingClientRect().right > innerWidth + 0.5 || each.scrollWidth > each.clientWidth + 1 &&
     each.matches(".scroll")));
  return wide.map((each) => `${each.tagName} ${each.className}: ${each.textContent.trim().slice(0, 40)}`);
})()"""
"""What reaches over the window's edge or has to be scrolled; drawings apart."""

CONTRASTS = """(() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = numbers(colour).map((each) => each / 255)
      .map((each) => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const opaque = (colour) => colour.startsWith("rgb") && (numbers(colour)[3] ?? 1) === 1;
  const paper = (element) => {
    for (let each = element; each; each = each.parentElement) {
      const colour = getComputedStyle(each).backgroundColor;
      if (opaque(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const behind = (text) => {
    text.scrollIntoView({ block: "center", inline: "center" });
    const box = text.getBoundingClientRect();
    const shapes = document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2)
      .filter((each) => each.matches("path") && opaque(getComputedStyle(each).fill));
    return shapes.length ? getComputedStyle(shapes[0]).fill : paper(text.closest("div"));
  };
  const seen = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || element.matches("title, desc, script, style")) continue;
    if (!element.checkVisibility()) continue;
    const svg = element.closest("svg");
    const style = getComputedStyle(element);
    const [a, b] = [light(svg ? style.fill : style.color), light(svg ? behind(element) : paper(element))];
    seen.push([(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), walker.currentNode.textContent.trim().slice(0, 30)]);
  }
  return seen;
})()"""
"""Of each text its contrast, as WCAG 2.2 computes it, and its first words."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with started(tmp_path_factory.mktemp("browser")) as browser:
        yield browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory, comparison, make_rollout, make_unready) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    late = replace(make_rollout().conditions, attach_lag_seconds=(8.0, 21.5, 30.0, 44.4), seed=2)
    methods = {
        "GET": MethodCount(requests=1_200, failed=90, saved=40),
        "POST": MethodCount(requests=140, failed=30, saved=0),
    }
    undecided = [
        make_rollout(finished=False, void_runs=("the proxies were late by 0.9 s",)),
        make_rollout(
            "NEG, neither",
            pre_stop=None,
            gate=False,
            failed=120,
            conditions=late,
            expected_failed=97.5,
            methods=methods,
        ),
        make_unready("NEG, keep-alive", "NEG", removed_seconds=None, served=0),
    ]
    bare = folder / "bare.yaml"
    bare.write_text(re.sub(r".*backend-config:.*\n", "", SHOP.read_text()).replace("shop", "bare"))
    texts = {
        "rehearsal": page(comparison((1, 2)), origin=ORIGIN),
        "undecided": page(undecided, origin=ORIGIN, without_result=[VOID]),
        "clean": page([make_rollout()], origin=ORIGIN),
        "check": CliRunner().invoke(main, ["check", str(SHOP), str(bare), "--format", "html"]).stdout,
    }
    CliRunner().invoke(main, ["plan", "--replicas", "90", "--within", "600", "--report", str(folder / "plan")])
    texts["plan"] = (folder / "plan" / "index.html").read_text()
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text)
    return {name: folder / f"{name}.html" for name in texts}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_wider_than_the_page_and_no_column_is_cut(browser, pages, kind, width):
    browser.open(pages[kind], width=width)
    assert browser.evaluate("document.documentElement.scrollWidth") == width
    assert browser.evaluate(CUT) == []


def test_what_is_too_wide_is_seen(browser, tmp_path):
    (tmp_path / "wide.html").write_text("<!doctype html><p class=cut style='width: 900px'>too wide</p>")
    browser.open(tmp_path / "wide.html", width=400)
    assert browser.evaluate(CUT) == ["P cut: too wide"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_text_stands_out_from_what_is_behind_it(browser, pages, kind, dark):
    browser.open(pages[kind], width=1300, dark=dark)
    contrasts = browser.evaluate(CONTRASTS)
    assert len(contrasts) > 20
    assert [(round(ratio, 2), text) for ratio, text in contrasts if ratio < 4.5] == []


def test_a_text_that_is_too_pale_is_seen(browser, tmp_path):
    (tmp_path / "pale.html").write_text("<!doctype html><body style='background: #fff'><p style='color: #999'>pale</p>")
    browser.open(tmp_path / "pale.html", width=400)
    ((ratio, text),) = browser.evaluate(CONTRASTS)
    assert (round(ratio, 2), text) == (2.85, "pale")


def test_the_page_is_dark_where_the_reader_asks_for_it_and_paper_is_white(browser, pages):
    papers = {}
    for name, dark, media in (("light", False, "screen"), ("dark", True, "screen"), ("print", True, "print")):
        browser.open(pages["rehearsal"], width=800, dark=dark, media=media)
        papers[name] = browser.evaluate("getComputedStyle(document.body).backgroundColor")
    assert papers == {"light": "rgb(255, 255, 255)", "dark": "rgb(18, 22, 27)", "print": "rgb(255, 255, 255)"}


def test_paper_has_the_event_tables_that_are_closed_on_the_screen(browser, pages):
    height = "[...document.querySelectorAll('.events')].map((each) => each.checkVisibility() && each.offsetHeight > 50)"
    browser.open(pages["undecided"], width=720)
    assert browser.evaluate(height) == [False, False, False]
    browser.open(pages["undecided"], width=720, media="print")
    assert browser.evaluate(height) == [True, True, True]
    assert browser.evaluate(CUT) == []


def test_a_row_leads_to_its_figure_and_the_figure_back_to_the_row(browser, pages):
    browser.open(pages["rehearsal"], width=1300)
    links = browser.evaluate("[...document.querySelectorAll('.results tbody a')].length")
    assert links == 18
    for number in (0, 11, 17):
        browser.evaluate(f"document.querySelectorAll('.results tbody a')[{number}].click()")
        within = "(() => {{ const box = document.querySelector(':target').getBoundingClientRect(); return {}; }})()"
        at_top = within.format("box.top >= 0 && box.top < innerHeight / 2")
        assert browser.evaluate("document.querySelector(':target').tagName") == "FIGURE"
        assert browser.evaluate(at_top)
        browser.evaluate("document.querySelector(':target .back').click()")
        assert browser.evaluate("document.querySelector(':target').tagName") == "TR"
        assert browser.evaluate(within.format("box.top >= 0 && box.bottom <= innerHeight"))


def test_keys_reach_every_figure_and_its_events(browser, pages):
    browser.open(pages["undecided"], width=400)
    reached = []
    for _ in range(80):
        browser.press("Tab")
        reached.append(browser.evaluate("document.activeElement.getAttribute('aria-label') ?? ''"))
        if browser.evaluate("document.activeElement.matches('details:not([open]) > summary')"):
            browser.press("Enter")
    wanted = browser.evaluate("[...document.querySelectorAll('figure [aria-label]')].map((e) => e.ariaLabel)")
    assert len(wanted) == 6
    assert set(wanted) <= set(reached)
    assert browser.evaluate("[...document.querySelectorAll('details')].every((each) => each.open)")


def test_a_drawing_that_does_not_fit_is_scrolled_by_keys(browser, pages):
    browser.open(pages["clean"], width=400)
    browser.evaluate("document.querySelector('figure .scroll').focus()")
    browser.press("ArrowRight")
    moved = "new Promise((done) => setTimeout(() => done(document.querySelector('figure .scroll').scrollLeft), 400))"
    found = browser.call("Runtime.evaluate", expression=moved, awaitPromise=True, returnByValue=True)
    assert found["result"]["value"] > 0


def test_the_focus_is_seen(browser, pages):
    browser.open(pages["rehearsal"], width=1300)
    browser.press("Tab")
    assert browser.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_a_table_is_sorted_by_the_column_whose_header_is_pressed(browser, pages):
    browser.open(pages["rehearsal"], width=1300)
    table = "document.querySelector('.results')"
    failed = f"[...{table}.querySelectorAll('[data-label=Failed]')].map((each) => each.innerText)"
    header = f"[...{table}.querySelectorAll('button')].find((each) => each.innerText === 'Failed')"
    browser.evaluate(f"{header}.focus()")
    browser.press("Enter")
    shown = [int(text.split()[0]) for text in browser.evaluate(failed)]
    assert shown == sorted(shown)
    assert browser.evaluate(f"{header}.parentElement.ariaSort") == "ascending"


def test_the_variant_stays_in_sight_where_a_table_is_scrolled(browser, pages):
    browser.open(pages["rehearsal"], width=1000)
    assert browser.evaluate("getComputedStyle(document.querySelector('.results tbody th')).position") == "sticky"
    browser.evaluate("document.querySelector('.results').style.width = '2000px'")
    browser.evaluate("document.querySelector('.scroll').scrollLeft = 900")
    left = "document.querySelector('.results tbody th').getBoundingClientRect().left"
    assert browser.evaluate(left) == browser.evaluate("document.querySelector('.scroll').getBoundingClientRect().left")


def test_a_legend_has_at_most_seven_entries(browser, pages):
    for kind in KINDS:
        browser.open(pages[kind], width=1300)
        assert browser.evaluate("document.querySelectorAll('.legend li').length") <= 7
    drawn = browser.evaluate("[...document.querySelectorAll('.timeline text')].map((each) => each.textContent)")
    legend = drawn[-1 - drawn[::-1].index("starting") :]
    assert legend[:4] == ["starting", "waiting for gate", "serving", "preStop"]
    assert len(legend) <= 7


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_is_red_where_no_request_failed(browser, pages, dark):
    coloured = """[...document.querySelectorAll("body *")].filter((each) => each.checkVisibility()).flatMap((each) => {
      const style = getComputedStyle(each);
      return [style.color, style.backgroundColor, style.fill, style.stroke];
    }).filter((each) => {
      const [r, g, b] = (each.match(/[\\d.]+/g) ?? []).map(Number);
      return r > g + 60 && r > b + 60 && g < 190 && Math.abs(g - b) < 30;
    }).length"""
    browser.open(pages["clean"], width=1300, dark=dark)
    assert browser.evaluate(coloured) == 0
    browser.open(pages["rehearsal"], width=1300, dark=dark)
    assert browser.evaluate(coloured) > 9


def test_what_is_undecided_stands_on_the_page_with_its_reason(browser, pages):
    browser.open(pages["undecided"], width=800)
    shown = browser.evaluate("document.body.innerText")
    told = "[...document.querySelectorAll('.undecided li')].map(each => each.innerText)"
    *of_results, without = browser.evaluate(told)
    assert without == VOID
    verdicts = (RehearsalVerdict.UNFINISHED, RehearsalVerdict.NOT_REMOVED)
    assert [each.partition(": ")[2] for each in of_results] == [WHY_UNDECIDED[each] for each in verdicts]
    assert "Not decided: rollout NEG, preStop + gate (2 pods): it did not end within its time limit." in shown
    assert "Not decided: unready pod NEG, keep-alive (2 pods): it was never taken out." in shown
