"""Main guards, and what is meant as one and is none.

A test is judged by what it comes to for the two names under which the main module runs: in the script itself, and in a
child that spawn or forkserver has started, which imports it again.
"""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.program import ir
from joinlint.records import by_value

SCRIPT = "__main__"
CHILD = "__mp_main__"

NEVER_HOLDS = "never holds"
ALWAYS_HOLDS = "always holds"
RAISES = "raises NameError"
BY_CHANCE = "holds by chance"
ENDS_CHILD = "ends the child"
WRONG_WAY = "holds on import alone"
NOT_CALLED = "is never run"


@by_value
class Malformed:
    """What is wrong with a guard: `kind` is one of the constants above, `reason` says it in words."""

    kind: str
    reason: str


# --- what a test comes to
# ------------------------------------------------------------------------------------------------------------------

_UNKNOWN = object()
_STR_TESTS = frozenset({"startswith", "endswith"})
_STR_FORMS = frozenset({"lower", "upper", "strip", "lstrip", "rstrip"})


def truth(test: ir.Expression, name: str) -> bool | None:
    """Whether `test` holds where `__name__` is `name`; None where that does not decide it."""
    match test:
        case ir.Not(value=inner_test):
            inner = truth(inner_test, name)
            return None if inner is None else not inner
        case ir.BoolOp(is_and=is_and, left=left, right=right):
            sides = (truth(left, name), truth(right, name))
            if (not is_and) in sides:
                return not is_and
            return None if None in sides else is_and
        case ir.Call(func=ir.Name(id="all" | "any" as quantifier), args=(ir.Display(items=items),)):
            answers = [truth(item, name) for item in items]
            if (quantifier == "any") in answers:
                return quantifier == "any"
            return None if None in answers else quantifier == "all"
        case ir.Call(func=ir.Name(id="bool"), args=(only,)):
            return truth(only, name)
        case _:
            value = _value(test, name)
            return None if value is _UNKNOWN else bool(value)


def _value(node: ir.Expression, name: str) -> object:
    """The constant that an expression gives, `_UNKNOWN` where it gives none."""
    match node:
        case ir.Constant(value=value):
            return value
        case ir.Walrus(value=value):
            return _value(value, name)
        case ir.Compare(left=left, op=op, right=right):
            return _compared(_value(left, name), op, right, name)
        case ir.Call(func=ir.Attribute(value=base, attr=attr), args=args, keywords=()):
            return _method_value(_value(base, name), attr, [_value(a, name) for a in args])
        case _ if is_name(node):
            return name
        case _:
            return _UNKNOWN


def _compared(left: object, op: str, right: ir.Expression, name: str) -> object:
    if left is _UNKNOWN:
        return _UNKNOWN
    negated = op in {"!=", "is not", "not in"}
    if op in {"in", "not in"} and isinstance(right, ir.Display):
        items = [_value(item, name) for item in right.items]
        found = left in [item for item in items if item is not _UNKNOWN]
        return _UNKNOWN if not found and _UNKNOWN in items else found != negated
    other = _value(right, name)
    if other is _UNKNOWN:
        return _UNKNOWN
    if op in {"==", "!=", "is", "is not"}:
        return (left == other) != negated
    if op in {"in", "not in"} and isinstance(left, str) and isinstance(other, str):
        return (left in other) != negated
    return _UNKNOWN


def _method_value(base: object, attr: str, args: list[object]) -> object:
    if isinstance(base, str) and all(isinstance(a, str) for a in args):
        if (attr in _STR_TESTS and len(args) == 1) or (attr in _STR_FORMS and len(args) <= 1):
            try:
                return getattr(base, attr)(*args)
            except TypeError:
                return _UNKNOWN
    return _UNKNOWN


def is_name(node: ir.Expression) -> bool:
    """`__name__`, also as `globals()["__name__"]`."""
    match node:
        case ir.Name(id="__name__"):
            return True
        case ir.Subscript(value=ir.Call(func=ir.Name(id="globals")), index=ir.Constant(value="__name__")):
            return True
        case _:
            return False


def is_main(node: ir.Expression) -> bool:
    return isinstance(node, ir.Constant) and node.value == SCRIPT


def guards(test: ir.Expression) -> bool:
    """Does the test keep the child out, without keeping the script out?"""
    return truth(test, CHILD) is False and truth(test, SCRIPT) is not False


def has_guard(test: ir.Expression) -> bool:
    """Does a main guard that works take part in the test?"""
    return any(guards(atom) for atom in _atoms(test))


def asks_who_runs(test: ir.Expression) -> bool:
    """Does the test look at the module's name, in whatever way?"""
    return any(isinstance(n, (ir.Name, ir.Constant)) and (is_name(n) or is_main(n)) for n in ir.walk(test))


def lists_child(test: ir.Expression) -> bool:
    """Does the test name the child's name for the main module: is it meant to hold there, too?"""
    return any(isinstance(n, ir.Constant) and n.value == CHILD for n in ir.walk(test))


# --- guards that are none
# ------------------------------------------------------------------------------------------------------------------


