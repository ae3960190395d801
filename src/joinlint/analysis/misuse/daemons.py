"""Daemonic processes that start processes of their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from joinlint.analysis.facts.dependence import target_functions
from joinlint.analysis.facts.nesting import tests_around, way_to
from joinlint.analysis.facts.origins import Origins
from joinlint.analysis.facts.submissions import Submission
from joinlint.analysis.interpreter import GaveUp, Interpreter, Mode
from joinlint.analysis.interpreter.state import Life, StartEvent
from joinlint.analysis.lifecycle.histories import History
from joinlint.program import ir, models
from joinlint.program.index import Program
from joinlint.program.modules import FunctionKey
from joinlint.program.sites import Site
from joinlint.records import by_value

_STARTS = frozenset({models.PROCESS, models.POOL, models.MANAGER, models.EXECUTOR})


@by_value
class DaemonStart:
    """A start at `where` that a daemonic process comes to; `made` is what makes the daemon: its constructor or the
    submission of the task.  `kind` is what is started."""

    where: ir.Where
    kind: str
    made: ir.Where
    is_task: bool


def daemon_starts(
    program: Program, origins: Origins, follow: Callable[[Site], History], tasks: Sequence[Submission]
) -> Iterator[DaemonStart]:
    """What daemonic processes and the workers of pools start, once per statement."""
    seen: set[ir.Where] = set()
    makers: dict[frozenset[FunctionKey], list[Site]] = {}  # by what a daemon may run: the sites in it
    for target, made, is_task in _daemonic(program, origins, follow, tasks):
        inside = program.closure(target)
        if inside not in makers:
            sites = (site for site in program.sites if site.kind in _STARTS)
            makers[inside] = [site for site in sites if (site.module, site.scope) in inside]
        for site in makers[inside]:
            for event in _starts(program, site, target):
                if event.where not in seen and not _is_optional(program, event):
                    seen.add(event.where)
                    yield DaemonStart(event.where, site.kind, made, is_task)


def _daemonic(
    program: Program, origins: Origins, follow: Callable[[Site], History], tasks: Sequence[Submission]
) -> Iterator[tuple[FunctionKey, ir.Where, bool]]:
    """The functions that run in daemonic processes."""
    inner = {(site.module, site.scope) for site in program.sites if site.kind in _STARTS}
    for site in program.sites:
        if site.kind == models.PROCESS and not _is_other_library(program, site):
            for target in target_functions(program, site):
                if inner & program.closure(target) and _is_daemon(follow(site)):
                    yield target, site.call.where, False
    for task in tasks:
        if task.is_task and task.kind == models.POOL and task.function is not None:
            for module, function in origins.functions(task.function, task.module, task.scope):
                if inner & program.closure((module, function.scope)):
                    yield (module, function.scope), task.call.where, True


def _is_other_library(program: Program, site: Site) -> bool:
    """billiard's daemons may have children."""
    references = program.names[site.module].resolve(site.call.func, site.scope)
    return any(r.kind == "library" and r.name.startswith("billiard") for r in references)


def _is_daemon(history: History) -> bool:
    """Is the process a daemon on every path on which it is started?"""
    finals = [*history.joined, *history.escaped, *history.missed, *(f for f, _, _ in history.stored)]
    daemons = {f.state.daemon for f in finals if f.state.life is Life.STARTED}
    return not history.gave_up and daemons == {"yes"}


def _is_optional(program: Program, event: StartEvent) -> bool:
    """Does a test on the way to the start ask for no more than what the function or its object was given, as in `if
    self.parallel:`, or whether this process is a daemon?  What that is, is not known here."""
    return any(
        _asks_what_is_given(program.modules[module].functions.get(scope), where)
        for (module, scope), where in zip(event.functions, (*event.calls, event.where), strict=True)
    )


def _asks_what_is_given(function: ir.Function | None, where: ir.Where) -> bool:
    if function is None:
        return False
    parameters = [parameter.name for parameter in function.parameters]
    place = next((node for node in ir.walk_own(function.body) if getattr(node, "where", None) == where), None)
    return any(
        _is_given(part, parameters, function.is_method) or _asks_for_daemon(part)
        for test in tests_around(way_to(function.body, place))
        for part in _asked(test)
    )


def _asked(test: ir.Expression) -> Iterator[ir.Expression]:
    """What the parts of a test ask about."""
    match test:
        case ir.Not(value=value) | ir.Compare(left=value, right=ir.Constant()):
            yield from _asked(value)
        case ir.BoolOp(left=left, right=right):
            yield from _asked(left)
            yield from _asked(right)
        case _:
            yield test


def _is_given(asked: ir.Expression, parameters: Sequence[str], is_method: bool) -> bool:
    """Is it a parameter, or a field of the object whose method it is?"""
    match asked:
        case ir.Name(id=name):
            return name in parameters[is_method:]
        case ir.Attribute(value=ir.Name(id=name)):
            return is_method and parameters[:1] == [name]
        case _:
            return False


def _asks_for_daemon(asked: ir.Expression) -> bool:
    match asked:
        case ir.Attribute(value=ir.Call(func=func), attr="daemon"):
            return ir.word(func) == "current_process"
        case _:
            return False


def _starts(program: Program, site: Site, target: FunctionKey) -> Sequence[StartEvent]:
    if not program.budget.left(site.module):
        return ()  # without a run that would end at its first step: there may be one for each pair of functions
    interpreter = Interpreter(program, site, Mode(beyond_join=True))
    try:
        interpreter.run(*target)
    except GaveUp:
        return ()
    return tuple(interpreter.starts)
