"""JL402: a worker is joined before it is started."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.misuse.operations import JOIN_BEFORE_START
from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.rules._misuse import findings_of
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports `join()` on a process or thread that has not been started on any path that leads there.

## Why is this bad?

It raises "AssertionError: can only join a started process" (a thread: "RuntimeError: cannot join thread before it is
started").

## Known limits

Where several decisions lead past the start, one of them may also decide about the join: nothing is reported.

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    yield from findings_of(
        RULE,
        analysis,
        JOIN_BEFORE_START,
        "{handle} is joined before it is started",
        "join() raises {error}.",
        "Call start() first.",
        "on this branch it is not started",
        ("AssertionError: can only join a started process", "RuntimeError: cannot join thread before it is started"),
    )


RULE = Rule(
    code="JL402",
    name="join-before-start",
    summary="a worker is joined before it is started",
    documentation=DOCUMENTATION,
    example="conditional_start",
    check=check,
)
