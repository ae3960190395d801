"""JL404: the None that start() returns is kept."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.misuse.operations import RESULT_USED
from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.rules._misuse import findings_of
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports where the result of `start()` is given a name or put into a container: `p = Process(...).start()`.

## Why is this bad?

`start()` returns None. The child runs, but its handle is lost: `p.join()` raises "AttributeError: 'NoneType' object has
no attribute 'join'".

## Known limits

A subclass whose own `start()` returns something is left alone.

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    yield from findings_of(
        RULE,
        analysis,
        RESULT_USED,
        "start() returns None: the handle of the {what} is lost",
        "The work runs, but join() on what is kept raises AttributeError: 'NoneType' object has no attribute 'join'.",
        "Keep the {what} in a variable first, then call start() on it.",
        "",
    )


RULE = Rule(
    code="JL404",
    name="start-result-used",
    summary="start() returns None: the handle is lost",
    documentation=DOCUMENTATION,
    example="chained",
    check=check,
)
