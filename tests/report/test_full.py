"""The full form, drawn for findings made by hand."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinlint.findings import Finding, Position, Related, Span
from joinlint.report import Report, render
from joinlint.report.text import width
from joinlint.sources import Problem

SOURCE = """\
import multiprocessing

def run(work, ok):
    p = multiprocessing.Process(target=work)
    p.start()
    prepare()
    collect()
    if not ok:
        return None
    report()

    p.join()
"""


def span(row: int, start: int, end: int, end_row: int | None = None) -> Span:
    return Span(Position(row, start), Position(end_row or row, end))


FINDING = Finding(
    code="JL102",
    name="not-joined-on-all-paths",
    filename="src/app.py",
    span=span(5, 5, 14),
    message="`p` is not joined on every path: the return in line 9 skips the join",
    related=(
        Related("joined here on another path", span(12, 5, 13)),
        Related("this return skips the join", span(9, 9, 20)),
    ),
    consequence="The program goes on before the child is done, and exit hangs for as long as the child runs.",
    advice="Join the process before every way out.",
)


def drawn(finding: Finding = FINDING, source: str = SOURCE, columns: int = 80, **others: str) -> str:
    lines = {finding.filename: source.splitlines(keepends=True)}
    lines |= {name: text.splitlines(keepends=True) for name, text in others.items()}
    return render("full", Report([finding], lines, summary=False, width=columns))


def test_the_whole_of_it() -> None:
    assert drawn() == dedent("""\
        src/app.py:5:5: JL102 `p` is not joined on every path: the return in line 9
            skips the join
           |
         4 |     p = multiprocessing.Process(target=work)
         5 |     p.start()
           |     ^^^^^^^^^ not-joined-on-all-paths
         6 |     prepare()
         7 |     collect()
         8 |     if not ok:
         9 |         return None
           |         ----------- this return skips the join
        10 |     report()
        11 |
        12 |     p.join()
           |     -------- joined here on another path
           |
           = note: The program goes on before the child is done, and exit hangs for as
                   long as the child runs.
           = help: Join the process before every way out.

        """)


def test_gaps_are_marked() -> None:
    far = SOURCE.replace("    prepare()\n", "    prepare()\n" * 9)
    finding = FINDING._replace(related=(Related("joined here", span(20, 5, 13)),))
    assert dedent("""\
         6 |     prepare()
        ...
        20 |     p.join()
        """) in drawn(finding, far)


def test_several_marks_on_one_row() -> None:
    finding = FINDING._replace(related=(Related("made here", span(5, 5, 6)),))
    assert dedent("""\
        5 |     p.start()
          |     ^^^^^^^^^ not-joined-on-all-paths
          |     - made here
        """) in drawn(finding)


def test_a_place_in_another_file_has_a_header_of_its_own() -> None:
    finding = FINDING._replace(related=(Related("kept here", span(1, 1, 5), "src/owner.py"),))
    assert dedent("""\
        6 |     prepare()
          |
          --> src/owner.py:1:1
          |
        1 | self.p = p
          | ---- kept here
          |
          = note:
        """).rstrip() in drawn(finding, **{"src/owner.py": "self.p = p\n"})


def test_a_span_of_several_rows_marks_the_first() -> None:
    finding = FINDING._replace(span=span(1, 3, 2, end_row=3), related=())
    text = drawn(finding, "  start(\n    1,\n  )\n")
    assert "1 |   start(\n  |   ^^^^^^ not-joined" in text


def test_tabs_and_wide_characters_stay_above_their_marks() -> None:
    finding = FINDING._replace(span=span(1, 8, 11), related=())
    text = drawn(finding, "\tx='漢';p()\n")
    row, marks = (line for line in text.splitlines() if line.startswith(("1 |", "  |  ")))
    assert row == "1 |     x='漢';p()"
    assert width(row[: row.index("p()")]) == marks.index("^^^")


def test_control_characters_of_the_source_are_spelled_out() -> None:
    finding = FINDING._replace(filename="a\x1b[2J.py", message="`\x1b]0;title\x07`", span=span(1, 5, 8), related=())
    text = drawn(finding, "'\x1b';p()\n")
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "1 | '\\x1b';p()\n  |        ^^^ " in text


def test_a_long_line_is_cut_around_the_span() -> None:
    source = f"{'a, ' * 200}p.start(), {'b, ' * 200}\n"
    finding = FINDING._replace(span=span(1, 601, 610), related=(Related("far off", span(1, 1, 2)),))
    rows = drawn(finding, source, columns=60).splitlines()
    assert max(map(len, rows[2:])) <= 60
    first, second = (number for number, row in enumerate(rows) if row.startswith("1 |"))
    assert rows[first].startswith("1 | a, a")
    assert rows[first].endswith("...")
    assert rows[first + 1] == "  | - far off"
    assert rows[second].startswith("1 | ...")
    assert rows[second].endswith("...")
    assert rows[second].index("p.start()") == rows[second + 1].index("^^^^^^^^^")


def test_a_span_longer_than_the_line_may_be() -> None:
    finding = FINDING._replace(span=span(1, 1, 500), related=())
    rows = drawn(finding, "x" * 600 + "\n", columns=40).splitlines()
    assert max(map(len, rows[1:])) <= 40
    assert any(row.endswith("^" * 30) for row in rows)


def test_a_label_without_room_beside_goes_below() -> None:
    finding = FINDING._replace(span=span(1, 60, 75), related=())
    rows = drawn(finding, "x" * 76 + "\n").splitlines()
    marks = rows.index(f"  | {' ' * 59}{'^' * 15}")
    assert rows[marks + 1].strip(" |") == "not-joined-on-all-paths"
    assert 70 < len(rows[marks + 1]) <= 80


@pytest.mark.parametrize("place", [span(99, 1, 2), span(1, 500, 501), span(2, 1, 1), span(12, 99, 1, end_row=40)])
def test_places_that_the_file_does_not_have(place: Span) -> None:
    text = drawn(FINDING._replace(span=place, related=(Related("there", span(77, 1, 4)),)))
    assert text.startswith(f"src/app.py:{place.start.row}:{place.start.column}: JL102")
    assert "= help:" in text


def test_a_file_without_lines() -> None:
    assert "= help:" in drawn(source="")


def test_remarks_are_left_out_where_there_are_none() -> None:
    text = drawn(FINDING._replace(consequence="", advice=""))
    assert "=" not in text.replace("target=", "").replace("p = ", "")


def test_colour_changes_nothing_but_colour() -> None:
    report = Report([FINDING], {FINDING.filename: SOURCE.splitlines(keepends=True)}, checked=1)
    coloured = render("full", report._replace(colour=True))
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[\d+m", "", coloured) == render("full", report)


@given(
    source=st.text(alphabet="p.()=漢\t\x1b\u202e x\n", max_size=300),
    places=st.lists(
        st.tuples(st.integers(1, 8), st.integers(1, 90), st.integers(1, 8), st.integers(1, 90)), min_size=1, max_size=4
    ),
    columns=st.integers(1, 120),
)
def test_any_places_in_any_text_fit_the_width(
    source: str, places: list[tuple[int, int, int, int]], columns: int
) -> None:
    spans = sorted(Span(*sorted((Position(a, b), Position(c, d)))) for a, b, c, d in places)
    related = tuple(Related("an odd place", place) for place in spans[1:])
    text = drawn(FINDING._replace(span=spans[0], related=related, message="odd"), source, columns)
    assert "\x1b" not in text
    for line in text.splitlines():
        assert width(line) <= max(columns, 40)


@pytest.mark.parametrize(
    ("report", "summary"),
    [
        (Report([], checked=41), "All clear: 41 files checked."),
        (Report([], checked=1), "All clear: 1 file checked."),
        (
            Report([], checked=3, problems=[Problem("a.py", "why")]),
            "Nothing found: 3 files checked, 1 could not be checked.",
        ),
        (Report([FINDING], checked=1), "Found 1 problem in 1 file (1 file checked)."),
        (
            Report(
                [FINDING, FINDING, FINDING._replace(filename="b.py")], checked=41, problems=[Problem("a.py", "why")] * 2
            ),
            "Found 3 problems in 2 files (41 files checked, 2 could not be checked).",
        ),
    ],
)
def test_summary(report: Report, summary: str) -> None:
    assert summary in render("full", report).splitlines()
    assert summary not in render("full", report._replace(summary=False))


def test_nothing_at_all_when_quiet_and_clean() -> None:
    assert render("full", Report([], checked=3, summary=False)) == ""
