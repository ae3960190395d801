"""A backslash alone on a line before a statement changes neither the rows nor the program."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinlint.pipeline import check_files
from joinlint.sources import SourceFile
from joinlint.syntax.lone_backslashes import without_lone_backslashes
from joinlint.syntax.parsing import concrete_tree

HEAD = "from multiprocessing import Process\n"


@pytest.mark.parametrize(
    ("text", "row"),
    [
        pytest.param("x = 1\n\\\nProcess(target=x).start()\n", 4, id="before a statement"),
        pytest.param("x = 1\n\\\n\\\n\\\nProcess(target=x).start()\n", 6, id="several"),
        pytest.param("if x:\n    \\\n    Process(target=x).start()\n", 4, id="at the beginning of a block"),
        pytest.param("if x:\n    \\\nProcess(target=x).start()\n", 4, id="which gives the indentation"),
        pytest.param("if x:\n    y = 1\n\\\nProcess(target=x).start()\n", 5, id="behind a block"),
        pytest.param("if x: y = 1\n\\\nelse: Process(target=x).start()\n", 4, id="before an else"),
        pytest.param("x = 'a\\\n\\\nb'\nProcess(target=x).start()\n", 5, id="in a string"),
        pytest.param("x = (\n\\\n1)\nProcess(target=x).start()\n", 5, id="in brackets"),
    ],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_rows(text: str, row: int, end: str) -> None:
    (result,) = check_files([SourceFile("app.py", (HEAD + text).replace("\n", end).encode())], ["JL101"])
    assert [finding.span.start.row for finding in result.findings] == [row]


PARTS = [
    "\\\n",
    "    \\\n",
    "  \\\n",
    "x = 1\n",
    "    y = 2\n",
    "if x:\n",
    "else:\n",
    "# c\n",
    "\n",
    '"""',
    "(",
    ")",
    "'",
]


@given(st.lists(st.sampled_from(PARTS), max_size=12).map("".join))
def test_the_program_stays_the_same(text: str) -> None:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    assert _with_places(ast.parse(without_lone_backslashes(text))) == _with_places(tree)
    assert concrete_tree(text, SyntaxError()).code.count("\n") == text.count("\n")


def _with_places(tree: ast.AST) -> list[tuple[str, int | None]]:
    return [(type(node).__name__, getattr(node, "lineno", None)) for node in ast.walk(tree)]


def test_what_has_none_is_left_alone() -> None:
    text = "x = 1 + \\\n    2\n'''\n\\\n'''\n\\\n# a comment\n"
    assert without_lone_backslashes(text) == text
