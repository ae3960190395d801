"""JL303: the loop that submits tasks waits for each before the next."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.program import models
from joinlint.rules._lifecycle import finding
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports `pool.apply(...)`, `pool.apply_async(...).get()` and `executor.submit(...).result()` in a loop or comprehension
over work that submits one task a round and waits for it in the same round.

## Why is this bad?

Each task is waited for before the next is submitted, so no two run at the same time: the loop takes as long as serial
code, plus the cost of sending every task to another process and back.

## Known limits

Where a round needs the result of the one before it, or something in the loop hints that one task at a time is meant,
nothing is reported.

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for found in analysis.serialised:
        if found.kind == "loop" and found.site.kind == models.RESULT:
            yield finding(
                RULE,
                analysis,
                found.join,
                f"this waits for the task submitted in the same round of the loop in {analysis.line(found.context)}: "
                "no two of them run at the same time",
                "Each task is waited for before the next is submitted, so the work is done one after the other.",
                "Use map(), or submit all tasks first and ask for their results in a second loop.",
                (("submitted here", found.start), ("in each round of this loop", found.context)),
            )


RULE = Rule(
    code="JL303",
    name="blocking-result-in-submit-loop",
    summary="the loop that submits tasks to a pool waits for each before the next",
    documentation=DOCUMENTATION,
    example="apply_async_get_comprehension",
    check=check,
)
