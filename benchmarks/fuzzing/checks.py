"""Checks of single made-up files, and what came of them in a form that can be compared."""

from __future__ import annotations

import ast
from collections import Counter
from typing import NamedTuple

from joinlint.findings import Finding
from joinlint.options import Options
from joinlint.pipeline import check_files
from joinlint.rules import all_rules
from joinlint.sources import FileResult, SourceFile

NAME = "made_up.py"
# All that can be asked for, so that everything runs.
OPTIONS = Options(threads=True, join_functions=("finish",))


class Found(NamedTuple):
    """A finding as far as it is printed in one line; row and column are 1-based."""

    row: int
    column: int
    code: str
    message: str


def check(content: bytes | str, *, complete: bool = True) -> FileResult:
    """Check the file with every rule; `complete`: it is known to be all of its project."""
    context = () if complete else None
    (result,) = check_files([SourceFile(NAME, content)], all_rules(), context, OPTIONS)
    return result


def found(result: FileResult) -> list[Found]:
    """The findings, in order."""
    return [_found(finding) for finding in result.findings]


def _found(finding: Finding) -> Found:
    return Found(finding.span.start.row, finding.span.start.column, finding.code, finding.message)


def by_function(text: str, result: FileResult) -> Counter[tuple[str, str]]:
    """How often each code is found in each function, by the names of the definitions around it."""
    scopes = _scopes(ast.parse(text), "")
    counts: Counter[tuple[str, str]] = Counter()
    for finding in result.findings:
        row = finding.span.start.row
        around = [name for first, last, name in scopes if first <= row <= last]
        counts[around[-1] if around else "", finding.code] += 1
    return counts


def _scopes(node: ast.AST, prefix: str) -> list[tuple[int, int, str]]:
    """First row, last row and name of each definition, those outside before those in them."""
    scopes = []
    for child in ast.iter_child_nodes(node):
        name = prefix
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            name = f"{prefix}.{child.name}"
            first = min((d.lineno for d in child.decorator_list), default=child.lineno)
            scopes.append((first, child.end_lineno or first, name))
        scopes += _scopes(child, name)
    return scopes
