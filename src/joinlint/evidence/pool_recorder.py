"""What runs inside a program with pools or executors: notes their tasks, and can hold these, by JOINLINT_HOLD:

- tasks: tasks are noted, none is held.
- tasks-gate: a task of a Pool is held until the program waits for its result, for a later one or for its pool.  A
  program that gets past the place meanwhile has provably not waited.
- tasks-meet: a task is held until another one runs at the same time.  Tasks that run one after the other never meet.
"""

from __future__ import annotations

import functools
import itertools
import os
import sys
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from joinlint.evidence import recorder
else:
    import _joinlint_recorder as recorder

_HOLD = recorder.HOLD

# --- holding tasks
# ----------------------------------------------------------------------------------------------------------------


def _open_jobs(upto: int | None) -> None:
    """Let the tasks go of all jobs up to this one (tasks run in the order in which they are submitted), or of all."""
    if _HOLD == "tasks-gate":
        recorder.mark(f"jobs-{'all' if upto is None else upto}")


def _is_open(job: int) -> bool:
    opened = [name[5:] for name in os.listdir(recorder.FOLDER) if name.startswith("jobs-")]
    return any(last == "all" or int(last) >= job for last in opened)


def _meet() -> None:
    here = f"task-{os.getpid()}-{threading.get_ident()}"
    recorder.mark(here)

    def met() -> bool:
        names = os.listdir(recorder.FOLDER)
        return "tasks-met" in names or sum(name.startswith("task-") for name in names) > 1

    # Once any two have met there is nothing left to show.
    if found := recorder.wait_until(met):
        recorder.mark("tasks-met")
    recorder.note("task met" if found else "task alone")
    os.unlink(os.path.join(recorder.FOLDER, here))


def run_task(function: Callable[..., Any], job: int, of_pool: bool, *args: Any, **kwargs: Any) -> Any:
    """Called in the worker in place of the task's function."""
    recorder.note("task begins", job=job)
    if _HOLD == "tasks-gate" and of_pool and not recorder.wait_until(lambda: _is_open(job)):
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


def _note_failure(error: BaseException, job: object) -> None:
    recorder.note_error("task failed", error, job=job)


# --- pools of multiprocessing
# -----------------------------------------------------------------------------------------------------

_pools: weakref.WeakSet[Any] = weakref.WeakSet()
_polls: dict[int, int] = {}
_at_end = False


def _note_pool(self: Any, *_args: Any, **_options: Any) -> None:
    recorder.note("pool", recorder.caller(), kind=type(self).__name__, id=id(self))


def _note_over(self: Any, *_args: Any, **_options: Any) -> None:
    recorder.note("pool over", id=id(self))


def _note_pool_of_processes(self: Any, *args: Any, **options: Any) -> None:
    _note_pool(self, *args, **options)
    _pools.add(self)


def _note_job(self: Any, pool: Any, *_args: Any, **_options: Any) -> None:
    recorder.note("submitted", recorder.caller(), job=self._job, pool=id(pool))


def _note_outcome(self: Any, _index: Any, outcome: tuple[bool, Any]) -> None:
    succeeded, value = outcome
    if not succeeded:
        _note_failure(value, self._job)


def _waits_for(result: Any, timeout: float | None) -> None:
    _open_jobs(result._job)
    if timeout is None and _is_abandoned(result):
        recorder.note("waits in vain", recorder.caller(), job=result._job)


def _is_abandoned(result: Any) -> bool:
    """The pool is terminated and the thread that hands results over is gone, so that this one can't come any more."""
    pool = result._pool
    return pool is not None and pool._state == "TERMINATE" and not pool._result_handler.is_alive()


def _wait(self: Any, timeout: float | None = None) -> None:
    if not self._event.is_set():
        _waits_for(self, timeout)


def _next(self: Any, timeout: float | None = None) -> None:
    if not self._items and self._index != self._length:
        _waits_for(self, timeout)


def _ready(self: Any) -> None:
    _polls[self._job] = _polls.get(self._job, 0) + 1
    if _polls[self._job] >= recorder.POLLS_THAT_WAIT:
        _open_jobs(self._job)


def _note_unclosed(self: Any) -> None:
    # At the end of the program all objects go.
    if getattr(self, "_state", "") == "RUN" and not _at_end:
        recorder.note("pool unclosed", id=id(self))


def _recorded_join(join: Any) -> Any:
    @functools.wraps(join)
    def recorded(self: Any) -> None:
        if self._state != "RUN":
            _open_jobs(None)
        try:
            join(self)
        except BaseException as error:
            recorder.note_error("pool join raised", error, recorder.caller())
            raise

    return recorded


def _living(pool: Any) -> int:
    processes = recorder.load("process_recorder")
    pids = [processes.pid_of(worker) for worker in pool._pool if hasattr(worker, "_popen")]
    return sum(processes.state(pid or 0) not in {"", "Z", "X"} for pid in pids)


