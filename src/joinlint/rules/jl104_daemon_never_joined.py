"""JL104 (opt-in): a daemon process is never joined."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.lifecycle.verdicts import DAEMON
from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.rules._lifecycle import finding, handle_name
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports the `start()` of a daemon process (`daemon=True`) that no path joins.

## Why is this bad?

The interpreter ends daemon processes with SIGTERM at exit, in the middle of their work: no finally block and no atexit
handler of the child runs, what it had buffered is lost, and nothing is printed.

## Known limits

Daemons are often meant to be left running until exit, so this rule is off until its code is selected in so many words
(`--extend-select JL104`).

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for verdict in analysis.verdicts:
        if verdict.kind == DAEMON:
            yield finding(
                RULE,
                analysis,
                verdict.where,
                f"{handle_name(analysis, verdict)} is a daemon and never joined: "
                "it is killed at exit in the middle of its work",
                "It is ended with SIGTERM at exit: no finally block runs, unflushed writes are lost, "
                "nothing is printed.",
                "Join it before the program ends, or drop daemon=True if its work matters.",
            )


RULE = Rule(
    code="JL104",
    name="daemon-never-joined",
    summary="a daemon process is never joined: it is killed at exit in the middle of its work",
    documentation=DOCUMENTATION,
    example="local_daemon",
    check=check,
    default=False,
)