def malformed(node: ir.If | ir.Assert) -> Malformed | None:
    """What keeps the condition of `node`, a statement at module level, from being the main guard that it is meant
    as."""
    test = node.test
    if any(_fails(atom) for atom in _atoms(test)):
        return next(problem for atom in _atoms(test) if (problem := _fails(atom)) is not None)
    for_script, for_child = truth(test, SCRIPT), truth(test, CHILD)
    if isinstance(node, ir.Assert):
        if for_script and for_child is False:
            return Malformed(ENDS_CHILD, "this assertion also ends every child process that imports the file")
        return None
    if for_script and for_child is False and _exits(node.orelse):
        return Malformed(ENDS_CHILD, "the `else` of this guard also ends every child process that imports the file")
    if for_script is False and for_child and _exits(node.body):
        return Malformed(ENDS_CHILD, "this exit also ends every child process that imports the file")
    if (problem := next((p for atom in _atoms(test) if (p := _by_chance(atom)) is not None), None)) is not None:
        return problem
    if for_script is None or for_child is None:
        return next((p for atom in _atoms(test) if (p := _in_doubt(atom, test)) is not None), None)
    if for_script != for_child or not _is_meant(test):
        return None
    if for_script:
        return Malformed(ALWAYS_HOLDS, _why_always(test))
    return Malformed(NEVER_HOLDS, _why_never(test))


def _atoms(test: ir.Expression) -> Iterator[ir.Expression]:
    if isinstance(test, ir.BoolOp):
        yield from _atoms(test.left)
        yield from _atoms(test.right)
    elif isinstance(test, ir.Not) and not isinstance(test.value, ir.Name):
        yield from _atoms(test.value)
    else:
        yield test


def _fails(atom: ir.Expression) -> Malformed | None:
    """`__name__ == __main__`, `name == "__main__"`, `__main__ == "__name__"`."""
    if not isinstance(atom, ir.Compare) or atom.op not in {"==", "!=", "is", "is not"}:
        return None
    for one, other in ((atom.left, atom.right), (atom.right, atom.left)):
        if isinstance(one, ir.Name) and one.id == "__main__":
            without = " without quotes" if is_name(other) else ""
            return Malformed(RAISES, f"`__main__`{without} is no name that Python defines: this guard raises NameError")
        if isinstance(one, ir.Name) and one.id in {"name", "_name_", "__name"} and is_main(other) and atom.op == "==":
            return Malformed(RAISES, f"`{one.id}` is not `__name__`: this guard raises NameError")
    return None


def _by_chance(atom: ir.Expression) -> Malformed | None:
    if isinstance(atom, ir.Compare) and atom.op in {"is", "is not"}:
        if (is_name(atom.left) and is_main(atom.right)) or (is_name(atom.right) and is_main(atom.left)):
            return Malformed(
                BY_CHANCE,
                f"`{atom.op}` compares identity, not equality: whether this guard holds depends on the Python version",
            )
    return None


def _in_doubt(atom: ir.Expression, test: ir.Expression) -> Malformed | None:
    """What is wrong with one part of a test that other things decide, too."""
    if is_main(atom):
        return Malformed(ALWAYS_HOLDS, _why_always(atom))
    if not _is_meant(atom) or (atom is not test and has_guard(test)):
        return None
    answers = {truth(atom, SCRIPT), truth(atom, CHILD)}
    if answers == {False}:
        return Malformed(NEVER_HOLDS, _why_never(atom))
    return Malformed(ALWAYS_HOLDS, _why_always(atom)) if answers == {True} else None


def _is_meant(test: ir.Expression) -> bool:
    """Is the test meant as a main guard, as opposed to one for the name of some other module?"""
    if is_name(test):
        return True
    texts = [n.value for n in ir.walk(test) if isinstance(n, ir.Constant) and isinstance(n.value, str)]
    if not any(is_name(n) for n in ir.walk(test) if isinstance(n, (ir.Name, ir.Subscript))):
        return any(t == SCRIPT for t in texts) and (is_main(test) or "__name__" in texts)
    return isinstance(test, ir.Walrus) or any(_resembles_main(text) or text == CHILD for text in texts)


def _why_always(test: ir.Expression) -> str:
    for atom in _atoms(test):
        if is_main(atom) and atom is test:
            return 'the string "__main__" alone is always true: this is no main guard'
        if is_name(atom):
            return "`__name__` alone is always true: this is no main guard"
        if isinstance(atom, ir.Walrus) and is_name(atom.target):
            return "this assigns `__name__` instead of comparing it: it is always true"
        if isinstance(atom, ir.Constant) and isinstance(atom.value, str) and atom.value:
            return f"`or {atom.value!r}` is always true: this is no main guard"
    if lists_child(test):
        return "the child imports this file as `__mp_main__`: this guard holds there too"
    for atom in _atoms(test):
        if isinstance(atom, ir.Compare) and atom.op == "in" and isinstance(atom.left, ir.Constant):
            return f"`{ir.literal(atom.left.value)} in __name__` holds for `__mp_main__` in the child too"
    return "this guard holds in the child too, which imports this file as `__mp_main__`"


def _why_never(test: ir.Expression) -> str:
    for atom in _atoms(test):
        if isinstance(atom, ir.Compare):
            sides = (atom.left, atom.right)
            texts = [s.value for s in sides if isinstance(s, ir.Constant) and isinstance(s.value, str)]
            if len(texts) == 2 and "__name__" in texts:
                return 'this compares the string "__name__", not the variable: it never holds'
            if texts and any(is_name(s) for s in sides):
                return f"`__name__` is never {texts[0]!r}: this guard never holds"
    return "whatever runs the file, this guard never holds"


def _resembles_main(text: str) -> bool:
    """Is the text "__main__" or a slip of it, as opposed to the name of some module?"""
    return text.strip("_ .()").lower().removesuffix(".py").strip("_") in {"main", "mian", "mani", "man", "name"}


def _exits(block: ir.Block) -> bool:
    """Does the block end the program or raise?"""
    for statement in block:
        if isinstance(statement, ir.Raise):
            return True
        if isinstance(statement, ir.Evaluate) and isinstance(statement.value, ir.Call):
            if ir.word(statement.value.func) in {"exit", "_exit", "quit"}:
                return True
    return False
