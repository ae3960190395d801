"""JL101: a process is started and no path joins it."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.lifecycle.verdicts import NEVER, Verdict
from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.program.ir import MODULE_SCOPE, Where
from joinlint.rules._lifecycle import consequence, finding, handle_name
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports the `start()` of a process that is not a daemon and that no path joins: its handle is discarded, lies in a local
variable that goes away, is overwritten, or is kept on a field, in a global or in a container that nothing in the
project joins.

`join()` without a timeout counts, and so does everything that waits as well: `os.waitpid(p.pid, 0)`,
`multiprocessing.connection.wait` on its sentinel, a loop that polls `is_alive()` or `exitcode` until the process has
ended, joining `multiprocessing.active_children()`, and `p.join` handed over to run later (`atexit.register`,
`addCleanup`, `ExitStack.callback`, `run_in_executor`, `to_thread`).

## Why is this bad?

The program goes on before the child is done: a result that the child should have written is not there yet. Interpreter
exit then hangs for as long as the child runs. Under fork and spawn the ended child stays a zombie until the next
`start()` or exit. Under spawn and forkserver, a child that was given a Lock, Queue, Event, Value or Array, is not
joined and has not opened that object by then, dies with `FileNotFoundError`: the interpreter removes those objects at
exit, before it waits for the child.

At the end of a script the interpreter joins the process at exit. That is reported too, since it holds only as long as
nothing is added to the script; the message says so.

## Known limits

A process that is returned, yielded, or passed to code that joinlint can't see is the receiver's duty: nothing is
reported. So it is where such code is given a function that waits for the process (`atexit.register(stop)`). Daemons are
JL104's subject.

## Options

`threads` asks for threads to be joined, too. Leaving a thread unjoined is common and mostly meant. `process-classes`
names classes that are processes whatever they derive from, `join-functions` functions that join what they are given.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for verdict in analysis.verdicts:
        if verdict.kind == NEVER:
            message, path = _explain(analysis, verdict)
            yield finding(
                RULE, analysis, verdict.where, message, consequence(analysis, verdict), _advice(verdict), path=path
            )


def _explain(analysis: ModuleAnalysis, verdict: Verdict) -> tuple[str, tuple[tuple[str, Where], ...]]:
    handle = handle_name(analysis, verdict)
    kind = verdict.history.site.kind
    stopped = verdict.stopped
    path: tuple[tuple[str, Where], ...] = ()
    if stopped is not None:
        path = (("stopped here, but not joined", stopped),)
    if verdict.storage is not None:
        place = verdict.storage.text()
        kept = (
            f"the {kind} is kept on `{place}`"
            if verdict.storage.kind == "field"
            else f"the {kind} is kept in `{place}`"
        )
        if stopped is not None:
            return f"{kept} and never joined: {analysis.line(stopped)} stops it without a join", path
        nobody = "no method joins it" if verdict.storage.kind == "field" else "nothing joins it"
        return f"{kept} and {nobody}", path
    witness = verdict.witness
    lost = None if witness is None else witness.lost
    made = verdict.history.site.call.where
    if lost is not None and handle == f"the {kind}" and lost.row <= made.row <= lost.end_row < verdict.where.row:
        # kept in a part of something that we know nothing of, and made anew there
        return f"{handle} is started and never joined", path
    if lost is not None and lost.row != verdict.where.row:
        path = (*path, ("the last handle goes here", lost))
        return f"{handle} is started and never joined: {analysis.line(lost)} drops its last handle", path
    if handle == f"the {kind}" and lost is not None:
        return f"the {kind} is started and its handle thrown away: nothing can join it", path
    ends_script = verdict.start.scope == MODULE_SCOPE and witness is not None and witness.ends == "falls"
    if ends_script and not analysis.program.modules[verdict.where.module].is_notebook:
        return f"{handle} is started and never joined: only the interpreter waits for it, at exit", path
    return f"{handle} is started and never joined", path


def _advice(verdict: Verdict) -> str:
    if verdict.storage is not None:
        place, among_others = verdict.storage.text(), verdict.storage.is_container()
        kind = verdict.history.site.kind
        how = f"for {kind} in {place}: {kind}.join()" if among_others else f"{place}.join()"
        return f"Join it where its owner is closed: `{how}`."
    return (
        f"Keep the {verdict.history.site.kind} in a variable and call join() on it, in a finally block if something "
        "between may raise."
    )


RULE = Rule(
    code="JL101",
    name="never-joined",
    summary="a process is started and no path joins it",
    documentation=DOCUMENTATION,
    example="local_handle",
    check=check,
)
