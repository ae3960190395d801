"""From rows of a notebook's whole text, in which it is checked, to rows of its cells, in which it is reported."""

from __future__ import annotations

from collections.abc import Mapping

from joinlint.findings import Finding, Position, Related, Span
from joinlint.notebooks.cells import Cell, in_cell
from joinlint.sources import Problem

Cells = Mapping[str, tuple[Cell, ...]]


def finding_in_cell(finding: Finding, notebooks: Cells) -> Finding:
    """The finding with its places by cell where they lie in one of the `notebooks`, which are known by file name."""
    related = tuple(_related_in_cell(related, finding.filename, notebooks) for related in finding.related)
    cells = notebooks.get(finding.filename)
    if not cells:
        return finding._replace(related=related)
    cell, span = in_cell(cells, finding.span)
    return finding._replace(related=related, cell=cell, span=span)


def problem_in_cell(problem: Problem, notebooks: Cells) -> Problem:
    """The problem with its place in the notebook, if its file is one."""
    cells = notebooks.get(problem.filename)
    if not cells or problem.row is None or problem.cell is not None:
        return problem
    start = Position(problem.row, problem.column or 1)
    cell, span = in_cell(cells, Span(start, start))
    return problem._replace(cell=cell, row=span.start.row)


def _related_in_cell(related: Related, filename: str, notebooks: Cells) -> Related:
    cells = notebooks.get(related.filename or filename)
    if not cells:
        return related
    cell, span = in_cell(cells, related.span)
    return related._replace(cell=cell, span=span)
