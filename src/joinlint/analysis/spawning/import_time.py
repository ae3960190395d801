"""What importing a module starts."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from joinlint.analysis.interpreter import GaveUp, Interpreter, Mode
from joinlint.analysis.interpreter.state import StartEvent
from joinlint.analysis.spawning.main_guards import is_never_imported, malformed_guards
from joinlint.program import ir, models
from joinlint.program.guards import CHILD, ENDS_CHILD, asks_who_runs, guards, truth
from joinlint.program.index import Program
from joinlint.program.sites import Site
from joinlint.program.start_method import is_plainly_fork
from joinlint.records import by_value

_PROCESS_WORKERS = frozenset({models.PROCESS, models.POOL, models.MANAGER, models.EXECUTOR})

_TEST_MODULE = re.compile(r"(test_.*|.*_test)\.py")


@by_value
class ImportStart:
    """A start at import: `where` is the statement of the importing module, `event` the start it leads to.

    `wrong_branch` is the main guard in whose `else` the statement stands.
    """

    where: ir.Where
    site: Site
    event: StartEvent
    wrong_branch: ir.Where | None


def starts_at_import(program: Program, module: ir.Module) -> Iterator[ImportStart]:
    """The workers that importing `module` starts, one per statement of its own level."""
    if is_never_imported(module):
        return
    name = os.path.basename(module.filename)
    if name == "conftest.py" or (_TEST_MODULE.fullmatch(name) and _has_tests(module)):
        return  # the test runner imports it and is the main module itself
    here = (module.name, ir.MODULE_SCOPE)
    skipped = frozenset(_not_for_children(program, module))
    seen: set[ir.Where] = set()
    for site in program.sites:
        if site.kind not in _PROCESS_WORKERS or here not in program.reaching((site.module, site.scope), at_import=True):
            continue
        if is_plainly_fork(program, site):
            continue
        for event in events_at_import(program, module, site, skipped):
            where = event.calls[0] if event.calls else event.where
            if where not in seen:
                seen.add(where)
                yield ImportStart(where, site, event, _wrong_branch(module, where))


def _not_for_children(program: Program, module: ir.Module) -> Iterator[ir.If]:
    """The branches that no start is reported in: a guard that is none is one problem, not two (JL202 reports it), and
    one that other things decide as well may hold or not."""
    for node, problem in malformed_guards(program, module):
        if isinstance(node, ir.If) and problem.kind != ENDS_CHILD:
            yield node
    for scope, _ in program.blocks(module):
        for inner in program.own_nodes(module, scope):
            if isinstance(inner, ir.If) and asks_who_runs(inner.test) and truth(inner.test, CHILD) is None:
                yield inner


def _wrong_branch(module: ir.Module, where: ir.Where) -> ir.Where | None:
    for node in ir.walk_own(module.body):
        if isinstance(node, ir.If) and node.orelse and guards(node.test):
            if any(getattr(inner, "where", None) == where for inner in ir.walk_own(node.orelse)):
                return node.test_where
    return None


def events_at_import(
    program: Program, module: ir.Module, site: Site, skipped: frozenset[ir.If] = frozenset()
) -> tuple[StartEvent, ...]:
    """The times that importing `module` comes to the site; none where it is too complicated to be followed."""
    interpreter = Interpreter(program, site, Mode(importing=True, skipped=skipped))
    try:
        interpreter.run(module.name, ir.MODULE_SCOPE)
    except GaveUp:
        return ()
    return tuple(interpreter.starts)


def _has_tests(module: ir.Module) -> bool:
    return any(scope.rpartition(".")[2].startswith("test") for scope in module.functions)
