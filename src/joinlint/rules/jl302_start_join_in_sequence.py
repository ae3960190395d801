"""JL302: workers are started and joined one after the other."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.rules._lifecycle import finding
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports the first `join()` that comes too early in `p1.start(); p1.join(); p2.start(); p2.join()`, when the second
worker does not depend on the first.

## Why is this bad?

The second worker is started only when the first is done: the two never run at the same time, and the times add up.

## Known limits

Workers may depend on each other where both are given the same object, the two ends of a pipe, equal text or a value
read from what the first was given, or where their functions touch the same global, field or file: nothing is reported.

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for found in analysis.serialised:
        if found.kind == "sequence":
            yield finding(
                RULE,
                analysis,
                found.join,
                f"this join comes before the start in {analysis.line(found.context)}: "
                "the two never run at the same time",
                "The second is started only when the first is done, so their times add up.",
                "Start both first, and join both after that.",
                (("started here", found.start), ("started only after the join", found.context)),
            )


RULE = Rule(
    code="JL302",
    name="start-join-in-sequence",
    summary="workers are started and joined one after the other",
    documentation=DOCUMENTATION,
    example="two_in_a_row",
    check=check,
)
