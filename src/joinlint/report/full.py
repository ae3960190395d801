"""The full form: each finding with its source, every place it speaks of, what happens and what to do."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.findings import Finding, Related, source_name
from joinlint.report import Report
from joinlint.report.summary import summary
from joinlint.report.text import Paint, painter, visible, width, wrapped

_NARROWEST = 40


def render(report: Report) -> Iterator[str]:
    """The findings, a blank line after each, and the summary."""
    paint = painter(report.colour)
    columns = max(report.width, _NARROWEST)
    for finding in report.findings:
        yield from _finding(finding, report, columns, paint)
        yield ""
    if report.summary:
        yield from summary(report, columns)


def _finding(finding: Finding, report: Report, columns: int, paint: Paint) -> Iterator[str]:
    from joinlint.report.excerpt import Mark, excerpt  # most runs find nothing

    yield from _header(finding, columns, paint)
    gutter = _gutter(finding)
    own = [Mark(r.span, r.message) for r in finding.related if _source(r, finding) == finding.source]
    marks = [Mark(finding.span, finding.name, primary=True), *own]
    yield from excerpt(report.lines.get(finding.source, ()), marks, columns, gutter, paint)
    for related in finding.related:
        if (source := _source(related, finding)) != finding.source:
            place = f"{visible(source)}:{related.span.start.row}:{related.span.start.column}"
            yield f"{' ' * gutter} {paint('gutter', '-->')} {place}"
            lines = report.lines.get(source, ())
            yield from excerpt(lines, [Mark(related.span, related.message)], columns, gutter, paint)
    for word, text in (("note", finding.consequence), ("help", finding.advice)):
        if text:
            yield from _remark(word, text, columns, gutter, paint)


def _source(related: Related, finding: Finding) -> str:
    return source_name(related.filename or finding.filename, related.cell)


def _header(finding: Finding, columns: int, paint: Paint) -> Iterator[str]:
    place = f"{visible(finding.source)}:{finding.span.start.row}:{finding.span.start.column}:"
    first, *rest = wrapped(finding.message, columns - 4, width(f"{place} {finding.code} ") - 4)
    yield f"{paint('place', place)} {paint('code', finding.code)} {first}"
    yield from (f"    {text}" for text in rest)


def _remark(word: str, text: str, columns: int, gutter: int, paint: Paint) -> Iterator[str]:
    indent = gutter + len(f" = {word}: ")
    first, *rest = wrapped(text, columns - indent)
    yield f"{' ' * gutter} {paint('gutter', '=')} {paint('word', f'{word}:')} {first}"
    yield from (f"{' ' * indent}{line}" for line in rest)


def _gutter(finding: Finding) -> int:
    """The columns that the longest line number of the finding's excerpts may take."""
    return len(str(1 + max(s.start.row for s in (finding.span, *(r.span for r in finding.related)))))
