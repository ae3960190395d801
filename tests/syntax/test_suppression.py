"""Comments that silence findings, held against flake8's own reading of them."""

from __future__ import annotations

import argparse

import pytest
from flake8.processor import FileProcessor
from flake8.violation import Violation
from hypothesis import example, given
from hypothesis import strategies as st

from joinlint.findings import Finding, Position, Span
from joinlint.lines import source_lines
from joinlint.syntax.suppression import silenced, skips_file, unsuppressed


def _finding(row: int, code: str = "JL101") -> Finding:
    return Finding(code, "name", "file.py", Span(Position(row, 1), Position(row, 2)), "message")


def _left(text: str, *rows: int, code: str = "JL101") -> list[int]:
    findings = [_finding(row, code) for row in rows]
    return [finding.span.start.row for finding in unsuppressed(findings, source_lines(text))]


def _flake8_silences(code: str, row: int, text: str) -> bool:
    processor = FileProcessor(
        "-",
        argparse.Namespace(
            hang_closing=False, indent_size=4, max_line_length=79, max_doc_length=79, verbose=0, stdin_display_name="x"
        ),
        lines=list(source_lines(text)),
    )
    line = processor.noqa_line_for(row)
    if line is None:  # flake8 then reads the line from the file
        line = source_lines(text)[row - 1]
    return Violation(code, "x", row, 1, "message", line).is_inline_ignored(False)


@pytest.mark.parametrize(
    ("comment", "is_silenced"),
    [
        ("# noqa", True),
        ("# NOQA", True),
        ("# NoQa: JL101", True),
        ("# noqa:JL101", True),
        ("# noqa: JL1", True),
        ("# noqa: E501,JL101", True),
        ("# noqa: E501, JL101", True),
        ("# noqa: E501 JL101", True),
        ("# noqa: JL101 since the parent outlives it", True),
        ("# why  # noqa: JL101", True),
        ("# noqa : E501", True),
        ("# noqa: because", True),
        ("# noqa: JL102", False),
        ("# noqa: E501", False),
        ("# noqa: JL1012", False),
        ("#noqa", False),
        ("# no qa", False),
        ("", False),
    ],
)
def test_grammar(comment: str, is_silenced: bool) -> None:
    assert silenced("JL101", f"p.start()  {comment}\n") is is_silenced
    assert _flake8_silences("JL101", 1, f"p.start()  {comment}\n") is is_silenced


words = st.sampled_from(
    ["# noqa", "# NoQA", "#noqa", ":", ": ", ":  ", "JL101", "JL1", "jl1", "JL", "E501", ",", ", ", " ", "x", "\t"]
)


@given(st.lists(words, max_size=8).map("".join))
@example("# noqa:JL101,,E501")
@example("# noqa: E501,JL")
def test_grammar_is_flake8s(comment: str) -> None:
    text = f"start()  # {comment}\n"
    assert silenced("JL101", text) == _flake8_silences("JL101", 1, text)


LAYOUT = '''\
start(  # row 1
    """a string
    over rows""",
)
x = 1 + \\
    start()
start(
    1,
)
f"""
{start()}
"""

if x:
    start()
'''


@given(st.integers(1, LAYOUT.count("\n")), st.integers(1, LAYOUT.count("\n")))
def test_rows_are_flake8s(comment_row: int, finding_row: int) -> None:
    lines = LAYOUT.splitlines()
    if not lines[comment_row - 1].endswith("\\"):
        lines[comment_row - 1] += "  # noqa"
    text = "\n".join(lines) + "\n"
    assert (_left(text, finding_row) == []) == _flake8_silences("JL101", finding_row, text)


def test_only_the_row_of_the_report_counts() -> None:
    assert _left("start(\n    1,\n)  # noqa\n", 1) == [1]
    assert _left("start(  # noqa\n    1,\n)\n", 1) == []


def test_rows_joined_by_a_string_or_a_backslash_share_their_comment() -> None:
    assert _left('start("""\n""")  # noqa: JL1\n', 1) == []
    assert _left("start() + \\\n    1  # noqa\n", 1, 2) == []


def test_text_that_the_tokenizer_refuses() -> None:
    assert _left("start()  # noqa\nstart()\n'''\n", 1, 2) == [2]


def test_a_row_that_the_file_does_not_have() -> None:
    assert _left("start()  # noqa\n", 9) == [9]


def test_only_line_ends_count_as_rows() -> None:
    assert _left("a = 1\x0c\nb = '\x0b\x1c\u2028'\r\nstart()  # noqa\rstart()\n", 3, 4) == [4]


@pytest.mark.parametrize(
    "text",
    [
        "# joinlint: skip-file\nstart()\n",
        "start()\n#joinlint:skip-file\n",
        "start()  # joinlint: skip-file, generated\n",
        "# joinlint: skip-file\n'''\n",
    ],
)
def test_skip_file(text: str) -> None:
    assert skips_file(source_lines(text))
    assert _left(text, 1) == []


@pytest.mark.parametrize(
    "text",
    [
        '"""\n# joinlint: skip-file\n"""\n',
        "x = '# joinlint: skip-file'\n",
        "# joinlint: skip-files\n",
        "# skip-file\n",
        "",
    ],
)
def test_no_skip_file(text: str) -> None:
    assert not skips_file(source_lines(text))
