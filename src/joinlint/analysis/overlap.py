"""Joins that make parallel work serial: each worker is waited for before the next is started."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from joinlint.analysis.histories import History, follow_from_callers
from joinlint.program import ir, models
from joinlint.program.index import Program, Site

Loop = ir.For | ir.While | ir.Comprehension

_BETWEEN = frozenset(
    {
        "print",
        "append",
        "put",
        "debug",
        "info",
        "warning",
        "log",
        "write",
        "format",
        "time",
        "perf_counter",
        "monotonic",
        "get",
        "recv",
        "is_alive",
        "str",
        "len",
        "flush",
        "strftime",
        "now",
        "update",
        "set",
        "start",
        "join",
        "close",
    }
)
_TAKES_WORK = frozenset({"pop", "popleft", "get", "get_nowait", "popitem", "readline", "next", "fetchone", "recv"})


@dataclass(frozen=True, slots=True)
class Serialisation:
    """`kind` is "loop" or "sequence"; `join` the statement that waits, `start` the one that started, `scope` the loop
    or the start of the next worker."""

    kind: str
    site: Site
    join: ir.Where
    start: ir.Where
    context: ir.Where


def serialised(follow: Callable[[Site], History], program: Program) -> Iterator[Serialisation]:
    """The serialising joins of the program."""
    seen: set[ir.Where] = set()
    for site in program.sites:
        if site.kind in {models.PROCESS, models.THREAD} and _may_serialise(program, site):
            for history in (follow(site), follow_from_callers(program, site)):
                for found in _in_loops(history, program):
                    if found.join not in seen:
                        seen.add(found.join)
                        yield found
    for module in program.modules.values():
        yield from _in_sequence(program, module)


# --- JL301
# ----------------------------------------------------------------------


def _in_loops(history: History, program: Program) -> Iterator[Serialisation]:
    """One for loops in each of whose rounds the process is started and joined."""
    site = history.site
    if history.gave_up or history.escaped or history.missed or history.stored:
        return
    loops = {loop for _, around in history.rounds_joined for loop in around}
    for loop in loops:
        if not isinstance(loop, (ir.For, ir.While, ir.Comprehension)) or program.loop_owners.get(loop) is None:
            continue
        if any(not done for done in history.round_ends.get(loop, ())):
            continue
        finals = [f for f, around in history.rounds_joined if loop in around]
        if len(finals) != len(history.joined) or any(
            f.state.overlapped or f.state.stopped or f.state.timed for f in finals
        ):
            continue
        if any(f.fate != "joined" for f in finals):
            continue
        owner = program.loop_owners.get(loop)
        if owner is None or not _is_over_work(loop):
            continue
        start = finals[0].state.start
        if start is None or finals[0].where is None or _has_intent(loop, site):
            continue
        yield Serialisation("loop", site, finals[0].where, start.where, loop.where)
        return


def _may_serialise(program: Program, site: Site) -> bool:
    """Is there a join beside the constructor at all, and a loop around either?  Most sites need no closer look."""
    key = (site.module, site.scope)
    nodes = program.own_nodes(program.modules[site.module], site.scope)
    if not any(isinstance(n, ir.Attribute) and n.attr == "join" for n in nodes):
        return False
    around = [nodes, *(program.own_nodes(program.modules[m], s) for m, s in program.callers.get(key, ()))]
    return any(isinstance(n, (ir.For, ir.While, ir.Comprehension)) for own in around for n in own)


def _is_over_work(loop: Loop) -> bool:
    """Does each round take another piece of work, as opposed to trying the same again or keeping something alive?"""
    if isinstance(loop, ir.Comprehension):
        return True
    if isinstance(loop, ir.For):
        names = _names(loop.iterable) | _names(loop.target)
        return not any(w in n.lower() for n in names for w in ("retr", "attempt", "tries", "trial"))
    tested = _names(loop.test)
    for node in ir.walk_own(loop.body):
        if isinstance(node, ir.Call) and isinstance(node.func, ir.Attribute) and node.func.attr in _TAKES_WORK:
            if _names(node.func.value) & tested:
                return True
        if isinstance(node, ir.AugmentedAssign) and _names(node.target) & tested and isinstance(node.target, ir.Name):
            return True
    return False


def _names(node: ir.Expression) -> set[str]:
    return {n.id for n in ir.walk(node) if isinstance(n, ir.Name)} | {
        n.attr for n in ir.walk(node) if isinstance(n, ir.Attribute)
    }


def _has_intent(loop: Loop, site: Site) -> bool:
    """One worker a round on purpose: its result decides how to go on, it serves the round, or its end is looked at."""
    if isinstance(loop, ir.Comprehension):
        return False
    nodes = list(ir.walk_own(loop.body))
    if any(isinstance(n, (ir.Break, ir.Return, ir.Raise)) for n in nodes):
        return True
    if any(
        isinstance(n, ir.Attribute) and n.attr in {"exitcode", "terminate", "kill", "is_set", "wait"} for n in nodes
    ):
        return True
    calls = [n for n in nodes if isinstance(n, ir.Call)]
    if any(isinstance(n, ir.Assert) for n in nodes) or any(_is_check(c) for c in calls):
        return True
    starts = [c for c in calls if isinstance(c.func, ir.Attribute) and c.func.attr == "start"]
    inside = any(c is site.call for c in calls)
    if len(starts) > 1:
        return True
    if inside and any(_does_own_work(c, site) for c in _between(loop.body)):
        return True
    return inside and _depends_on_last_round(loop, site)


def _is_check(call: ir.Call) -> bool:
    """A test of what the round has done: `self.assertEqual(…)`, `with self.subTest(…)`."""
    name = _called_name(call).lower()
    return name.startswith("assert") or name == "subtest"


def _between(body: ir.Block) -> Iterator[ir.Call]:
    """The calls made after the start and before the join."""
    started = False
    for node in ir.walk_own(body):
        if isinstance(node, ir.Call) and isinstance(node.func, ir.Attribute):
            if node.func.attr == "start":
                started = True
                continue
            if node.func.attr == "join" and started and not isinstance(node.func.value, ir.Constant):
                return
        if started and isinstance(node, ir.Call):
            yield node


def _does_own_work(call: ir.Call, site: Site) -> bool:
    """A call that uses the running worker rather than waiting for it."""
    if any(node is call for node in ir.walk(site.call)):
        return False
    return _called_name(call) not in _BETWEEN


def _depends_on_last_round(loop: Loop, site: Site) -> bool:
    """Is the worker given something that the loop computes after it has started it?"""
    given = {n.id for n in ir.walk(site.call) if isinstance(n, ir.Name)}
    changed: set[str] = set()
    started = False
    if isinstance(loop, ir.Comprehension):
        return False
    for node in ir.walk_own(loop.body):
        if isinstance(node, ir.Call) and isinstance(node.func, ir.Attribute) and node.func.attr == "start":
            started = True
        targets: tuple[ir.Expression, ...] = ()
        if isinstance(node, ir.Assign) and started:
            targets = node.targets
        elif isinstance(node, ir.AugmentedAssign) and isinstance(loop, ir.For):
            targets = (node.target,)
        changed |= {n.id for t in targets for n in ir.walk(t) if isinstance(n, ir.Name)}
    return bool(given & changed)


# --- JL302
# ----------------------------------------------------------------------


def _in_sequence(program: Program, module: ir.Module) -> Iterator[Serialisation]:
    """`a.start(); a.join(); b.start(); b.join()` in one block."""
    by_scope: dict[str, list[Site]] = defaultdict(list)
    for site in program.sites:
        if site.module == module.name and site.kind in {models.PROCESS, models.THREAD}:
            by_scope[site.scope].append(site)
    for scope, block in program.blocks(module):
        sites = {id(s.call): s for s in by_scope.get(scope, ())}
        if len(sites) > 1:
            for inner in (block, *_inner_blocks(program.own_nodes(module, scope))):
                yield from _sequence(inner, sites)


def _inner_blocks(nodes: Sequence[object]) -> Iterator[ir.Block]:
    """The blocks that run at most once each time their function does."""
    for node in nodes:
        match node:
            case ir.If(body=body, orelse=orelse):
                yield from (body, orelse)
            case ir.Try(body=body, orelse=orelse, final=final):
                yield from (body, orelse, final)
            case ir.With(body=body) | ir.Case(body=body) | ir.Handler(body=body):
                yield body
            case _:
                pass


def _sequence(block: ir.Block, sites: dict[int, Site]) -> Iterator[Serialisation]:
    """Follow the plain statements of one block; anything that may make one worker wait for another ends a sequence."""
    handles: dict[str, Site] = {}
    running: str | None = None  # "" where more than one runs, or where what runs is not known
    started_at: ir.Where = ir.Where(0, 0, 0, 0, "")
    finished: tuple[Site, ir.Where, ir.Where] | None = None
    for statement in block:
        if (built := _built(statement, sites)) is not None:
            handles[built[0]] = built[1]
            continue
        event = _event(statement, handles)
        if event is None:
            if not _is_harmless(statement):
                running, finished = ("" if running is not None else None), None
        elif event[1] == "join":
            finished = (handles[event[0]], statement.where, started_at) if running == event[0] else None
            running = None
        elif running is not None:
            running, finished = "", None
        else:
            following = handles[event[0]]
            if (
                finished is not None
                and not _shares(finished[0], following)
                and not _is_same_work(finished[0], following)
            ):
                yield Serialisation("sequence", following, finished[1], finished[2], statement.where)
                return
            running, started_at, finished = event[0], statement.where, None


def _built(statement: ir.Statement, sites: dict[int, Site]) -> tuple[str, Site] | None:
    """The name and the site of a statement that builds a worker."""
    if isinstance(statement, ir.Assign) and id(statement.value) in sites and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, ir.Name):
            return target.id, sites[id(statement.value)]
    return None


def _event(statement: ir.Statement, handles: dict[str, Site]) -> tuple[str, str] | None:
    """The handle that the statement starts or joins, with which of the two it does."""
    if not isinstance(statement, ir.Evaluate) or not isinstance(statement.value, ir.Call):
        return None
    func = statement.value.func
    if isinstance(func, ir.Attribute) and isinstance(func.value, ir.Name) and func.value.id in handles:
        if func.attr == "start" or (func.attr == "join" and not statement.value.args and not statement.value.keywords):
            return func.value.id, func.attr
    return None


_HARMLESS = frozenset({"print", "debug", "info", "warning", "log", "time", "perf_counter", "monotonic", "now"})
_COMPUTES = frozenset(
    {"sum", "len", "min", "max", "sorted", "range", "list", "tuple", "set", "dict", "str", "int", "float", "round"}
)


def _is_harmless(statement: ir.Statement) -> bool:
    """Something is computed or printed: nothing that the next worker may be waiting for."""
    if isinstance(statement, (ir.Import, ir.FunctionDef)):
        return True
    if isinstance(statement, ir.Assign):
        return all(
            _called_name(n) in _COMPUTES | _HARMLESS for n in ir.walk(statement.value) if isinstance(n, ir.Call)
        ) and all(isinstance(t, ir.Name) for t in statement.targets)
    if isinstance(statement, ir.Evaluate) and isinstance(statement.value, ir.Call):
        return _called_name(statement.value) in _HARMLESS
    return False


def _called_name(call: ir.Call) -> str:
    return (
        call.func.id
        if isinstance(call.func, ir.Name)
        else call.func.attr
        if isinstance(call.func, ir.Attribute)
        else ""
    )


_PLAIN = frozenset({"Process", "Thread", "multiprocessing", "mp", "threading", "ctx", "context"})


def _shares(first: Site, second: Site) -> bool:
    """Are both given the same object, through which the second may depend on the first?"""

    def handed(site: Site) -> set[str]:
        words = set()
        for keyword in site.call.keywords:
            if keyword.name in {"args", "kwargs"}:
                words |= {n.id for n in ir.walk(keyword.value) if isinstance(n, ir.Name)}
        if site.cls is not None:
            for arg in (*site.call.args, *(k.value for k in site.call.keywords)):
                words |= {n.id for n in ir.walk(arg) if isinstance(n, ir.Name)}
        return words - _PLAIN

    return bool(handed(first) & handed(second))


def _is_same_work(first: Site, second: Site) -> bool:
    """The same job once more: whoever repeats it wants it done again afterwards."""
    return first is not second and _shape(first.call) == _shape(second.call)


def _shape(node: object) -> object:
    """Equal for expressions that are written alike."""
    match node:
        case ir.Name(id=name):
            return name
        case ir.Constant(value=value):
            return repr(value)
        case ir.Keyword(name=name, value=value):
            return (name, _shape(value))
        case ir.Attribute(value=value, attr=attr):
            return (_shape(value), attr)
        case _:
            return (type(node), tuple(_shape(part) for part in ir.parts(node)))
