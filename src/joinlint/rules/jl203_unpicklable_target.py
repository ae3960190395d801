"""JL203: what is handed to a process can't be pickled."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.facts.handed_over import LOST, NOT_FOUND
from joinlint.analysis.facts.submissions import INITIALIZER
from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.analysis.spawning.pickling import Unpicklable
from joinlint.findings import Finding
from joinlint.rules._lifecycle import finding
from joinlint.rules._rule import Rule
from joinlint.rules._start_methods import not_fork, sentence

DOCUMENTATION = """\
## What it does

Reports a target, an argument, or a function or initializer for a Pool or ProcessPoolExecutor that can't be handed to
another process: a lambda, a function or class inside of a function, a generator, an open file, a lock, queue or thread
of the threading and queue modules, a module, a Pool, and a bound method of an object that keeps one of these. Reports
also a lock or queue of multiprocessing that is made in the arguments themselves, and a target that is defined in a
package's `__main__.py`, in a notebook or under the main guard, where the child can't find it.

## Why is this bad?

Under spawn (macOS, Windows) and forkserver (the default on Linux since Python 3.14) `start()` pickles the process and
raises PicklingError, AttributeError or TypeError; under fork the same program works. What is given to a Pool or
executor as a task is pickled under fork as well. A lock that only the arguments refer to is gone from the system when
`start()` returns, and the child dies with FileNotFoundError.

## Known limits

Nothing is reported where the program plainly uses fork, or asks for the platform before; for multiprocess, loky and
joblib, which pickle functions by value; and for objects whose class says what is pickled of them (`__getstate__`,
`__reduce__`). Fields that are only sometimes set are not looked at.

## Options

`start-methods` names those under which the project has to run: with `fork` alone nothing is reported, but for what
pools and executors can't take even then.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for found in analysis.unpicklable():
        yield _finding(analysis, found)


def _finding(analysis: ModuleAnalysis, found: Unpicklable) -> Finding:
    submission, reason = found.submission, found.reason
    where = submission.call.where
    failing = not_fork(analysis.program.options.start_methods)
    place = "" if reason.where is None or reason.where.row == where.row else f" ({analysis.line(reason.where)})"
    role = {"argument": "an argument", "process": "the process"}.get(found.role, f"the {found.role}")
    if reason.kind == LOST:
        message = f"{reason.words}, is gone before the child opens it: nothing else refers to it"
        consequence = f"start() drops its only reference: the child dies with FileNotFoundError {failing}."
        advice = "Give it a name in the parent, and keep that until the process is joined."
    elif reason.kind == NOT_FOUND:
        message = f"{role} is {reason.words}{place}: the child can't find it"
        consequence = f"The child imports no such name and dies with AttributeError {failing}."
        advice = "Move it to a module that can be imported, outside of the main guard."
    else:
        message = f"{role} is {reason.words}{place}: it can't be pickled"
        if found.role in {"target", "function"} and reason.words.startswith("an object of"):
            message = f"{role} is bound to {reason.words}{place}: it can't be pickled"
        if submission.is_task:
            consequence = (
                f"{submission.method}() or its result raises under every start method, and the task is not run."
            )
        else:
            call = "the constructor or its workers fail" if submission.method == INITIALIZER else "its start() raises"
            consequence = f"{sentence(call)} {failing}; under fork it works."
        advice = "Use a function of the module, give it picklable arguments, and make the rest in the child."
    related = () if reason.where is None else (("this is what can't be handed over", reason.where),)
    return finding(RULE, analysis, where, message, consequence, advice, related)


RULE = Rule(
    code="JL203",
    name="unpicklable-target",
    summary="what is handed to a process can't be pickled, or not be found by the child",
    documentation=DOCUMENTATION,
    example="nested_function",
    check=check,
)
