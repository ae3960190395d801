"""JL304: the target is called where it should be named."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.facts.submissions import CONSTRUCTOR, INITIALIZER
from joinlint.analysis.misuse.constructors import CalledTarget
from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.rules._lifecycle import finding
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports `Process(target=work())`, `Thread(target=work(x))`, `pool.map(work(x), items)`, `pool.apply_async(work())` and
`executor.submit(work(x))`, where `work` is known to return nothing that can be called: a function of the project all
of whose returns give None or plain data, a generator function, an `async def`, or a builtin such as `print`.

## Why is this bad?

The parentheses call the function in the parent, before there is a worker; what it returns becomes the target. With
None as its target the child has nothing to do and exits with 0, so that only the missing concurrency shows. A number
or a string fails in the child with TypeError: 'int' object is not callable. A function that serves for ever never
returns, and no worker is started at all.

## Known limits

Nothing is reported where the function may return a callable, has a decorator, or can't be seen.

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for called in analysis.called_targets():
        yield _finding(analysis, called)


def _finding(analysis: ModuleAnalysis, called: CalledTarget) -> Finding:
    submission = called.submission
    where = "in the parent" if submission.is_for_process else "in this thread"
    role = {CONSTRUCTOR: "target", INITIALIZER: "initializer"}.get(
        submission.method, f"function for {submission.method}()"
    )
    gives_none = called.data.words == "None"
    if not gives_none:
        happens = f"the worker fails with TypeError: {called.data.words} can't be called."
    elif submission.is_task:
        happens = "the task fails with TypeError: 'NoneType' object is not callable."
    else:
        happens = "the worker has nothing to do."
    name = analysis.text(called.call.where)
    return finding(
        RULE,
        analysis,
        submission.call.where,
        f"`{name}` is called here, {where}: the {role} is what it returns, {called.data.words}",
        f"The function runs {where} before there is a worker, and {happens}",
        "Name the function without calling it, and give its arguments by args=(…), or after it for submit().",
    )


RULE = Rule(
    code="JL304",
    name="target-called",
    summary="the target is called in the parent, and its result becomes the target",
    documentation=DOCUMENTATION,
    example="local",
    check=check,
)
