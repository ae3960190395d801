"""JL201: importing the module starts a process."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.analysis.spawning.import_time import ImportStart
from joinlint.findings import Finding
from joinlint.program import models
from joinlint.program.ir import Where
from joinlint.rules._lifecycle import finding
from joinlint.rules._rule import Rule
from joinlint.rules._start_methods import not_fork, sentence

DOCUMENTATION = """\
## What it does

Reports code at import level that starts a process: the `start()`, the `Pool` or `Manager` constructor, the `with` or
first submit of a `ProcessPoolExecutor`, or the call at import level that leads there through functions, methods,
properties, decorators, class bodies, `asyncio.run(main())`, commands of click and typer, fire, tables of functions and
threads.

A guard is judged by what it comes to in the child, where `__name__` is `"__mp_main__"`: `==` in either order, `in`,
`match`, inside `and`, around the only call, in a function that is given `__name__`. An executor, a generator, a
coroutine or a thread that is only made at import and used under the guard is in order.

## Why is this bad?

Under spawn (macOS, Windows) and forkserver (the default on Linux since Python 3.14) the child imports the main module
again. Without a guard it starts a process of its own there and dies with "RuntimeError: An attempt has been made to
start a new process before the current process has finished its bootstrapping phase". The work is not done, and for a
Process the parent still exits with 0. A Pool replaces its dying workers for ever. On Linux with fork the same script
works, until it is moved.

## Known limits

A package's `__main__.py` and a notebook need no guard: multiprocessing does not import them again. Nothing is reported
where the start method is plainly fork (`get_context("fork")`, `set_start_method("fork")`), nor under a test of the
module's name that other things decide as well.

## Options

`start-methods` names those under which the project has to run: with `fork` alone nothing is reported.
"""

_CONSEQUENCES = {
    models.PROCESS: "every child runs this line again and dies with RuntimeError; its work is not done.",
    models.POOL: "every worker runs this line again and dies; the pool replaces dying workers for ever, or "
    "its constructor raises.",
    models.MANAGER: "the manager's process runs this line again and dies; the constructor raises EOFError or "
    "ConnectionResetError.",
    models.EXECUTOR: "every worker runs this line again and dies; results raise BrokenProcessPool.",
}
_WHAT = {
    models.PROCESS: "a process",
    models.POOL: "a Pool",
    models.MANAGER: "a Manager",
    models.EXECUTOR: "a process pool executor",
}


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for start in analysis.import_starts:
        yield _finding(analysis, start)


def _finding(analysis: ModuleAnalysis, start: ImportStart) -> Finding:
    what = _WHAT[start.site.kind]
    event = start.event
    unguarded = 'no `if __name__ == "__main__":` guard'
    led = f"this call leads to {analysis.line(event.where)}"
    if start.wrong_branch is not None:
        unguarded = f"this branch of the guard in {analysis.line(start.wrong_branch)} runs on import"
    if event.where == start.where and not event.calls:
        message = f"importing this module starts {what}: {unguarded}"
        related: tuple[tuple[str, Where], ...] = ()
    else:
        guarded = 'no `if __name__ == "__main__":` guards it' if start.wrong_branch is None else unguarded
        message = f"importing this module starts {what}: {led}, and {guarded}"
        related = ((f"starts {what} here", event.where),)
    return finding(
        RULE,
        analysis,
        start.where,
        message,
        f"{sentence(not_fork(analysis.program.options.start_methods))}, {_CONSEQUENCES[start.site.kind]}",
        'Move it under `if __name__ == "__main__":`, or into a function that is called from there.',
        related,
    )


RULE = Rule(
    code="JL201",
    name="missing-main-guard",
    summary='importing the module starts a process: no `if __name__ == "__main__":` guard',
    documentation=DOCUMENTATION,
    example="process_at_module_level",
    check=check,
)
