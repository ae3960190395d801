"""What runs inside a recorded program once it has imported threading: what happens to its threads.

Where JOINLINT_HOLD is "threads", each is held before its target runs: until a join without timeout, or until the
program's own code is through and the interpreter begins to wait for all threads itself.  A thread still held by then
has provably not been waited for.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from joinlint.evidence import recorder
else:
    import _joinlint_recorder as recorder

Thread = threading.Thread
_HELD = recorder.HOLD == "threads"

_init: Any = Thread.__init__
_start, _join = Thread.start, Thread.join
_shutdown: Any = threading._shutdown  # type: ignore[attr-defined]
_excepthook: Any = threading.excepthook
_gates: dict[Any, threading.Event] = {}


def init(self: Any, *args: Any, **kwargs: Any) -> None:
    try:
        _init(self, *args, **kwargs)
    except BaseException as error:
        recorder.note_refused("build raised", self, error, "thread")
        raise
    recorder.note_built("thread", self, args, kwargs)


def start(self: Any) -> None:
    where = recorder.caller()
    if _HELD:
        _hold(self)
    try:
        _start(self)
    except BaseException as error:
        recorder.note_refused("start raised", self, error, "thread")
        raise
    if not recorder.is_by_library(where):
        recorder.note("thread starts", where, thread=self.name, object=id(self), daemon=self.daemon)


def join(self: Any, timeout: float | None = None) -> None:
    where = recorder.caller()
    if timeout is None and self in _gates:
        _gates[self].set()
    try:
        _join(self, timeout)
    except BaseException as error:
        recorder.note_refused("join raised", self, error, "thread")
        raise
    if not recorder.is_by_library(where):
        alive = self.is_alive()
        recorder.note("thread join ends", where, thread=self.name, object=id(self), timeout=timeout, alive=alive)


def excepthook(args: Any) -> None:
    if args.exc_value is not None and args.exc_type is not SystemExit:
        recorder.note_error("uncaught", args.exc_value, worker="thread", object=id(args.thread))
    _excepthook(args)


# --- holding threads
# --------------------------------------------------------------------------------------------------------------


def _hold(thread: Any) -> None:
    run, gate = thread.run, threading.Event()
    _gates[thread] = gate

    def held_run() -> None:
        # A program that waits for the thread's work in another way than by a join would wait for ever.
        if not gate.wait(recorder.HOLD_SECONDS):
            recorder.note("thread released", thread=thread.name)
        run()
        recorder.note("thread ends", thread=thread.name)

    thread.run = held_run


def shutdown() -> None:
    """threading._shutdown, with which the interpreter's end begins (CPython Python/pylifecycle.c)."""
    recorder.note("threads at end", held=[thread.name for thread, gate in _gates.items() if not gate.is_set()])
    for gate in _gates.values():
        gate.set()
    _shutdown()


def install() -> None:
    """Patch threads in this process."""
    Thread.__init__ = init  # type: ignore[method-assign]
    Thread.start, Thread.join = start, join  # type: ignore[method-assign]
    threading.excepthook = excepthook
    if _HELD:
        threading._shutdown = shutdown  # type: ignore[attr-defined]


install()
