"""Words and places that the rules on a process's life share."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.lifecycle.verdicts import Verdict
from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding, Related
from joinlint.program import ir, models
from joinlint.program.ir import Where, to_span
from joinlint.program.sites import Site
from joinlint.rules._rule import Rule

GOES_ON = "the program goes on before the child is done, and exit hangs for as long as the child runs"
_NOTEBOOK_GOES_ON = "the cells below run before the child is done"
_THREAD_GOES_ON = "the program goes on before the thread is done, and exit waits for as long as it runs"
ZOMBIE = "the ended child stays a zombie until the next start or exit (fork, spawn)"
LOST_CHILD = (
    "without a join the exit destroys the lock, queue or event that the child was given: a child that has not opened "
    "it by then dies with FileNotFoundError (spawn, forkserver)"
)
_STOPPED = "terminate() and kill() only send the signal"

_SHARED = frozenset(
    {
        "Lock",
        "RLock",
        "Event",
        "Queue",
        "SimpleQueue",
        "JoinableQueue",
        "Value",
        "Array",
        "Barrier",
        "Semaphore",
        "Condition",
    }
)


def handle_name(analysis: ModuleAnalysis, verdict: Verdict) -> str:
    """What the program calls the process: its variable or field, "the process" where it has no name."""
    return site_name(analysis, verdict.history.site)


def site_name(analysis: ModuleAnalysis, site: Site) -> str:
    """What the program calls the workers of `site`: their variable or field, "the process" or such where they have no
    name."""
    program = analysis.program
    for node in program.own_nodes(program.modules[site.module], site.scope):
        if isinstance(node, ir.Assign) and node.value is site.call:
            target = node.targets[0]
            if isinstance(target, ir.Name):
                return f"`{target.id}`"
            if isinstance(target, ir.Attribute) and isinstance(target.value, ir.Name):
                return f"`{target.value.id}.{target.attr}`"
    return f"the {site.kind}"


def by_place(analysis: ModuleAnalysis, kind: str) -> Iterator[tuple[Verdict, tuple[tuple[str, Where], ...]]]:
    """A verdict of the kind for each statement that there is to report, with the starts whose processes come to it."""
    found: dict[Where, list[Verdict]] = {}
    for verdict in analysis.verdicts:
        if verdict.kind == kind:
            found.setdefault(verdict.where, []).append(verdict)
    for verdicts in found.values():
        yield verdicts[0], tuple(("started here", where) for where in dict.fromkeys(v.start.where for v in verdicts))


def consequence(analysis: ModuleAnalysis, verdict: Verdict) -> str:
    """What happens when the program runs, as measured, in one sentence."""
    if verdict.history.site.kind == models.THREAD:
        return _sentence(_THREAD_GOES_ON)
    if analysis.module.is_notebook:
        return _sentence(f"{_NOTEBOOK_GOES_ON}; {ZOMBIE}")
    if verdict.stopped is not None:
        return f"{_STOPPED}; {ZOMBIE}."
    if _is_given_shared_object(analysis, verdict):
        return _sentence(f"{GOES_ON}; {LOST_CHILD}")
    return _sentence(f"{GOES_ON}; {ZOMBIE}")


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _is_given_shared_object(analysis: ModuleAnalysis, verdict: Verdict) -> bool:
    """Is a lock, queue or the like among the process's arguments, as far as can be seen?"""
    site = verdict.history.site
    names = analysis.program.names[site.module]
    arguments = [k.value for k in site.call.keywords if k.name in {"args", "kwargs"}]
    for argument in arguments:
        for node in ir.walk(argument):
            if isinstance(node, (ir.Name, ir.Attribute)):
                for assigned in _assigned_calls(analysis, site.module, site.scope, node):
                    dotted = names.dotted(assigned.func, site.scope)
                    if any(d.startswith("multiprocessing.") and d.rpartition(".")[2] in _SHARED for d in dotted):
                        return True
    return False


def _assigned_calls(
    analysis: ModuleAnalysis, module: str, scope: str, name: ir.Name | ir.Attribute
) -> Iterator[ir.Call]:
    if not isinstance(name, ir.Name):
        return
    program = analysis.program
    home = program.names[module].binding_scope(name.id, scope)
    for node in program.own_nodes(program.modules[module], home):
        if isinstance(node, ir.Assign) and isinstance(node.value, ir.Call):
            if any(isinstance(t, ir.Name) and t.id == name.id for t in node.targets):
                yield node.value


def finding(
    rule: Rule,
    analysis: ModuleAnalysis,
    where: Where,
    message: str,
    consequence: str,
    advice: str,
    related: tuple[tuple[str, Where], ...] = (),
    path: tuple[tuple[str, Where], ...] = (),
) -> Finding:
    """A finding of `rule` at the statement `where`, which lies in the module, with other places: those of `path` are
    where the reported path leads from there, in order."""
    return Finding(
        code=rule.code,
        name=rule.name,
        filename=analysis.module.filename,
        span=to_span(where),
        message=message,
        related=tuple(
            Related(text, to_span(place), _filename(analysis, place), on_path)
            for places, on_path in ((related, False), (path, True))
            for text, place in places
            if place != where
        ),
        consequence=consequence,
        advice=advice,
    )


def _filename(analysis: ModuleAnalysis, place: Where) -> str | None:
    return None if place.module == analysis.module.name else analysis.program.modules[place.module].filename
