"""JL202: a main guard that does not guard."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.program import ir
from joinlint.rules._lifecycle import finding
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports an `if` that is meant as a main guard and is none: one that can never hold (`__name__ == "main"`, `"__main"`,
`"__name__" == "__main__"`), that always holds (`if "__main__":`, `if __name__:`, `__name__ in ("__main__", "__mp_main__")`), that fails
(`__name__ == __main__`), that depends on the Python version (`is`), or that ends the child as well
(`if __name__ != "__main__": sys.exit()`).

## Why is this bad?

Where it never holds, the program silently does nothing. Where it always holds, every child under spawn and forkserver runs the main
program again and dies with RuntimeError, as without a guard (JL201). `__name__ == __main__` raises NameError. `is` was skipped
silently on CPython 3.8 to 3.12 in what was measured and works on 3.13. An early exit ends the child before it can find its target.

## Known limits

Only conditions at module level, and those of functions that nothing calls before, are looked at.

## Options

None.
"""

_RAISES_NAME_ERROR = "It raises NameError: name '__main__' is not defined."
_NEVER_RUNS = "The block is skipped silently: the program does nothing and exits with 0."
_RUNS_IN_CHILD = "The block runs in every child too (spawn, forkserver), which dies with RuntimeError when it starts a process there."
_IDENTITY = "Whether two equal strings are one object depends on the Python version: up to 3.12 the block was skipped silently."
_EXITS = "The child imports this file as well (spawn, forkserver) and ends here, before it can run its target."
_ADVICE = 'Write `if __name__ == "__main__":`.'


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for node in _module_level_ifs(analysis.module.body):
        problem = _problem(node)
        if problem is not None:
            message, consequence, advice = problem
            where = (node.where[0], node.where[1], node.test_where[2], node.test_where[3])
            yield finding(RULE, analysis, where, message, consequence, advice)


def _module_level_ifs(block: ir.Block) -> Iterator[ir.If]:
    for statement in block:
        if isinstance(statement, ir.If):
            yield statement
            yield from _module_level_ifs(statement.body)
            yield from _module_level_ifs(statement.orelse)
        elif isinstance(statement, (ir.Try, ir.With, ir.For, ir.While)):
            yield from _module_level_ifs(statement.body)


def _problem(node: ir.If) -> tuple[str, str, str] | None:
    """Message, consequence and advice for a guard that is none."""
    if _is_early_exit(node):
        return (
            "this exit also ends every child process that imports the file",
            _EXITS,
            'Put the main program under `if __name__ == "__main__":` and drop the exit.',
        )
    for atom in _atoms(node.test):
        if (problem := _atom_problem(atom, node)) is not None:
            return problem
    return None


def _atoms(test: ir.Expression) -> Iterator[ir.Expression]:
    if isinstance(test, ir.BoolOp):
        yield from _atoms(test.left)
        yield from _atoms(test.right)
    else:
        yield test


def _atom_problem(atom: ir.Expression, node: ir.If) -> tuple[str, str, str] | None:
    if isinstance(atom, ir.Compare):
        return _comparison_problem(atom)
    is_whole_test = atom is node.test
    if isinstance(atom, ir.Constant) and atom.value == "__main__" and (is_whole_test or _is_or(node.test)):
        return 'the string "__main__" alone is always true: this is no main guard', _RUNS_IN_CHILD, _ADVICE
    if isinstance(atom, ir.Name) and atom.id == "__name__" and is_whole_test:
        return "`if __name__:` is always true: this is no main guard", _RUNS_IN_CHILD, _ADVICE
    if isinstance(atom, ir.Walrus) and _is_name(atom.target):
        return "this assigns `__name__` instead of comparing it: always true", _RUNS_IN_CHILD, _ADVICE
    if isinstance(atom, ir.Constant) and isinstance(atom.value, str) and atom.value and _is_or(node.test):
        if any(_is_guard_like(other) for other in _atoms(node.test)):
            return f"`or {atom.value!r}` is always true: this is no main guard", _RUNS_IN_CHILD, _ADVICE
    return None


