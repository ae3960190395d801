"""JL204: set_start_method is called where it must fail: at import, or when the method is fixed."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.analysis.spawning.method_calls import FailingCall
from joinlint.findings import Finding
from joinlint.rules._lifecycle import finding
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports `set_start_method("spawn")` or `"forkserver"` at import level without a main guard, also in a function that is
called there, and a `set_start_method()` that comes too late on its path: after another one, in a loop, or after a
queue, lock, Pool, `get_start_method()` or `start()` has settled for the default.

## Why is this bad?

The child imports the main module, and the module of its target, when its start method is set already: the call raises
RuntimeError: context has already been set, every child dies, and a Pool replaces its dying workers for ever. In the
parent the second call raises the same error.

## Known limits

Calls with `force=True`, in a `try` that catches RuntimeError, under a test of the start method or of the process, and
"fork" at import are in order.

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for failing in analysis.failing_method_calls():
        yield _late(analysis, failing) if failing.settled else _at_import(analysis, failing)


def _at_import(analysis: ModuleAnalysis, failing: FailingCall) -> Finding:
    where = failing.call.where
    through = "" if failing.before == where else f" by {analysis.line(failing.before)}"
    return finding(
        RULE,
        analysis,
        where,
        f"the start method is set at import{through}: each child imports this again, where it is set already",
        "Under spawn and forkserver each child dies with RuntimeError: context has already been set; a Pool replaces "
        "its dying workers for ever.",
        'Move the call under `if __name__ == "__main__":`, or use get_context() instead.',
        (("called at import here", failing.before),),
    )


def _late(analysis: ModuleAnalysis, failing: FailingCall) -> Finding:
    where = failing.call.where
    if failing.before == where:
        message = "each further round of the loop sets the start method again: RuntimeError"
    else:
        message = (
            f"the start method is already fixed by {failing.settled} in {analysis.line(failing.before)}: RuntimeError"
        )
    return finding(
        RULE,
        analysis,
        where,
        message,
        "The call raises RuntimeError: context has already been set.",
        "Set the start method once, before anything else of multiprocessing is used, or use get_context().",
        (("fixes the start method", failing.before),),
    )


RULE = Rule(
    code="JL204",
    name="start-method-at-import",
    summary="set_start_method at import, or when the start method is already fixed",
    documentation=DOCUMENTATION,
    example="at_import",
    check=check,
)
