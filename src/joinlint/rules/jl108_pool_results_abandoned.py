"""JL108: leaving the with block of a Pool terminates it before its results are collected."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.misuse.pools import ABANDONED
from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.rules._lifecycle import finding
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports `apply_async`, `map_async`, `starmap_async`, `imap` and `imap_unordered` inside `with Pool() as pool:` when
nothing collects the result before the block is left, and nothing calls `pool.close()` and `pool.join()` there.

## Why is this bad?

Leaving the block calls `pool.terminate()`: tasks that are not done are dropped without a word, and a `get()` or a loop
over the result after the block waits for ever.

## Known limits

A result that is passed to code that joinlint can't see counts as collected. Where a loop asks for the results and is
left early, since there are enough or something has failed, the rest is taken to be given up on purpose.

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for misuse in analysis.pool_misuses(ABANDONED):
        yield finding(
            RULE,
            analysis,
            misuse.where,
            "the pool is terminated before anything collects this result",
            "Leaving the with block terminates the pool: unfinished tasks are dropped, and a later get() hangs.",
            "Collect the result inside the block, or call close() and join() at its end.",
        )


RULE = Rule(
    code="JL108",
    name="pool-results-abandoned",
    summary="leaving `with Pool()` terminates it before its results are collected",
    documentation=DOCUMENTATION,
    example="apply_async_loop",
    check=check,
)
