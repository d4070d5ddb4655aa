import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.report.conditions import conditions_line
from nodrop.report.figures import count, percent, seconds, upper_bound
from nodrop.report.summary import Range
from nodrop.report.words import spread


@given(requests=st.integers(1, 10_000_000))
def test_a_printed_bound_is_never_below_the_bound(requests):
    bound = min(1.0, 3 / requests)
    printed = float(upper_bound(3 / requests).removeprefix("<= ").removesuffix(" %")) / 100
    assert bound <= printed + 1e-12
    assert printed < bound + 1.01e-4


@given(failed=st.integers(1, 10_000), passed=st.integers(1, 10_000_000))
def test_a_share_between_none_and_all_never_reads_as_none_or_all(failed, passed):
    assert percent(failed / (failed + passed)) not in ("0 %", "0.0 %", "100 %", "100.0 %")


@pytest.mark.parametrize(
    ("span", "text", "shown"),
    [
        (Range(low=-3.24, high=-1.04, absent=0), seconds, "-3.2..-1.0"),
        (Range(low=4.01, high=4.04, absent=0), seconds, "4.0"),
        (Range(low=-0.01, high=-0.01, absent=0), seconds, "0.0"),
        (Range(low=8.0, high=9.0, absent=2), seconds, "8.0..9.0, never in 2"),
        (None, seconds, "never"),
        (Range(low=1_200, high=13_400, absent=0), count, "1,200..13,400"),
        (Range(low=0.3, high=0.736, absent=0), percent, "30..74 %"),
    ],
)
def test_a_span_reads_as_its_range(span, text, shown):
    assert spread(span, text, absent="never") == shown


def test_the_line_of_conditions_gives_every_value_in_which_runs_differ(make_rollout, make_unready):
    line = conditions_line([make_rollout(seed=1), make_rollout(seed=4), make_unready(seed=4, keep_alive=False)])
    assert line.startswith("seed 1 or 4; speed-up 30x; load 8 requests/s; attach lag 7.0..17.0 s; ")
    assert "keep-alive 620 s or off" in line
