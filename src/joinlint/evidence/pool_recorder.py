"""What runs inside a program with pools or executors: notes their tasks, and can hold these.

Loaded after `recorder.py`, by `startup/sitecustomize.py`, where JOINLINT_HOLD begins with "tasks":

- tasks: tasks are noted, none is held.
- tasks-gate: a task of a Pool is held until the program waits for its result, for a later one or for its pool.  A
  program that gets past the place meanwhile has provably not waited.
- tasks-meet: a task is held until another one runs at the same time.  Tasks that run one after the other never meet.
"""

from __future__ import annotations

import atexit
import concurrent.futures
import concurrent.futures.process
import functools
import itertools
import multiprocessing
import multiprocessing.pool
import multiprocessing.process
import os
import sys
import threading
import time
import warnings
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from joinlint.evidence import recorder
else:
    import _joinlint_recorder as recorder

_HOLD = os.environ.get("JOINLINT_HOLD", "")
_LIMIT = float(os.environ.get("JOINLINT_HOLD_SECONDS", "1"))
_POLLS_THAT_WAIT = 5
_STEP = 0.005

# Their insides are patched, which the stubs of the standard library do not know.
_pool: Any = multiprocessing.pool
_process: Any = concurrent.futures.process
_thread: Any = concurrent.futures.ThreadPoolExecutor
_future: Any = concurrent.futures.Future

_LIBRARY = (
    os.path.dirname(multiprocessing.__file__),
    os.path.dirname(concurrent.futures.__file__),
    os.path.dirname(os.path.abspath(__file__)),
)

# --- holding tasks
# ---------------------------------------------------------------------------------------------------------------


def _open_jobs(upto: int | None) -> None:
    """Let the tasks go of all jobs up to this one (tasks run in the order in which they are submitted), or of all."""
    if _HOLD == "tasks-gate":
        recorder._mark(f"jobs-{'all' if upto is None else upto}")


def _is_open(job: int) -> bool:
    opened = [name[5:] for name in os.listdir(recorder._FOLDER) if name.startswith("jobs-")]
    return any(last == "all" or int(last) >= job for last in opened)


def _wait_until(reached: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + _LIMIT
    while not (done := reached()) and time.monotonic() < deadline:
        time.sleep(_STEP)
    return done


def _meet() -> None:
    here = f"task-{os.getpid()}-{threading.get_ident()}"
    recorder._mark(here)

    def met() -> bool:
        names = os.listdir(recorder._FOLDER)
        return "tasks-met" in names or sum(name.startswith("task-") for name in names) > 1

    # Once any two have met there is nothing left to show.
    if found := _wait_until(met):
        recorder._mark("tasks-met")
    recorder.note("task met" if found else "task alone")
    os.unlink(os.path.join(recorder._FOLDER, here))


def run_task(function: Callable[..., Any], job: int, of_pool: bool, *args: Any, **kwargs: Any) -> Any:
    """Called in the worker in place of the task's function."""
    recorder.note("task begins", job=job)
    if _HOLD == "tasks-gate" and of_pool and not _wait_until(lambda: _is_open(job)):
        recorder.note("task released", job=job)
    elif _HOLD == "tasks-meet":
        _meet()
    try:
        return function(*args, **kwargs)
    finally:
        recorder.note("task ends", job=job)


class _Tasks:
    """A worker's queue of tasks; what it gives out is recorded."""

    def __init__(self, queue: Any, recorded: Callable[[Any], Any]) -> None:
        self._queue = queue
        self._recorded = recorded

    def get(self, *args: Any, **kwargs: Any) -> Any:
        return self._recorded(self._queue.get(*args, **kwargs))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._queue, name)


def _pool_task(task: Any) -> Any:
    # A failure of the iterable travels as a task, too; the worker knows it by its function.
    if task is None or task[2] is _pool._helper_reraises_exception:
        return task
    job, index, function, args, kwargs = task
    return job, index, functools.partial(run_task, function, job, True), args, kwargs


def _executor_task(item: Any) -> Any:
    if item is not None:
        item.fn = functools.partial(run_task, item.fn, item.work_id, False)
    return item


_pool_worker, _executor_worker = _pool.worker, _process._process_worker


# Workers of spawn and forkserver find these two by the names of those that they replace.
@functools.wraps(_pool_worker)
def pool_worker(inqueue: Any, *args: Any, **kwargs: Any) -> None:
    _pool_worker(_Tasks(inqueue, _pool_task), *args, **kwargs)


@functools.wraps(_executor_worker)
def executor_worker(call_queue: Any, *args: Any, **kwargs: Any) -> None:
    _executor_worker(_Tasks(call_queue, _executor_task), *args, **kwargs)


# --- what the parent does
# --------------------------------------------------------------------------------------------------------


def _caller() -> dict[str, object]:
    """The line of the program that made the call."""
    frame = sys._getframe(2)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_LIBRARY):
        frame = frame.f_back
    return {"file": frame.f_code.co_filename, "line": frame.f_lineno}


_pools: weakref.WeakSet[Any] = weakref.WeakSet()
_polls: dict[int, int] = {}
_thread_jobs = itertools.count()


