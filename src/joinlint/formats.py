"""The output formats, for those who need no more than their names."""

from __future__ import annotations

# The name of each format and the module that renders it; imported when asked for, so that a run pays for one format
# only.
FORMATS = {
    "full": "joinlint.report.full",
    "concise": "joinlint.report.concise",
    "grouped": "joinlint.report.grouped",
    "json": "joinlint.report.json_report",
    "json-lines": "joinlint.report.json_lines",
    "sarif": "joinlint.report.sarif",
    "github": "joinlint.report.github",
    "gitlab": "joinlint.report.gitlab",
    "junit": "joinlint.report.junit",
}
