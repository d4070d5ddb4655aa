import base64
import hashlib
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodrop.report.files import write_html
from nodrop.report.html import page, typeset
from nodrop.report.limits import LIMITS
from nodrop.report.origin import Provenance
from nodrop.report.timeline import draw

pytestmark = pytest.mark.slow


class Elements(HTMLParser):
    """Collects a page's tags, ids and visible text; notes tags that are closed out of order."""

    VOID = {"meta", "br", "wbr", "link", "img"}

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.open, self.misnested, self.words = [], [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.misnested.append(tag)

    def handle_data(self, data):
        if not {"style", "script"} & set(self.open):
            self.words.append(data)

    @property
    def foreign(self):
        """Tags that load or run something, but for the one script of the page."""
        running = [tag for tag in self.tags if tag in ("script", "link", "img", "iframe", "object", "image")]
        return running[1:] if running[:1] == ["script"] else ["no script of the page's own", *running]

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


def test_the_page_opens_with_the_headline_and_ends_with_what_the_lab_cannot_show(comparison):
    text = Elements(page(comparison())).text
    assert "9 of 12 rollouts dropped requests, up to" in text
    assert all(limit.topic in text and limit.text in text for limit in LIMITS)


def test_the_page_loads_nothing_from_anywhere(comparison):
    text = page(comparison())
    assert "//" not in text
    found = Elements(text)
    assert found.foreign == []
    assert all(value.startswith("#") for name, value in found.attributes if name in ("href", "xlink:href", "src"))
    assert not re.search(r"url\((?!#)|@import", text)
    assert "default-src 'none'" in text


def test_tags_nest_and_every_id_is_unique_and_every_reference_resolves(comparison):
    text = page(comparison())
    found = Elements(text)
    assert (found.misnested, found.open) == ([], [])
    ids = [value for name, value in found.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    used = {value[1:] for name, value in found.attributes if name in ("href", "xlink:href")}
    used |= set(re.findall(r"url\(#([^)]+)\)", text))
    used |= {part for name, value in found.attributes if name == "aria-labelledby" for part in value.split()}
    assert used <= set(ids)


def test_each_variant_has_one_drawing_with_a_title_and_a_description(comparison):
    text = page(comparison((1, 2)))
    assert text.count('<svg class="timeline"') == 18
    assert text.count('role="img" aria-labelledby="run-') == 18
    assert (
        "2 old and 2 new pods; the last old one was gone after 142.5 s. "
        "A proxy that lags 0.0 s behind a deletion meets a stopped application. 1,340 requests, 140 failed."
    ) in text
    assert "seed 2, the worst of 2 runs" in text


def test_the_same_results_give_the_same_page(comparison):
    assert page(comparison()) == page(comparison())


def test_colours_of_a_drawing_come_from_the_page_and_its_text_stays_text(make_rollout):
    drawing = draw(make_rollout(failed=30), "x")
    assert set(re.findall(r"(?:fill|stroke): ([^;\"]+)", drawing)) <= {"none"} | set(
        re.findall(r"var\(--[a-z-]+\)", drawing)
    )
    assert "web-59d4f7c66-o0q2z old</text>" in drawing
    assert "var(--failed)" in drawing


def test_a_run_without_failures_shows_no_red(make_rollout):
    assert "var(--failed)" not in draw(make_rollout(), "x")


def test_a_drawing_that_lacks_requests_of_the_run_says_so(make_rollout):
    assert "1,340 requests (of 1,400 in the run), 0 failed." in page([make_rollout(requests=1_400)])


def test_conditions_that_all_runs_share_are_stated_once_and_the_others_by_run(make_rollout):
    text = page([make_rollout(seed=7), make_rollout(seed=8)])
    facts = text[text.index('id="facts"') : text.index('id="limits"')]
    assert re.findall(r"<dt>(.*?)</dt>", facts) == [
        "speed-up",
        "load",
        "attach lag",
        "detach lag",
        "kube-proxy lag",
        "longest request",
        "start-up",
        "keep-alive",
        "on SIGTERM",
        "container",
        "NodePorts by",
    ]
    assert re.findall(r"<td data-label=\"seed\">(\d)</td>", facts) == ["7", "8"]


def test_names_are_text_wherever_they_appear(make_rollout):
    name = "<script>alert(1)</script>"
    pods = tuple(replace(pod, name=name, node=name) for pod in make_rollout().pods)
    text = page([make_rollout(name, failures={"<img src=x onerror=y>": 3}, pods=pods)])
    assert Elements(text).foreign == []
    assert name in Elements(text).text


def test_a_page_without_results_still_says_what_the_lab_cannot_show():
    text = Elements(page([])).text
    assert "Nothing was rehearsed" in text
    assert LIMITS[0].text in text


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_any_results_make_a_well_formed_page_without_a_foreign_script(any_result, data):
    found = Elements(page(data.draw(st.lists(any_result, max_size=3))))
    assert (found.misnested, found.open) == ([], [])
    assert found.foreign == []


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data())
def test_the_totals_beside_a_drawing_are_those_of_its_bins_and_of_the_result(any_result, data):
    result = data.draw(any_result)
    assert sum(result.histogram.requests) == result.requests
    assert sum(result.histogram.failures) == sum(result.failures.values())
    assert f"{result.requests:,} requests, {sum(result.failures.values()):,} failed." in page([result])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-3.2..-1.0", "\N{MINUS SIGN}3.2 to \N{MINUS SIGN}1.0"),
        ("30..74 %", "30 to 74 %"),
        ("<= 0.27 %", "≤\N{NO-BREAK SPACE}0.27 %"),
        ("-", "\N{EN DASH}"),
        ("web-7 keep-alive", "web-7 keep-alive"),
    ],
)
def test_the_page_sets_figures_in_finer_type(text, shown):
    assert typeset(text) == shown


