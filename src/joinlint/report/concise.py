"""One line per finding, for editors and scripts: `path:line:col: CODE message`."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.report import Report
from joinlint.report.text import painter, visible


def render(report: Report) -> Iterator[str]:
    """A line for each finding, and nothing else."""
    paint = painter(report.colour)
    for finding in report.findings:
        start = finding.span.start
        place = f"{visible(finding.source)}:{start.row}:{start.column}:"
        yield f"{paint('place', place)} {paint('code', finding.code)} {visible(finding.message)}"
