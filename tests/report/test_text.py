"""What is measured in columns, and what must never reach a terminal as it is."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinlint.report.text import cells, painter, visible, width, window, wrapped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain `text`", "plain `text`"),
        ("漢字 é", "漢字 é"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("two\nlines", "two\\nlines"),
        ("right\u202eleft", "right\\u202eleft"),
        ("\x9b2J", "\\x9b2J"),
        ("name\udcff", "name\\udcff"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text())
def test_nothing_that_a_terminal_obeys_is_left(text: str) -> None:
    assert not {unicodedata.category(c) for c in visible(text)} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("漢字", 4), ("e\u0301", 1), ("\x1b", 4), ("", 0)])
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns


def test_tabs_go_to_their_stops() -> None:
    assert "".join(cell.text for cell in cells("\ta\tbcd\tx\n")) == "    a   bcd x"


@given(st.text(alphabet="ab 漢\t\x1b", max_size=60), st.integers(0, 60), st.integers(0, 60), st.integers(8, 40))
def test_window_fits_and_shows_the_span(line: str, start: int, length: int, columns: int) -> None:
    row = cells(line)
    low, high = window(row, start, start + length, columns)
    assert 0 <= low <= high <= len(row)
    assert sum(cell.width for cell in row[low:high]) <= columns
    if start < len(row):
        assert low <= start < max(high, 1)
    if sum(cell.width for cell in row) <= columns:
        assert (low, high) == (0, len(row))


@given(st.text(alphabet="ab漢 ", max_size=200), st.integers(10, 40), st.integers(0, 9))
def test_wrapped_keeps_the_words_in_order_and_to_the_columns(text: str, columns: int, first: int) -> None:
    lines = wrapped(text, columns, first)
    assert " ".join(lines).split() == text.split()
    for number, line in enumerate(lines):
        assert width(line) <= columns - (0 if number else first) or " " not in line.strip()


def test_paint() -> None:
    assert painter(False)("code", "JL101") == "JL101"
    assert painter(True)("code", "JL101") == "\x1b[31m\x1b[1mJL101\x1b[0m"
    assert painter(True)("code", "") == ""
