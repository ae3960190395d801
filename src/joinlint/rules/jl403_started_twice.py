"""JL403: a worker is started a second time."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.misuse.operations import STARTED_TWICE
from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.rules._misuse import findings_of
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports the second `start()` of the same process or thread object: later in the code, in the next round of a loop, or
in another call of the method that starts it.

## Why is this bad?

A worker object starts once, even after it has ended. The second `start()` raises "AssertionError: cannot start a
process twice" (a thread: "RuntimeError: threads can only be started once").

## Known limits

Where a decision between the two starts may tell them apart, nothing is reported.

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    yield from findings_of(
        RULE,
        analysis,
        STARTED_TWICE,
        "{handle} is started a second time: it was started in {before}",
        "start() raises {error}.",
        "Make a new {what} for each start.",
        "started here before",
        ("AssertionError: cannot start a process twice", "RuntimeError: threads can only be started once"),
    )


RULE = Rule(
    code="JL403",
    name="started-twice",
    summary="the same worker object is started a second time",
    documentation=DOCUMENTATION,
    example="again_after_join",
    check=check,
)
