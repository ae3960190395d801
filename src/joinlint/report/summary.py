"""The lines that sum a run up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from joinlint.links import UNUSED_SUPPRESSION
from joinlint.report import Report
from joinlint.report.text import counted, painter, wrapped


def summary(report: Report, columns: int, by_rule: bool = True) -> Iterator[str]:
    """What was found in how many files, of which rules unless `by_rule` is false, and how to learn more; each line in
    `columns`."""
    paint = painter(report.colour)
    checked = f"{counted(report.checked, 'file')} checked"
    unchecked = f"{len(report.problems)} could not be checked" if report.problems else ""
    if report.findings:
        files = len({finding.filename for finding in report.findings})
        found = f"Found {counted(len(report.findings), 'problem')} in {counted(files, 'file')}"
        yield f"{paint('code', found)} ({', '.join(filter(None, (checked, unchecked)))})."
        codes = Counter(finding.code for finding in report.findings)
        if by_rule and len(codes) > 1:
            yield from wrapped(f"By rule: {', '.join(f'{codes[code]} {code}' for code in sorted(codes))}.", columns)
        first = next((code for code in codes if code != UNUSED_SUPPRESSION), None)
        if first is not None:
            yield from wrapped(f"`joinlint rule {first}` explains the rule and shows corrected code.", columns)
    elif unchecked:
        yield f"Nothing found: {checked}, {paint('code', unchecked)}."
    else:
        yield f"{paint('good', 'All clear')}: {checked}."