def _is_or(test: ir.Expression) -> bool:
    return isinstance(test, ir.BoolOp) and not test.is_and


def _is_guard_like(atom: ir.Expression) -> bool:
    return isinstance(atom, ir.Compare) and (_is_name(atom.left) or _is_name(atom.right))


def _is_name(node: ir.Expression) -> bool:
    return isinstance(node, ir.Name) and node.id == "__name__"


def _comparison_problem(node: ir.Compare) -> tuple[str, str, str] | None:
    sides = (node.left, node.right)
    names = [s for s in sides if _is_name(s)]
    others = [s for s in sides if not _is_name(s)]
    texts = [s.value for s in sides if isinstance(s, ir.Constant) and isinstance(s.value, str)]
    if len(texts) == 2 and "__name__" in texts and node.op == "==":
        return 'this compares the string "__name__", not the variable: it is never true', _NEVER_RUNS, _ADVICE
    if not names:
        mains = [s for s in sides if isinstance(s, ir.Name) and s.id in {"name", "_name_", "__main__"}]
        if mains and (texts == ["__main__"] or any(m.id == "__main__" for m in mains)) and node.op == "==":
            reason = f"It raises NameError: name '{mains[0].id}' is not defined."
            return f"`{mains[0].id}` is no name that Python defines: this guard raises NameError", reason, _ADVICE
        return None
    if not others:
        return None
    other = others[0]
    if isinstance(other, ir.Name) and other.id == "__main__":
        return "`__main__` without quotes is no name that Python defines: this guard raises NameError", _RAISES_NAME_ERROR, _ADVICE
    if node.op == "in":
        return _membership_problem(node, other)
    if not isinstance(other, ir.Constant) or not isinstance(other.value, str):
        return None
    text = other.value
    if text == "__main__":
        if node.op in {"is", "is not"}:
            return f"`{node.op}` compares identity, not equality: this guard holds or not by chance", _IDENTITY, _ADVICE
        return None
    if node.op == "==" and _resembles_main(text):
        return f"`__name__` is never {text!r}: this guard never holds", _NEVER_RUNS, _ADVICE
    return None


def _membership_problem(node: ir.Compare, other: ir.Expression) -> tuple[str, str, str] | None:
    items = other.items if isinstance(other, ir.Display) else ()
    values = {i.value for i in items if isinstance(i, ir.Constant)}
    if "__mp_main__" in values:
        return "the child imports this file as `__mp_main__`: this guard holds there too", _RUNS_IN_CHILD, _ADVICE
    if isinstance(node.left, ir.Constant) and _is_name(node.right) and node.left.value in {"main", "__main", "main__"}:
        return f"`{node.left.value!r} in __name__` holds for `__mp_main__` in the child too", _RUNS_IN_CHILD, _ADVICE
    return None


def _resembles_main(text: str) -> bool:
    """Is the text a slip of "__main__", as opposed to the name of some module?"""
    return text.strip("_ .").lower().removesuffix(".py").strip("_") in {"main", "mian", "mani", "man", "name"}


def _is_early_exit(node: ir.If) -> bool:
    """`if __name__ != "__main__": sys.exit()`."""
    test = node.test
    if not isinstance(test, ir.Compare) or test.op != "!=" or not (_is_name(test.left) or _is_name(test.right)):
        return False
    if not any(isinstance(s, ir.Constant) and s.value == "__main__" for s in (test.left, test.right)):
        return False
    for statement in node.body:
        if isinstance(statement, ir.Evaluate) and isinstance(statement.value, ir.Call):
            func = statement.value.func
            last = func.attr if isinstance(func, ir.Attribute) else func.id if isinstance(func, ir.Name) else ""
            if last in {"exit", "_exit", "quit"}:
                return True
        if isinstance(statement, ir.Raise) and statement.value is not None:
            names = [n.id for n in ir.walk(statement.value) if isinstance(n, ir.Name)]
            if "SystemExit" in names:
                return True
    return False


RULE = Rule(
    code="JL202",
    name="malformed-main-guard",
    summary="a main guard that can never hold, always holds or fails",
    documentation=DOCUMENTATION,
    example="compares_with_main",
    check=check,
)
