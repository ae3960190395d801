"""What IPython understands in a cell beside Python, taken out so that rows, and columns of Python, stay where they are.

The syntax is that of IPython.core.inputtransformer2 and of https://ipython.readthedocs.io/en/stable/interactive/reference.html.
What IPython would do is not known to the analysis: a statement becomes `pass`, a value a call of `get_ipython()`, as
IPython itself has it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from joinlint.syntax.parsing import Unparsable, check_syntax

# A cell magic is on the first line of its cell that is not blank, or of what another one leaves.
_CELL_MAGIC = re.compile(r"\s*(?P<line>%%[^\n]*)\n?")
# Cell magics that run their cell here and now; any other hands it elsewhere or to another language.
_RUNS_CELL = re.compile(r"%%(?:capture|prun|time|timeit)\b(?![^\n]*\?[ \t]*$)")

_MAY_BE_IPYTHON = re.compile(r"^[ \t]*[%!?,;/]|=[ \t]*[%!]|\?[ \t]*$", re.MULTILINE)
_ESCAPED = re.compile(r"[ \t]*[%!?,;/]")
_ASSIGNED = re.compile(r"[ \t]*[A-Za-z_][^='\"#(\n]*=[ \t]*(?=[%!])")
_HELP = re.compile(r"[^#'\"\n]*\?[ \t]*$", re.MULTILINE)
# Line magics that run the statement after them, with their options.
_RUNS_STATEMENT = re.compile(r"%(?:prun|time|timeit)\b(?:[ \t]+-[A-Za-z]\S*(?:[ \t]+\d+)?)*+[ \t]+")

_PIECE = re.compile(
    r"(?P<plain>[^#'\"()\[\]{}\\\n]+|#[^\n]*|\\.)"
    r"|(?P<text>'''(?:\\.|[^'\\]|'(?!''))*+(?:''')?|\"\"\"(?:\\.|[^\"\\]|\"(?!\"\"))*+(?:\"\"\")?"
    r"|'(?:\\.|[^'\\\n])*+'?|\"(?:\\.|[^\"\\\n])*+\"?)"
    r"|(?P<opens>[(\[{])|(?P<closes>[)\]}])|(?P<ends>\n)|.",
    re.DOTALL,
)


def as_python(source: str) -> str:
    r"""The cell as Python of as many rows; `source` has "\n" for line ends, one at its end too."""
    start = 0
    while magic := _CELL_MAGIC.match(source, start):
        if not _RUNS_CELL.match(magic["line"]):
            return "\n" * source.count("\n")
        start = magic.end()
    body = source[start:]
    if _MAY_BE_IPYTHON.search(body):
        body = "".join(_statements(body))
    return "\n" * source.count("\n", 0, start) + body


def _statements(source: str) -> Iterator[str]:
    """The logical lines of the cell, those in IPython's own syntax replaced."""
    at = 0
    while at < len(source):
        if _is_ipython(source, at):
            end = _end_of_escape(source, at)
            yield _replaced(source[at:end])
        else:
            end = _end_of_statement(source, at)
            yield source[at:end]
        at = end


def _is_ipython(source: str, at: int) -> bool:
    return any(pattern.match(source, at) for pattern in (_ESCAPED, _ASSIGNED, _HELP))


def _end_of_escape(source: str, at: int) -> int:
    r"""Where the line at `at` ends, with those that a "\" at its end draws in."""
    while (end := source.find("\n", at)) >= 0:
        if source[end - 1 : end] != "\\":
            return end + 1
        at = end + 1
    return len(source)


def _end_of_statement(source: str, at: int) -> int:
    """Where the logical line at `at` ends: at the first line break outside of brackets and strings."""
    depth = 0
    for piece in _PIECE.finditer(source, at):
        if piece["opens"]:
            depth += 1
        elif piece["closes"]:
            depth = max(depth - 1, 0)
        elif piece["ends"] and depth == 0:
            return piece.end()
    return len(source)


def _replaced(line: str) -> str:
    indent = line[: len(line) - len(line.lstrip(" \t"))]
    rest = "\n" * line.count("\n")
    assigned = _ASSIGNED.match(line)
    start = assigned.end() if assigned else len(indent)
    runs = _RUNS_STATEMENT.match(line, start)
    if runs and _is_python(line[runs.end() :].strip()):
        room = runs.end() - start
        return line[:start] + (" " * room if assigned else "0;".ljust(room)) + line[runs.end() :]
    return f"{line[:start]}get_ipython(){rest}" if assigned else f"{indent}pass{rest}"


def _is_python(text: str) -> bool:
    try:
        check_syntax(text)
    except Unparsable:
        return False
    return True
