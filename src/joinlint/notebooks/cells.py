"""The cells of a notebook, which is checked as one text: where in it they stand."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass

from joinlint.findings import Position, Span


@dataclass(frozen=True, slots=True)
class Cell:
    """A code cell: its 1-based number among all cells of the notebook, the 1-based row of the whole text at which it
    begins, and its own lines with their ends, as they stand in the notebook."""

    number: int
    first_row: int
    lines: tuple[str, ...]


def cell_at(cells: Sequence[Cell], row: int) -> Cell:
    """The cell that holds the 1-based `row` of the whole text; `cells` are in order and begin with row 1."""
    return cells[max(bisect.bisect_right(cells, row, key=lambda cell: cell.first_row) - 1, 0)]


def in_cell(cells: Sequence[Cell], span: Span) -> tuple[int, Span]:
    """The number of the cell in which the span of the whole text begins, and the same span by the rows of that cell."""
    cell = cell_at(cells, span.start.row)
    return cell.number, Span(_moved(span.start, cell), _moved(span.end, cell))


def _moved(position: Position, cell: Cell) -> Position:
    return position._replace(row=position.row - cell.first_row + 1)
