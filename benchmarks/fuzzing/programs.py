"""Programs that use workers in ways that nobody wrote: those of tests/fixtures, changed at random by their grammar."""

from __future__ import annotations

import ast
import copy
import functools
import random
from collections.abc import Callable, Iterator
from pathlib import Path

FIXTURES = Path(__file__).resolve().parents[2] / "tests" / "fixtures"
_MOST_CHANGES = 6
# Larger ones take long without showing more.
_MOST_LINES = 200
# How many are left as they are, with their comments and their layout.
_UNCHANGED = 0.1


@functools.cache
def originals() -> tuple[str, ...]:
    """The text of each program in tests/fixtures, in the order of their names."""
    return tuple(path.read_text(encoding="utf-8") for path in sorted(FIXTURES.rglob("*.py")))


def program(chance: random.Random) -> str:
    """A program that parses: one of the originals, or something made of a few of them."""
    if chance.random() < _UNCHANGED:
        return chance.choice(originals())
    while True:
        tree = ast.parse(chance.choice(originals()))
        for _ in range(chance.randrange(_MOST_CHANGES)):
            chance.choice(_CHANGES)(tree, chance)
        try:
            text = ast.unparse(ast.fix_missing_locations(tree)) + "\n"
            ast.parse(text)
        except (SyntaxError, ValueError):  # ValueError: a node that no text can stand for, as an empty body
            continue
        if text.count("\n") <= _MOST_LINES:
            return text


def _blocks(tree: ast.AST) -> list[list[ast.stmt]]:
    """Every list of statements in the tree; none is empty at first."""
    fields = ("body", "orelse", "finalbody", "handlers")
    lists = (getattr(node, field, None) for node in ast.walk(tree) for field in fields)
    return [block for block in lists if isinstance(block, list) and block and isinstance(block[0], ast.stmt)]


@functools.cache
def _all_statements() -> tuple[ast.stmt, ...]:
    return tuple(s for text in originals() for block in _blocks(ast.parse(text)) for s in block)


def _place(tree: ast.AST, chance: random.Random) -> tuple[list[ast.stmt], int]:
    block = chance.choice(_blocks(tree))
    return block, chance.randrange(len(block))


# --- changes
# ---------------------------------------------------------------------------------------------------------------------


def _insert(tree: ast.AST, chance: random.Random) -> None:
    block, place = _place(tree, chance)
    block.insert(place, copy.deepcopy(chance.choice(_all_statements())))


def _delete(tree: ast.AST, chance: random.Random) -> None:
    block, place = _place(tree, chance)
    del block[place]
    if not block:
        block.append(ast.Pass())


def _duplicate(tree: ast.AST, chance: random.Random) -> None:
    block, place = _place(tree, chance)
    other = chance.choice(_blocks(tree))
    other.insert(chance.randrange(len(other) + 1), copy.deepcopy(block[place]))


def _swap(tree: ast.AST, chance: random.Random) -> None:
    block, place = _place(tree, chance)
    other = chance.randrange(len(block))
    block[place], block[other] = block[other], block[place]


_HEADS = (
    "if flag: ...",
    "if not flag:\n ...\nelse:\n ...",
    "if __name__ == '__main__': ...",
    "for item in items: ...",
    "for item in items:\n break\nelse:\n ...",
    "while flag: ...",
    "while True: ...",
    "try:\n ...\nexcept OSError:\n pass",
    "try:\n ...\nexcept:\n ...\nelse:\n ...\nfinally:\n ...",
    "try:\n ...\nfinally:\n pass",
    "with context as name: ...",
    "with suppress(Exception): ...",
    "def function(): ...",
    "async def function(): ...",
    "async with context: ...",
    "class Class(Process):\n def run(self): ...",
    "match flag:\n case 1:\n  ...\n case _:\n  ...",
)
_TAILS = ("return", "break", "continue", "raise", "return process", "yield", "pass", "del process", "global process")


def _nest(tree: ast.AST, chance: random.Random) -> None:
    """Some statements in a row become the body of a compound one, or of several parts of it."""
    block, place = _place(tree, chance)
    end = chance.randint(place + 1, len(block))
    (outer,) = ast.parse(chance.choice(_HEADS)).body
    for inner in _blocks(outer):
        if isinstance(inner[0], ast.Expr) and isinstance(inner[0].value, ast.Constant):
            inner[:] = copy.deepcopy(block[place:end])
    block[place:end] = [outer]


def _leave(tree: ast.AST, chance: random.Random) -> None:
    block, place = _place(tree, chance)
    block.insert(place, *ast.parse(chance.choice(_TAILS)).body)


def _flatten(tree: ast.AST, chance: random.Random) -> None:
    """A compound statement gives way to its body."""
    block, place = _place(tree, chance)
    inner = getattr(block[place], "body", None)
    if isinstance(inner, list):
        block[place : place + 1] = inner


def _splice(tree: ast.AST, chance: random.Random) -> None:
    """Another program follows, or stands before it."""
    other = ast.parse(chance.choice(originals())).body
    assert isinstance(tree, ast.Module)
    tree.body[:] = [*tree.body, *other] if chance.random() < 0.5 else [*other, *tree.body]


def _confuse(tree: ast.AST, chance: random.Random) -> None:
    """One name is taken for another wherever it stands."""
    names = sorted({node.id for node in ast.walk(tree) if isinstance(node, ast.Name)})
    if names:
        old, new = chance.choice(names), chance.choice(names)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id == old:
                node.id = new


def _give_name(tree: ast.AST, chance: random.Random) -> None:
    """What a statement calls gets a name of its own before."""
    block, place = _place(tree, chance)
    calls = [node for node in ast.walk(block[place]) if isinstance(node, ast.Call)]
    if calls:
        call = chance.choice(calls)
        block.insert(place, ast.Assign([ast.Name("named", ast.Store())], call.func))
        call.func = ast.Name("named", ast.Load())


def _exchange(tree: ast.AST, chance: random.Random) -> None:
    """One expression takes the place of another."""
    expressions = list(_expressions(tree))
    if expressions:
        parent, field, index, _ = chance.choice(expressions)
        value = copy.deepcopy(chance.choice(expressions)[3])
        if index is None:
            setattr(parent, field, value)
        else:
            getattr(parent, field)[index] = value


def _expressions(tree: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, (ast.JoinedStr, ast.FormattedValue)):
            continue  # their parts can't be just anything
        for field, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                yield node, field, None, value
            elif isinstance(value, list):
                yield from ((node, field, i, v) for i, v in enumerate(value) if isinstance(v, ast.expr))


_CHANGES: tuple[Callable[[ast.AST, random.Random], None], ...] = (
    _insert,
    _delete,
    _duplicate,
    _swap,
    _nest,
    _nest,
    _leave,
    _flatten,
    _splice,
    _confuse,
    _give_name,
    _exchange,
)
