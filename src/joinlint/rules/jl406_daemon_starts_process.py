"""JL406: a daemonic process starts a process of its own."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.program import models
from joinlint.rules._lifecycle import finding
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports the start of a process, Pool, Manager or process pool executor in a function that runs in a daemonic process:
the target of a `Process` with `daemon=True`, or a task of a `Pool`, whose workers are daemons.

## Why is this bad?

`start()` raises "AssertionError: daemonic processes are not allowed to have children". In a daemon the traceback goes
to standard error, and the program ends with 0 as if all were well; in a Pool the result raises it.

## Known limits

The workers of a `ProcessPoolExecutor` are no daemons, and may have children.

A start is not reported in a branch, or behind a return, that asks what the function or its object was given, as `if
self.parallel:` does, since what that is, is not known where the worker runs; nor where it is asked whether the process
is a daemon.

## Options

None.
"""

_WHAT = {
    models.PROCESS: "a process",
    models.POOL: "a Pool",
    models.MANAGER: "a Manager",
    models.EXECUTOR: "a process pool executor",
}


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for start in analysis.daemon_starts:
        who = "a Pool's worker" if start.is_task else "a daemonic process"
        yield finding(
            RULE,
            analysis,
            start.where,
            f"{who}, made in {analysis.line(start.made)}, starts {_WHAT[start.kind]} here",
            "It raises AssertionError: daemonic processes are not allowed to have children.",
            "Use a ProcessPoolExecutor, whose workers may have children, or start it in a process that is no daemon."
            if start.is_task
            else "Make the outer process no daemon, and join it.",
            (("this runs it in a daemonic process", start.made),),
        )


RULE = Rule(
    code="JL406",
    name="daemon-starts-process",
    summary="a daemonic process starts a process of its own",
    documentation=DOCUMENTATION,
    example="keyword",
    check=check,
)
