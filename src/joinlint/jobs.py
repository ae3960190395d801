"""Tasks spread over processes: the largest first, each started over once if its process is killed."""

from __future__ import annotations

import contextlib
import os
import signal
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator, Sequence
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
_SAFE_PATH = "PYTHONSAFEPATH"


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
) -> Generator[Result | Lost[Task], None, None]:
    """The results of `function`, which must be importable, for each of the tasks, in the order in which they come.

    Uses `jobs` processes at the most, fewer where the system has no room for them, and this one if there is none at
    all.  Leaves none behind, however the caller goes on; what `function` raises is raised here.
    """
    _start_tracker()
    pending = deque(tasks)
    attempts: Counter[int] = Counter()
    workers: list[_Worker[Task]] = []
    try:
        while pending or any(worker.task is not None for worker in workers):
            while pending and len(workers) < jobs:
                try:
                    # A Ctrl-C waits until the process is among those to be ended, and the process never hears of it.
                    with _without_interrupts():
                        workers.append(_start(function))
                except OSError:
                    jobs = len(workers)
            if not workers:
                yield from map(function, pending)
                return
            for worker in workers:
                if worker.task is None and pending:
                    worker.task = pending.popleft()
                    with contextlib.suppress(OSError):  # it is gone: its end of the connection says so as well
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
                    attempts[id(task)] += 1
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
            worker.process.kill()  # all of them, before any is waited for
        for worker in workers:
            _end(worker)


def _start(function: Callable[[Task], Result]) -> _Worker[Task]:
    ours, theirs = _CONTEXT.Pipe()
    process = _CONTEXT.Process(target=_serve, args=(function, theirs), daemon=True)
    with _safe_path():
        process.start()
    theirs.close()  # or its end would not be seen when the process is gone
    return _Worker(process, ours)


def _start_tracker() -> None:
    """Start the process that multiprocessing would start with the first of ours: once it runs, it takes back what
    `_without_interrupts` asks for (multiprocessing/resource_tracker.py), and the first would hear of a Ctrl-C."""
    if hasattr(signal, "pthread_sigmask"):
        from multiprocessing import resource_tracker

        with _safe_path(), contextlib.suppress(OSError):  # for want of room: there will be none for ours, either
            resource_tracker.ensure_running()


@contextlib.contextmanager
def _safe_path() -> Iterator[None]:
    """Keeps a Python that is started meanwhile from importing what lies in the current folder.

    multiprocessing starts it with `-c`, which puts that folder before the standard library: a `pickle.py` among the
    files that are to be checked would be run.
    """
    before = os.environ.get(_SAFE_PATH)
    os.environ[_SAFE_PATH] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_SAFE_PATH]
        else:
            os.environ[_SAFE_PATH] = before


@contextlib.contextmanager
def _without_interrupts() -> Iterator[None]:
    """Keeps a Ctrl-C waiting; for a process that is started meanwhile, until it says so."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(worker: _Worker[Task]) -> None:
    worker.connection.close()
    worker.process.kill()  # it has nothing to put away, and may be stopped or stuck
    worker.process.join()


def _serve(function: Callable[[Task], Result], connection: Connection) -> None:
    """Run in the process: answers each task, until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this process
    with contextlib.suppress(EOFError, OSError):
        while True:
            _answer(connection, function, connection.recv())


def _answer(connection: Connection, function: Callable[[Task], Result], task: Task) -> None:
    result: object
    try:
        result = function(task)
    except Exception as error:
        result = error
    try:
        connection.send(result)
    except OSError:
        raise
    except Exception as error:  # what can't be pickled, such as an exception that holds a lock
        connection.send(RuntimeError(f"{type(error).__name__}: {error}"))
