"""Joins that make parallel work serial: each worker is waited for before the next is started."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from joinlint.analysis.interpreter.outcome import Final
from joinlint.analysis.lifecycle.histories import History, follow_from_callers, follow_in_rounds
from joinlint.analysis.serial.intent import intents
from joinlint.analysis.serial.rounds import Loop, Round, within
from joinlint.analysis.serial.sequence import in_sequence
from joinlint.analysis.serial.supply import is_over_work
from joinlint.program import ir, models
from joinlint.program.index import Program
from joinlint.program.modules import FunctionKey
from joinlint.program.sites import Site, is_of_executor
from joinlint.records import by_value

_FOLLOWED = frozenset({models.PROCESS, models.POOL})
_SERIALISE = frozenset({models.PROCESS, models.THREAD, models.RESULT}) | models.POOLS | models.EXECUTORS


@by_value
class Serialisation:
    """`kind` is "loop" or "sequence"; `join` the statement that waits, `start` the one that started, `context` the loop
    or the start of the next worker.  `polls`: it waits by asking again and again."""

    kind: str
    site: Site
    join: ir.Where
    start: ir.Where
    context: ir.Where
    polls: bool = False


def serialised(follow: Callable[[Site], History], program: Program) -> Iterator[Serialisation]:
    """The serialising joins of the program."""
    seen: set[ir.Where] = set()
    for found in _in_loops(follow, program):
        if found.join not in seen:
            seen.add(found.join)
            yield found
    for module in program.modules.values():
        for site, join, start, following in in_sequence(program, module):
            if join not in seen:
                yield Serialisation("sequence", site, join, start, following)


# --- rounds
# ------------------------------------------------------------------------------------------------------------------


def _in_loops(follow: Callable[[Site], History], program: Program) -> Iterator[Serialisation]:
    """One for each worker that is started and waited for in each round of a loop.

    Pools are judged apart from what is submitted to them.
    """
    holders = models.POOLS | models.EXECUTORS
    for kinds in (_SERIALISE - holders, holders):
        yield from _in_loops_of(follow, program, kinds)


def _in_loops_of(follow: Callable[[Site], History], program: Program, kinds: frozenset[str]) -> Iterator[Serialisation]:
    rounds: dict[Loop, list[tuple[Round, Final]]] = defaultdict(list)
    overlapping: set[Loop] = set()
    for site in program.sites:
        if site.kind in kinds and _may_serialise(program, site):
            histories = [follow(site) if _is_followed_anyway(program, site) else follow_in_rounds(program, site)]
            if _is_settled(histories[0]) and (callers := _callers_in_loops(program, site)):
                histories.append(follow_from_callers(program, site, callers))
            for history in histories:
                for loop, final, is_alone in _loops_around(history):
                    around = _round(program, site, loop, final)
                    if not is_alone:
                        overlapping.add(loop)
                    elif around is not None:
                        rounds[loop].append((around, final))
    reported: set[tuple[Site, ir.Where | None]] = set()
    for loop in sorted(rounds, key=lambda lp: (lp.where.module, lp.where.row, lp.where.column), reverse=True):
        if loop in overlapping:
            continue
        known = {around.starting[-1] for around, _ in rounds[loop]}
        for around, final in rounds[loop]:
            if (around.site, final.where) in reported or _starts_others(around, known):
                continue
            if is_over_work(around) and not any(shows(around) for shows in intents(around.site.kind)):
                reported.add((around.site, final.where))
                join, polls = _place_of_join(program, final)
                yield Serialisation("loop", around.site, join, around.starting[-1], loop.where, polls)


def _is_followed_anyway(program: Program, site: Site) -> bool:
    """Is the whole history of the site's workers known for other reasons, or needed for a loop in a caller?"""
    if site.kind in _FOLLOWED or (site.kind == models.RESULT and not is_of_executor(site)):
        return True
    return any(
        caller in program.looping and _may_call_in_loop(program, caller, callee)
        for callee in program.reaching((site.module, site.scope))
        for caller in _owners(program, callee)
    )


def _owners(program: Program, key: FunctionKey) -> Sequence[FunctionKey]:
    """Those that may get what the function gives away: its callers, or the function around it."""
    module, scope = key
    function = program.modules[module].functions.get(scope)
    around = [(module, function.parent)] if function is not None and function.parent is not None else []
    return [*program.callers.get(key, ()), *around]


def _may_call_in_loop(program: Program, caller: FunctionKey, callee: FunctionKey) -> bool:
    """Is the function mentioned in a loop of its caller, or anywhere else but where it is called by its name?"""
    module, scope = caller
    function = program.modules[callee[0]].functions.get(callee[1])
    if function is None or function.name.startswith("__") or _calls_in_loop(program, caller, callee):
        return True
    nodes = program.own_nodes(program.modules[module], scope)
    mentions = [n for n in nodes if isinstance(n, (ir.Name, ir.Attribute)) and ir.word(n) == function.name]
    called = {id(node.func) for node in nodes if isinstance(node, ir.Call)}
    loops = [node for node in nodes if isinstance(node, (ir.For, ir.While, ir.Comprehension))]
    inside = {id(node) for loop in loops for node in ir.walk(loop)}
    return not mentions or any(id(n) in inside or id(n) not in called for n in mentions)