def _before(owner: Any, name: str, act: Callable[..., None]) -> None:
    """Have `act` called, with the same arguments, before the method `name` of `owner`."""
    method = getattr(owner, name)

    @functools.wraps(method)
    def acting(self: Any, *args: Any, **kwargs: Any) -> Any:
        act(self, *args, **kwargs)
        return method(self, *args, **kwargs)

    setattr(owner, name, acting)


def _after(owner: Any, name: str, act: Callable[..., None]) -> None:
    """Have `act` called, with the same arguments, after the method `name` of `owner`."""
    method = getattr(owner, name)

    @functools.wraps(method)
    def acting(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = method(self, *args, **kwargs)
        act(self, *args, **kwargs)
        return result

    setattr(owner, name, acting)


def _note_pool(self: Any, *_args: Any, **_options: Any) -> None:
    recorder.note("pool", kind=type(self).__name__, id=id(self), **_caller())
    if isinstance(self, _pool.Pool):
        _pools.add(self)


def _note_over(self: Any, *_args: Any, **_options: Any) -> None:
    recorder.note("pool over", id=id(self))


def _note_job(self: Any, *_args: Any, **_options: Any) -> None:
    recorder.note("submitted", job=self._job, **_caller())


def _note_submit(self: Any, *_args: Any, **_options: Any) -> None:
    recorder.note("submitted", job=self._queue_count, **_caller())


def _note_outcome(_self: Any, _index: Any, outcome: tuple[bool, Any]) -> None:
    succeeded, value = outcome
    if not succeeded:
        recorder.note("task failed", type=type(value).__name__, message=str(value)[:2000])


def _note_exception(_self: Any, error: BaseException | None) -> None:
    recorder.note("task failed", type=type(error).__name__, message=str(error)[:2000])


def _submit_to_thread(submit: Any) -> Any:
    @functools.wraps(submit)
    def recorded(self: Any, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        job = next(_thread_jobs)
        recorder.note("submitted", job=job, **_caller())
        return submit(self, functools.partial(run_task, function, job, False), *args, **kwargs)

    return recorded


def _is_abandoned(result: Any) -> bool:
    """The pool is terminated and the thread that hands results over is gone, so that this one can't come any more."""
    pool = result._pool
    return pool is not None and pool._state == _pool.TERMINATE and not pool._result_handler.is_alive()


def _waits_for(result: Any, timeout: float | None) -> None:
    _open_jobs(result._job)
    if timeout is None and _is_abandoned(result):
        recorder.note("waits in vain", job=result._job, **_caller())


def _wait(self: Any, timeout: float | None = None) -> None:
    if not self._event.is_set():
        _waits_for(self, timeout)


def _next(self: Any, timeout: float | None = None) -> None:
    if not self._items and self._index != self._length:
        _waits_for(self, timeout)


def _ready(self: Any) -> None:
    _polls[self._job] = _polls.get(self._job, 0) + 1
    if _polls[self._job] >= _POLLS_THAT_WAIT:
        _open_jobs(self._job)


def _join_pool(self: Any) -> None:
    if self._state != _pool.RUN:
        _open_jobs(None)


# --- the end of the program
# ------------------------------------------------------------------------------------------------------


def _living(pool: Any) -> int:
    workers = [w for w in pool._pool if isinstance(w, multiprocessing.process.BaseProcess)]
    return sum(recorder._state(recorder._pid(w) or 0) not in {"", "Z", "X"} for w in workers)


def end() -> None:
    """The program's code is through: in what state are its pools?"""
    if multiprocessing.process.parent_process() is None:
        recorder.note("pools", pools=[{"state": pool._state, "workers": _living(pool)} for pool in _pools])


def install() -> None:
    """Patch pools and executors in this process."""
    _pool.worker, _process._process_worker = pool_worker, executor_worker
    for kind in (_pool.Pool, concurrent.futures.ProcessPoolExecutor, _thread):
        _after(kind, "__init__", _note_pool)
    for kind, how in (
        (_pool.Pool, "close"),
        (_pool.Pool, "terminate"),
        (concurrent.futures.ProcessPoolExecutor, "shutdown"),
        (_thread, "shutdown"),
    ):
        _before(kind, how, _note_over)
    _before(_pool.Pool, "join", _join_pool)
    for kind in (_pool.ApplyResult, _pool.IMapIterator):
        _after(kind, "__init__", _note_job)
    for kind in (_pool.ApplyResult, _pool.MapResult, _pool.IMapIterator):
        _before(kind, "_set", _note_outcome)
    _before(_pool.ApplyResult, "wait", _wait)
    _before(_pool.ApplyResult, "ready", _ready)
    _before(_pool.IMapIterator, "next", _next)
    _pool.IMapIterator.__next__ = _pool.IMapIterator.next
    _before(concurrent.futures.ProcessPoolExecutor, "submit", _note_submit)
    _thread.submit = _submit_to_thread(_thread.submit)
    _before(_future, "set_exception", _note_exception)
    # Hidden by default.
    warnings.filterwarnings("default", "unclosed running multiprocessing pool", ResourceWarning)
    atexit.register(end)


install()
