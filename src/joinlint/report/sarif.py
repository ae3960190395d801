"""SARIF 2.1.0, for code scanning: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence

from joinlint import __version__
from joinlint.findings import Finding, Related, Span
from joinlint.fingerprint import fingerprints
from joinlint.links import PROJECT_URL, STDIN_NAME, rule_url
from joinlint.report import Report
from joinlint.report.places import is_opt_in, relative_name, uri
from joinlint.rule_page import as_markdown, as_text, sentence
from joinlint.rules import Rule, all_rules
from joinlint.sources import Problem

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# The base of relative file names: the folder in which joinlint ran.
_BASE = "SRCROOT"
_WIDTH = 80
_TAGS = {"JL1": "join", "JL2": "start method", "JL3": "serialisation", "JL4": "misuse"}

Object = dict[str, object]


def render(report: Report) -> Iterator[str]:
    """One log with one run, in plain ASCII; rows and columns are 1-based, and columns count code points."""
    yield json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report)]}, indent=2)


def _run(report: Report) -> Object:
    rules = list(all_rules().values())
    index = {rule.code: number for number, rule in enumerate(rules)}
    identities = fingerprints(report.findings, report.lines)
    return {
        "tool": {
            "driver": {
                "name": "joinlint",
                "version": __version__,
                "semanticVersion": __version__,
                "informationUri": PROJECT_URL,
                "rules": [_rule(rule) for rule in rules],
            }
        },
        "originalUriBaseIds": {_BASE: {"uri": uri(os.path.join(os.getcwd(), "").replace(os.sep, "/"))}},
        "columnKind": "unicodeCodePoints",
        "invocations": [_invocation(report.problems)],
        "results": [
            _result(finding, index.get(finding.code, -1), identity)
            for finding, identity in zip(report.findings, identities, strict=True)
        ],
    }


def _rule(rule: Rule) -> Object:
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": sentence(rule.summary)},
        "fullDescription": {"text": _first_paragraph(rule.documentation)},
        "help": {"text": as_text(rule, _WIDTH, colour=False), "markdown": as_markdown(rule)},
        "helpUri": rule_url(rule.code),
        "defaultConfiguration": {"enabled": rule.default, "level": _level(is_default=rule.default)},
        "properties": {
            "tags": ["multiprocessing", _TAGS[rule.code[:3]]],
            # GitHub's own scale.
            "problem.severity": "warning" if rule.default else "recommendation",
        },
    }


def _first_paragraph(documentation: str) -> str:
    """What the rule does: the text under the first heading."""
    paragraph = documentation.strip().split("\n\n")[1]
    return " ".join(paragraph.split())


def _level(*, is_default: bool) -> str:
    return "warning" if is_default else "note"


def _invocation(problems: Sequence[Problem]) -> Object:
    return {
        "executionSuccessful": not problems,
        "toolExecutionNotifications": [_notification(problem) for problem in problems],
    }


def _notification(problem: Problem) -> Object:
    location: Object = {"artifactLocation": _artifact(problem.filename)}
    if problem.row is not None and problem.cell is None:
        location["region"] = {"startLine": problem.row} | (
            {} if problem.column is None else {"startColumn": problem.column}
        )
    return {
        "level": "error",
        "message": {"text": f"{_in_cell(problem.cell, problem.row)}could not be checked: {problem.reason}"},
        "locations": [{"physicalLocation": location}],
    }


def _result(finding: Finding, rule_index: int, fingerprint: str) -> Object:
    related = [_related(finding, place) for place in finding.related]
    result: Object = {
        "ruleId": finding.code,
        "ruleIndex": rule_index,
        "level": _level(is_default=not is_opt_in(finding)),
        "message": {"text": _in_cell(finding.cell, finding.span.start.row) + finding.message},
        "locations": [_location(finding.filename, finding.cell, finding.span)],
        "partialFingerprints": {"joinlint/v1": fingerprint},
    }
    if related:
        result["relatedLocations"] = [{"id": number, **place} for number, place in enumerate(related, start=1)]
    if path := [related for related in finding.related if related.on_path]:
        result["codeFlows"] = [{"threadFlows": [{"locations": _flow(finding, path)}]}]
    return result


def _flow(finding: Finding, path: Sequence[Related]) -> list[Object]:
    """The path that is reported, from the finding's own place on."""
    places = [_location(finding.filename, finding.cell, finding.span, finding.name)]
    places += [_related(finding, place) for place in path]
    return [{"location": place} for place in places]


def _related(finding: Finding, related: Related) -> Object:
    return _location(related.filename or finding.filename, related.cell, related.span, related.message)


def _in_cell(cell: int | None, row: int | None) -> str:
    """The lines of a notebook's file are not those of its cells: these are named in words."""
    return "" if cell is None else f"cell {cell}: " if row is None else f"cell {cell}, line {row}: "


def _location(filename: str, cell: int | None, span: Span, message: str = "") -> Object:
    if cell is not None:
        place = f"cell {cell}, line {span.start.row}"
        return {
            "physicalLocation": {"artifactLocation": _artifact(filename)},
            "logicalLocations": [{"name": place}],
            "message": {"text": f"{place}: {message}" if message else place},
        }
    region = {
        "startLine": span.start.row,
        "startColumn": span.start.column,
        "endLine": span.end.row,
        "endColumn": span.end.column,
    }
    location: Object = {"physicalLocation": {"artifactLocation": _artifact(filename), "region": region}}
    if message:
        location["message"] = {"text": message}
    return location


def _artifact(filename: str) -> Object:
    name = relative_name(filename)
    if filename == STDIN_NAME or os.path.isabs(name):
        return {"uri": uri(name)}
    return {"uri": uri(name), "uriBaseId": _BASE}
