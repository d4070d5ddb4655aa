"""Text from outside is shown, and never obeyed."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodrop.rollout.text import one_line, printable, printable_lines

TEXTS = st.text(st.characters(exclude_categories=()) | st.sampled_from(list(":#[]\n\r\t \x1b\x9b\x07‮\ud800")))


def test_an_ordinary_text_stays_as_it_is():
    assert printable("demo/web: 60 s, naïve 東京 [x] :: ok") == "demo/web: 60 s, naïve 東京 [x] :: ok"


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b]52;c;cm0=\x07", r"\x1b]52;c;cm0=\x07"),
        ("\x9b31m", r"\x9b31m"),
        ("a\nb\tc\rd", "a b c d"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\ud800", r"\ud800"),
        ("::error::broken", ": :error::broken"),
        ("  ::set-output name=x::y", "  : :set-output name=x::y"),
        ("clean ##[add-mask]e", "clean ## [add-mask]e"),
        ("##vso[task.complete]", "## vso[task.complete]"),
    ],
)
def test_what_a_terminal_or_a_ci_runner_would_obey_is_spelt_out(hostile, shown):
    assert printable(hostile) == shown


@given(TEXTS)
def test_a_printable_text_is_one_line_without_control_characters_or_commands(text):
    shown = printable(text)
    assert shown.isprintable() or shown == ""
    assert not any(unicodedata.category(each).startswith("C") for each in shown)
    assert not shown.lstrip().startswith("::")
    assert not re.search(r"##(vso)?\[", shown)


@given(TEXTS)
def test_lines_stay_lines(text):
    assert printable_lines(text).count("\n") == text.count("\n")


def test_a_reason_is_one_line_without_needless_blanks():
    assert one_line(" websocket\n clients  reconnect ") == "websocket clients reconnect"
