"""What runs inside a program that may wait for a child which waits for its reader.

Loaded after `recorder.py`, by `startup/sitecustomize.py`, where JOINLINT_HOLD is "drain".  A join without timeout looks
whether a child waits for room to write in.  If so, that is noted, and what this process could have read is read away in
its place: a child that ends by that was waiting for its parent, while the parent was waiting for the child.
"""

from __future__ import annotations

import multiprocessing.connection
import multiprocessing.process
import os
import re
import weakref
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from joinlint.evidence import recorder
else:
    import _joinlint_recorder as recorder

# Where a thread sleeps in the kernel (/proc/PID/task/TID/wchan) when a pipe or a socket is full.
_FULL = ("pipe_write", "pipe_wait", "sock_alloc_send")
_SLEEPS = re.compile(r"^voluntary_ctxt_switches:\s*(\d+)$", re.MULTILINE)
_LOOKS = 40
_STEP = 0.005
_CHUNK = 1 << 16

_connections: weakref.WeakSet[Any] = weakref.WeakSet()
_connect: Any = multiprocessing.connection.Connection.__init__
_join = recorder._join


def connect(self: Any, *args: Any, **kwargs: Any) -> None:
    """Connection.__init__: queues and pipes are made of connections."""
    _connect(self, *args, **kwargs)
    _connections.add(self)


def join(self: Any, timeout: float | None = None) -> None:
    """As the recorder's, which still notes when it begins and ends."""
    if timeout is None:
        _open_deadlock(self)
    _join(self, timeout)


def _blocked_writes(pid: int) -> dict[str, str]:
    """The threads of a process that can't go on writing, with the number of times that each has gone to sleep.

    That number stays the same for as long as nobody reads.
    """
    threads = Path(f"/proc/{pid}/task")
    found = {}
    with suppress(OSError):  # the process or one of its threads may just have ended
        for thread in threads.iterdir():
            waits_in = (thread / "wchan").read_text()
            if any(full in waits_in for full in _FULL):
                found[f"{thread.name} in {waits_in}"] = _SLEEPS.findall((thread / "status").read_text())[0]
    return found


def _blocked_children() -> dict[str, dict[str, str]]:
    children = list(multiprocessing.process._children)  # type: ignore[attr-defined]
    blocked = {str(child.pid): _blocked_writes(child.pid) for child in children}
    return {pid: threads for pid, threads in blocked.items() if threads}


def _read_away() -> int:
    """Take what lies ready in this process's connections; the number of bytes."""
    readable = [c for c in list(_connections) if not c.closed and c.readable]
    ready: list[Any] = multiprocessing.connection.wait(readable, 0)
    return sum(len(os.read(c.fileno(), _CHUNK)) for c in ready)


def _open_deadlock(process: Any) -> None:
    """Wait for a child, reading in place of the program once the child is seen to wait for that."""
    looks, before = 0, _blocked_children()
    while not recorder._is_reaped(process):
        _join(process, _STEP)
        blocked = _blocked_children()
        looks = looks + 1 if blocked and blocked == before else 0
        before = blocked
        if looks == _LOOKS and not recorder._is_reaped(process):
            recorder.note("stuck", child=process.pid, blocked=blocked)
            recorder.note("released", child=process.pid, drained=_drain_until_it_ends(process))


def _drain_until_it_ends(process: Any) -> int:
    drained = 0
    while not recorder._is_reaped(process):
        drained += _read_away()
        _join(process, _STEP / 10)
    return drained


def install() -> None:
    """Put this process's joins and connections under watch."""
    multiprocessing.connection.Connection.__init__ = connect  # type: ignore[method-assign]
    recorder._join = join


install()
