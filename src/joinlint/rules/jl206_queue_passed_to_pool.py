"""JL206: a queue or lock of multiprocessing is an argument of a pool's task."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.rules._lifecycle import finding
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports a Queue, Lock, Event, Semaphore, Condition, Barrier, Value or Array of multiprocessing, or a Pool, that is given
as an argument to a method of a Pool or ProcessPoolExecutor, also inside of tuples, lists and `functools.partial`.

## Why is this bad?

These objects are handed over only while a process is started. As part of a task they raise RuntimeError: Queue objects
should only be shared between processes through inheritance (a Pool: NotImplementedError), under every start method.
With `apply_async` and `submit` the error waits in the result; if nobody asks for that, the tasks fail silently.

## Known limits

Objects of a Manager, ends of a Pipe, initargs and pools of threads are in order. Where a name may also stand for
something else, nothing is reported.

## Options

None.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for submission, reason in analysis.shared_in_tasks():
        where = submission.call.where
        place = "" if reason.where is None or reason.where.row == where.row else f" ({analysis.line(reason.where)})"
        error = "NotImplementedError" if reason.words.endswith("Pool") else "RuntimeError"
        yield finding(
            RULE,
            analysis,
            where,
            f"{reason.words}{place} is an argument of a task for {submission.method}(): {error}",
            f"The task is not run: it fails with {error}, silently if nobody asks for its result.",
            "Use one of a Manager, or hand it to the workers by initializer and initargs.",
            () if reason.where is None else (("made here", reason.where),),
        )


RULE = Rule(
    code="JL206",
    name="queue-passed-to-pool",
    summary="a multiprocessing queue, lock or pool is an argument of a pool's task",
    documentation=DOCUMENTATION,
    example="queue_to_apply_async",
    check=check,
)
