"""What is done to a worker out of turn: joined before its start, started twice, run instead of started."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence

from joinlint import limits
from joinlint.analysis.interpreter import Final, GaveUp, Interpreter, Mode
from joinlint.analysis.interpreter.machine import Operation
from joinlint.analysis.interpreter.state import Life, Step, Trace
from joinlint.analysis.lifecycle.histories import storage_of
from joinlint.program import ir, models
from joinlint.program.index import Program
from joinlint.program.modules import FunctionKey
from joinlint.program.sites import Site
from joinlint.records import by_value

JOIN_BEFORE_START = "join before start"
STARTED_TWICE = "started twice"
RUN_CALLED = "run called"
RESULT_USED = "result of start used"
JOIN_IN_CHILD = "join in a child"
STATUS_IGNORED = "exit status ignored"

# Decisions that the path may have taken for a reason that also decides about the misuse.
_FAILURES = frozenset({"handler", "swallowed", "unwinding"})
_DECISIONS = frozenset({"branch", "case", "no case", "chosen"}) | _FAILURES


@by_value
class Misuse:
    """A method called on a worker of `site` in a state in which it fails or does not what its name says.

    `kind` is one of the constants above, `where` the statement that calls it; `before` is the place that made it
    wrong (the first start, the branch past the start), where there is one.
    """

    kind: str
    site: Site
    where: ir.Where
    before: ir.Where | None = None


def misuses(program: Program, site: Site) -> Iterator[Misuse]:
    """What is done out of turn to the workers of `site`, once per statement."""
    by_call: dict[ir.Call, list[Operation]] = defaultdict(list)
    started = False
    for operation in operations(program, site):
        by_call[operation.call].append(operation)
        started = started or operation.name == "start"
    seen: set[tuple[str, ir.Where]] = set()
    for call, arrivals in by_call.items():
        found = _misuse(program, site, call, arrivals, started)
        if found is not None and (found.kind, found.where) not in seen:
            seen.add((found.kind, found.where))
            yield found


_BEYOND_JOIN = Mode(beyond_join=True)


def operations(program: Program, site: Site, mode: Mode = _BEYOND_JOIN) -> Sequence[Operation]:
    """What is done to the workers of `site` in the function that makes them, and in those that lead to it where it lets
    go of them: else they see nothing new.

    Nothing where one of these could not be followed: it may do what makes the others right.
    """
    first, *others = _roots(program, (site.module, site.scope))
    interpreter = Interpreter(program, site, mode)
    try:
        finals = interpreter.run(*first)
    except GaveUp:
        return ()
    found = list(interpreter.operations)
    if not any(_is_let_go(program, final, first) for final in finals):
        return found
    for root in others:
        interpreter = Interpreter(program, site, mode)
        try:
            interpreter.run(*root)
        except GaveUp:
            return ()
        found += interpreter.operations
    return found


def _is_let_go(program: Program, final: Final, root: FunctionKey) -> bool:
    """Can the worker be reached when the function is left on that path?"""
    return final.fate == "returned" or storage_of(program, final.state, root) is not None


def _roots(program: Program, first: FunctionKey) -> Sequence[FunctionKey]:
    roots = {first: None}
    for root in (first, *program.callers.get(first, ())[: limits.MISUSING_CALLERS]):
        roots[root] = None
        for caller in program.callers.get(root, ())[: limits.MISUSING_CALLERS]:
            roots[caller] = None
    return list(roots)[: limits.MISUSING_ROOTS]


def _misuse(program: Program, site: Site, call: ir.Call, arrivals: Sequence[Operation], started: bool) -> Misuse | None:
    first = arrivals[0]
    match first.name:
        case "join":
            return _early_join(program, site, arrivals) or _unchecked_join(program, site, arrivals)
        case "join in a child" if site.kind == models.PROCESS and first.state.start is not None:
            return Misuse(JOIN_IN_CHILD, site, first.where, first.state.start.where)
        case "start":
            return _second_start(site, arrivals) or _used_result(program, site, call, first)
        case "run" if not started and all(o.state.life is Life.CREATED for o in arrivals):
            return Misuse(RUN_CALLED, site, first.where)
        case _:
            return None


def _early_join(program: Program, site: Site, arrivals: Sequence[Operation]) -> Misuse | None:
    """A join of what has not been started, on all paths that come here or on one that a single branch has led past the
    start."""
    inner = program.inner_functions.get((site.module, site.scope), ())
    if any("start" in program.mentions(key) for key in inner):
        return None  # it may have been started there, whoever calls it
    if any(_hands_over_start(program, module, scope) for module, scope in _roots(program, (site.module, site.scope))):
        return None
    found = surely(arrivals, lambda operation: operation.state.life is Life.CREATED)
    return None if found is None else Misuse(JOIN_BEFORE_START, site, found[0].where, found[1])


def _hands_over_start(program: Program, module: str, scope: str) -> bool:
    """Does the function hand a bound `start` to somebody who may call it: `spawn(thread.start)`?"""
    names = program.names[module]
    for call in program.own_nodes(program.modules[module], scope):
        if isinstance(call, ir.Call):
            given = (*call.args, *(k.value for k in call.keywords))
            if any(isinstance(value, ir.Attribute) and value.attr == "start" for value in given):
                if not any(name.startswith("builtins.") for name in names.dotted(call.func, scope)):
                    return True
    return False


def _unchecked_join(program: Program, site: Site, arrivals: Sequence[Operation]) -> Misuse | None:
    """A join of a process of which nothing near it asks how it ended."""
    if site.kind != models.PROCESS or any(o.state.life is not Life.STARTED or o.state.stopped for o in arrivals):
        return None
    modules = {site.module, arrivals[0].where.module}
    asked = {module for module, _ in program.words.get("exitcode", {})}
    return None if modules & asked else Misuse(STATUS_IGNORED, site, arrivals[0].where)


def surely(
    arrivals: Sequence[Operation], is_wrong: Callable[[Operation], bool]
) -> tuple[Operation, ir.Where | None] | None:
    """One of the `arrivals` at a call that is wrong beyond doubt, with the branch that leads to it, if any.

    Beyond doubt are all of them together, and one to which a single branch leads: where there are more, one may stand
    for what another decides.  A path through a handler counts for nothing: it may start from anywhere.
    """
    plain = [o for o in arrivals if not any(s.kind in _FAILURES for s in Trace.steps(o.state.trace))]
    wrong = [o for o in plain if is_wrong(o)]
    if wrong and len(wrong) == len(plain):
        return wrong[0], None
    decisions = [[s for s in Trace.steps(o.state.trace) if s.kind in _DECISIONS] for o in wrong]
    if [] in decisions:
        return None  # what is wrong there, and right elsewhere, is no branch's doing: `workers[i]` may be any worker
    for operation, taken in zip(wrong, decisions, strict=True):
        if [step.kind for step in taken] == ["branch"]:
            return operation, taken[0].where
    return None


def _second_start(site: Site, arrivals: Sequence[Operation]) -> Misuse | None:
    """A start of what has been started, on all paths that come here or on one without a decision in between."""
    late = [o for o in arrivals if o.state.life in {Life.STARTED, Life.ENDED} and o.state.start is not None]
    for operation in late:
        if surely(arrivals, lambda o: o in late) is not None or not _has_decision(_since_start(operation)):
            assert operation.state.start is not None
            return Misuse(STARTED_TWICE, site, operation.where, operation.state.start.where)
    return None


def _since_start(operation: Operation) -> Iterable[Step]:
    """The decisions that the path has taken since it started the worker."""
    trace = operation.state.trace
    while trace is not None and trace.step.kind != "start":
        yield trace.step
        trace = trace.before


def _has_decision(steps: Iterable[Step]) -> bool:
    return any(step.kind in _DECISIONS for step in steps)


def _used_result(program: Program, site: Site, call: ir.Call, operation: Operation) -> Misuse | None:
    return Misuse(RESULT_USED, site, operation.where) if call in program.kept_starts else None
