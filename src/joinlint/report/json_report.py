"""A JSON array with an object per finding; its keys are those of ruff's JSON where ruff has them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

from joinlint.findings import Finding, Position, Related
from joinlint.links import STDIN_NAME, rule_url
from joinlint.report import Report


def render(report: Report) -> Iterator[str]:
    """The array, in plain ASCII; rows and columns are 1-based, file names absolute."""
    yield json.dumps([as_object(finding) for finding in report.findings], indent=2)


def as_object(finding: Finding) -> dict[str, object]:
    """A finding as JSON has it."""
    return {
        "code": finding.code,
        "name": finding.name,
        "filename": _absolute(finding.filename),
        "cell": finding.cell,
        "location": _position(finding.span.start),
        "end_location": _position(finding.span.end),
        "message": finding.message,
        "consequence": finding.consequence,
        "advice": finding.advice,
        "related": [_related(related, finding.filename) for related in finding.related],
        "url": rule_url(finding.code),
    }


def _related(related: Related, filename: str) -> dict[str, object]:
    return {
        "message": related.message,
        "filename": _absolute(related.filename or filename),
        "cell": related.cell,
        "location": _position(related.span.start),
        "end_location": _position(related.span.end),
    }


def _position(position: Position) -> dict[str, int]:
    return {"row": position.row, "column": position.column}


def _absolute(filename: str) -> str:
    return filename if filename == STDIN_NAME else os.path.abspath(filename)
