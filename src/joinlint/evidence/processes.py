"""Finds the processes of a run and ends them, on Linux by /proc, wherever they have gone."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator, Set
from typing import NamedTuple

from joinlint.evidence import limits

# In the environment of all that a run starts.
MARK = "JOINLINT_RUN"
_PR_SET_CHILD_SUBREAPER = 36
_STEP = 0.01
_TRACKER = b"multiprocessing.resource_tracker"
_HELPERS = (_TRACKER, b"multiprocessing.forkserver")


class Stat(NamedTuple):
    """A process as /proc/PID/stat has it."""

    pid: int
    state: str
    parent: int
    session: int

    @property
    def lives(self) -> bool:
        return self.state not in {"Z", "X"}


def adopt_orphans() -> None:
    """Make this process the parent of those below it whose own has ended, so that none gets away (Linux)."""
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def all_processes() -> Iterator[Stat]:
    """All processes of the machine, as far as /proc tells."""
    try:
        names = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return
    for name in names:
        with contextlib.suppress(OSError, IndexError, ValueError), open(f"/proc/{name}/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
            yield Stat(int(name), fields[0].decode(), int(fields[1]), int(fields[3]))


def below(root: int) -> dict[int, Stat]:
    """The living processes that descend from `root`, without itself."""
    processes = {process.pid: process for process in all_processes()}
    kin: dict[int, bool] = {root: True}

    def descends(pid: int) -> bool:
        path = []
        while pid not in kin and pid in processes:
            path.append(pid)
            pid = processes[pid].parent
        kin.update(dict.fromkeys(path, kin.get(pid, False)))
        return kin.get(pid, False)

    return {pid: p for pid, p in processes.items() if pid != root and p.lives and descends(pid)}


def of_run(mark: str, sessions: Set[int] = frozenset()) -> set[int]:
    """The living processes that have the mark in their environment or are in one of the sessions, and all below
    those."""
    wanted = f"{MARK}={mark}".encode()
    found = {p.pid for p in all_processes() if p.lives and (p.session in sessions or wanted in _read(p.pid, "environ"))}
    return found.union(*(below(pid) for pid in found))


def is_helper(pid: int) -> bool:
    """Is it one of the processes that multiprocessing starts for itself, and that end by themselves, or over by now?"""
    command = _read(pid, "cmdline")
    return not command or any(name in command for name in _HELPERS)


def _read(pid: int, what: str) -> bytes:
    try:
        with open(f"/proc/{pid}/{what}", "rb") as file:
            return file.read()
    except OSError:
        return b""


def send(pid: int, number: int) -> None:
    with contextlib.suppress(OSError):
        os.kill(pid, number)


def end_session(session: int) -> None:
    """Kill the processes of the group that a run's first process leads, at one stroke."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(OSError):
            os.killpg(session, signal.SIGKILL)


def end_below(root: int) -> bool:
    """Kill all that descends from `root`, whose children this process has to be able to reap; is none left?

    The process that keeps account of multiprocessing's semaphores and shared memory is left for last: it removes them
    when all others have gone, and ends.
    """
    deadline = time.monotonic() + limits.END_SECONDS
    patience = time.monotonic() + limits.TRACKER_SECONDS
    while living := below(root):
        others = [pid for pid in living if _TRACKER not in _read(pid, "cmdline")]
        # One that is stopped starts no more while the others are being killed.
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in others:
                send(pid, number)
        if time.monotonic() > patience:
            for pid in living:
                send(pid, signal.SIGKILL)
        if time.monotonic() > deadline:
            return False
        reap()
        time.sleep(_STEP)
    reap()
    return True


def end_run(mark: str, sessions: Set[int]) -> bool:
    """Kill all that is left of a run whose supervisor is gone; is none left?"""
    deadline = time.monotonic() + limits.END_SECONDS
    while living := of_run(mark, sessions) - {os.getpid()}:
        for number in (signal.SIGSTOP, signal.SIGKILL):
            for pid in living:
                send(pid, number)
        if time.monotonic() > deadline:
            return False
        time.sleep(_STEP)
    return True


def reap(wanted: int = -1) -> dict[int, int]:
    """The wait statuses of the children of this process that have ended, by their pids."""
    statuses: dict[int, int] = {}
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(wanted, os.WNOHANG))[0]:
            statuses[ended[0]] = ended[1]
    return statuses
