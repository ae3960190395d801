"""JL410: a process is joined by another process than the one that started it."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.misuse.operations import JOIN_IN_CHILD
from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.rules._misuse import findings_of
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports a `join()` that runs in the target of another process: the handle was handed over by `args`, by an object or by
a field.

## Why is this bad?

Only the process that has started a child can join it. In any other, `join()` raises "AssertionError: can only join a
child process". That shows under fork; under spawn and forkserver the started process can't even be pickled.

## Known limits

Only targets that are functions of the project are looked into.

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    yield from findings_of(
        RULE,
        analysis,
        JOIN_IN_CHILD,
        "this join runs in another process than the start of {handle} in {before}",
        "join() raises AssertionError: can only join a child process.",
        "Join the process where it was started, and tell the other process by an Event or a queue.",
        "started here",
    )


RULE = Rule(
    code="JL410",
    name="join-from-other-process",
    summary="a process is joined by another process than the one that started it",
    documentation=DOCUMENTATION,
    example="handed_over",
    check=check,
)
