"""What runs inside a program that may wait for a child which waits for its reader, where JOINLINT_HOLD is "drain".

A join without timeout looks whether a child waits for room to write in.  If so, that is noted, and what this process
could have read is read away in its place: a child that ends by that was waiting for its parent, while the parent was
waiting for the child.
"""

from __future__ import annotations

import os
import sys
import weakref
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import multiprocessing.connection as connection

    from joinlint.evidence import blocked, process_recorder, recorder
else:
    import _joinlint_recorder as recorder

    blocked, process_recorder = recorder.load("blocked"), recorder.load("process_recorder")
    connection = sys.modules["multiprocessing.connection"]

_LOOKS = 40
_STEP = 0.005
_CHUNK = 1 << 16

_connections: weakref.WeakSet[Any] = weakref.WeakSet()
_connect: Any = connection.Connection.__init__
_join = process_recorder.wait


def connect(self: Any, *args: Any, **kwargs: Any) -> None:
    """Connection.__init__: queues and pipes are made of connections."""
    _connect(self, *args, **kwargs)
    _connections.add(self)


def join(self: Any, timeout: float | None = None) -> None:
    """As the recorder's, which still notes when it begins and ends."""
    if timeout is None and getattr(self, "_popen", None) is not None:
        _open_deadlock(self)
    _join(self, timeout)


def _blocked_children() -> dict[str, dict[str, str]]:
    children: set[Any] = process_recorder.processes._children  # type: ignore[attr-defined]
    pids = [pid for child in list(children) if (pid := process_recorder.pid_of(child)) is not None]
    return {str(pid): threads for pid in pids if (threads := blocked.blocked_writes(pid))}


def _read_away() -> int:
    """Take what lies ready in this process's connections; the number of bytes."""
    readable = [c for c in list(_connections) if not c.closed and c.readable]
    ready: list[Any] = connection.wait(readable, 0)
    return sum(len(os.read(c.fileno(), _CHUNK)) for c in ready)


def _open_deadlock(process: Any) -> None:
    """Wait for a child, reading in place of the program once the child is seen to wait for that."""
    looks, before = 0, _blocked_children()
    while not process_recorder.is_reaped(process):
        _join(process, _STEP)
        now = _blocked_children()
        looks = looks + 1 if now and now == before else 0
        before = now
        if looks == _LOOKS and not process_recorder.is_reaped(process):
            recorder.note("stuck", recorder.caller(), child=process.pid, blocked=now)
            recorder.note("released", child=process.pid, drained=_drain_until_it_ends(process))


def _drain_until_it_ends(process: Any) -> int:
    drained = 0
    while not process_recorder.is_reaped(process):
        drained += _read_away()
        _join(process, _STEP / 10)
    return drained


def install() -> None:
    """Put this process's joins and connections under watch."""
    connection.Connection.__init__ = connect  # type: ignore[method-assign]
    process_recorder.wait = join


install()
