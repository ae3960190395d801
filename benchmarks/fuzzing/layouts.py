"""Other ways to write the same program, and where its lines and columns then are."""

from __future__ import annotations

import ast
import builtins
import io
import random
import re
import tokenize
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from joinlint.program import models

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """The program as `text`, and where what stood at a place, 1-based row and column, stands in it."""

    text: str
    moved: Callable[[Place], Place]


def spaced(text: str, chance: random.Random) -> Layout:
    """With blank lines and comments between the statements."""
    rows: list[int] = []  # 1-based, of each line of `text`
    lines: list[str] = []
    ends = set(_logical_ends(text))
    for number, line in enumerate(io.StringIO(text), start=1):
        lines.append(line)
        rows.append(len(lines))
        if number in ends and chance.random() < 0.4:
            lines += chance.choice((["\n"], ["\n", "    # a comment\n"], ["# if False:\n"], ["  \t\n"], ["\f\n"]))
    return Layout("".join(lines), lambda place: (rows[place[0] - 1], place[1]))


def wrapped(text: str) -> Layout | None:
    """With all of it in `if True:`; None where that changes what it means."""
    if "__future__" in text:
        return None
    starts = set(_logical_starts(text))
    lines = list(io.StringIO(text))
    inner = "".join(f"    {line}" if number in starts else line for number, line in enumerate(lines, start=1))
    moved = {number: (4 if number in starts else 0) for number in range(1, len(lines) + 1)}
    return Layout(f"if True:\n{inner}", lambda place: (place[0] + 1, place[1] + moved[place[0]]))


def renamed(text: str) -> str | None:
    """With other names for variables that are only ever assigned and read; None where there is none, or where a star
    import may bring what is read by the name of a variable of another function."""
    tree = ast.parse(text)
    if any(alias.name == "*" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names):
        return None
    bound = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    # What is left after the names of variables: those of functions, parameters, attributes, imports, words in strings.
    others = ast.unparse(_WithoutVariables().visit(ast.parse(text)))
    free = sorted(bound - set(re.findall(r"\w+", others)) - _KNOWN)
    if not free:
        return None
    new = {name: f"renamed_{number}" for number, name in enumerate(free)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = new.get(node.id, node.id)
    return ast.unparse(tree) + "\n"


# These mean something before they are assigned, or by what they look like: slips for `__name__` and names of contexts.
_KNOWN = {*dir(builtins), "__name__", "__file__", "name", *models.CONTEXT_NAMES}


class _WithoutVariables(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.Name("_", node.ctx)


def _logical_ends(text: str) -> Iterator[int]:
    """The rows, 1-based, on which a statement or the head of one ends."""
    yield from (t.start[0] for t in _tokens(text) if t.type == tokenize.NEWLINE)


def _logical_starts(text: str) -> Iterator[int]:
    is_new = True
    for token in _tokens(text):
        if token.type == tokenize.NEWLINE:
            is_new = True
        elif is_new and token.type not in {tokenize.INDENT, tokenize.DEDENT, tokenize.NL, tokenize.COMMENT}:
            yield token.start[0]
            is_new = False


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    return tokenize.generate_tokens(io.StringIO(text).readline)
