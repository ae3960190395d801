"""Notebook files as text to check, and everything that is none."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joinlint.findings import Position, Span
from joinlint.notebooks.cells import in_cell
from joinlint.notebooks.reading import read_notebook
from joinlint.sources import Problem, SourceFile


def _content(*sources: object, metadata: object = None, **more: object) -> bytes:
    cells = [{"cell_type": "code", "source": source} for source in sources]
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, **more}).encode()


def _problem(content: bytes) -> str:
    problem = read_notebook("a.ipynb", content)
    assert isinstance(problem, Problem)
    assert "\n" not in problem.reason
    return problem.reason


def test_cells_in_a_row() -> None:
    notebook = {
        "cells": [
            {"cell_type": "markdown", "source": "text"},
            {"cell_type": "code", "source": ["import x\n", "!ls"]},
            {"cell_type": "code", "source": ""},
            {"cell_type": "code", "source": "y\r\nz\n"},
            {"cell_type": "code", "source": "y", "metadata": {"vscode": {"languageId": "sql"}}},
        ],
        "nbformat": 4,
    }
    file = read_notebook("a.ipynb", json.dumps(notebook).encode())
    assert isinstance(file, SourceFile)
    assert file.content == "import x\npass\ny\nz\n"
    assert file.cells is not None
    assert [(cell.number, cell.first_row, cell.lines) for cell in file.cells] == [
        (2, 1, ("import x\n", "!ls")),
        (4, 3, ("y\n", "z\n")),
    ]
    span = Span(Position(4, 1), Position(4, 2))
    assert in_cell(file.cells, span) == (4, Span(Position(2, 1), Position(2, 2)))
    assert in_cell(file.cells, Span(Position(1, 3), Position(2, 1)))[0] == 2


@pytest.mark.parametrize(
    ("metadata", "is_read"),
    [
        (None, True),
        ({}, True),
        ("odd", True),
        ({"language_info": {"name": "python"}}, True),
        ({"language_info": {"name": "ipython"}}, True),
        ({"kernelspec": {"language": "Python"}}, True),
        ({"language_info": {"name": "R"}, "kernelspec": {"language": "python"}}, False),
        ({"kernelspec": {"language": "julia"}}, False),
    ],
)
def test_language(metadata: object, is_read: bool) -> None:
    assert (read_notebook("a.ipynb", _content("x = 1", metadata=metadata)) is not None) is is_read


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is no notebook: expecting value"),
        (b"import x", "is no notebook: expecting value"),
        (b"\xff\xfe\xff", "is no notebook: "),
        (b"[]", "is no notebook: it is not a JSON object"),
        (b"{}", "is no notebook: it has no list of cells"),
        (b'{"cells": {}}', "is no notebook: it has no list of cells"),
        (b'{"cells": [1]}', "is no notebook: cell 1 is not a JSON object"),
        (b'{"nbformat": 3, "worksheets": []}', "is in notebook format 3"),
        (b"[" * 100_000, "is no notebook: nested too deeply"),
        (b"1" * 10_000, "is no notebook: Exceeds the limit"),
        (_content(1), "is no notebook: the source of cell 1 is not text"),
        (_content(["a", 1]), "is no notebook: the source of cell 1 is not text"),
    ],
)
def test_no_notebook(content: bytes, reason: str) -> None:
    assert _problem(content).startswith(reason)


@pytest.mark.parametrize(
    ("sources", "cell", "row"),
    [
        (["x = 1", "y\nf("], 2, 2),
        (["if x:\n    y", "else:\n    z"], 2, 1),
        (['x = """', '"""'], 1, 1),
        (["x \\", "y"], 1, 1),
        (["x = 1", "\0"], 2, None),
        (["x = '\ud800'"], 1, None),
    ],
)
def test_each_cell_is_complete_in_itself(sources: list[str], cell: int, row: int | None) -> None:
    problem = read_notebook("a.ipynb", _content(*sources))
    assert isinstance(problem, Problem)
    assert problem.cell == cell
    if row is not None:
        assert problem.row == row


def test_output_is_not_looked_at() -> None:
    notebook = json.loads(_content("x = 1"))
    notebook["cells"][0]["outputs"] = [{"data": {"text/plain": "multiprocessing " * 100_000}}]
    file = read_notebook("a.ipynb", json.dumps(notebook).encode())
    assert isinstance(file, SourceFile)
    assert file.content == "x = 1\n"


keys = st.sampled_from(["cells", "cell_type", "source", "metadata", "nbformat", "language_info", "name", "vscode"])
json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["code", "python", "x = 1", "!ls\n", "\ud800", "%%time"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=15,
)
cells = st.fixed_dictionaries({"cell_type": st.just("code"), "source": st.text() | st.lists(st.text())})


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=40)
    | json_values.map(lambda value: json.dumps(value).encode())
    | st.lists(cells | json_values, max_size=4).map(lambda cells: json.dumps({"cells": cells, "nbformat": 4}).encode())
)
def test_any_bytes(content: bytes) -> None:
    read = read_notebook("a.ipynb", content)
    if isinstance(read, Problem):
        assert "\n" not in read.reason
    elif read is not None:
        assert isinstance(read.content, str)
        assert read.cells is not None
        assert sum(len(cell.lines) for cell in read.cells) == read.content.count("\n")
