"""JL106: a process is ended with terminate() or kill() and never joined."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.lifecycle.verdicts import STOPPED
from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.rules._lifecycle import by_place, finding, handle_name
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports `terminate()` or `kill()` on a process, a daemon or not, that is not joined afterwards. After one of them a
join with a timeout will do, unless the process is ended again.

## Why is this bad?

Both only send a signal. Right afterwards `exitcode` is still None and `is_alive()` true, `close()` raises ValueError,
and the ended child stays a zombie (fork, spawn) until something polls or joins it.

## Known limits

For a process kept on a field that another method terminates, and that is neither a daemon nor ever waited for, JL101
reports the start and names the line that terminates.

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for verdict, starts in by_place(analysis, STOPPED):
        yield finding(
            RULE,
            analysis,
            verdict.where,
            f"{handle_name(analysis, verdict)} is ended here and not joined afterwards",
            "terminate() and kill() only send the signal: the process stays a zombie (fork, spawn), "
            "and is_alive() right afterwards still sees it running.",
            "Call join() after it, to reap the process and learn its exit code.",
            starts,
        )


RULE = Rule(
    code="JL106",
    name="terminated-not-joined",
    summary="a process is ended with terminate() or kill() and never joined",
    documentation=DOCUMENTATION,
    example="local_terminate",
    check=check,
)
