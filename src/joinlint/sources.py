"""What goes into a run and what comes out of it, file by file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from joinlint.findings import Finding
    from joinlint.notebooks.cells import Cell
    from joinlint.runs import GivenUp

NOTEBOOK_SUFFIX = ".ipynb"


class SourceFile(NamedTuple):
    """A file to check: the name to show for it and what it holds, as bytes from disk or as text already decoded.

    Of a notebook that is the text of its `cells` in a row; of any other file they are None.
    """

    filename: str
    content: bytes | str
    cells: tuple[Cell, ...] | None = None

    @property
    def data(self) -> bytes:
        """The content as bytes, for a look without decoding."""
        return self.content if isinstance(self.content, bytes) else self.content.encode("utf-8", "surrogatepass")


class Problem(NamedTuple):
    """Why a file could not be checked; `row` and `column` are 1-based, None where the file as a whole is meant, `cell`
    that of a notebook."""

    filename: str
    reason: str
    row: int | None = None
    column: int | None = None
    cell: int | None = None

    @property
    def place(self) -> str:
        """The place in one word, `app.py:3:1` or `notes.ipynb:cell 2:3`."""
        from joinlint.findings import source_name

        parts = (source_name(self.filename, self.cell), self.row, self.column)
        return ":".join(str(part) for part in parts if part is not None)


class FileResult(NamedTuple):
    """What came of one file: its findings in order, or the problem that kept it from being checked.

    `dismissed`: its bytes were enough to see that it holds no finding.  `given_up` are the places in it that could not
    be followed.
    """

    filename: str
    findings: tuple[Finding, ...] = ()
    problem: Problem | None = None
    dismissed: bool = False
    given_up: tuple[GivenUp, ...] = ()


def module_name(filename: str) -> str:
    """A dotted name for the file that is unique in a run and ends in the name by which the file is imported, of which a
    notebook has none."""
    folder, name = os.path.split(filename)
    parts = [part for part in folder.replace(os.sep, "/").split("/") if part not in {"", "."}]
    if name != "__init__.py":
        stem, suffix = os.path.splitext(name)
        parts.append(stem if suffix != NOTEBOOK_SUFFIX else f"{stem} (notebook)")
    return ".".join(parts) or "__init__"