def end() -> None:
    """The code of this process is through: in what state are its pools?"""
    global _at_end
    _at_end = True
    pools = [{"state": pool._state, "workers": _living(pool), "id": id(pool)} for pool in _pools]
    if pools or not recorder.load("process_recorder").in_child:
        recorder.note("pools", pools=pools)


def watch_pools() -> None:
    """Patch multiprocessing.pool."""
    module: Any = sys.modules["multiprocessing.pool"]
    recorder.at_end.append(end)
    worker = module.worker

    def recorded_task(task: Any) -> Any:
        # A failure of the iterable travels as a task, too; the worker knows it by its function.
        if task is None or task[2] is module._helper_reraises_exception:
            return task
        job, index, function, args, kwargs = task
        return job, index, functools.partial(run_task, function, job, True), args, kwargs

    # Workers of spawn and forkserver find it by the name of the one that it replaces.
    @functools.wraps(worker)
    def recorded_worker(inqueue: Any, *args: Any, **kwargs: Any) -> None:
        worker(_Tasks(inqueue, recorded_task), *args, **kwargs)

    module.worker = recorded_worker
    _after(module.Pool, "__init__", _note_pool_of_processes)
    _before(module.Pool, "close", _note_over)
    _before(module.Pool, "terminate", _note_over)
    _before(module.Pool, "__del__", _note_unclosed)
    module.Pool.join = _recorded_join(module.Pool.join)
    for kind in (module.ApplyResult, module.IMapIterator):
        _after(kind, "__init__", _note_job)
    for kind in (module.ApplyResult, module.MapResult, module.IMapIterator, module.IMapUnorderedIterator):
        _before(kind, "_set", _note_outcome)
    _before(module.ApplyResult, "wait", _wait)
    _before(module.ApplyResult, "ready", _ready)
    _before(module.IMapIterator, "next", _next)
    module.IMapIterator.__next__ = module.IMapIterator.next
    if _HOLD:
        # Hidden by default, and a program that is not held is left as it is.
        import warnings

        warnings.filterwarnings("default", "unclosed running multiprocessing pool", ResourceWarning)


# --- executors
# --------------------------------------------------------------------------------------------------------------------

# A worker knows the number alone that its executor has given to a task, so that these have to differ among executors.
_process_jobs = itertools.count(1 << 20, 1 << 20)
_thread_jobs = itertools.count(1 << 40)
_now = threading.local()


def _submitting(submit: Any, wrapped: Callable[[Any, int], Any], next_job: Callable[[Any], int]) -> Any:
    """An executor's submit() that notes the job; its future is made on the way, and gets the number."""

    @functools.wraps(submit)
    def recorded(self: Any, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        job = _now.job = next_job(self)
        recorder.note("submitted", recorder.caller(), job=job, pool=id(self))
        try:
            return submit(self, wrapped(function, job), *args, **kwargs)
        finally:
            _now.job = None

    return recorded


def _number_future(self: Any) -> None:
    self._joinlint_job = getattr(_now, "job", None)


def _note_exception(self: Any, error: BaseException | None) -> None:
    if error is not None:
        _note_failure(error, self._joinlint_job)


def _watch_executor(kind: Any) -> None:
    _after(kind, "__init__", _note_pool)
    _before(kind, "shutdown", _note_over)
    future: Any = sys.modules["concurrent.futures._base"].Future
    if not hasattr(future.set_exception, "__wrapped__"):
        _after(future, "__init__", _number_future)
        _before(future, "set_exception", _note_exception)


def _start_numbers(self: Any, *_args: Any, **_options: Any) -> None:
    self._queue_count = next(_process_jobs)


def watch_processes() -> None:
    """Patch concurrent.futures.process."""
    module: Any = sys.modules["concurrent.futures.process"]
    worker = module._process_worker

    def recorded_item(item: Any) -> Any:
        if item is not None:
            item.fn = functools.partial(run_task, item.fn, item.work_id, False)
        return item

    @functools.wraps(worker)
    def recorded_worker(call_queue: Any, *args: Any, **kwargs: Any) -> None:
        worker(_Tasks(call_queue, recorded_item), *args, **kwargs)

    module._process_worker = recorded_worker
    kind = module.ProcessPoolExecutor
    _after(kind, "__init__", _start_numbers)
    _watch_executor(kind)
    kind.submit = _submitting(kind.submit, lambda function, job: function, lambda executor: int(executor._queue_count))


def watch_threads() -> None:
    """Patch concurrent.futures.thread."""
    kind: Any = sys.modules["concurrent.futures.thread"].ThreadPoolExecutor
    _watch_executor(kind)
    kind.submit = _submitting(
        kind.submit,
        lambda function, job: functools.partial(run_task, function, job, False),
        lambda executor: next(_thread_jobs),
    )
