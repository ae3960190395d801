"""Functions that are handed on before there is a process, and look after it once there is one: `atexit.register(stop)`
where `stop` joins what is in `workers`."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.interpreter.handles import TAKES_CARE
from joinlint.analysis.interpreter.state import State, holds
from joinlint.program import ir
from joinlint.program.index import Program
from joinlint.program.modules import FunctionKey


def has_caretaker(program: Program, state: State, root: FunctionKey) -> bool:
    """Did the function `root` hand on, before it started the process, a function of its own that takes care of what
    holds the process in `state`?

    Who gets a function after the start gets the process with it, which the interpreter sees.
    """
    if state.start is None:
        return False
    scope = ":".join(root)
    holders = {name for (where, name), value in state.env.items() if where == scope and holds(state, value)}
    started = (*state.start.calls, state.start.where)[0]
    return any(
        where < started and holders & program.mentions(key) and TAKES_CARE & program.mentions(key)
        for where, key in _handed_on(program, root)
    )


def _handed_on(program: Program, root: FunctionKey) -> Iterator[tuple[ir.Where, FunctionKey]]:
    """The inner functions of `root` that code gets which can't be seen, and where."""
    module, scope = root
    inner = set(program.inner_functions.get(root, ()))
    if not inner:
        return
    names = program.names[module]
    for definition in program.own_nodes_of(ir.FunctionDef, names.module, scope):
        if definition.decorators:
            yield definition.where, (module, definition.function.scope)
    for call in program.own_nodes_of(ir.Call, names.module, scope):
        if any(program.called(call.func, module, scope, names)):
            continue
        for value in (*call.args, *(keyword.value for keyword in call.keywords)):
            if isinstance(value, ir.Lambda):
                yield call.where, (module, value.function.scope)
            elif isinstance(value, ir.Name):
                found = {(r.module, r.name) for r in names.resolve(value, scope) if r.kind == "function"}
                yield from ((call.where, key) for key in found & inner)
