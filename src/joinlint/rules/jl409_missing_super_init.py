"""JL409: a worker class whose __init__ never calls that of Process or Thread."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.misuse.base_init import MissingInit
from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.program import models
from joinlint.rules._lifecycle import finding
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports the `start()` of an object of a Process or Thread subclass whose `__init__` never calls that of its base, and
the class itself where the project starts none. Calls by `super()`, by the name of the base, in a helper method, in a
mixin and in a class between are found. The `__init__` that `dataclass` writes calls no base's either.

## Why is this bad?

The object is no working process: `start()` raises AttributeError (it has no `_closed`), and for a thread
RuntimeError: thread.__init__() not called.

## Known limits

Nothing is reported for classes with bases, metaclasses or decorators that can't be seen.

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for missing in analysis.missing_inits():
        yield _finding(analysis, missing)


def _finding(analysis: ModuleAnalysis, missing: MissingInit) -> Finding:
    base = "Thread" if missing.kind == models.THREAD else "Process"
    place = (
        "" if missing.cls is missing.blamed and not missing.is_start else f" ({analysis.line(missing.blamed.where)})"
    )
    stops = f"`{missing.blamed.name}.__init__`{place}"
    if missing.is_dataclass:
        stops = f"the __init__ that dataclass writes for `{missing.blamed.name}`{place}"
    error = "RuntimeError: thread.__init__() not called" if base == "Thread" else "AttributeError"
    what = "this start() fails" if missing.is_start else f"objects of `{missing.cls.name}` can't be started"
    return finding(
        RULE,
        analysis,
        missing.where,
        f"{what}: {stops} never calls the __init__ of {base}",
        f"start() raises {error}.",
        "Call super().__init__() first in __init__."
        if not missing.is_dataclass
        else "Call super().__init__() in __post_init__.",
        (("the __init__ of this class stops short", missing.blamed.where),),
    )


RULE = Rule(
    code="JL409",
    name="missing-super-init",
    summary="a Process or Thread subclass whose __init__ never calls that of its base",
    documentation=DOCUMENTATION,
    example="process",
    check=check,
)
