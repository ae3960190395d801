"""What runs inside a program with threads: holds each until the program waits for it.

Loaded after `recorder.py`, by `startup/sitecustomize.py`, where JOINLINT_HOLD is "threads".  A thread is held before
its target runs: until a join without timeout, or until the program's own code is through and the interpreter begins to
wait for all threads itself.  A thread still held by then has provably not been waited for.
"""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from joinlint.evidence import recorder
else:
    import _joinlint_recorder as recorder

_LIMIT = float(os.environ.get("JOINLINT_HOLD_SECONDS", "1"))

_start, _join = threading.Thread.start, threading.Thread.join
_shutdown: Any = threading._shutdown  # type: ignore[attr-defined]
_gates: dict[threading.Thread, threading.Event] = {}


def start(self: threading.Thread) -> None:
    run, gate = self.run, threading.Event()
    _gates[self] = gate

    def held_run() -> None:
        # A program that waits for the thread's work in another way than by a join would wait for ever.
        if not gate.wait(_LIMIT):
            recorder.note("thread released", thread=self.name)
        run()
        recorder.note("thread ends", thread=self.name)

    self.run = held_run  # type: ignore[method-assign]
    _start(self)
    recorder.note("thread starts", thread=self.name)


def join(self: threading.Thread, timeout: float | None = None) -> None:
    if timeout is None and self in _gates:
        _gates[self].set()
    _join(self, timeout)
    recorder.note("thread join ends", thread=self.name, timeout=timeout, alive=self.is_alive())


def shutdown() -> None:
    """threading._shutdown, with which the interpreter's end begins (CPython Python/pylifecycle.c)."""
    recorder.note("threads at end", held=[thread.name for thread, gate in _gates.items() if not gate.is_set()])
    for gate in _gates.values():
        gate.set()
    _shutdown()


def install() -> None:
    """Hold the threads that this process starts from now on."""
    threading.Thread.start, threading.Thread.join = start, join  # type: ignore[method-assign]
    threading._shutdown = shutdown  # type: ignore[attr-defined]


install()
