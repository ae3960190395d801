"""JL103 (opt-in): an exception between start and join would skip the join."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.rules._lifecycle import finding, handle_name
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports the `start()` of a process that is joined on every explicit path, when a call between start and join would skip
the join by raising. The message names that call. Silent where the join stands in a finally block, or is registered with
an ExitStack, addCleanup or atexit.

## Why is this bad?

The traceback is printed, and then interpreter exit waits for the child. If the child waits for a message that the
parent no longer sends, the program hangs there. If a caller catches the exception, the program lives on with a child
that nobody joins.

## Known limits

Any call may raise, so this rule reports much that never happens: it is off until its code is selected in so many words
(`--extend-select JL103`). Calls known not to raise (print, len, time.sleep, logging) are left out.

## Options

None.
"""

_WAITS = "waits for a child that nobody will answer"
_DAEMON = "ends the child in the middle of its work"


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for verdict, where in analysis.unsafe_joins():
        handle = handle_name(analysis, verdict)
        yield finding(
            RULE,
            analysis,
            verdict.where,
            f"the join of {handle} is skipped if {analysis.line(where)} raises",
            f"If it raises, the traceback is printed and exit then {_DAEMON if verdict.is_daemon else _WAITS}.",
            "Put the join into a finally block, or register it with contextlib.ExitStack.callback before.",
            path=(("if this raises, the join is skipped", where),),
        )


RULE = Rule(
    code="JL103",
    name="join-not-exception-safe",
    summary="an exception between start and join would skip the join",
    documentation=DOCUMENTATION,
    example="try_finally",
    check=check,
    default=False,
)
