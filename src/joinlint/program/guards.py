"""Main guards, and what is meant as one and is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from joinlint.program import ir

NEVER_HOLDS = "never holds"
ALWAYS_HOLDS = "always holds"
RAISES = "raises NameError"
BY_CHANCE = "holds by chance"
ENDS_CHILD = "ends the child"
WRONG_WAY = "holds on import alone"
NOT_CALLED = "is never run"


@dataclass(frozen=True, slots=True)
class Malformed:
    """What is wrong with a guard: `kind` is one of the constants above, `reason` says it in words."""

    kind: str
    reason: str


def malformed(node: ir.If) -> Malformed | None:
    """What keeps the condition of `node`, an `if` at module level, from being the main guard that it is meant as."""
    if _is_early_exit(node):
        return Malformed(ENDS_CHILD, "this exit also ends every child process that imports the file")
    for atom in _atoms(node.test):
        if (problem := _atom_problem(atom, node)) is not None:
            return problem
    return None


def main_guard(node: ir.Compare) -> bool | None:
    """True for `__name__ == "__main__"` in either order, False for its negation, None for any other test."""
    if (is_name(node.left) and is_main(node.right)) or (is_name(node.right) and is_main(node.left)):
        if node.op in {"==", "is"}:
            return True
        if node.op in {"!=", "is not"}:
            return False
    return None


def has_guard(test: ir.Expression) -> bool:
    """Does a well-formed main guard take part in the test?"""
    return any(isinstance(atom, ir.Compare) and main_guard(atom) is True for atom in _atoms(test))


def is_name(node: ir.Expression) -> bool:
    return isinstance(node, ir.Name) and node.id == "__name__"


def is_main(node: ir.Expression) -> bool:
    return isinstance(node, ir.Constant) and node.value == "__main__"


def _atoms(test: ir.Expression) -> Iterator[ir.Expression]:
    if isinstance(test, ir.BoolOp):
        yield from _atoms(test.left)
        yield from _atoms(test.right)
    else:
        yield test


def _atom_problem(atom: ir.Expression, node: ir.If) -> Malformed | None:
    if isinstance(atom, ir.Compare):
        return _comparison_problem(atom)
    is_whole_test = atom is node.test
    is_or = isinstance(node.test, ir.BoolOp) and not node.test.is_and
    if is_main(atom) and (is_whole_test or is_or):
        return Malformed(ALWAYS_HOLDS, 'the string "__main__" alone is always true: this is no main guard')
    if is_name(atom) and is_whole_test:
        return Malformed(ALWAYS_HOLDS, "`__name__` alone is always true: this is no main guard")
    if isinstance(atom, ir.Walrus) and is_name(atom.target):
        return Malformed(ALWAYS_HOLDS, "this assigns `__name__` instead of comparing it: it is always true")
    if is_or and isinstance(atom, ir.Constant) and isinstance(atom.value, str) and atom.value and has_guard(node.test):
        return Malformed(ALWAYS_HOLDS, f"`or {atom.value!r}` is always true: this is no main guard")
    return None


def _comparison_problem(node: ir.Compare) -> Malformed | None:
    sides = (node.left, node.right)
    texts = [s.value for s in sides if isinstance(s, ir.Constant) and isinstance(s.value, str)]
    if len(texts) == 2 and "__name__" in texts and node.op == "==":
        return Malformed(NEVER_HOLDS, 'this compares the string "__name__", not the variable: it never holds')
    others = [s for s in sides if not is_name(s)]
    if len(others) == 2:
        return _slip_of_name(node)
    if not others:
        return None
    other = others[0]
    if isinstance(other, ir.Name) and other.id == "__main__":
        return Malformed(
            RAISES, "`__main__` without quotes is no name that Python defines: this guard raises NameError"
        )
    if node.op == "in":
        return _membership_problem(node, other)
    if not isinstance(other, ir.Constant) or not isinstance(other.value, str):
        return None
    if other.value == "__main__":
        if node.op in {"is", "is not"}:
            return Malformed(
                BY_CHANCE, f"`{node.op}` compares identity, not equality: this guard holds or not by chance"
            )
        return None
    if node.op == "==" and _resembles_main(other.value):
        return Malformed(NEVER_HOLDS, f"`__name__` is never {other.value!r}: this guard never holds")
    return None


def _slip_of_name(node: ir.Compare) -> Malformed | None:
    """`name == "__main__"`, `__main__ == "__name__"`."""
    if node.op != "==":
        return None
    for name, other in ((node.left, node.right), (node.right, node.left)):
        if isinstance(name, ir.Name) and name.id == "__main__":
            return Malformed(RAISES, "`__main__` is no name that Python defines: this guard raises NameError")
        if isinstance(name, ir.Name) and name.id in {"name", "_name_", "__name"} and is_main(other):
            return Malformed(RAISES, f"`{name.id}` is not `__name__`: this guard raises NameError")
    return None


def _membership_problem(node: ir.Compare, other: ir.Expression) -> Malformed | None:
    items = other.items if isinstance(other, ir.Display) else ()
    if any(isinstance(i, ir.Constant) and i.value == "__mp_main__" for i in items):
        return Malformed(ALWAYS_HOLDS, "the child imports this file as `__mp_main__`: this guard holds there too")
    if isinstance(node.left, ir.Constant) and is_name(node.right) and node.left.value in {"main", "__main", "main__"}:
        return Malformed(ALWAYS_HOLDS, f"`{node.left.value!r} in __name__` holds for `__mp_main__` in the child too")
    return None


def _resembles_main(text: str) -> bool:
    """Is the text a slip of "__main__", as opposed to the name of some module?"""
    return text.strip("_ .").lower().removesuffix(".py").strip("_") in {"main", "mian", "mani", "man", "name"}


def _is_early_exit(node: ir.If) -> bool:
    """`if __name__ != "__main__": sys.exit()`."""
    if not isinstance(node.test, ir.Compare) or main_guard(node.test) is not False:
        return False
    for statement in node.body:
        if isinstance(statement, ir.Evaluate) and isinstance(statement.value, ir.Call):
            func = statement.value.func
            last = func.attr if isinstance(func, ir.Attribute) else func.id if isinstance(func, ir.Name) else ""
            if last in {"exit", "_exit", "quit"}:
                return True
        if isinstance(statement, ir.Raise) and statement.value is not None:
            if any(isinstance(n, ir.Name) and n.id == "SystemExit" for n in ir.walk(statement.value)):
                return True
    return False
