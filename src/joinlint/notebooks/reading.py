"""A notebook file to the text of its code cells (https://nbformat.readthedocs.io/en/latest/format_description.html)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from joinlint.lines import source_lines
from joinlint.notebooks.cells import Cell
from joinlint.notebooks.ipython import as_python
from joinlint.sources import Problem, SourceFile
from joinlint.syntax.parsing import Unparsable, check_syntax

_OLDEST = 4


class NotANotebook(Exception):
    """A file that is no notebook that can be read; its text says why, `row` and `column` are 1-based or None."""

    def __init__(self, reason: str, row: int | None = None, column: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.row = row
        self.column = column


def read_notebook(filename: str, content: bytes) -> SourceFile | Problem | None:
    """The notebook as a file to check, in which each cell is complete in itself; None if its language is not Python."""
    try:
        notebook = load(content)
        sources = list(code_cells(notebook))
    except NotANotebook as error:
        return Problem(filename, error.reason, error.row, error.column)
    if not is_python(notebook):
        return None
    cells: list[Cell] = []
    texts: list[str] = []
    row = 1
    for number, source in sources:
        lines = source_lines(source)
        if not lines:
            continue
        text = "".join(lines)
        text = as_python(text if text.endswith("\n") else f"{text}\n")
        try:
            check_syntax(text)
        except Unparsable as error:
            return Problem(filename, error.reason, error.row, error.column, number)
        cells.append(Cell(number, row, lines))
        texts.append(text)
        row += len(lines)
    return SourceFile(filename, "".join(texts), tuple(cells))


def load(content: bytes) -> Mapping[str, object]:
    """The notebook's JSON object, with a list of cells in it.  Raises NotANotebook."""
    try:
        notebook = json.loads(content)
    except json.JSONDecodeError as error:
        raise NotANotebook(f"is no notebook: {_begun_small(error.msg)}", error.lineno, error.colno) from None
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise NotANotebook(f"is no notebook: {reason}") from None
    if not isinstance(notebook, dict):
        raise NotANotebook("is no notebook: it is not a JSON object")
    version = notebook.get("nbformat")
    if isinstance(version, int) and version < _OLDEST:
        raise NotANotebook(
            f"is in notebook format {version}, which Jupyter converts: `jupyter nbconvert --to notebook`"
        )
    if not isinstance(notebook.get("cells"), list):
        raise NotANotebook("is no notebook: it has no list of cells")
    return notebook


def code_cells(notebook: Mapping[str, object]) -> Iterator[tuple[int, str]]:
    """The code cells of a loaded notebook: the 1-based number of each among all cells, and its source.

    Raises NotANotebook for a cell that is none.
    """
    cells = notebook["cells"]
    assert isinstance(cells, list)
    for number, cell in enumerate(cells, start=1):
        if not isinstance(cell, dict):
            raise NotANotebook(f"is no notebook: cell {number} is not a JSON object")
        if cell.get("cell_type") == "code" and _is_python_cell(cell):
            source = cell.get("source")
            if isinstance(source, list) and all(isinstance(line, str) for line in source):
                source = "".join(source)
            if not isinstance(source, str):
                raise NotANotebook(f"is no notebook: the source of cell {number} is not text")
            yield number, source


def is_python(notebook: Mapping[str, object]) -> bool:
    """Does the notebook say that its language is Python, or nothing of it?"""
    metadata = notebook.get("metadata")
    named = (_text(metadata, "language_info", "name"), _text(metadata, "kernelspec", "language"))
    language = next(filter(None, named), "python")
    return language.lower().removeprefix("i").startswith("python")


def _is_python_cell(cell: Mapping[str, object]) -> bool:
    # Visual Studio Code lets a cell have a language of its own, and notes it there.
    return _text(cell, "metadata", "vscode", "languageId") in {"", "python"}


def _text(value: object, *keys: str) -> str:
    """What lies under the keys in nested objects, "" where there is no text."""
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def _begun_small(text: str) -> str:
    return text[:1].lower() + text[1:]
