"""Functions that are handed on before there is a process, and look after it once there is one: `atexit.register(stop)`
where `stop` joins what is in `workers`."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.interpreter.state import State, holds
from joinlint.program import ir, library_calls
from joinlint.program.index import Program
from joinlint.program.modules import FunctionKey

_WAITS = frozenset({"join", "wait", "waitpid", "is_alive"})
_RUN_AT_ONCE = library_calls.RUNS_ITS_ARGUMENT | library_calls.LOOKS_ONLY | library_calls.REARRANGES


def has_caretaker(program: Program, state: State, root: FunctionKey) -> bool:
    """Did the function `root` hand on, before it started the process, a function of its own that waits, and reaches the
    variables of `root` that hold the process in `state`?

    Who gets a function after the start gets the process with it, which the interpreter sees.
    """
    if state.start is None:
        return False
    scope = ":".join(root)
    holders = {name for (where, name), value in state.env.items() if where == scope and holds(state, value)}
    started = (*state.start.calls, state.start.where)[0]
    return any(
        where < started and holders & _captured(program, key, root) and _waits(program, key)
        for where, key in _handed_on(program, root)
    )


def _waits(program: Program, key: FunctionKey) -> bool:
    """Does the function, or one that it may come to call, wait for something, other than by joining texts?"""
    for module, scope in program.closure(key):
        names = program.names[module]
        for call in program.own_nodes_of(ir.Call, names.module, scope):
            match call.func:
                case ir.Attribute(value=value, attr=attr) if attr in _WAITS and not isinstance(value, ir.Constant):
                    if not any(dotted.endswith("path.join") for dotted in names.dotted(call.func, scope)):
                        return True
    return False


def _captured(program: Program, key: FunctionKey, root: FunctionKey) -> set[str]:
    """The variables of `root` that its inner function reads, or one inside of that."""
    module, scope = key
    names = program.names[module]
    read = {name.id for name in program.own_nodes_of(ir.Name, names.module, scope)}
    found = {name for name in read if names.binding_scope(name, scope) == root[1]}
    return found.union(*(_captured(program, inner, root) for inner in program.inner_functions.get(key, ())))


def _handed_on(program: Program, root: FunctionKey) -> Iterator[tuple[ir.Where, FunctionKey]]:
    """The inner functions of `root` that code gets which can't be seen, to call them later, and where."""
    module, scope = root
    inner = set(program.inner_functions.get(root, ()))
    if not inner:
        return
    names = program.names[module]
    for definition in program.own_nodes_of(ir.FunctionDef, names.module, scope):
        if definition.decorators:
            yield definition.where, (module, definition.function.scope)
    for call in program.own_nodes_of(ir.Call, names.module, scope):
        if call in program.process_calls or any(program.called(call.func, module, scope, names)):
            continue
        if names.dotted(call.func, scope) & _RUN_AT_ONCE:
            continue
        for value in (*call.args, *(keyword.value for keyword in call.keywords)):
            if isinstance(value, ir.Lambda):
                yield call.where, (module, value.function.scope)
            elif isinstance(value, ir.Name):
                found = {(r.module, r.name) for r in names.resolve(value, scope) if r.kind == "function"}
                yield from ((call.where, key) for key in found & inner)
