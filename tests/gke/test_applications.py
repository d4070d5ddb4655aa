"""What the components write on a Deployment about its application is read as it was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.gke.applications import read_accept, read_seconds, write_accept, write_seconds


@given(st.floats(min_value=0, allow_nan=False, allow_infinity=False))
def test_seconds_are_read_as_they_were_written(seconds):
    assert read_seconds(write_seconds(seconds)) == seconds


@given(st.dictionaries(st.text(), st.text("abc é", min_size=1).filter(str.strip)))
def test_waivers_are_read_as_they_were_written(reasons):
    assert read_accept(write_accept(reasons)) == reasons


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("draining", "^JSON such as"),
        ("[" * 100_000, "^JSON such as"),
        ("[]", "^a JSON object"),
        ("null", "^a JSON object"),
        ('{"rule": ""}', "^a reason for each rule"),
        ('{"rule": " \\u200b"}', "^a reason for each rule"),
        ('{"rule": 1}', "^a reason for each rule"),
    ],
)
def test_a_waiver_without_a_reason_says_what_is_wanted(text, wanted):
    with pytest.raises(ValueError, match=wanted):
        read_accept(text)
