"""`# joinlint: ignore`: its grammar, and what it silences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinlint.findings import Finding, Position, Span
from joinlint.lines import source_lines
from joinlint.syntax.comments import Comment
from joinlint.syntax.ignore_comments import IgnoreComment, Malformed, ignore_comments
from joinlint.syntax.suppression import unignored, unsuppressed


def _read(text: str) -> list[IgnoreComment | Malformed]:
    return list(ignore_comments([Comment(3, 5, text)]))


def _left(text: str, *rows: int, code: str = "JL101") -> list[int]:
    findings = [Finding(code, "name", "a.py", Span(Position(row, 1), Position(row, 2)), "message") for row in rows]
    return [finding.span.start.row for finding in unignored(findings, source_lines(text))]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("# joinlint: ignore", None),
        ("#joinlint:ignore", None),
        ("# joinlint: ignore  ", None),
        ("# why # joinlint: ignore # and more", None),
        ("# joinlint: ignore[JL101]", ("JL101",)),
        ("# joinlint: ignore [ JL101 , JL3 ]", ("JL101", "JL3")),
        ("# joinlint: ignore[JL101,]", ("JL101",)),
        ("# joinlint: ignore[JL] the parent outlives it", ("JL",)),
        ("# type: ignore[x]  # joinlint: ignore[JL1]  # noqa", ("JL1",)),
    ],
)
def test_grammar(text: str, codes: tuple[str, ...] | None) -> None:
    (comment,) = _read(text)
    assert isinstance(comment, IgnoreComment)
    assert comment.codes == codes
    assert text[comment.column - 5 : comment.end_column - 5] == comment.text
    assert comment.text.endswith("ignore" if codes is None else "]")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("# joinlint: ignore JL101", "in brackets"),
        ("# joinlint: ignore=JL101", "in brackets"),
        ("# joinlint: ignore-errors", "in brackets"),
        ("# joinlint: ignore[JL101", "in brackets"),
        ("# joinlint: ignore[]", "names no code"),
        ("# joinlint: ignore[ , ]", "names no code"),
        ("# joinlint: ignore[JL101 JL102]", "'JL101 JL102'"),
        ("# joinlint: ignore[E501]", "'E501'"),
        ("# joinlint: ignore[JL1O1]", "'JL1O1'"),
        ("# joinlint: ignore[jl101]", "'jl101'"),
    ],
)
def test_malformed(text: str, words: str) -> None:
    (comment,) = _read(text)
    assert isinstance(comment, Malformed)
    assert words in comment.reason
    assert (comment.row, comment.column) == (3, 5)


@pytest.mark.parametrize("text", ["# joinlint: ignored", "# ignore[JL101]", "# Joinlint: ignore", "# joinlint ignore"])
def test_other_comments(text: str) -> None:
    assert _read(text) == []


def test_several_in_one_comment() -> None:
    first, second = _read("# joinlint: ignore[JL1]  # joinlint: ignore[]")
    assert isinstance(first, IgnoreComment)
    assert isinstance(second, Malformed)
    assert second.column == 5 + len("# joinlint: ignore[JL1]  ")


@given(st.text(alphabet="#joinlt: gre[]JL019,\t x", max_size=30))
def test_any_comment_is_read_or_refused(text: str) -> None:
    for comment in _read(f"# joinlint: ignore{text}"):
        if isinstance(comment, IgnoreComment):
            assert comment.codes is None or all(code.startswith("JL") for code in comment.codes)


@pytest.mark.parametrize(
    ("comment", "is_silenced"),
    [
        ("# joinlint: ignore", True),
        ("# joinlint: ignore[JL101]", True),
        ("# joinlint: ignore[JL1]", True),
        ("# joinlint: ignore[JL2, JL101]", True),
        ("# joinlint: ignore[JL999, JL101]", True),
        ("# joinlint: ignore[JL102]", False),
        ("# joinlint: ignore[JL102]  # joinlint: ignore[JL101]", True),
        ("# joinlint: ignore JL101", False),
        ("# noqa", False),
    ],
)
def test_silences_its_row(comment: str, is_silenced: bool) -> None:
    assert (_left(f"start()  {comment}\nstart()\n", 1, 2) == [2]) is is_silenced


def test_words_in_a_string_silence_nothing() -> None:
    assert _left("start('# joinlint: ignore')\n", 1) == [1]


def test_rows_joined_by_a_string_or_a_backslash_share_their_comment() -> None:
    assert _left('start("""\n""")  # joinlint: ignore\nstart()\n', 1, 3) == [3]
    assert _left("start() + \\\n    1  # joinlint: ignore\n", 1, 2) == []


def test_brackets_join_nothing() -> None:
    assert _left("start(\n    1,\n)  # joinlint: ignore\n", 1) == [1]
    assert _left("start(  # joinlint: ignore\n    1,\n)\n", 1) == []


def test_text_that_the_tokenizer_refuses() -> None:
    assert _left("start()  # joinlint: ignore[JL1]\nstart()\n'''\n", 1, 2) == [2]


def test_both_kinds_in_one_file() -> None:
    text = "start()  # noqa\nstart()  # joinlint: ignore\nstart()\n"
    findings = [Finding("JL101", "n", "a.py", Span(Position(row, 1), Position(row, 2)), "m") for row in (1, 2, 3)]
    assert [f.span.start.row for f in unsuppressed(findings, source_lines(text))] == [3]
