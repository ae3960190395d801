"""JL401: a process is joined before the queue or pipe that it fills is read."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.rules._lifecycle import finding, site_name
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports the `join()` of a process that puts items on a queue, or sends them down a pipe, which this program reads only
after the join. A timeout makes no difference: it runs out.

## Why is this bad?

A child does not end before everything that it has put on a Queue is written to the queue's pipe, and the pipe holds
little: one item of 64 kB fills it, and so do a few thousand small ones. Then the child waits for the parent to read,
and the parent waits for the child to end: a deadlock, and no message. With little data the program works, until one
day there is more.

## Known limits

Manager queues have no such limit and are left alone, and so is a single small item in a SimpleQueue or Pipe. Where
another process or thread reads, or a loop or branch may have read before the join, nothing is reported.

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for found in analysis.early_joins:
        what = "pipe" if found.kind == "Pipe" else "queue"
        outcome = "this join waits in vain" if found.ends else "a deadlock"
        end = "this join waits until its time is up" if found.ends else "this join waits for its end"
        yield finding(
            RULE,
            analysis,
            found.where,
            f"{site_name(analysis, found.site)} is joined before the {what} that it fills in "
            f"{analysis.line(found.put)} is read: {outcome} once the {what} is full",
            f"The child can't end before its {what} is read, and {end}.",
            f"Read the {what} first, as many items as the child sends, then join.",
            ((f"the child fills the {what} here", found.put), ("read only here", found.read)),
        )


RULE = Rule(
    code="JL401",
    name="join-before-drain",
    summary="a process is joined before the queue or pipe that it fills is read: deadlock",
    documentation=DOCUMENTATION,
    example="big_item",
    check=check,
)
