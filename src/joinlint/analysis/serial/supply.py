"""Whether the rounds of a loop take work from a supply, or try the same again, or keep something alive."""

from __future__ import annotations

from joinlint.analysis.facts.dependence import base_names, names_in
from joinlint.analysis.serial.rounds import Round, exits
from joinlint.program import ir, models

_TAKES_WORK = frozenset({"pop", "popleft", "get", "get_nowait", "popitem", "readline", "next", "fetchone", "recv"})
_TRIES = ("retr", "attempt", "tries", "trial", "restart")
# What says that a supply is used up.
_NO_MORE = frozenset({"StopIteration", "Empty", "IndexError"})
_ENDLESS = frozenset({"itertools.count", "itertools.cycle", "itertools.repeat"})


def is_over_work(around: Round) -> bool:
    """Does each round take another piece of work, as opposed to trying the same again or keeping something alive?"""
    loop = around.loop
    if isinstance(loop, ir.Comprehension):
        return loop.kind != "generator"  # that one goes on only as far as it is asked to
    if isinstance(loop, ir.For):
        if isinstance(loop.iterable, ir.Call):
            names = around.program.names[around.starters[0][0]]
            if names.dotted(loop.iterable.func, around.starters[0][1]) & _ENDLESS:
                return False
        return not _is_about_trying(_words(loop.iterable) | _words(loop.target))
    return _takes_work(around, loop)


def _takes_work(around: Round, loop: ir.While) -> bool:
    """Is the worker given what the round has taken from a supply, or the counter that the test looks at?"""
    tested = _words(loop.test)
    is_endless = isinstance(loop.test, ir.Constant)
    taken: set[str] = set()
    for node in (*(n for n in ir.walk(loop.test) if isinstance(n, ir.Walrus)), *around.nodes):
        if isinstance(node, ir.Walrus) and _takes(node.value):
            taken |= base_names(node.target)
        elif (counter := _counter(node)) in tested:
            if not _is_about_trying(tested):
                taken.add(counter)
        elif isinstance(node, ir.Assign) and around.is_before(node.where):
            supplied = any(_words(call) & tested or is_endless for call in _takes(node.value))
            if supplied or names_in(node.value) & taken or _is_first_of(around, node.value, tested):
                taken |= {n for t in node.targets for n in base_names(t)}
    if is_endless and not _ends_when_used_up(around, taken):
        return False
    if around.site.kind in models.POOLS | models.EXECUTORS:
        # Whatever is taken, or told by the test, is the work of the round's pool.
        submits = [c for c in around.calls if ir.word(c.func) in models.SUBMIT_NAMES | {"map", "starmap"}]
        return bool(taken) or any(_words(a) & tested for call in submits for a in call.args)
    given = {n for value in around.given for n in names_in(value)}
    return bool((around.given_names | given) & taken) or any(
        _words(call) & tested for value in around.given for call in _takes(value)
    )


def _counter(node: object) -> str:
    """The variable that the statement counts up: `i += 1`, `i = i + 1`; "" where it counts none."""
    match node:
        case ir.AugmentedAssign(target=ir.Name(id=name)):
            return name
        case ir.Assign(targets=(ir.Name(id=name),), value=ir.BinaryOp() as value) if name in names_in(value):
            return name
        case _:
            return ""


def _is_first_of(around: Round, value: ir.Expression, tested: set[str]) -> bool:
    """Is it the first or last element of what the test looks at, which the round takes out: `del items[0]`?"""
    match value:
        case ir.Subscript(value=ir.Name(id=name), index=ir.Constant()) if name in tested:
            deleted = (target for n in around.nodes if isinstance(n, ir.Delete) for target in n.targets)
            return any(isinstance(target, ir.Subscript) and ir.word(target.value) == name for target in deleted)
        case _:
            return False


def _takes(value: object) -> list[ir.Call]:
    return [n for n in ir.walk(value) if isinstance(n, ir.Call) and ir.word(n.func) in _TAKES_WORK]


def _ends_when_used_up(around: Round, taken: set[str]) -> bool:
    """`while True: item = q.get(); if item is None: break`, or a handler of StopIteration that leaves, as opposed to a
    service."""
    early = {where for where in exits(around) if around.is_before(where)}
    endings: list[ir.Block] = []
    for node in around.nodes:
        if isinstance(node, ir.If) and names_in(node.test) & taken:
            endings += [node.body, node.orelse]
        elif isinstance(node, ir.Handler) and node.types is not None and _words(node.types) & _NO_MORE:
            endings.append(node.body)
    return any(getattr(inner, "where", None) in early for block in endings for inner in ir.walk_own(block))


def _is_about_trying(words: set[str]) -> bool:
    return any(word in name.lower() for name in words for word in _TRIES)


def _words(node: object) -> set[str]:
    """The names and attributes in an expression."""
    return {ir.word(n) for n in ir.walk(node)} - {""}
