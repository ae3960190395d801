"""The findings under the name of their file, a line for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from joinlint.findings import Finding
from joinlint.report import Report
from joinlint.report.summary import summary
from joinlint.report.text import Paint, painter, visible, wrapped

_NARROWEST = 40


def render(report: Report) -> Iterator[str]:
    """Each file, or cell of a notebook, with its findings, a blank line after each, and the summary."""
    paint = painter(report.colour)
    columns = max(report.width, _NARROWEST)
    for source, findings in groupby(report.findings, key=lambda finding: finding.source):
        yield f"{paint('place', visible(source))}:"
        yield from _lines(list(findings), columns, paint)
        yield ""
    if report.summary:
        yield from summary(report, columns)


def _lines(findings: Sequence[Finding], columns: int, paint: Paint) -> Iterator[str]:
    places = [f"{f.span.start.row}:{f.span.start.column}" for f in findings]
    room = max(map(len, places))
    for finding, place in zip(findings, places, strict=True):
        before = f"  {place:<{room}} "
        indent = len(before) + len(finding.code) + 1
        first, *rest = wrapped(finding.message, columns - indent)
        yield f"{before}{paint('code', finding.code)} {first}"
        yield from (f"{' ' * indent}{line}" for line in rest)