def test_the_file_is_written_with_its_folder(tmp_path, make_rollout):
    write_html([make_rollout()], tmp_path / "new" / "index.html")
    assert (tmp_path / "new" / "index.html").read_text(encoding="utf-8") == page([make_rollout()])


def test_the_terminal_and_json_need_neither_matplotlib_nor_jinja():
    modules = "nodrop.report.files, nodrop.report.table, sys"
    code = f"import {modules}; sys.exit(bool({{'matplotlib', 'jinja2'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_policy_admits_the_script_of_the_page_alone(make_rollout):
    text = page([make_rollout()])
    (script,) = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    (admitted,) = re.findall(r"script-src 'sha256-([^']+)'", text)
    assert base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() == admitted
    assert "default-src 'none'" in text


def tone(text, variant):
    badge = r'<span class="verdict (\w+)">[^<]*</span>\s*'
    (found,) = re.findall(f'{badge}{re.escape(variant)} <span class="aside">', text)
    return found


def test_red_means_that_requests_failed_and_green_that_none_did(make_rollout, make_unready):
    text = page(
        [
            make_rollout("clean"),
            make_rollout("drops", failed=3),
            make_unready("no leak, fails", served=0, failures={"failed_to_pick_backend": 836}),
            make_unready("no leak", served=0, failures={}),
            make_unready("leaks", served=5, failures={}),
        ]
    )
    tones = {name: tone(text, name) for name in ("clean", "drops", "no leak, fails", "no leak", "leaks")}
    assert tones == {"clean": "good", "drops": "bad", "no leak, fails": "open", "no leak": "good", "leaks": "open"}


def test_a_row_says_how_to_run_it_again(make_rollout):
    written = datetime(2026, 11, 27, tzinfo=UTC)
    origin = Provenance(command=("nodrop", "demo"), written=written, machine="2 cores", by_variant=True)
    text = Elements(page([make_rollout("NEG, neither", seed=7)], origin=origin)).text
    assert "nodrop demo --variant 'NEG, neither' --seed 7 --seeds 1" in text
    assert "2026-11-27 00:00 UTC" in text


def test_a_bar_tells_its_seconds_where_one_points(make_rollout):
    text = draw(make_rollout(), "salt")
    assert re.search(r'<g class="tip"[^>]*><title>preStop, [\d.]+ to [\d.]+ s \([\d.]+ s\)</title>', text)
    assert re.search(r"<title>[-\d.]+ to [-\d.]+ s: \d+ requests, \d+ answered by an old pod, \d+ failed</title>", text)
