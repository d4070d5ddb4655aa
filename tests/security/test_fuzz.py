"""Whatever a manifest holds, it is told or refused: no traceback, nothing obeyed, no element of its own in the page.

`make fuzz` does the same with 20,000. What it found stands below, each in a test of its own.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from nodrop.judge import judge
from nodrop.paths.files.reading import read
from nodrop.preview.manifests import render
from nodrop.preview.project import ProjectError
from nodrop.report.html import page
from nodrop.report.judged.model import report_of
from nodrop.rollout.text import printable
from tests.browser import Browser, started
from tests.security import fuzzed
from tests.security.fuzzed import Elements, findings, findings_of
from tests.security.mutations import MARK, SCALARS, mutated

SEEDS = range(300)


@pytest.mark.slow
def test_hostile_manifests_do_nothing_but_a_report(tmp_path):
    wrong = {seed: found for seed in SEEDS if (found := findings(seed, tmp_path))}
    assert not wrong


def test_a_seed_gives_the_same_manifest_each_time():
    assert [mutated(seed) for seed in range(20)] == [mutated(seed) for seed in range(20)]


def test_most_manifests_are_read_and_judged(tmp_path):
    file = tmp_path / "web.yaml"
    judged = 0
    for seed in range(100):
        file.write_bytes(mutated(seed).encode(errors="surrogatepass"))
        judged += bool(judge(read([file]).objects).paths)
    assert judged > 50


def test_the_fuzz_sees_what_is_obeyed_and_what_fails(tmp_path, monkeypatch):
    manifest = json.dumps(service("\x1b[31m"))
    assert not findings_of(manifest, tmp_path)
    monkeypatch.setattr("nodrop.report.html.printable", lambda text: text)
    monkeypatch.setattr("nodrop.report.html.escape", lambda text: text)
    assert "page: U+001B" in findings_of(manifest, tmp_path)
    monkeypatch.setattr(fuzzed, "judge", lambda *_, **__: 1 / 0)
    assert "ZeroDivisionError" in findings_of(manifest, tmp_path)[0]


def test_the_fuzz_sees_a_foreign_element(tmp_path, monkeypatch):
    monkeypatch.setattr(fuzzed, "page", lambda *given: page(*given).replace("</main>", f"<i {MARK}></i></main>"))
    assert MARK in findings_of(json.dumps(service("web")), tmp_path)[0]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with started(tmp_path_factory.mktemp("browser")) as browser:
        yield browser


def test_the_page_of_a_hostile_manifest_has_no_foreign_element_in_a_browser(browser, tmp_path):
    hostile = [service(each) for each in SCALARS if isinstance(each, str)]
    (tmp_path / "all.yaml").write_text("\n---\n".join(map(json.dumps, hostile)))
    html = page([], report_of(judge(read([tmp_path / "all.yaml"]).objects)))
    seen = Elements(in_browser(browser, html, tmp_path))
    assert seen.counts["article"] == Elements(html).counts["article"] > 10
    assert foreign(seen, html) == set()


@pytest.mark.slow
def test_the_pages_of_mutated_manifests_have_no_foreign_element_in_a_browser(browser, tmp_path):
    pages: list[str] = []
    for seed in range(0, len(SEEDS), 5):
        findings_of(mutated(seed), tmp_path, pages.append)
    assert len(pages) == len(SEEDS) / 5
    assert {
        seed: found for seed, html in enumerate(pages) if (found := in_browser_foreign(browser, html, tmp_path))
    } == {}


def test_a_browser_sees_what_is_put_into_a_page_unescaped(browser, tmp_path):
    html = page([], report_of(judge([])))
    broken = html.replace("</main>", f"<i {MARK}></i></main>")
    assert in_browser_foreign(browser, broken, tmp_path, html) == {("i", MARK, "")}


def in_browser_foreign(browser: Browser, html: str, folder: Path, meant: str | None = None) -> set:
    return foreign(Elements(in_browser(browser, html, folder)), meant or html)


def foreign(seen: Elements, html: str) -> set[tuple[str, str | None, str | None]]:
    """Elements of the browser's DOM that run something, carry the mark of the hostile texts, or are not in the text."""
    tags = {tag for tag, *_ in Elements(html).found} | {"tbody"}
    return {each for each in seen.found if MARK in each or (each[1] or "").startswith("on") or each[0] not in tags}


def in_browser(browser: Browser, html: str, folder: Path) -> str:
    """The page's DOM as Chromium has it."""
    file = folder / "page.html"
    file.write_text(html, encoding="utf-8")
    browser.open(file, width=1300)
    return browser.evaluate("document.documentElement.outerHTML")


def service(name: str) -> dict:
    """An Ingress, which needs a Service that there is not, so that its name is told."""
    backend = {"service": {"name": name, "port": {"number": 80}}}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name, "namespace": name},
        "spec": {"defaultBackend": backend},
    }


def test_the_name_of_an_object_reaches_the_page_printable(tmp_path):
    file = tmp_path / "web.yaml"
    file.write_text(json.dumps(service("web\x1b[31m\r\n::error::owned\u202e##[add-mask]x")))
    html = page([], report_of(judge(read([file]).objects)))
    assert "owned" in html
    assert not set("\x1b\r\u202e") & set(html)
    assert "##[" not in html


@pytest.mark.parametrize(("open_", "close"), [("[", "]"), ('{"a":', "}")])
def test_json_is_read_as_deep_as_yaml_and_no_deeper(tmp_path, open_, close):
    def faults(deep: int) -> list[str]:
        file = tmp_path / "web.json"
        value = open_ * deep + '"\\ud800"' + close * deep
        file.write_text(f'{{"apiVersion": "v1", "kind": "ConfigMap", "data": {value}}}')
        return [each.reason for each in read([file]).faults]

    assert faults(199) == []
    assert faults(200) == faults(900) == ["nested more than 200 deep"]


def test_an_object_that_is_nested_too_deeply_is_not_rendered_and_nothing_is_written(tmp_path):
    value: object = "x"
    for _ in range(900):
        value = [value]
    shallow = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
    deep = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "deep"}, "data": value}
    with pytest.raises(ProjectError, match="ConfigMap default/deep is nested too deeply"):
        render([shallow, deep], tmp_path / "rendered")
    assert not (tmp_path / "rendered").exists()


@pytest.mark.parametrize("text", ["a ::error::x", "a::Error::x", "a::add-mask::x", "::::warning::x"])
def test_a_command_is_broken_up_where_a_line_may_be_broken(text):
    assert not re.search(r"(?i)::(error|add-mask|warning)|^\s*::", printable(text))


@pytest.mark.parametrize("text", ["2600:1901::1", "urn:pulumi:dev::shop::kubernetes:apps/v1:Deployment::web"])
def test_an_address_and_a_urn_stay_as_they_are(text):
    assert printable(text) == text
