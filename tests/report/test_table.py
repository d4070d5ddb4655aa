import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from nodrop.lab.results import MethodCount
from nodrop.report.columns import informative, rollout_columns
from nodrop.report.summary import summarise
from nodrop.report.table import SLACK, fit, print_results
from tests.cli.labs import ROOT


def printed(results, width=120, **options):
    file = io.StringIO()
    print_results(results, Console(file=file, width=width, **options))
    return file.getvalue()


def rows_of(text, name):
    return [line.split() for line in text.splitlines() if name in line]


def test_at_120_columns_each_variant_is_one_line_with_all_its_figures(comparison):
    text = printed(comparison())
    (line,) = [row for row in rows_of(text, "NEG, preStop + gate ") if row[5] == "2"]
    assert line == [
        "clean",
        "NEG,",
        "preStop",
        "+",
        "gate",
        "2",
        "60",
        "s",
        "yes",
        "1,340",
        "0",
        "<=",
        "0.23",
        "%",
        "-",
        "36.0",
        "68.2",
        "9.0",
    ]
    (leak,) = [row for row in rows_of(text, "NodePort, keep-alive ") if row[3] == "2"]
    assert leak[:14] == [
        "leaks",
        "NodePort,",
        "keep-alive",
        "2",
        "yes",
        "9.3",
        "69.0",
        "47",
        "%",
        "(231",
        "of",
        "490)",
        "17",
        "640",
    ]


@pytest.mark.parametrize("width", [120, 80])
@pytest.mark.parametrize("seeds", [(1,), (1, 2, 3, 4, 5)])
def test_no_line_is_longer_than_the_terminal_and_no_figure_is_cut(comparison, width, seeds):
    text = printed(comparison(seeds), width)
    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert "…" not in text


def test_seeds_show_as_a_range(make_rollout):
    text = printed([make_rollout(failed=12, seed=1), make_rollout(failed=40, seed=2)])
    assert "12..40" in text


def test_a_reader_sees_posts_dropped_where_gets_were_saved(make_rollout):
    methods = {
        "GET": MethodCount(requests=700, failed=3, saved=41),
        "POST": MethodCount(requests=640, failed=52, saved=0),
    }
    text = printed([make_rollout("NEG, neither", failed=55, methods=methods)], width=160)
    (header,) = (line for line in text.splitlines() if line.startswith("Verdict") and "POST" in line)
    row = next(line for line in text.splitlines() if line.startswith("drops"))
    assert header.split()[header.split().index("GET") + 1] == "POST"
    assert "3, 41 saved" in row
    assert "52" in row.split()
    assert "Saved by the load balancer's retry: NEG, neither (2 pods): 41 GETs; a POST in their place fails." in text


def test_a_single_get_that_was_saved_is_told_as_one(make_rollout):
    methods = {
        "GET": MethodCount(requests=700, failed=0, saved=1),
        "POST": MethodCount(requests=640, failed=1, saved=0),
    }
    assert "1 GET; a POST in its place fails." in printed([make_rollout(failed=1, methods=methods)], width=160)


def test_methods_are_not_told_apart_where_nothing_failed(make_rollout):
    methods = {name: MethodCount(requests=670, failed=0, saved=0) for name in ("GET", "POST")}
    assert "POST" not in printed([make_rollout(methods=methods)])


def test_every_cause_in_the_table_is_explained_below_it_by_its_name_in_the_log(make_rollout):
    text = printed([make_rollout(failures={"failed_to_pick_backend": 7, "odd_cause": 2})])
    assert "a 7, b 2" in text
    assert "a = failed_to_pick_backend: no healthy endpoint was left" in text
    assert "b = odd_cause" in text.splitlines()


def test_the_verdict_is_a_word_with_or_without_colour(make_rollout):
    coloured = printed([make_rollout(failed=3)], force_terminal=True, color_system="standard")
    assert "drops" in printed([make_rollout(failed=3)])
    assert "\x1b[1;31mdrops" in coloured


def test_a_backend_column_appears_where_variants_do_not_name_it(make_rollout):
    assert "Backend" not in printed([make_rollout("NEG, preStop")])
    assert "Backend" in printed([make_rollout("web as declared")])


def test_brackets_in_a_name_are_text_and_no_markup(make_rollout):
    assert "[red]web NEG" in printed([make_rollout("[red]web NEG")])


def test_nothing_to_print_is_said():
    assert printed([]) == "Nothing was rehearsed\n"


@pytest.mark.slow
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(data=st.data(), width=st.integers(40, 160))
def test_any_results_print_within_the_terminal(any_result, data, width):
    results = data.draw(st.lists(any_result, max_size=4))
    text = printed(results, width)
    assert max(cell_len(line) for line in text.splitlines()) <= width


@given(width=st.integers(1, 200), gap=st.sampled_from([1, 2]))
def test_splitting_a_table_keeps_every_column_once_and_names_each_part(comparison, width, gap):
    rows, _ = summarise(comparison())
    columns = informative(rollout_columns(lambda causes: "a"), rows)
    parts = fit(columns, rows, width, gap)
    names = columns[1]
    assert all(names in part for part in parts)
    assert [column for part in parts for column in part if column is not names] == [columns[0], *columns[2:]]


def test_over_seeds_the_seconds_without_service_are_told_and_for_one_run_they_are_not(make_rollout):
    def run(seed):
        return make_rollout(seed=seed, failed=4, disrupted_seconds={"new": seed, "reused": 0})

    assert "new 1/2/2, reused 0/0/0" in printed([run(1), run(2)], width=240)
    assert "service" not in printed([run(1)], width=240)


def test_the_legend_of_slack_says_whose_requests_count_and_docs_show_it():
    assert "counted from what replaced pods answered; a request that a pod refused is a failure and not in it" in SLACK
    assert "negative is too late" not in SLACK  # a pod that drains has a negative slack at SIGTERM, and drops nothing
    assert SLACK in " ".join((ROOT / "docs" / "compare.md").read_text().split())
