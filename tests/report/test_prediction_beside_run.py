"""What the model expected, beside and over what the lab measured."""

import io

import pytest
from rich.console import Console

from nodrop.report.files import write_html
from nodrop.report.table import print_results
from nodrop.rollout import PodTimeline

PREDICTED = tuple(
    PodTimeline(name=name, node="", old=old, events=events, last_request=None, last_response=None, requests=0)
    for name, old, events in (
        ("old-1", True, {"deleted": 20.0, "removed": 48.6, "term": 80.0, "gone": 80.0}),
        ("new-1", False, {"created": 0.0, "started": 0.0, "ready": 5.0, "attached": 18.0, "gate": 19.0}),
    )
)


def header_and_row(result) -> tuple[str, str]:
    file = io.StringIO()
    print_results([result], Console(file=file, width=140))
    lines = file.getvalue().splitlines()
    return next(line for line in lines if "Verdict" in line), next(line for line in lines if line.startswith("clean"))


@pytest.mark.parametrize(("expected", "shown"), [(0.0, "0"), (0.4, "<1"), (74.6, "75")])
def test_the_table_shows_what_the_model_expected_beside_what_failed(make_rollout, expected, shown):
    header, row = header_and_row(make_rollout(expected_failed=expected))
    assert header.split().index("Model") == header.split().index("Failed") + 1
    at = header.index("Model")
    assert row[at - 2 : at + len("Model")].split()[-1] == shown


def test_without_an_expectation_there_is_no_such_column(make_rollout):
    assert "Model" not in header_and_row(make_rollout())[0]


def test_the_page_draws_the_prediction_below_the_run(make_rollout, tmp_path):
    def predicted(result) -> int:
        write_html([result], tmp_path / "index.html")
        page = (tmp_path / "index.html").read_text()
        return page.count("<title>predicted: ")

    assert predicted(make_rollout()) == 0
    assert predicted(make_rollout(predicted=PREDICTED)) >= 4
