"""A stretch of source with line numbers, and marks under what is spoken of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from joinlint.findings import Span
from joinlint.report.text import Cell, Paint, cells, window, wrapped
from joinlint.report.text import width as text_width

_CUT = "..."
_CONTEXT = 1
# A label beside its underline needs this many columns to be readable; with fewer it goes below.
_LABEL_ROOM = 24


class Mark(NamedTuple):
    """A place to underline and what to say about it; the place of the finding itself is the primary one."""

    span: Span
    label: str
    primary: bool = False


def excerpt(lines: Sequence[str], marks: Sequence[Mark], width: int, gutter: int, paint: Paint) -> Iterator[str]:
    """The rows of `lines` around `marks`, underlined, each at most `width` columns; line numbers take `gutter` of them.

    Marks of rows that the file does not have are left out; of a span of several rows the first is marked.
    """
    marks = sorted(
        (m for m in marks if 1 <= m.span.start.row <= len(lines)), key=lambda m: (m.span.start, not m.primary)
    )
    if not marks:
        return
    room = width - gutter - 3
    bar = paint("gutter", f"{' ' * gutter} |")
    yield bar
    previous = None
    for row in _rows(lines, {m.span.start.row for m in marks}):
        if previous is not None and row > previous + 1:
            yield paint("gutter", "...")
        previous = row
        line = cells(lines[row - 1])
        number = paint("gutter", f"{row:>{gutter}} |")
        here = [m for m in marks if m.span.start.row == row]
        for low, high, group in _windows(line, here, room):
            yield f"{number} {_cut(line, low, high)}".rstrip()
            for mark in group:
                yield from (f"{bar} {text}" for text in _underline(line, low, high, mark, room, paint))
    yield bar


def _rows(lines: Sequence[str], marked: set[int]) -> list[int]:
    """The 1-based rows to show: those marked and their neighbours, where a neighbour says anything."""
    near = {row + offset for row in marked for offset in range(-_CONTEXT, _CONTEXT + 1)}
    rows = {row for row in near if row in marked or (1 <= row <= len(lines) and lines[row - 1].strip())}
    # A gap of one row costs as much as the row itself.
    return sorted(rows | {row + 1 for row in rows if row + 2 in rows})


def _windows(line: Sequence[Cell], marks: Sequence[Mark], room: int) -> Iterator[tuple[int, int, Sequence[Mark]]]:
    """The parts of a line to show, as indices, with the marks to show under each: one part unless the line is too
    long."""
    if sum(cell.width for cell in line) <= room:
        yield 0, len(line), marks
    elif not marks:
        yield *window(line, 0, 0, room - 2 * len(_CUT)), marks
    else:
        for mark in marks:
            yield *window(line, *_columns(line, mark.span), room - 2 * len(_CUT)), [mark]


def _cut(line: Sequence[Cell], low: int, high: int) -> str:
    text = "".join(cell.text for cell in line[low:high])
    return f"{_CUT if low else ''}{text}{_CUT if high < len(line) else ''}"


def _underline(line: Sequence[Cell], low: int, high: int, mark: Mark, room: int, paint: Paint) -> Iterator[str]:
    start, end = (min(max(index, low), high) for index in _columns(line, mark.span))
    indent = sum(cell.width for cell in line[low:start]) + (len(_CUT) if low else 0)
    indent = min(indent, room - 1)  # the place behind the last column of a line that fills the room
    length = max(sum(cell.width for cell in line[start:end]), 1)
    kind, sign = ("primary", "^") if mark.primary else ("related", "-")
    beside = indent + length + 1
    if room - beside >= min(_LABEL_ROOM, text_width(mark.label)):
        first, *rest = wrapped(mark.label, room - beside)
        yield f"{' ' * indent}{paint(kind, f'{sign * length} {first}'.rstrip())}"
        yield from (f"{' ' * beside}{paint(kind, text)}" for text in rest)
    else:
        yield f"{' ' * indent}{paint(kind, sign * length)}"
        indent = min(indent, max(room - max(_LABEL_ROOM, text_width(mark.label)), room // 3))
        yield from (f"{' ' * indent}{paint(kind, text)}" for text in wrapped(mark.label, room - indent) if text)


def _columns(line: Sequence[Cell], span: Span) -> tuple[int, int]:
    """The span's part of its first line as 0-based indices; a span that goes on marks the rest of the line."""
    start = min(span.start.column - 1, len(line))
    end = span.end.column - 1 if span.end.row == span.start.row else len(line)
    return start, max(min(end, len(line)), start)
