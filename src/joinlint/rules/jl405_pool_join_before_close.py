"""JL405: a pool is joined while it is open."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.misuse.pools import JOINED_OPEN
from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.rules._lifecycle import finding, site_name
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports `join()` on a Pool or ThreadPool that no path there has closed or terminated.

## Why is this bad?

It raises "ValueError: Pool is still running".

## Known limits

After its with block a pool is terminated, so that `join()` is in order there.

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for misuse in analysis.pool_misuses(JOINED_OPEN):
        yield finding(
            RULE,
            analysis,
            misuse.where,
            f"{site_name(analysis, misuse.site)} is joined while it is open",
            "join() raises ValueError: Pool is still running.",
            "Call close() before join().",
            (("on this branch it is not closed", misuse.related),) if misuse.related is not None else (),
        )


RULE = Rule(
    code="JL405",
    name="pool-join-before-close",
    summary="a pool is joined before it is closed or terminated",
    documentation=DOCUMENTATION,
    example="join_then_close",
    check=check,
)
