"""JL107: a Pool is never closed, terminated or left by a with block; or it is closed and its pending work dropped."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.misuse.pools import NEVER_RELEASED, NOT_ON_ALL_PATHS, PENDING, PoolMisuse
from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.program.ir import Where
from joinlint.rules._lifecycle import finding, site_name
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports a `Pool` that some path neither closes, terminates nor uses in a `with` block, and one that is closed while
asynchronous work is pending and then neither joined nor asked for its results.

## Why is this bad?

The pool's worker processes and its three threads stay until the last reference to it is gone, often until the program
exits; a program that makes such pools again and again runs out of processes or file descriptors. What was submitted
with `apply_async` or `map_async` and is still pending at exit is dropped without a word, also after `close()` without
`join()`. Python says so only where warnings are shown: "ResourceWarning: unclosed running multiprocessing pool".

## Known limits

A pool that is returned or passed to code that joinlint can't see is its receiver's duty.

## Options

None.
"""

_WORKERS_STAY = (
    "Its worker processes and threads stay, at the latest until exit, which kills them and drops pending tasks."
)


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for misuse in analysis.pool_misuses(NEVER_RELEASED, NOT_ON_ALL_PATHS, PENDING):
        pool = site_name(analysis, misuse.site)
        if misuse.kind == PENDING:
            assert misuse.related is not None
            message = f"{pool} is closed but not joined: the work of {analysis.line(misuse.related)} may be dropped"
            consequence = "At exit the workers are killed, and what is still pending is dropped without a word."
            path: tuple[tuple[str, Where], ...] = (("submitted here, and nobody waits for it", misuse.related),)
            advice = "Call join() after close(), or ask for the results."
        else:
            message, path = _unreleased(analysis, misuse, pool)
            consequence, advice = (
                _WORKERS_STAY,
                "Use the pool in a with block, or call close() and join() in a finally.",
            )
        yield finding(RULE, analysis, misuse.where, message, consequence, advice, path=path)


def _unreleased(analysis: ModuleAnalysis, misuse: PoolMisuse, pool: str) -> tuple[str, tuple[tuple[str, Where], ...]]:
    if misuse.storage is not None:
        holder = misuse.storage.text()
        who = f": nothing that reaches `{holder}` does" if holder else ""
        return f"{pool} is never closed or terminated{who}", ()
    witness = misuse.witness
    if misuse.kind == NOT_ON_ALL_PATHS and witness is not None:
        place = witness.handler or witness.leaves or witness.decision
        if place is None:
            return f"{pool} is not closed or terminated on every path", ()
        what = place.kind if place in (witness.handler, witness.leaves) else "path through"
        where = analysis.line(place.where) if what == "path through" else f"in {analysis.line(place.where)}"
        return f"{pool} is not closed or terminated on every path: not on the {what} {where}", (
            ("this path leaves it open", place.where),
        )
    return f"{pool} is never closed or terminated", ()


RULE = Rule(
    code="JL107",
    name="pool-not-released",
    summary="a Pool is neither closed, terminated nor used in a with block, or its pending work is dropped",
    documentation=DOCUMENTATION,
    example="local_forgotten",
    check=check,
)
