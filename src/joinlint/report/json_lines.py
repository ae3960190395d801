"""A JSON object per finding and line: for programs that read as they go."""

from __future__ import annotations

import json
from collections.abc import Iterator

from joinlint.report import Report
from joinlint.report.json_report import as_object


def render(report: Report) -> Iterator[str]:
    """The objects of the JSON format, in plain ASCII."""
    for finding in report.findings:
        yield json.dumps(as_object(finding))
