"""`nodrop check`: what it says of YAML, in which format, and with which exit code."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from nodrop.cli import main

SHOP = Path(__file__).parent / "shop.yaml"


def nodrop(*arguments: object, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["check", *map(str, arguments)], input=stdin)


@pytest.fixture
def dropping(tmp_path) -> Path:
    file = tmp_path / "web.yaml"
    file.write_text(SHOP.read_text())
    return file


def test_requests_that_drop_end_with_1_and_say_where_what_why_and_what_would_pass(dropping):
    done = nodrop(dropping)
    assert done.exit_code == 1
    assert "drops  shop/web: Ingress web > Service web:80 > NEG > Deployment web" in done.stdout
    assert "error  pre-stop-outlasts-deprogramming" in done.stdout
    assert "seen        5: " in done.stdout
    assert "instead     60" in done.stdout
    assert done.stdout.endswith("\n1 serving path: 1 drops. 1 error, 1 warning.\n")


def test_json_holds_the_same_findings(dropping):
    document = json.loads(nodrop(dropping, "--format", "json").stdout)
    (path,) = document["paths"]
    assert (document["verdict"], path["name"], path["verdict"]) == ("drops", "shop/web", "drops")
    assert "pre-stop-outlasts-deprogramming" in {each["rule"] for each in path["findings"]}
