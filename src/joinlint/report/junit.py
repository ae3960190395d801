"""JUnit's XML, in the shape that Jenkins and its like read: https://github.com/testmoapp/junitxml."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree

from joinlint.findings import Finding
from joinlint.report import Report
from joinlint.report.text import visible
from joinlint.sources import Problem

# What XML 1.0 can't hold, not even escaped, and `visible` lets pass.
_ILLEGAL = re.compile("[\ufffe\uffff]")


def render(report: Report) -> Iterator[str]:
    """A test suite for each file with a failure for each finding in it, or an error where it could not be checked; a
    single test that passes where there is neither.

    In plain ASCII: other characters are references, which no transport can spoil.
    """
    root = ElementTree.Element("testsuites", name="joinlint")
    for problem in report.problems:
        _suite(root, problem.filename, [_error(problem)])
    by_file: dict[str, list[Finding]] = {}
    for finding in report.findings:
        by_file.setdefault(finding.filename, []).append(finding)
    for filename, findings in by_file.items():
        _suite(root, filename, map(_failure, findings))
    if not len(root):
        _suite(root, "joinlint", [_case("nothing found", "joinlint")])
    _count(root)
    ElementTree.indent(root)
    yield ElementTree.tostring(root, encoding="us-ascii", xml_declaration=True).decode("ascii")


def _suite(root: ElementTree.Element, name: str, cases: Iterable[ElementTree.Element]) -> None:
    suite = ElementTree.SubElement(root, "testsuite", name=_text(name))
    suite.extend(cases)
    _count(suite)


def _count(element: ElementTree.Element) -> None:
    for attribute, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
        element.set(attribute, str(sum(1 for _ in element.iter(tag))))


def _failure(finding: Finding) -> ElementTree.Element:
    start = finding.span.start
    cell = "" if finding.cell is None else f"cell {finding.cell}, "
    row = start.row if finding.cell is None else None
    case = _case(f"{finding.code} {finding.name} ({cell}{start.row}:{start.column})", finding.filename, row)
    failure = ElementTree.SubElement(case, "failure", type=finding.code, message=_text(finding.message))
    place = f"{finding.source}:{start.row}:{start.column}: {finding.code} {finding.message}"
    failure.text = "\n".join(_text(line) for line in (place, finding.consequence, finding.advice) if line)
    return case


def _error(problem: Problem) -> ElementTree.Element:
    case = _case("not checked", problem.filename, problem.row)
    error = ElementTree.SubElement(case, "error", type="not checked", message=_text(problem.reason))
    error.text = _text(f"{problem.place}: {problem.reason}")
    return case


def _case(name: str, filename: str, row: int | None = None) -> ElementTree.Element:
    case = ElementTree.Element("testcase", name=_text(name), classname=_text(filename))
    if row is not None:
        case.set("file", _text(filename))
        case.set("line", str(row))
    return case


def _text(text: str) -> str:
    return _ILLEGAL.sub(lambda match: f"\\u{ord(match[0]):04x}", visible(text))
