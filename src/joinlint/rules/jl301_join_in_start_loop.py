"""JL301: each round of a loop starts a worker and waits for it before the next."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.program import models
from joinlint.rules._lifecycle import finding
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports the `join()` of a loop over work that starts a process or thread and waits for it in the same round, also
through a helper that starts, joins or does both, and where the wait is a loop that asks `is_alive()`.

Not reported: two or more workers that overlap within a round, retries that leave the loop on success, supervision that
restarts a dead child, batches, stages written down in their order, rounds set apart by a pause or by the user, and
rounds that need the result, the exit code, the shared state or the running worker itself.

## Why is this bad?

Each worker is waited for before the next one is started, so no two run at the same time: the loop takes as long as
serial code, plus the cost of starting a process every round.

## Known limits

Whether one worker at a time is meant can't always be seen. Where something in the loop hints at it, nothing is
reported; nor is a coroutine that isn't awaited in the round, or a helper under a decorator that may change it.

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for found in analysis.serialised:
        if found.kind == "loop" and found.site.kind in {models.PROCESS, models.THREAD}:
            what = "thread" if found.site.kind == models.THREAD else "process"
            wait = "loop" if found.polls else "join"
            yield finding(
                RULE,
                analysis,
                found.join,
                f"this {wait} waits for the {what} started in the same round of the loop in "
                f"{analysis.line(found.context)}: no two of them run at the same time",
                "Each one is waited for before the next is started, so the work is done one after the other.",
                f"Start every {what} in one loop, collect them in a list, and join them in a second loop.",
                (("started here", found.start), ("in each round of this loop", found.context)),
            )


RULE = Rule(
    code="JL301",
    name="join-in-start-loop",
    summary="each round of a loop starts a worker and waits for it before the next",
    documentation=DOCUMENTATION,
    example="for_loop",
    check=check,
)
