"""What runs inside a program that may wait for a child which waits for its reader.

A join without timeout looks whether children wait for room to write in.  Where JOINLINT_HOLD is "drain", what this
process could have read is then read away in its place: a child that ends by that was waiting for its parent, while the
parent was waiting for the child.

Elsewhere (JOINLINT_WATCH names "stuck") the program is left as it is, for another process or thread may be about to
read.  It is noted that a child is stuck, and only when no one is left who could read is the same done as proof: the
program would never go on.
"""

from __future__ import annotations

import os
import re
import sys
import threading
import time
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import multiprocessing.connection as connection

    from joinlint.evidence import process_recorder, recorder
else:
    import _joinlint_recorder as recorder

    process_recorder = recorder.load("process_recorder")
    connection = sys.modules["multiprocessing.connection"]

# Where a thread sleeps in the kernel (/proc/PID/task/TID/wchan) when a pipe or a socket is full.
_FULL = ("pipe_write", "pipe_wait", "sock_alloc_send")
_SLEEPS = re.compile(r"^voluntary_ctxt_switches:\s*(\d+)$", re.MULTILINE)
_LOOKS = 40
_STEP = 0.005
_CHUNK = 1 << 16

# How often a watched join looks, and for how long a child has to sleep in the same write to be called stuck.
_WATCH_STEP = 0.25
_STUCK_SECONDS = 1.5

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
        (_open_deadlock if recorder.HOLD == "drain" else _watch)(self)
    _join(self, timeout)


def _blocked_writes(pid: int) -> dict[str, str]:
    """The threads of a process that can't go on writing, with the number of times that each has gone to sleep.

    That number stays the same for as long as nobody reads.
    """
    threads = f"/proc/{pid}/task"
    found = {}
    with suppress(OSError):  # the process or one of its threads may just have ended
        for thread in os.listdir(threads):
            with open(f"{threads}/{thread}/wchan") as file:
                waits_in = file.read()
            if any(full in waits_in for full in _FULL):
                with open(f"{threads}/{thread}/status") as file:
                    found[f"{thread} in {waits_in}"] = _SLEEPS.findall(file.read())[0]
    return found


def _children() -> list[Any]:
    children: set[Any] = process_recorder.processes._children  # type: ignore[attr-defined]
    return [child for child in list(children) if child._popen is not None]


def _blocked_children() -> dict[str, dict[str, str]]:
    blocked = {str(child._popen.pid): _blocked_writes(child._popen.pid) for child in _children()}
    return {pid: threads for pid, threads in blocked.items() if threads}


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
        blocked = _blocked_children()
        looks = looks + 1 if blocked and blocked == before else 0
        before = blocked
        if looks == _LOOKS and not process_recorder.is_reaped(process):
            _note_stuck(process, blocked)
            recorder.note("released", child=process.pid, drained=_drain_until_it_ends(process))


def _note_stuck(process: Any, blocked: dict[str, dict[str, str]]) -> None:
    recorder.note("stuck", child=process._popen.pid, blocked=blocked, **recorder.caller())


def _drain_until_it_ends(process: Any) -> int:
    drained = 0
    while not process_recorder.is_reaped(process):
        drained += _read_away()
        _join(process, _STEP / 10)
    return drained


def _watch(process: Any) -> None:
    """Wait for a child, and note it if nobody reads what it wants to write."""
    pid, noted = process._popen.pid, False
    before: dict[str, str] = {}
    since = time.monotonic()
    while True:
        _join(process, _WATCH_STEP)
        # A child of the child that has outlived it keeps the join with a timeout waiting, but not one without.
        if process._popen.poll() is not None:
            return
        blocked = _blocked_writes(pid)
        if not blocked or blocked != before:
            before, since = blocked, time.monotonic()
        elif time.monotonic() - since > _STUCK_SECONDS:
            if not noted:
                _note_stuck(process, {str(pid): blocked})
                noted = True
            if _is_nobody_left_to_read():
                recorder.note("released", child=pid, drained=_drain_until_it_ends(process))
                _stand_still()


def _is_nobody_left_to_read() -> bool:
    """Do all processes that this one has started wait to write, too, and is no thread here but this one?"""
    living = {c._popen.pid for c in _children() if process_recorder.state(c._popen.pid) not in {"", "Z", "X"}}
    # The thread that feeds a queue writes, and never reads.
    others = {t.name for t in threading.enumerate() if t is not threading.current_thread()} - {"QueueFeederThread"}
    return not others and all(map(_blocked_writes, living)) and not _have_children(living)


def _have_children(pids: set[int]) -> bool:
    for name in os.listdir("/proc"):
        if name.isdigit():
            with suppress(OSError, IndexError, ValueError), open(f"/proc/{name}/stat", "rb") as file:
                if int(file.read().rpartition(b")")[2].split()[1]) in pids:
                    return True
    return False


def _stand_still() -> None:
    """What the program would do now it would never have done: wait to be ended."""
    while True:
        time.sleep(60)


def install() -> None:
    """Put this process's joins and connections under watch."""
    connection.Connection.__init__ = connect  # type: ignore[method-assign]
    process_recorder.wait = join


install()
