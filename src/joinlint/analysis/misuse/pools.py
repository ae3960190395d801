"""Pools that nothing releases, that are joined while open, and results that are lost with their pool."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from joinlint.analysis.interpreter.machine import Operation
from joinlint.analysis.interpreter.outcome import Final
from joinlint.analysis.interpreter.state import Life, StartEvent, Trace
from joinlint.analysis.lifecycle.histories import History
from joinlint.analysis.lifecycle.ownership import Storage
from joinlint.analysis.lifecycle.witness import Witness, witness
from joinlint.analysis.misuse.operations import operations, surely
from joinlint.program import ir, models
from joinlint.program.index import Program
from joinlint.program.sites import Site, is_of_executor, pool_of
from joinlint.records import by_value

NEVER_RELEASED = "never released"
NOT_ON_ALL_PATHS = "not released on all paths"
PENDING = "closed with work pending"
ABANDONED = "results abandoned"
JOINED_OPEN = "joined while open"


@by_value
class PoolMisuse:
    """What is wrong with a pool or with what was submitted to it: `kind` is one of the constants above.

    `where` is the statement to report.  `storage` is set where the pool lies in a field or global, `witness` explains a
    path on which it is not released, `related` is the submission whose work is dropped, or the branch that does not
    close the pool.
    """

    kind: str
    site: Site
    where: ir.Where
    storage: Storage | None = None
    witness: Witness | None = None
    related: ir.Where | None = None


def pool_misuses(program: Program, site: Site, follow: Callable[[Site], History]) -> Iterator[PoolMisuse]:
    """What is wrong with the pools, or with the results, that `site` makes."""
    if site.kind in models.POOLS:
        yield from _joined_open(program, site)
    if site.kind == models.POOL:
        yield from _unreleased(follow(site))
    elif site.kind == models.RESULT and not is_of_executor(site):
        yield from _lost(program, follow(site))


def _joined_open(program: Program, site: Site) -> Iterator[PoolMisuse]:
    """join() on a pool that no path to it has closed."""
    by_call: dict[ir.Call, list[Operation]] = defaultdict(list)
    for operation in operations(program, site):
        if operation.name == "join":
            by_call[operation.call].append(operation)
    for arrivals in by_call.values():
        found = surely(arrivals, lambda o: o.state.life is Life.STARTED and o.state.stopped is None)
        if found is not None:
            yield PoolMisuse(JOINED_OPEN, site, found[0].where, related=found[1])


def _unreleased(history: History) -> Iterator[PoolMisuse]:
    if history.gave_up:
        return
    for final in (*history.joined, *history.missed):
        yield from _dropped(history.site, final)
    if history.escaped:
        return
    for start in history.starts:
        ends = [f for f in history.missed if f.state.start == start]
        missed = [f for f in ends if f.state.stopped is None]
        closed = [f for f in ends if f.state.stopped is not None]
        released = [*(f for f in history.joined if f.state.start == start), *closed]
        kept = [(storage, own) for _, storage, own in history.stored if start in own.starts]
        abandoned = [storage for storage, own in kept if not own.discharged]
        if missed:
            kind = NOT_ON_ALL_PATHS if released or kept else NEVER_RELEASED
            yield PoolMisuse(kind, history.site, start.where, None, witness(missed, released))
        elif abandoned and not released and len(abandoned) == len(kept):
            yield PoolMisuse(NEVER_RELEASED, history.site, start.where, abandoned[0])


def _dropped(site: Site, final: Final) -> Iterator[PoolMisuse]:
    """Tasks whose results nobody kept, when the pool is terminated by its block or left closed."""
    pending = final.state.pending
    if pending is None:
        return
    if final.fate == "joined" and final.exit.kind == "block left" and final.state.stopped is None:
        yield PoolMisuse(ABANDONED, site, pending)
    elif final.fate == "left" and final.state.stopped is not None and final.state.start is not None:
        yield PoolMisuse(PENDING, site, final.state.start.where, related=pending)


def _lost(program: Program, history: History) -> Iterator[PoolMisuse]:
    """Results that nobody asks for before their pool is terminated, or that are pending when it is left closed."""
    if history.gave_up or history.escaped or history.stored:
        return
    for start in history.starts:
        missed = [f for f in history.missed if f.state.start == start]
        if any(f.state.start == start and _is_left_behind(f, history) for f in history.abandoned):
            if _is_collected_in_loop(program, history, start):
                continue
            yield PoolMisuse(ABANDONED, history.site, start.where)
        elif missed and not history.joined:
            pool = _pool_of(program, history.site)
            if pool is not None and (
                any(f.state.stopped is not None for f in missed) or _is_closed_alone(program, history.site)
            ):
                yield PoolMisuse(PENDING, pool[0], pool[1], related=start.where)


def _is_left_behind(final: Final, history: History) -> bool:
    """Is the result lost by mistake?  Who calls terminate() says so; where another path asks for it, an early way out
    of the block may be meant, and a loop that asks has its rounds."""
    if final.exit.kind == "terminated":
        return False
    if not history.joined:
        return True
    skips = any(step.kind == "loop skipped" for step in Trace.steps(final.state.trace))
    return final.exit.kind == "block left" and not skips


def _is_collected_in_loop(program: Program, history: History, start: StartEvent) -> bool:
    """Are all that are asked for asked in a loop behind the submission?  Who leaves such a loop early, since there is
    enough or something has failed, does without the rest."""
    nodes = program.own_nodes(program.modules[history.site.module], history.site.scope)
    loops = (node for node in nodes if isinstance(node, (ir.For, ir.While)))
    insides = ({getattr(n, "where", None) for n in ir.walk_own(loop.body)} for loop in loops)
    behind = [inside for inside in insides if start.where not in inside]
    asked = [(*final.calls, final.where)[0] for final in history.joined]
    return bool(asked) and all(any(where in inside for inside in behind) for where in asked)


def _pool_of(program: Program, result: Site) -> tuple[Site, ir.Where] | None:
    """The process pool, made in the same function or kept on a field of the same class, that the result is to come
    from, with the statement that makes it."""
    pool = pool_of(result)
    if pool is None:
        return None
    module = program.modules[result.module]
    sites = {s.call: s for s in program.sites if s.kind == models.POOL and s.module == result.module}
    scopes = [result.scope]
    if isinstance(pool, ir.Attribute):
        owner = module.functions[result.scope].owner if result.scope in module.functions else None
        scopes = [f.scope for f in module.functions.values() if owner is not None and f.owner == owner]
    for node in (n for scope in scopes for n in program.own_nodes(module, scope)):
        if isinstance(node, ir.Assign) and isinstance(node.value, ir.Call) and node.value in sites:
            if any(_is_same_place(target, pool) for target in node.targets):
                return sites[node.value], node.where
    return None


def _is_same_place(target: ir.Expression, pool: ir.Expression) -> bool:
    match target, pool:
        case ir.Name(id=name), ir.Name(id=other):
            return name == other
        case ir.Attribute(value=ir.Name(), attr=attr), ir.Attribute(value=ir.Name(), attr=other):
            return attr == other
        case _:
            return False


def _is_closed_alone(program: Program, result: Site) -> bool:
    """Is the pool kept on a field that some code closes and none joins, terminates or passes on?"""
    pool = pool_of(result)
    if not isinstance(pool, ir.Attribute):
        return False
    mentioned = called = 0
    methods: set[str] = set()
    near = program.neighbours(result.module)
    for module, scope in program.words.get(pool.attr, {}):
        if module not in near:
            continue
        for node in program.own_nodes(program.modules[module], scope):
            match node:
                case ir.Call(func=ir.Attribute(value=ir.Attribute(attr=attr), attr=method)) if attr == pool.attr:
                    methods.add(method)
                    called += 1
                case ir.Assign(targets=targets) if any(_is_same_place(t, pool) for t in targets):
                    called += 1
                case ir.Attribute(attr=attr) if attr == pool.attr:
                    mentioned += 1
                case _:
                    pass
    return "close" in methods and not methods & {"join", "terminate"} and called == mentioned
