"""Source with line numbers, marks on what is spoken of, and a rail along the reported path."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

from joinlint.audit.markup import element, joined, text, with_code
from joinlint.findings import Finding, Span, source_name
from joinlint.report.text import Cell, cells, window

_CONTEXT = 2
# A gap of so many lines is shown rather than left out.
_FILLED = 3
_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Mark:
    """A place and what to say of it; those that the reported path comes by have a number, from 1."""

    source: str
    span: Span
    label: str
    number: int | None = None
    primary: bool = False


def marks_of(finding: Finding) -> list[Mark]:
    """The places that a finding speaks of, its own first; the path has numbers where it goes anywhere."""
    path = [related for related in finding.related if related.on_path]
    numbers = {id(related): number for number, related in enumerate(path, start=2)}
    own = Mark(finding.source, finding.span, finding.name, 1 if path else None, primary=True)
    return [own] + [
        Mark(
            source_name(related.filename or finding.filename, related.cell),
            related.span,
            related.message,
            numbers.get(id(related)),
        )
        for related in finding.related
    ]


def excerpt(filename: str, lines: Sequence[str], marks: Sequence[Mark], *, is_named: bool) -> str:
    """The figure of a file with the rows around its `marks`, under its name if it `is_named`; "" where the file has
    none of them."""
    here = [mark for mark in marks if 1 <= mark.span.start.row <= len(lines)]
    if not here:
        return ""
    caption = element("figcaption", text(filename)) if is_named else ""
    table = element("table", joined(_rows(lines, here)), aria_label=f"Lines of {filename}")
    return element("figure", caption + table, class_="code")


def _rows(lines: Sequence[str], marks: Sequence[Mark]) -> Iterator[str]:
    path = [mark.span.start.row for mark in marks if mark.number is not None]
    first, last = min(path, default=0), max(path, default=0)
    previous = None
    for row in _shown({mark.span.start.row for mark in marks}, lines):
        if previous is not None and row > previous + 1:
            yield _gap(first <= previous < last)
        previous = row
        here = sorted((mark for mark in marks if mark.span.start.row == row), key=lambda mark: mark.span)
        yield _line(row, lines[row - 1], here, rail=first <= row <= last and first < last)
        yield from (_note(mark, rail=first <= row < last) for mark in here)


def _shown(marked: set[int], lines: Sequence[str]) -> list[int]:
    """The 1-based rows to show: those marked, their neighbours that say anything, and what would leave a short gap."""
    near = {row + offset for row in marked for offset in range(-_CONTEXT, _CONTEXT + 1)}
    rows = sorted(row for row in near if row in marked or (1 <= row <= len(lines) and lines[row - 1].strip()))
    gaps = [range(one, two) for one, two in pairwise(rows) if two - one <= _FILLED + 1]
    return sorted({*rows, *chain(*gaps)})


def _gap(rail: bool) -> str:
    kind = "gap rail" if rail else "gap"
    return element("tr", element("th", "⋮", aria_label="lines left out") + "<td></td>", class_=kind)


def _line(row: int, line: str, marks: Sequence[Mark], rail: bool) -> str:
    classes = " ".join(["line", *(["marked"] if marks else []), *(["rail"] if rail else [])])
    return element(
        "tr", element("th", str(row), scope="row") + element("td", _source(cells(line), marks)), class_=classes
    )


def _source(line: Sequence[Cell], marks: Sequence[Mark]) -> str:
    """The text of a line with its marks; of a very long one the part around the first."""
    low, high = 0, len(line)
    if high > _LONGEST:
        low, high = window(line, *(_columns(marks[0], len(line)) if marks else (0, 0)), _LONGEST)
    pieces = ["…" if low else ""]
    at = low
    for mark in marks:
        start, end = (min(max(index, at), high) for index in _columns(mark, len(line)))
        if start < end:
            pieces += [_plain(line[at:start]), element("mark", _plain(line[start:end]), class_=_kind(mark))]
            at = end
    return "".join([*pieces, _plain(line[at:high]), "…" if high < len(line) else ""])


def _columns(mark: Mark, length: int) -> tuple[int, int]:
    """The mark's part of its first line as 0-based indices; a span that goes on marks the rest of the line."""
    start, end = mark.span.start, mark.span.end
    return start.column - 1, end.column - 1 if end.row == start.row else length


def _plain(line: Sequence[Cell]) -> str:
    return text("".join(cell.text for cell in line))


def _kind(mark: Mark) -> str:
    return "primary" if mark.primary else "path" if mark.number is not None else "aside"


def _note(mark: Mark, rail: bool) -> str:
    number = element("span", str(mark.number), class_="step") if mark.number else ""
    note = element("td", number + with_code(mark.label), class_=_kind(mark))
    return element("tr", "<th></th>" + note, class_="note rail" if rail else "note")
