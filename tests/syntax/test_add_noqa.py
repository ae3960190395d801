"""Writing `# noqa` comments: silenced afterwards, the same program, and nothing else changed."""

from __future__ import annotations

import ast
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joinlint.findings import Finding, Position, Span
from joinlint.lines import source_lines
from joinlint.syntax.add_noqa import add_noqa
from joinlint.syntax.suppression import unsuppressed


@pytest.mark.parametrize(
    ("text", "row", "expected"),
    [
        ("start()\n", 1, "start()  # noqa: JL101\n"),
        ("start()", 1, "start()  # noqa: JL101"),
        ("start()  \r\nx\r\n", 1, "start()  # noqa: JL101\r\nx\r\n"),
        ("x\rstart()\rx", 2, "x\rstart()  # noqa: JL101\rx"),
        ("start()  # why\n", 1, "start()  # why  # noqa: JL101\n"),
        ("start()  # noqa: E501\n", 1, "start()  # noqa: E501, JL101\n"),
        ("start()  # noqa:E501,  \n", 1, "start()  # noqa:E501, JL101,  \n"),
        ("start()  # NOQA: E501 too long\n", 1, "start()  # NOQA: E501, JL101 too long\n"),
        ("start()  # joinlint: ignore[JL2]\n", 1, "start()  # joinlint: ignore[JL2]  # noqa: JL101\n"),
        ('start("""\n""")\n', 1, 'start("""\n""")  # noqa: JL101\n'),
        ("start() + \\\n  1\n", 1, "start() + \\\n  1  # noqa: JL101\n"),
        ("start(\n  1,\n)\n", 1, "start(  # noqa: JL101\n  1,\n)\n"),
    ],
)
def test_place(text: str, row: int, expected: str) -> None:
    edited = add_noqa(text, {row: {"JL101"}})
    assert (edited.text, edited.comments, edited.skipped) == (expected, 1, ())


def test_codes_are_sorted_and_rows_share_their_comment() -> None:
    edited = add_noqa('start("""\n""", start())\n', {1: {"JL203", "JL101"}, 2: {"JL102"}})
    assert edited.text == 'start("""\n""", start())  # noqa: JL101, JL102, JL203\n'
    assert edited.comments == 1


@pytest.mark.parametrize("text", ['start("# noqa: E501")\n', 'start("# noqa: E501")  # why\n'])
def test_a_noqa_in_a_string_leaves_no_place(text: str) -> None:
    edited = add_noqa(text, {1: {"JL101"}})
    assert (edited.text, edited.comments, edited.skipped) == (text, 0, (1,))


def test_a_row_without_room_is_no_hindrance_to_others() -> None:
    edited = add_noqa("start()\n\\\nstart()\n", {1: {"JL101"}, 2: {"JL101"}})
    assert (edited.text, edited.comments, edited.skipped) == ("start()  # noqa: JL101\n\\\nstart()\n", 1, (2,))


def test_what_the_tokenizer_refuses_is_left_alone() -> None:
    edited = add_noqa("start()\n'''\n", {1: {"JL101"}})
    assert (edited.text, edited.comments, edited.skipped) == ("start()\n'''\n", 0, (1,))


statements = st.sampled_from(
    [
        "start()",
        "x = 1  # a comment",
        "start()  # noqa: E501, W291",
        "start()  # noqa:E501 since",
        'x = """\n  # noqa: E501\n"""; start()',
        "start(\n    1,  # noqa: X1\n\n)",
        "x = \\\n    start()",
        "if x:\n    start()  ",
        "x = '#'; start()",
        'start(f"""\n{x}\n""")',
    ]
)


@settings(deadline=None)  # a busy machine may take its time
@given(st.lists(statements, min_size=1, max_size=5), st.sampled_from(["\n", "\r\n", "\r"]), st.data())
def test_silenced_afterwards_and_still_the_same_program(statements: list[str], end: str, data: st.DataObject) -> None:
    text = "\n".join(statements).replace("\n", end) + data.draw(st.sampled_from(["", end]))
    lines = source_lines(text)
    rows = data.draw(st.sets(st.integers(1, len(lines)), min_size=1))
    findings = [Finding("JL101", "n", "a.py", Span(Position(row, 1), Position(row, 2)), "m") for row in rows]

    edited = add_noqa(text, {row: {"JL101"} for row in rows})

    left = {f.span.start.row for f in unsuppressed(findings, source_lines(edited.text))}
    assert left == set(edited.skipped)
    assert ast.dump(ast.parse(edited.text)) == ast.dump(ast.parse(text))
    assert re.findall(r"\r\n|\r|\n", edited.text) == re.findall(r"\r\n|\r|\n", text)
    again = {row: {"JL101"} for row in left}
    assert add_noqa(edited.text, again).text == edited.text
