"""What joinlint reports: places in source files and the findings at them.

Rows and columns are 1-based everywhere in joinlint; a column counts characters, not bytes, and a span's end is
exclusive.  In a notebook rows count from the top of the cell, and cells, of whatever kind, from 1.
"""

from __future__ import annotations

from typing import NamedTuple


class Position(NamedTuple):
    """One place in a file: 1-based row and 1-based column."""

    row: int
    column: int


class Span(NamedTuple):
    """A stretch of a file from `start` up to, but not including, `end`."""

    start: Position
    end: Position


class Related(NamedTuple):
    """Another place that the finding speaks of, such as the return that skips the join.

    `filename` is None when the place is in the file of the finding itself.  `on_path` says that the path that is
    reported goes from the finding's place to this one, and comes by the others of its kind in the order in which they
    are given.
    """

    message: str
    span: Span
    filename: str | None = None
    on_path: bool = False
    cell: int | None = None


class Finding(NamedTuple):
    """One report of one rule.

    `message` is the cause in one line that stands alone (it names the lines of the related places, since editors and
    `--output-format concise` show nothing else).  `consequence` is one sentence on what happens when the program runs,
    `advice` one sentence on what to do; the full form prints both.
    """

    code: str
    name: str
    filename: str
    span: Span
    message: str
    related: tuple[Related, ...] = ()
    consequence: str = ""
    advice: str = ""
    cell: int | None = None

    @property
    def source(self) -> str:
        """The name of the text in which its rows count."""
        return source_name(self.filename, self.cell)

    def sort_key(self) -> tuple[str, int, int, int, str, str]:
        """The order in which findings are shown: by file, place, code."""
        start = self.span.start
        return (self.filename, self.cell or 0, start.row, start.column, self.code, self.message)


def source_name(filename: str, cell: int | None) -> str:
    """What a text with rows of its own is called: a file, or one cell of a notebook."""
    return filename if cell is None else f"{filename}:cell {cell}"
