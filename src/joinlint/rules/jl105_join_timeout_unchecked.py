"""JL105: join(timeout) is taken for a join."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.lifecycle.verdicts import TIMED
from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.rules._lifecycle import by_place, finding, handle_name
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports `join(timeout)` when nothing afterwards looks at `is_alive()` or `exitcode`, joins again, or ends the process
with `terminate()` or `kill()` and a join. A look before the join is none: `if p.is_alive(): p.join(5)`.

## Why is this bad?

`join(timeout)` returns None whether or not the process has ended. When the time is up the program goes on as if the
work were done, and `close()` raises ValueError.

## Known limits

A timeout that comes from a parameter whose default is None counts as a full join.

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for verdict, starts in by_place(analysis, TIMED):
        yield finding(
            RULE,
            analysis,
            verdict.where,
            f"join with a timeout: nothing looks whether {handle_name(analysis, verdict)} has ended",
            "join(timeout) returns None either way, so the program goes on while the child may still be running.",
            "Look at is_alive() or exitcode afterwards, and terminate and join the process if it is still running.",
            starts,
        )


RULE = Rule(
    code="JL105",
    name="join-timeout-unchecked",
    summary="join(timeout) returns whether or not the process has ended, and nothing looks",
    documentation=DOCUMENTATION,
    example="local",
    check=check,
)
