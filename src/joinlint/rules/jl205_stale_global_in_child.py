"""JL205: the child reads a global that only its parent has assigned or filled."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.analysis.spawning.stale_globals import SHARED, UNBOUND, StaleGlobal
from joinlint.findings import Finding
from joinlint.rules._lifecycle import finding
from joinlint.rules._rule import Rule
from joinlint.rules._start_methods import not_fork, sentence

DOCUMENTATION = """\
## What it does

Reports a process, or a task for a Pool or ProcessPoolExecutor, whose target, or a function that it calls, reads a
global, a class attribute or an attribute of another module that is assigned or filled (append, update, item assignment)
under the main guard or in a function of the parent before, and not at import. Reports also a module-level Queue, Lock,
Value, Event or Pipe that both the child and the parent use.

## Why is this bad?

Under spawn (macOS, Windows) and forkserver (the default on Linux since Python 3.14) the child imports the module anew
and has the values of the import, silently: the option is not set, the list is empty, the counter stays at 0. A name
that is bound under the guard alone raises NameError in the child. A module-level queue or lock is another object in
each process, so that nothing arrives and nobody is kept out. Under fork the same program works.

## Known limits

Nothing is reported for what is handed over by args, on self or by an initializer, for names that the child sets itself,
where it can't be seen that the assignment comes before the start, and for targets in a notebook, which the child can't
find at all (JL203).

## Options

`start-methods` names those under which the project has to run: with `fork` alone nothing is reported.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for stale in analysis.stale_globals():
        yield _finding(analysis, stale)


def _finding(analysis: ModuleAnalysis, stale: StaleGlobal) -> Finding:
    cls = stale.variable.cls.rpartition(".")[2]
    name = f"`{cls}.{stale.variable.name}`" if cls else f"`{stale.variable.name}`"
    where = sentence(not_fork(analysis.program.options.start_methods))
    read, write = analysis.line(stale.read), analysis.line(stale.write)
    if stale.kind == SHARED:
        message = f"the child uses {name} ({read}), and so does the parent ({write}): each process has one of its own"
        consequence = f"{where}, the two are different objects: what one does with it never reaches the other."
        advice = "Make it under the main guard, and hand it over in args."
    elif stale.kind == UNBOUND:
        message = f"the child reads {name} ({read}), which exists in the parent alone ({write})"
        task = f"{stale.submission.method}() or its result raises"
        consequence = f"{where}, {task if stale.submission.is_task else 'the child dies with'} NameError."
        advice = "Hand it over in args, or bind it at import."
    else:
        verb = "filled" if stale.is_filled else "assigned"
        message = f"the child reads {name} ({read}), which is {verb} in the parent alone ({write})"
        consequence = f"{where}, the child has the value of the import, silently."
        advice = "Hand it over in args, or set it in an initializer."
    return finding(
        RULE,
        analysis,
        stale.submission.call.where,
        message,
        consequence,
        advice,
        (("read in the child", stale.read), ("only in the parent", stale.write)),
    )


RULE = Rule(
    code="JL205",
    name="stale-global-in-child",
    summary="the child reads a global that only the parent has assigned or filled",
    documentation=DOCUMENTATION,
    example="global_in_main",
    check=check,
)
