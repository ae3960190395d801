"""Workflow commands of GitHub Actions: annotations beside the code, without an upload.

Commands and escapes are those of
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands and of the runner, which decodes
%25, %0D and %0A everywhere, and %3A and %2C in properties.
"""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.findings import Finding
from joinlint.report import Report
from joinlint.report.places import is_opt_in, relative_name
from joinlint.report.text import visible
from joinlint.sources import Problem


def render(report: Report) -> Iterator[str]:
    """An error for each file that could not be checked, a warning for each finding, a notice for one of an opt-in
    rule."""
    for problem in report.problems:
        yield _problem(problem)
    for finding in report.findings:
        yield _finding(finding)


def _problem(problem: Problem) -> str:
    place = {"title": "not checked", "file": visible(relative_name(problem.filename))}
    if problem.cell is not None:
        return _command("error", place, f"{_in_cell(problem.cell, problem.row)}{problem.reason}")
    if problem.row is not None:
        place["line"] = str(problem.row)
    if problem.column is not None:
        place["col"] = str(problem.column)
    return _command("error", place, f"{problem.filename}: {problem.reason}")


def _finding(finding: Finding) -> str:
    start, end = finding.span.start, finding.span.end
    place = {"title": f"{finding.code} {finding.name}", "file": visible(relative_name(finding.filename))}
    message = f"{finding.code} {finding.message}"
    if finding.cell is None:
        place |= {"line": str(start.row), "col": str(start.column)}
        place |= {"endLine": str(end.row), "endColumn": str(end.column)}
    else:
        message = _in_cell(finding.cell, start.row) + message
    return _command("notice" if is_opt_in(finding) else "warning", place, message)


def _in_cell(cell: int, row: int | None) -> str:
    """The lines of a notebook's file are not those of its cells: these are named in words."""
    return f"cell {cell}: " if row is None else f"cell {cell}, line {row}: "


def _command(name: str, properties: dict[str, str], message: str) -> str:
    written = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    return f"::{name} {written}::{_data(visible(message))}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
