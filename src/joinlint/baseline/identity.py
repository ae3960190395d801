"""What makes a finding the same one after lines have moved."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from joinlint.findings import Finding
from joinlint.notebooks.ipython import as_python
from joinlint.paths import relative_path
from joinlint.syntax.comments import layout
from joinlint.syntax.parsing import syntax_tree


@dataclass(frozen=True, order=True, slots=True)
class Identity:
    """The file's path as seen from the baseline's folder, the code, the qualified name of the function or class around
    ("" at the module's own level) and the text of the line, without comments and with single blanks.

    Findings alike in all of these are told apart by their number alone.
    """

    path: str
    code: str
    context: str
    text: str


def identities(findings: Sequence[Finding], lines: Mapping[str, Sequence[str]], folder: str) -> list[Identity]:
    """The identity of each finding, in the order given.

    `lines` has the lines of each finding's source; those that are not there count as empty.  The file's path is made
    relative to `folder`.
    """

    contexts: dict[str, Mapping[int, str]] = {}
    comments: dict[str, Mapping[int, int]] = {}
    found = []
    for finding in findings:
        of_source = lines.get(finding.source, ())
        if finding.source not in contexts:
            text = "".join(of_source)
            contexts[finding.source] = contexts_of(text if finding.cell is None else as_python(f"{text}\n"))
            comments[finding.source] = _comment_columns(of_source)
        row = finding.span.start.row
        line = of_source[row - 1][: comments[finding.source].get(row)] if row <= len(of_source) else ""
        found.append(
            Identity(
                path=relative_path(finding.filename, folder),
                code=finding.code,
                context=contexts[finding.source].get(row, ""),
                text=" ".join(line.split()),
            )
        )
    return found


def contexts_of(text: str) -> dict[int, str]:
    """For each 1-based row inside of a function or class, the qualified name of the innermost one; none where the
    running Python can't parse the text."""
    try:
        tree = syntax_tree(text)
    except Exception:
        return {}
    return {row: name for first, last, name in _definitions(tree) for row in range(first, last + 1)}


def _definitions(tree: ast.AST) -> Iterator[tuple[int, int, str]]:
    """First and last row and qualified name of each function and class, outer ones before inner ones."""
    pending = [(tree, "")]
    while pending:
        node, name = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            name = f"{name}.{node.name}" if name else node.name
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            yield first, node.end_lineno or node.lineno, name
        pending += ((child, name) for child in ast.iter_child_nodes(node))


def _comment_columns(lines: Sequence[str]) -> dict[int, int]:
    """By row: the 0-based column at which its comment begins, where it has one that the tokenizer can find."""
    known = layout(lines)
    return {comment.row: comment.column - 1 for comment in known.comments} if known is not None else {}
