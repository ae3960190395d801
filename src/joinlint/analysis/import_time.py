"""What importing a module starts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from joinlint.analysis.interpreter import GaveUp, Interpreter, Mode
from joinlint.analysis.machine import MAX_WORK_PER_MODULE
from joinlint.analysis.main_guards import malformed_guards
from joinlint.analysis.state import StartEvent
from joinlint.program import ir, models
from joinlint.program.guards import ENDS_CHILD
from joinlint.program.index import Program, Site

_PROCESS_WORKERS = frozenset({models.PROCESS, models.POOL, models.MANAGER, models.EXECUTOR})


_TEST_MODULE = re.compile(r"(test_.*|.*_test)\.py")


@dataclass(frozen=True, slots=True)
class ImportStart:
    """A start at import: `where` is the statement of the importing module, `event` the start it leads to."""

    where: ir.Where
    site: Site
    event: StartEvent


def starts_at_import(program: Program, module: ir.Module) -> Iterator[ImportStart]:
    """The workers that importing `module` starts, one per statement of its own level."""
    name = PurePath(module.filename).name
    if name == "__main__.py":
        return  # multiprocessing does not import it again in the child (multiprocessing.spawn.get_preparation_data)
    if name == "conftest.py" or (_TEST_MODULE.fullmatch(name) and _has_tests(module)):
        return  # the test runner imports it and is the main module itself
    here = (module.name, ir.MODULE_SCOPE)
    # A guard that is none is one problem, not two: JL202 reports it.
    guards = frozenset(node for node, problem in malformed_guards(program, module) if problem.kind != ENDS_CHILD)
    seen: set[ir.Where] = set()
    work = 0
    for site in program.sites:
        if site.kind not in _PROCESS_WORKERS or here not in program.reaching((site.module, site.scope)):
            continue
        if work > MAX_WORK_PER_MODULE:
            return
        imported = events_at_import(program, module, site, guards)
        work += imported.work
        for event in imported.events:
            where = event.calls[0] if event.calls else event.where
            if where not in seen:
                seen.add(where)
                yield ImportStart(where, site, event)


@dataclass(frozen=True, slots=True)
class ImportEvents:
    """What the import of a module makes of one site, and how much work it was to find out."""

    events: tuple[StartEvent, ...]
    work: int


def events_at_import(
    program: Program, module: ir.Module, site: Site, skipped: frozenset[ir.If] = frozenset()
) -> ImportEvents:
    """The times that importing `module` comes to the site; none where it is too complicated to be followed."""
    interpreter = Interpreter(program, site, Mode(importing=True, skipped=skipped))
    try:
        interpreter.run(module.name, ir.MODULE_SCOPE)
    except GaveUp:
        return ImportEvents((), interpreter.work)
    return ImportEvents(tuple(interpreter.starts), interpreter.work)


def _has_tests(module: ir.Module) -> bool:
    return any(scope.rpartition(".")[2].startswith("test") for scope in module.functions)
