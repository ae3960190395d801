"""The life histories of the processes that one site makes: every way in which one of them can fare."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from joinlint import limits
from joinlint.analysis.interpreter import Answered, Final, GaveUp, Interpreter, Mode
from joinlint.analysis.interpreter.machine import Operation
from joinlint.analysis.interpreter.outcome import Exit
from joinlint.analysis.interpreter.state import SHARED, Life, StartEvent, State, holds, initial_state, paths
from joinlint.analysis.interpreter.values import MODULE_ROOT, Ours, Path, Ref
from joinlint.analysis.lifecycle.caretakers import has_caretaker
from joinlint.analysis.lifecycle.fields import given_object
from joinlint.analysis.lifecycle.ownership import Ownership, Storage, settle
from joinlint.program import ir, models
from joinlint.program.index import Program
from joinlint.program.modules import FunctionKey
from joinlint.program.sites import Site

_ALL_CHILDREN = "active_children"
_SOMEBODY_ELSES = Storage("shared", frozenset())


@dataclass(slots=True)
class History:
    """What becomes of the processes of a site.

    `joined`, `escaped` and `missed` are ends of paths on which the process was started and then waited for, handed to
    code that can't be seen, or neither; `abandoned` those on which the pool of a result was terminated first.  `stored`
    are those whose process lies in a field, global or container that outlives the function, with what the rest of the
    program does about it.

    Of the function that makes the processes, `operations` are what is done to them there, and `joins` its statements
    that wait for one.
    """

    site: Site
    joined: list[Final] = field(default_factory=list)
    escaped: list[Final] = field(default_factory=list)
    missed: list[Final] = field(default_factory=list)
    abandoned: list[Final] = field(default_factory=list)
    stored: list[tuple[Final, Storage, Ownership]] = field(default_factory=list)
    starts: dict[StartEvent, None] = field(default_factory=dict)
    round_ends: dict[object, list[bool]] = field(default_factory=dict)
    rounds_joined: list[tuple[Final, frozenset[object]]] = field(default_factory=list)
    settled: dict[tuple[object, ...], Ownership] = field(default_factory=dict)
    operations: list[Operation] = field(default_factory=list)
    joins: list[ir.Where] = field(default_factory=list)
    only_joins: bool = False
    gave_up: bool = False

    def size(self) -> int:
        """How many ends of paths are known."""
        return len(self.joined) + len(self.escaped) + len(self.missed) + len(self.stored)


def follow(program: Program, site: Site, any_call_raises: bool = False) -> History:
    """Follow the processes of `site` through the function that makes them, and through its callers where it hands them
    back."""
    history = History(site)
    try:
        _follow_from(program, site, (site.module, site.scope), history, Mode(any_call_raises=any_call_raises), set())
    except GaveUp:
        history.gave_up = True
    return history


def follow_in_rounds(program: Program, site: Site) -> History:
    """Follow the processes of `site` through the function that makes them, to see whether each is waited for in the
    round of a loop there that has started it.

    Where one is not, the history is given up.
    """
    history = History(site)
    try:
        _follow_from(program, site, (site.module, site.scope), history, Mode(in_rounds=True), set())
    except (Answered, GaveUp):
        history.gave_up = True
    return history


def follow_from_callers(program: Program, site: Site, callers: Sequence[FunctionKey]) -> History:
    """Follow the processes of `site` through these `callers` of the function that makes them, to see where they are
    joined.

    What becomes of those that are not is not asked.
    """
    history = History(site, only_joins=True)
    try:
        for caller in callers[: limits.CALLERS]:
            _follow_from(program, site, caller, history, Mode(), set())
    except GaveUp:
        history.gave_up = True
    return history


def _follow_from(
    program: Program, site: Site, root: tuple[str, str], history: History, mode: Mode, done: set[tuple[str, str]]
) -> None:
    if root in done:
        return
    done.add(root)
    interpreter = Interpreter(program, site, mode)
    finals = interpreter.run(*root)
    loops = interpreter.loop_nodes()
    for event in interpreter.starts:
        history.starts[event] = None
    for loop, ends in interpreter.round_ends.items():
        history.round_ends.setdefault(loops[loop], []).extend(ends)
    if len(done) == 1:
        history.operations = interpreter.operations
        history.joins = [(*f.calls, f.where)[0] for f in finals if f.fate == "joined" and f.where is not None]
    given_back = False
    for final in finals:
        if final.fate in {"left", "returned"} and has_caretaker(program, final.state, root):
            history.escaped.append(final)
            continue
        if final.state.life is not Life.STARTED and final.fate != "returned":
            storage = storage_of(program, final.state, root)
            if final.fate == "left" and storage is not None and storage.kind in {"field", "global"}:
                _settle(program, site, final, storage, history, mode)
            given_back = given_back or (storage is not None and storage.kind in {"argument", "enclosing"})
            continue
        match final.fate:
            case "joined" | "polled":
                history.joined.append(final)
                history.rounds_joined.append((final, frozenset(loops[n] for n in final.rounds)))
            case "escaped":
                history.escaped.append(final)
            case "abandoned":
                history.abandoned.append(final)
            case "returned":
                given_back = True
            case "left":
                storage = storage_of(program, final.state, root)
                if storage is None and _may_be_collected(program, site, root):
                    given_back = True
                elif storage is None:
                    history.missed.append(final)
                elif storage.kind == "shared":
                    history.escaped.append(final)
                elif storage.kind in {"argument", "enclosing"}:
                    given_back = True
                else:
                    _settle(program, site, final, storage, history, mode)
    if given_back:
        if mode.in_rounds:
            raise Answered
        _follow_callers(program, site, root, history, mode, done)


def _may_be_collected(program: Program, site: Site, root: FunctionKey) -> bool:
    """May a function that leads to the root ask for all processes that are running, or another method of its class wait
    for them?"""
    asking = program.words.get(_ALL_CHILDREN, {}) if site.kind == models.PROCESS else {}
    if not asking or root in asking:
        return False
    if any(_ALL_CHILDREN in program.mentions(key) for key in program.reaching(root) if key != root):
        return True
    functions = program.modules[root[0]].functions
    owner = functions[root[1]].owner if root[1] in functions else None
    return owner is not None and any(
        module == root[0] and functions[scope].owner == owner and _waits_for_all(program, module, scope)
        for module, scope in asking
        if scope != ir.MODULE_SCOPE
    )


def _waits_for_all(program: Program, module: str, scope: str) -> bool:
    for node in program.own_nodes(program.modules[module], scope):
        if isinstance(node, ir.While) and _ALL_CHILDREN in ir.words(node.test):
            return True
        if isinstance(node, ir.For) and _ALL_CHILDREN in ir.words(node.iterable) and isinstance(node.target, ir.Name):
            for inner in ir.walk_own(node.body):
                match inner:
                    case ir.Attribute(value=ir.Name(id=child), attr="join") if child == node.target.id:
                        return True
    return False


def _follow_callers(
    program: Program, site: Site, root: tuple[str, str], history: History, mode: Mode, done: set[tuple[str, str]]
) -> None:
    """The function gives its process to whoever called it: look at those, or leave the process in their care."""
    module, scope = root
    function = program.modules[module].functions.get(scope)
    callers = [c for c in program.callers.get(root, ()) if c != root]
    if function is not None and function.parent is not None and not callers:
        callers = [(module, function.parent)]
    if not callers or len(callers) > limits.CALLERS or len(done) > limits.CALLERS * limits.CALLERS_IN_A_ROW:
        history.escaped.append(Final("escaped", initial_state(), Exit("returns")))
        return
    for caller in callers:
        before = history.size(), len(done)
        _follow_from(program, site, caller, history, mode, done)
        if history.size() == before[0] and len(done) == before[1] + 1:
            # The call was not followed into (a decorator, a dynamic call): the caller may do anything.
            history.escaped.append(Final("escaped", initial_state(), Exit("returns")))


def _settle(program: Program, site: Site, final: Final, storage: Storage, history: History, mode: Mode) -> None:
    if history.only_joins:
        return
    if mode.in_rounds:
        raise Answered
    state = final.state
    key = (storage, state.life, state.start, state.stopped, state.timed, state.looked)
    if key not in history.settled:
        history.settled[key] = settle(program, site, state, storage)
    ownership = history.settled[key]
    history.starts.update(ownership.starts)
    history.stored.append((final, storage, ownership))


def storage_of(program: Program, state: State, root: tuple[str, str]) -> Storage | None:
    """The longest-lived place that holds the process at the end of the root function, None where there is none."""
    found: list[Storage] = []
    for name, held in state.heap.items():
        if name.startswith(f"{MODULE_ROOT}:"):
            found.append(Storage("global", held, module=name.partition(":")[2]))
        elif name.startswith("self:"):
            _, module, cls = name.split(":", 2)
            given = given_object(program, held, (module, cls))
            is_others = given is not None and not (given.is_called or given.is_field)
            found.append(_SOMEBODY_ELSES if is_others else Storage("field", held, module, cls))
        elif name.startswith("param:"):
            found.append(_argument_storage(held))
    module, scope = root
    for (where, name), value in state.env.items():
        if not holds(state, value):
            continue
        if where == SHARED:
            found.append(_SOMEBODY_ELSES)
        elif where.endswith(f":{ir.MODULE_SCOPE}"):
            ways: frozenset[Path] = (
                frozenset({()})
                if isinstance(value, Ours)
                else paths(state, value)
                if isinstance(value, Ref)
                else frozenset()
            )
            if scope != ir.MODULE_SCOPE or _mentioned_in_functions(program, module, name):
                found.append(
                    Storage("global", frozenset((f".{name}", *w) for w in ways), module=where.partition(":")[0])
                )
        elif where != f"{module}:{scope}" and where:
            found.append(Storage("enclosing", frozenset()))
    order = {"shared": 0, "field": 1, "global": 2, "argument": 3, "enclosing": 4}
    return min(found, key=lambda s: order[s.kind], default=None)


def _argument_storage(held: frozenset[Path]) -> Storage:
    attribute_ways = frozenset(w for w in held if w and w[0].startswith("."))
    if attribute_ways:
        return Storage("field", attribute_ways, module="", cls="")
    return Storage("argument", held)


def _mentioned_in_functions(program: Program, module: str, name: str) -> bool:
    """Does a function of the module reach the global, so that it outlives the module's own statements?"""
    names = program.names[module]
    for function in names.module.functions.values():
        for node in ir.walk_own(function.body):
            if (
                isinstance(node, ir.Name)
                and node.id == name
                and names.binding_scope(name, function.scope) == ir.MODULE_SCOPE
            ):
                return True
    return False
