"""What runs inside a recorded program: patches multiprocessing so that each process notes what happens to it.

Events are JSON lines appended to the file named by JOINLINT_RECORD, one write each, in the order in which they happen.
Loaded by `startup/sitecustomize.py` in the program and, through the environment, in all its children under fork,
forkserver and spawn. It imports nothing outside the standard library, so that it works in any environment.

Children can be held before their target runs:

- JOINLINT_HOLD=gate: until the parent waits for them (a join without timeout, or polls again and again) or has come to
  the end of
  its code.  A parent that gets to its end with a held child has provably not waited for it.
- JOINLINT_HOLD=meet: until another child is there at the same time.  Children that run one after the other never meet.
"""

from __future__ import annotations

import atexit
import json
import multiprocessing
import multiprocessing.context
import multiprocessing.process
import multiprocessing.util
import os
import sys
import time
from typing import Any

_FOLDER = os.path.dirname(os.environ["JOINLINT_RECORD"])
_HOLD = os.environ.get("JOINLINT_HOLD", "")
_LIMIT = float(os.environ.get("JOINLINT_HOLD_SECONDS", "1"))
_POLLS_THAT_WAIT = 5
_STEP = 0.005

Process = multiprocessing.process.BaseProcess


def note(event: str, **facts: Any) -> None:
    """Append one event; appending a short line is atomic, so that processes do not disturb each other."""
    line = json.dumps({"event": event, "pid": os.getpid(), "time": time.monotonic(), **facts}, default=str) + "\n"
    handle = os.open(os.environ["JOINLINT_RECORD"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, line.encode())
    finally:
        os.close(handle)


# --- holding children
# ------------------------------------------------------------------------------------------------------------


def _mark(name: str) -> None:
    os.close(os.open(os.path.join(_FOLDER, name), os.O_WRONLY | os.O_CREAT, 0o600))


def _is_marked(name: str) -> bool:
    return os.path.exists(os.path.join(_FOLDER, name))


def _open_gate(pid: int | None) -> None:
    if _HOLD == "gate" and pid is not None:
        _mark(f"gate-{pid}")


def _hold() -> None:
    """Called in the child before its target runs."""
    if _HOLD == "gate":
        deadline = time.monotonic() + _LIMIT
        while not (_is_marked(f"gate-{os.getpid()}") or _is_marked("gate-all")):
            # A parent that waits for a message rather than for its child would wait for ever.
            if time.monotonic() > deadline and not multiprocessing.process.current_process().daemon:
                note("released")
                return
            time.sleep(_STEP)
    elif _HOLD == "meet":
        here = f"here-{os.getpid()}"
        _mark(here)
        deadline = time.monotonic() + _LIMIT
        met = False
        while not met and time.monotonic() < deadline:
            met = sum(name.startswith("here-") for name in os.listdir(_FOLDER)) > 1
            time.sleep(_STEP)
        note("met" if met else "alone")
        if met:
            time.sleep(4 * _STEP)  # the other one has to see it as well
        os.unlink(os.path.join(_FOLDER, here))


# --- what the parent does
# --------------------------------------------------------------------------------------------------------


def _caller() -> dict[str, object]:
    """The line of the program that made the call."""
    library = os.path.dirname(multiprocessing.__file__)
    frame = sys._getframe(2)
    while frame.f_back is not None and (
        frame.f_code.co_filename.startswith(library) or frame.f_code.co_filename == __file__
    ):
        frame = frame.f_back
    return {"file": frame.f_code.co_filename, "line": frame.f_lineno}


def _pid(process: Any) -> int | None:
    return None if process._popen is None else int(process._popen.pid)


def _is_reaped(process: Any) -> bool:
    """Has the child been waited for?  Looks at what is known already: asking would reap it."""
    return process._popen is None or process._popen.returncode is not None


_start, _join, _terminate, _kill, _is_alive = (
    Process.start,
    Process.join,
    Process.terminate,
    Process.kill,
    Process.is_alive,
)
_exitcode: Any = Process.exitcode
_bootstrap: Any = Process._bootstrap  # type: ignore[attr-defined]
_polls: dict[int | None, int] = {}


def start(self: Any) -> None:
    try:
        _start(self)
    except BaseException as error:
        note("start raised", type=type(error).__name__, message=str(error)[:2000], **_caller())
        raise
    note("start", child=_pid(self), daemon=bool(self.daemon), **_caller())


def join(self: Any, timeout: float | None = None) -> None:
    child = _pid(self)
    if timeout is None:
        _open_gate(child)
    note("join begins", child=child, timeout=timeout, **_caller())
    _join(self, timeout)
    note("join ends", child=child, timeout=timeout, reaped=_is_reaped(self))


def terminate(self: Any) -> None:
    note("stop", child=_pid(self), how="terminate", **_caller())
    _terminate(self)


def kill(self: Any) -> None:
    note("stop", child=_pid(self), how="kill", **_caller())
    _kill(self)


def _polled(process: Any) -> None:
    child = _pid(process)
    _polls[child] = _polls.get(child, 0) + 1
    if _polls[child] >= _POLLS_THAT_WAIT:
        _open_gate(child)


def is_alive(self: Any) -> bool:
    _polled(self)
    return _is_alive(self)


def exitcode(self: Any) -> int | None:
    _polled(self)
    result = _exitcode.fget(self)
    return None if result is None else int(result)


# --- what the child does
# ---------------------------------------------------------------------------------------------------------


def bootstrap(self: Any, *args: Any, **kwargs: Any) -> Any:
    """BaseProcess._bootstrap, which runs in the child (CPython Lib/multiprocessing/process.py)."""
    run = self.run

    def recorded_run() -> None:
        note("run begins")
        _hold()
        try:
            run()
        except BaseException as error:
            note("run raises", type=type(error).__name__, message=str(error)[:2000])
            raise
        note("run ends")

    self.run = recorded_run
    return _bootstrap(self, *args, **kwargs)


# --- the end of the program
# ------------------------------------------------------------------------------------------------------


def _state(pid: int) -> str:
    """The state letter in /proc, "" where there is none."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0].decode()
    except (OSError, IndexError):
        return ""


def _await_end(pid: int) -> str:
    """Wait until the child is over, without reaping it; bounded, since it may be one that never ends."""
    deadline = time.monotonic() + _LIMIT
    while (state := _state(pid)) not in {"", "Z", "X"} and time.monotonic() < deadline:
        time.sleep(_STEP)
    return state


def end() -> None:
    """The program's code is through; multiprocessing's own exit handler, registered before this one, comes next."""
    if multiprocessing.process.parent_process() is not None:
        return
    children = [p for p in set(getattr(multiprocessing.process, "_children", ())) if not _is_reaped(p)]
    pids = {_pid(p): bool(p.daemon) for p in children}
    note("end", unjoined=[pid for pid, daemon in pids.items() if not daemon], daemons=[p for p, d in pids.items() if d])
    for pid, daemon in pids.items():
        if not daemon:
            _open_gate(pid)
    if os.environ.get("JOINLINT_AWAIT_CHILDREN"):
        note("afterwards", states={str(pid): _await_end(pid) for pid in pids if pid is not None})


def install() -> None:
    """Patch multiprocessing in this process and set the default start method from JOINLINT_START_METHOD."""
    Process.start, Process.join = start, join  # type: ignore[method-assign]
    Process.terminate, Process.kill, Process.is_alive = terminate, kill, is_alive  # type: ignore[method-assign]
    Process.exitcode = property(exitcode)  # type: ignore[assignment,method-assign]
    Process._bootstrap = bootstrap  # type: ignore[attr-defined]
    method = os.environ.get("JOINLINT_START_METHOD")
    if method:
        # The default alone: a program that sets a start method or asks for a context still gets what it asks for.
        contexts: Any = multiprocessing.context
        contexts._default_context._default_context = contexts._concrete_contexts[method]
    atexit.register(end)


install()
