"""JL305: run() is called on a worker that is never started."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.misuse.operations import RUN_CALLED
from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.rules._misuse import findings_of
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports `run()` on a process or thread that nothing starts.

## Why is this bad?

`run()` is an ordinary method: the target runs in this process, at once, and the program waits for it. No child is made,
`pid` and `exitcode` stay None, `sys.exit()` in the target ends the parent, and a later `join()` raises "AssertionError:
can only join a started process".

## Known limits

Where the same object is started on another path (`if debug: worker.run() else: worker.start()`), `run()` is meant.

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    yield from findings_of(
        RULE,
        analysis,
        RUN_CALLED,
        "{handle}.run() runs in this process: no {what} is started",
        "The work is done here, at once and one after the other; ident stays None.",
        "Call start(), which makes the {what} that calls run().",
        "",
    )


RULE = Rule(
    code="JL305",
    name="run-called",
    summary="run() runs in this process: no child is started",
    documentation=DOCUMENTATION,
    example="process",
    check=check,
)
