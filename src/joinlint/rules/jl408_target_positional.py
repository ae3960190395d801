"""JL408: the target is given in the place of the group."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.program import models
from joinlint.rules._lifecycle import finding
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports `Process(work)` and `Thread(work, args=(1,))`: a first positional argument that is not None, in the constructor
of the library's classes, of project classes without an `__init__` of their own, and in `super().__init__(work)`.

## Why is this bad?

The first parameter is `group`, which is there for a future extension and has to be None. The constructor raises
AssertionError: group argument must be None for now. With `python -O` there is no assertion: the worker has no target
and does nothing.

## Known limits

A parameter that is called `group`, or that may be None, is not reported.

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for submission in analysis.given_groups():
        name = "Thread" if submission.kind == models.THREAD else "Process"
        yield finding(
            RULE,
            analysis,
            submission.call.where,
            f"the first parameter of {name} is group, which must be None, not the target",
            "The constructor raises AssertionError: group argument must be None for now.",
            f"Write {name}(target=…), with the keyword.",
        )


RULE = Rule(
    code="JL408",
    name="target-positional",
    summary="the target is given as the first positional argument, which is the group",
    documentation=DOCUMENTATION,
    example="process",
    check=check,
)