def _loops_around(history: History) -> Iterator[tuple[Loop, Final, bool]]:
    """The loops in a round of which the process is started and joined on every path, with one such path; true where no
    other worker of the round runs at the same time."""
    if not _is_settled(history):
        return
    for loop in {loop for _, around in history.rounds_joined for loop in around}:
        if not isinstance(loop, (ir.For, ir.While, ir.Comprehension)):
            continue
        finals = [f for f, around in history.rounds_joined if loop in around]
        if any(not done for done in history.round_ends.get(loop, ())) or len(finals) != len(history.joined):
            continue
        is_closed = history.site.kind in models.POOLS  # which is what `stopped` means for a pool
        if any(f.fate != "joined" or (f.state.stopped and not is_closed) or f.state.timed for f in finals):
            continue
        yield loop, finals[0], not any(f.state.overlapped for f in finals)


def _is_settled(history: History) -> bool:
    """Is each process of the site waited for, by code that can be seen?"""
    return bool(history.joined) and not (history.gave_up or history.escaped or history.missed or history.stored)


def _callers_in_loops(program: Program, site: Site) -> list[FunctionKey]:
    """The functions that call the one of the site in a loop."""
    key = (site.module, site.scope)
    return [caller for caller in program.callers.get(key, ()) if _calls_in_loop(program, caller, key)]


def _calls_in_loop(program: Program, caller: FunctionKey, callee: FunctionKey) -> bool:
    module, scope = caller
    names = program.names[module]
    for node in program.own_nodes(program.modules[module], scope):
        if isinstance(node, (ir.For, ir.While, ir.Comprehension)):
            for part in ir.walk(node):
                if isinstance(part, ir.Call) and callee in program.called(part.func, module, scope, names):
                    return True
    return False


def _round(program: Program, site: Site, loop: Loop, final: Final) -> Round | None:
    """The round that a path goes through; None where the process is not waited for in it after all."""
    start, owner = final.state.start, program.loop_owners.get(loop)
    if start is None or owner not in start.functions or owner not in final.functions:
        return None
    level = start.functions.index(owner)
    if final.functions.index(owner) != level or not _waits(program, site, final):
        return None
    assert final.where is not None
    starting, joining = (*start.calls, start.where)[level:], (*final.calls, final.where)[level:]
    return Round(program, site, loop, starting, start.functions[level:], joining, final.functions[level:])


def _waits(program: Program, site: Site, final: Final) -> bool:
    """Does the statement itself wait, as opposed to one that has somebody wait later?"""
    if site.kind in models.POOLS | models.EXECUTORS:
        return True  # whatever releases it waits for its workers
    statement = _statement(program, final.functions[-1], final.where)
    if statement is None or isinstance(statement, (ir.While, ir.If)):
        return True
    for node in ir.walk(statement):
        if isinstance(node, ir.Await):
            return True
        if isinstance(node, ir.Call) and ir.word(node.func) in _WAITING_CALLS:
            return True
    return False


def _statement(program: Program, function: FunctionKey, where: ir.Where | None) -> object:
    nodes = program.own_nodes(program.modules[function[0]], function[1])
    return next((n for n in nodes if getattr(n, "where", None) == where and not isinstance(n, ir.Call)), None)


def _place_of_join(program: Program, final: Final) -> tuple[ir.Where, bool]:
    """The statement to report: a join() that follows the loop that has waited already rather than that loop."""
    assert final.where is not None
    statement = _statement(program, final.functions[-1], final.where)
    if not isinstance(statement, ir.While):
        return final.where, isinstance(statement, ir.If)
    module, scope = final.functions[-1]
    polled = {n.func.value.id for n in ir.walk(statement.test) if _is_method_of_name(n)}  # type: ignore[attr-defined]
    for node in program.own_nodes(program.modules[module], scope):
        if isinstance(node, ir.Evaluate) and _is_method_of_name(node.value) and node.where > final.where:
            if ir.word(node.value.func) == "join" and node.value.func.value.id in polled:  # type: ignore[union-attr]
                return node.where, False
    return final.where, True


def _is_method_of_name(node: object) -> bool:
    return isinstance(node, ir.Call) and isinstance(node.func, ir.Attribute) and isinstance(node.func.value, ir.Name)


def _may_serialise(program: Program, site: Site) -> bool:
    """Is there a wait near the constructor at all, and a loop around either?  Most sites need no closer look, and tasks
    that are submitted together overlap each other."""
    if site.kind == models.RESULT and ir.word(site.call.func) in models.SUBMITS_MANY:
        return False
    key = (site.module, site.scope)
    near = (key, *program.callers.get(key, ()))
    is_pool = site.kind in models.POOLS | models.EXECUTORS
    if not is_pool and not any(_WAITS & program.mentions(k) for k in near):
        return False
    return not program.looping.isdisjoint(near)


_WAITING_CALLS = frozenset(
    {"join", "wait", "waitpid", "waitid", "select", "get", "result", "exception", "next", "apply"}
)
_WAITS = frozenset({"join", "is_alive", "exitcode", "waitpid", "sentinel", "get", "result", "exception", "apply"})


def _starts_others(around: Round, known: set[ir.Where]) -> bool:
    """Does the round start workers beside those of which is known that each is waited for before the next?"""
    for node in (*around.nodes, *around.helper_nodes):
        if isinstance(node, ir.Call) and isinstance(node.func, ir.Attribute) and node.func.attr == "start":
            if not any(node.where.module == where.module and within(node.where, where) for where in known):
                return True
    return False
