"""Tasks spread over processes: the largest first, each started over once if its process is killed."""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnContext, SpawnProcess
from typing import Generic, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

# How often a task may bring its process down before it is given up: by chance once, twice by its own doing.
_ATTEMPTS = 2
# Spawn, as it is the same everywhere and copies no locks that a thread may hold.
_CONTEXT = SpawnContext()


@dataclass(frozen=True, slots=True)
class Lost(Generic[Task]):
    """A task whose process was ended each time that it was tried."""

    task: Task


@dataclass(slots=True)
class _Worker(Generic[Task]):
    process: SpawnProcess
    connection: Connection
    task: Task | None = None


def run_in_processes(
    function: Callable[[Task], Result], tasks: Sequence[Task], jobs: int
) -> Iterator[Result | Lost[Task]]:
    """The results of `function`, which must be importable, for each of the tasks, in the order in which they come.

    Uses `jobs` processes at the most, and leaves none behind, however the caller goes on; what `function` raises is
    raised here.
    """
    pending = deque(tasks)
    attempts: dict[int, int] = {}
    workers: list[_Worker[Task]] = []
    try:
        while pending or any(worker.task is not None for worker in workers):
            while pending and len(workers) < jobs:
                workers.append(_start(function))
            for worker in workers:
                if worker.task is None and pending:
                    worker.task = pending.popleft()
                    worker.connection.send(worker.task)
            busy = {worker.connection: worker for worker in workers if worker.task is not None}
            for ready in wait(list(busy)):
                worker = busy[ready]  # type: ignore[index]  # wait() gives back what it was given
                task = worker.task
                assert task is not None
                try:
                    result = worker.connection.recv()
                except (EOFError, OSError):
                    workers.remove(worker)
                    _end(worker)
                    attempts[id(task)] = attempts.get(id(task), 0) + 1
                    if attempts[id(task)] < _ATTEMPTS:
                        pending.appendleft(task)
                    else:
                        yield Lost(task)
                    continue
                worker.task = None
                if isinstance(result, BaseException):
                    raise result
                yield result
    finally:
        for worker in workers:
            _end(worker)


def _start(function: Callable[[Task], Result]) -> _Worker[Task]:
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=_serve, args=(function, theirs), daemon=True)
    process.start()
    theirs.close()  # or its end would not be seen when the process is gone
    return _Worker(process, ours)


def _end(worker: _Worker[Task]) -> None:
    worker.connection.close()
    if worker.task is not None:
        worker.process.terminate()
    worker.process.join()


def _serve(function: Callable[[Task], Result], connection: Connection) -> None:
    """Run in the process: answers each task, until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        try:
            result: object = function(task)
        except Exception as error:
            result = error
        connection.send(result)
