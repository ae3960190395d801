"""Joins that make parallel work serial: each worker is waited for before the next is started."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from joinlint.analysis.histories import History
from joinlint.program import ir, models
from joinlint.program.index import Program, Site

_BETWEEN = frozenset(
    {"print", "append", "put", "debug", "info", "warning", "log", "write", "format", "time", "perf_counter", "monotonic",
     "get", "recv", "is_alive", "str", "len", "flush", "strftime", "now", "update", "set", "start", "join", "close"}
)  # fmt: skip
_TAKES_WORK = frozenset({"pop", "popleft", "get", "get_nowait", "popitem", "readline", "next", "fetchone", "recv"})


@dataclass(frozen=True, slots=True)
class Serialisation:
    """`kind` is "loop" or "sequence"; `join` the statement that waits, `start` the one that started, `scope` the loop or the
    start of the next worker."""

    kind: str
    site: Site
    join: ir.Where
    start: ir.Where
    context: ir.Where


def serialised(follow: Callable[[Site], History], program: Program, module: ir.Module) -> Iterator[Serialisation]:
    """The serialising joins whose loop or sequence lies in `module`."""
    seen: set[ir.Where] = set()
    for site in program.sites:
        if site.kind in {models.PROCESS, models.THREAD} and _may_serialise(program, site):
            for found in _in_loops(follow(site), program, module):
                if found.join not in seen:
                    seen.add(found.join)
                    yield found
    yield from _in_sequence(program, module)


# --- JL301 -----------------------------------------------------------------------------------------------------------------------


def _in_loops(history: History, program: Program, module: ir.Module) -> Iterator[Serialisation]:
    """Loops in each of whose rounds the process is started and joined."""
    site = history.site
    if history.gave_up or history.escaped or history.missed or history.stored:
        return
    loops = {loop for _, around in history.rounds_joined for loop in around}
    for loop in loops:
        if not isinstance(loop, (ir.For, ir.While)) or _owner(program, loop) is None:
            continue
        if any(not done for done in history.round_ends.get(loop, ())):
            continue
        finals = [f for f, around in history.rounds_joined if loop in around]
        if len(finals) != len(history.joined) or any(f.state.overlapped or f.state.stopped or f.state.timed for f in finals):
            continue
        if any(f.fate != "joined" for f in finals):
            continue
        owner = _owner(program, loop)
        if owner is None or owner[0] != module.name or not _is_over_work(loop):
            continue
        start = finals[0].state.start
        if start is None or finals[0].where is None or _has_intent(program, owner, loop, site):
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


def _owner(program: Program, loop: object) -> tuple[str, str] | None:
    """The module and scope in which a loop stands."""
    for module in program.modules.values():
        for scope, _ in program.blocks(module):
            if any(node is loop for node in program.own_nodes(module, scope)):
                return (module.name, scope)
    return None


def _is_over_work(loop: ir.For | ir.While) -> bool:
    """Does each round take another piece of work, as opposed to trying the same again or keeping something alive?"""
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


def _has_intent(program: Program, owner: tuple[str, str], loop: ir.For | ir.While, site: Site) -> bool:
    """One worker a round on purpose: its result decides how to go on, it serves the round, or its end is looked at."""
    nodes = list(ir.walk_own(loop.body))
    if any(isinstance(n, (ir.Break, ir.Return, ir.Raise)) for n in nodes):
        return True
    if any(isinstance(n, ir.Attribute) and n.attr in {"exitcode", "terminate", "kill", "is_set", "wait"} for n in nodes):
        return True
    calls = [n for n in nodes if isinstance(n, ir.Call)]
    starts = [c for c in calls if isinstance(c.func, ir.Attribute) and c.func.attr == "start"]
    inside = any(c is site.call for c in calls)
    if len(starts) > 1:
        return True
    if inside and any(_does_own_work(program, owner, c, site) for c in _between(loop.body)):
        return True
    return inside and _depends_on_last_round(loop, site)


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


def _does_own_work(program: Program, owner: tuple[str, str], call: ir.Call, site: Site) -> bool:
    """A call that uses the running worker rather than waiting for it."""
    if any(node is call for node in ir.walk(site.call)):
        return False
    func = call.func
    name = func.attr if isinstance(func, ir.Attribute) else func.id if isinstance(func, ir.Name) else ""
    del program, owner
    return name not in _BETWEEN


def _depends_on_last_round(loop: ir.For | ir.While, site: Site) -> bool:
    """Is the worker given something that the loop computes after it has started it?"""
    given = {n.id for n in ir.walk(site.call) if isinstance(n, ir.Name)}
    changed: set[str] = set()
    started = False
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


# --- JL302 -----------------------------------------------------------------------------------------------------------------------


def _in_sequence(program: Program, module: ir.Module) -> Iterator[Serialisation]:
    """`a.start(); a.join(); b.start(); b.join()` in one block."""
    for scope, _ in program.blocks(module):
        made = _handles(program, module, scope)
        if len(made) < 2:
            continue
        for block in _blocks_of(program.own_nodes(module, scope), program, module, scope):
            yield from _sequence(block, made)


def _handles(program: Program, module: ir.Module, scope: str) -> dict[str, Site]:
    """The local names that stand for exactly one worker each."""
    table: dict[str, list[Site | None]] = {}
    sites = {id(s.call): s for s in program.sites if s.module == module.name and s.scope == scope}
    for node in program.own_nodes(module, scope):
        if isinstance(node, ir.Assign):
            for target in node.targets:
                if isinstance(target, ir.Name):
                    table.setdefault(target.id, []).append(sites.get(id(node.value)))
    return {
        name: found[0]
        for name, found in table.items()
        if len(found) == 1 and found[0] is not None and found[0].kind in {models.PROCESS, models.THREAD}
    }


def _blocks_of(nodes: object, program: Program, module: ir.Module, scope: str) -> Iterator[ir.Block]:
    del nodes
    for owner, block in program.blocks(module):
        if owner == scope:
            yield block
    for node in program.own_nodes(module, scope):
        for name in ("body", "orelse", "final"):
            block = getattr(node, name, None)
            if isinstance(block, tuple) and not isinstance(node, (ir.Function, ir.Class, ir.For, ir.While)):
                yield block


def _sequence(block: ir.Block, made: dict[str, Site]) -> Iterator[Serialisation]:
    running: str | None = None
    finished: tuple[str, ir.Where, ir.Where] | None = None
    started_at: ir.Where = (0, 0, 0, 0)
    given: set[str] = set()
    for statement in block:
        event = _event(statement, made)
        if event is not None:
            name, what = event
            if what == "start":
                if running is not None:
                    running, finished = "", None  # two at once: not serial
                    continue
                if finished is not None and running is None and not _shares(made[finished[0]], made[name], given):
                    yield Serialisation("sequence", made[name], finished[1], finished[2], statement.where)
                    return
                running, started_at, finished = name, statement.where, None
            else:
                finished = (name, statement.where, started_at) if running == name else None
                running = None
        elif not _is_harmless(statement, made):
            running, finished = ("" if running else running), None


def _event(statement: ir.Statement, made: dict[str, Site]) -> tuple[str, str] | None:
    if not isinstance(statement, ir.Evaluate) or not isinstance(statement.value, ir.Call):
        return None
    func = statement.value.func
    if isinstance(func, ir.Attribute) and isinstance(func.value, ir.Name) and func.value.id in made:
        if func.attr == "start" or (func.attr == "join" and not statement.value.args and not statement.value.keywords):
            return func.value.id, func.attr
    return None


def _is_harmless(statement: ir.Statement, made: dict[str, Site]) -> bool:
    """Another worker is built, or something is printed: nothing that the next worker may be waiting for."""
    if isinstance(statement, ir.Assign):
        return any(s.call is statement.value for s in made.values()) or not any(
            isinstance(n, (ir.Call, ir.Await)) for n in ir.walk(statement.value)
        )
    if isinstance(statement, ir.Evaluate) and isinstance(statement.value, ir.Call):
        func = statement.value.func
        name = func.id if isinstance(func, ir.Name) else func.attr if isinstance(func, ir.Attribute) else ""
        return name in {"print", "debug", "info", "warning", "log"}
    return False


_PLAIN = frozenset({"Process", "Thread", "multiprocessing", "mp", "threading", "ctx", "context"})


def _shares(first: Site, second: Site, given: set[str]) -> bool:
    """Are both given the same object, through which the second may depend on the first?"""
    del given

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
