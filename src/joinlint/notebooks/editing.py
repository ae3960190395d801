"""A notebook with comments in its cells, written as Jupyter writes it (nbformat.v4.nbjson.JSONWriter)."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from joinlint.lines import source_lines
from joinlint.notebooks.ipython import as_python
from joinlint.notebooks.reading import NotANotebook, code_cells, load
from joinlint.syntax.add_noqa import add_noqa


class NotEditable(Exception):
    """A notebook that can't be written without changing more than was asked for; its text says why."""


@dataclass(frozen=True, slots=True)
class EditedNotebook:
    """The new content, how many comments were added or extended, and by cell the rows that could not have one."""

    content: bytes
    comments: int
    skipped: Mapping[int, tuple[int, ...]]


def edited_notebook(
    content: bytes, wanted: Mapping[int, Mapping[int, Collection[str]]], lines: Mapping[int, Sequence[str]]
) -> EditedNotebook:
    """Silence the codes `wanted`, by 1-based cell and row in it; `lines` has those of each cell as it was checked.

    Raises NotEditable.
    """
    try:
        notebook = load(content)
        sources = dict(code_cells(notebook))
    except NotANotebook as error:
        raise NotEditable(error.reason) from None
    if _written(notebook, content) != content:
        raise NotEditable("it is not laid out as Jupyter writes it; open and save it there")
    cells = notebook["cells"]
    assert isinstance(cells, list)
    comments = 0
    skipped: dict[int, tuple[int, ...]] = {}
    for number, rows in wanted.items():
        source = sources.get(number, "")
        if list(source_lines(source)) != list(lines[number]):
            raise NotEditable("it has changed since it was checked")
        edited = add_noqa(source, rows, _whole)
        is_list = isinstance(cells[number - 1]["source"], list)
        cells[number - 1]["source"] = edited.text.splitlines(keepends=True) if is_list else edited.text
        comments += edited.comments
        skipped[number] = edited.skipped
    return EditedNotebook(_written(notebook, content), comments, skipped)


def _whole(source: str) -> str:
    return as_python("".join(source_lines(f"{source}\n")))


def _written(notebook: Mapping[str, object], before: bytes) -> bytes:
    end = "\n" if before.endswith(b"\n") else ""
    try:
        text = json.dumps(notebook, ensure_ascii=False, indent=1) + end
    except RecursionError:
        raise NotEditable("it is nested too deeply to be written") from None
    return text.encode("utf-8", "surrogatepass")
