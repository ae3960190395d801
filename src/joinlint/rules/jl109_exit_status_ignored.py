"""JL109 (opt-in): a process is joined, and nothing looks at how it ended."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.misuse.operations import STATUS_IGNORED
from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.rules._misuse import findings_of
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports the `join()` of a process when nothing in the module looks at `exitcode`.

## Why is this bad?

`join()` returns None however the child has ended. A child that raises prints its traceback to standard error; one that
calls `sys.exit(3)`, is killed or crashes says nothing at all. The parent goes on, and the program ends with 0.

## Known limits

Many programs tell their results by a queue or a file and need no exit status: the rule is off until its code is
selected in so many words (`--extend-select JL109`).

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    yield from findings_of(
        RULE,
        analysis,
        STATUS_IGNORED,
        "{handle} is joined, and nothing looks at its exitcode",
        "A child that failed or was killed goes unnoticed: the program goes on and ends with 0.",
        "Look at exitcode after the join: 0 is success, -N is a death by signal N.",
        "",
    )


RULE = Rule(
    code="JL109",
    name="exit-status-ignored",
    summary="a process is joined, and nothing looks at its exitcode",
    documentation=DOCUMENTATION,
    example="target_raises",
    check=check,
    default=False,
)
