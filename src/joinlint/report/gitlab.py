"""GitLab's Code Quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format.

It has no place for files that could not be checked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from joinlint.findings import Finding, Position
from joinlint.fingerprint import fingerprints
from joinlint.report import Report
from joinlint.report.places import is_opt_in, relative_name


def render(report: Report) -> Iterator[str]:
    """A JSON array, in plain ASCII, with file names relative to the current folder, as GitLab wants them."""
    identities = fingerprints(report.findings, report.lines)
    yield json.dumps([_issue(*pair) for pair in zip(report.findings, identities, strict=True)], indent=2)


def _issue(finding: Finding, fingerprint: str) -> dict[str, object]:
    # The lines of a notebook's file are not those of its cells.
    cell = "" if finding.cell is None else f"cell {finding.cell}, line {finding.span.start.row}: "
    return {
        # The widget of a merge request shows the description alone.
        "description": f"{cell}{finding.code} {finding.message}",
        "check_name": finding.code,
        "fingerprint": fingerprint,
        "severity": "minor" if is_opt_in(finding) else "major",
        "location": {
            "path": relative_name(finding.filename),
            "positions": {"begin": _position(finding.span.start), "end": _position(finding.span.end)},
        },
    }


def _position(position: Position) -> dict[str, int]:
    return {"line": position.row, "column": position.column}
