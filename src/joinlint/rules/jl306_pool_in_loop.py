"""JL306: a pool is built and torn down in every round of a loop."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.program import models
from joinlint.rules._lifecycle import finding
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports a `Pool` or executor that is built and released in every round of a loop over work.

## Why is this bad?

Each round pays for starting its workers, and waits for the last job of its own pool while the other workers have
nothing to do. The jobs of different rounds never run at the same time.

## Known limits

Where the rounds need pools of different sizes, start methods or initializers, or a failed round is tried again with a
new pool, nothing is reported.

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for found in analysis.serialised:
        if found.kind == "loop" and found.site.kind in models.POOLS | models.EXECUTORS:
            what = "executor" if found.site.kind in models.EXECUTORS else "pool"
            yield finding(
                RULE,
                analysis,
                found.site.call.where,
                f"this {what} is built and torn down in every round of the loop in {analysis.line(found.context)}",
                "Each round pays for starting its workers, and waits for its last job before the next round begins.",
                f"Build one {what} before the loop and give it the jobs of all rounds.",
                (("in each round of this loop", found.context),),
            )


RULE = Rule(
    code="JL306",
    name="pool-in-loop",
    summary="a pool or executor is built and torn down in every round of a loop over work",
    documentation=DOCUMENTATION,
    example="with_in_loop",
    check=check,
)
