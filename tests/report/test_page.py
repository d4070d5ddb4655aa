"""The page of `nodrop check` and `nodrop plan`: what the text says, in its words and order."""

import re
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

from nodrop.cli import main
from nodrop.judge import Verdict
from nodrop.report.html import page
from nodrop.report.judged.headline import judged_headline
from nodrop.report.judged.model import Report, sentence
from nodrop.report.judged.text import text
from tests.report.judged.conftest import compared, report  # noqa: F401 - fixtures

pytestmark = pytest.mark.slow

SHOP = Path(__file__).parents[1] / "shop.yaml"


def visible(html: str) -> str:
    body = re.sub(r"<(svg|style).*?</\1>|<wbr>", "", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", body)).split())


def rules(told: str) -> list[str]:
    """Names of rules in the order in which they are told."""
    return re.findall(r"(?:error|warning|not judged) ((?:[a-z0-9]+-)+[a-z0-9]+)", told)


def test_everything_that_the_text_tells_is_on_the_page_in_its_order(compared):  # noqa: F811
    shown, told = visible(page(judgement=compared)), " ".join(text(compared, 160).split())
    assert rules(shown) == rules(told)
    for said in (
        "drops the change from before/",
        "deploy/web.yaml:31 Deployment shop/web spec.template.spec.terminationGracePeriodSeconds",
        "deploy/web.yaml:8 Deployment shop/web",
        "not compared Service shop/legacy: a NodePort",
        "not judged Service shop/legacy: spec.type: a path through a NodePort is judged by a rehearsal",
        "Accepted: clients reconnect (annotation)",
        "Accepted: an inner firewall (nodrop.yaml)",
        "Passed over: values.yaml: not a Kubernetes object",
        "Hidden: health-check-is-explicit, 2 found",
        "rolls-without-unavailable of shop/web",
        "218 requests would fail in one rollout at 100 requests/s if this were the only finding",
        "218 of 8,267 requests fail",
    ):
        assert said in shown, said


@pytest.mark.parametrize("verdict", Verdict)
def test_the_title_is_the_verdicts_and_nothing_speaks_of_a_rehearsal(verdict):
    shown = visible(page(judgement=Report(verdict=verdict)))
    assert {"drops": "Requests drop", "clean": "No rollout drops"}.get(verdict, "") in shown
    assert "rehears" not in shown.lower().replace("judged by a rehearsal", "")
    assert "What the lab cannot show" not in shown


def test_the_headline_names_the_path_that_drops_and_what_to_change(report):  # noqa: F811
    found = judged_headline(report)
    assert found.title == "A rollout of shop/web drops requests"
    assert found.details == (
        sentence(report),
        "Cure: spec.template.spec.terminationGracePeriodSeconds: 95 instead of 20 (deploy/web.yaml:31).",
        "Each value is right on its own; nodrop plan shows values that work together.",
    )


def test_a_page_says_when_and_by_which_command_it_was_written(tmp_path, monkeypatch):
    monkeypatch.setattr("sys.argv", ["nodrop", "check", "shop.yaml"])
    done = CliRunner().invoke(main, ["check", str(SHOP), "--format", "html"])
    assert re.search(r"<code>nodrop check shop.yaml</code>, 20\d\d-\d\d-\d\d \d\d:\d\d UTC, \d+ cores", done.stdout)
    assert CliRunner().invoke(main, ["plan", "--report", str(tmp_path)]).exit_code == 0
    assert re.search(r"<code>nodrop check shop.yaml</code>, 20\d\d-\d\d-\d\d", (tmp_path / "index.html").read_text())


def test_an_object_that_is_passed_over_is_named_with_its_file_and_line(tmp_path):
    file = tmp_path / "shop.yaml"
    file.write_text(
        f"{SHOP.read_text()}---\napiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {{name: web}}\n"
    )
    line = file.read_text().splitlines().index("apiVersion: argoproj.io/v1alpha1") + 1
    told = f"{file}:{line}: Rollout default/web"
    done = CliRunner().invoke(main, ["check", str(file), "--format", "html"])
    assert told in visible(done.stdout)
    assert told in " ".join(CliRunner().invoke(main, ["check", str(file)]).stdout.split())


def test_a_plan_has_its_numbers_words_and_timeline_on_the_page(tmp_path):
    asked = ["plan", "--requests-per-second", "10"]
    done = CliRunner().invoke(main, [*asked, "--report", str(tmp_path / "new")])
    assert done.exit_code == 0, done.stderr
    html = (tmp_path / "new" / "index.html").read_text()
    shown, told = visible(html), " ".join(CliRunner().invoke(main, asked).stdout.split())
    assert html.count("<svg") == 1
    assert "//" not in html
    for said in ("A rollout of 2 pods adds", "terminationGracePeriodSeconds", "No rule is broken.", "as planned: 0 of"):
        assert said in told
        assert said in shown
