"""What runs inside a recorded program once it has imported multiprocessing: what happens to its processes.

The default start method becomes that of JOINLINT_START_METHOD.  With JOINLINT_AWAIT_CHILDREN the program is kept at its
end until its unjoined children are over, to see in what state they are.
"""

from __future__ import annotations

import atexit
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import multiprocessing.process as processes

    from joinlint.evidence import holds, recorder
else:
    import _joinlint_recorder as recorder

    holds = recorder.load("holds")
    # Its package is still being imported, and does not have it yet.
    processes = sys.modules["multiprocessing.process"]

Process = processes.BaseProcess

# Has this process been started by multiprocessing?
in_child = False


def pid_of(process: Any) -> int | None:
    return None if process._popen is None else int(process._popen.pid)


def is_reaped(process: Any) -> bool:
    """Has the child been waited for?  Looks at what is known already: asking would reap it."""
    return process._popen is None or process._popen.returncode is not None


def state(pid: int) -> str:
    """The state letter in /proc, "" where there is none."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0].decode()
    except (OSError, IndexError):
        return ""


# --- what the parent does
# ---------------------------------------------------------------------------------------------------------

_start, _terminate, _kill, _is_alive = Process.start, Process.terminate, Process.kill, Process.is_alive
_exitcode: Any = Process.exitcode
_init: Any = Process.__init__
_bootstrap: Any = Process._bootstrap  # type: ignore[attr-defined]
# The drain recorder replaces it.
wait: Any = Process.join


def init(self: Any, *args: Any, **kwargs: Any) -> None:
    try:
        _init(self, *args, **kwargs)
    except BaseException as error:
        recorder.note_refused("build raised", self, error)
        raise
    recorder.note_built("process", self, args, kwargs)


def start(self: Any) -> None:
    try:
        _start(self)
    except BaseException as error:
        recorder.note_refused("start raised", self, error)
        raise
    child = pid_of(self)
    daemon = "true" if self.daemon else "false"
    recorder.write(f'"event": "start", "child": {child}, "daemon": {daemon}, "object": {id(self)}, {recorder.caller()}')
    if recorder.HOLD:
        holds.let_unpickle(child, "start")


def join(self: Any, timeout: float | None = None) -> None:
    # One that lacks the base class's __init__ has no such attribute.
    child = pid_of(self) if hasattr(self, "_popen") else None
    if timeout is None and recorder.HOLD:
        holds.open_gate(child)
        holds.let_unpickle(child, "exit")
    whom = f'"child": {"null" if child is None else child}, "timeout": {recorder.number(timeout)}'
    recorder.write(f'"event": "join begins", {whom}, {recorder.caller()}')
    try:
        wait(self, timeout)
    except BaseException as error:
        recorder.note_refused("join raised", self, error)
        raise
    ended = recorder.number(None if child is None else self._popen.returncode)
    reaped = "true" if is_reaped(self) else "false"
    recorder.write(f'"event": "join ends", {whom}, "reaped": {reaped}, "exitcode": {ended}')


def terminate(self: Any) -> None:
    recorder.note("stop", recorder.caller(), child=pid_of(self), how="terminate")
    _terminate(self)


def kill(self: Any) -> None:
    recorder.note("stop", recorder.caller(), child=pid_of(self), how="kill")
    _kill(self)


def is_alive(self: Any) -> bool:
    holds.polled(pid_of(self))
    return _is_alive(self)


_read: set[int | None] = set()


def exitcode(self: Any) -> int | None:
    child = pid_of(self)
    holds.polled(child)
    result = _exitcode.fget(self)
    # What counts is that somebody has looked at a failure.
    if result and child not in _read:
        _read.add(child)
        recorder.note("exit code read", child=child)
    return None if result is None else int(result)


# --- what the child does
# ----------------------------------------------------------------------------------------------------------


def bootstrap(self: Any, *args: Any, **kwargs: Any) -> Any:
    """BaseProcess._bootstrap, which runs in the child (CPython Lib/multiprocessing/process.py)."""
    run = self.run

    def recorded_run() -> None:
        global in_child
        in_child = True
        recorder.write('"event": "run begins"')
        if recorder.HOLD:
            holds.hold(self.daemon)
        try:
            run()
        except BaseException as error:
            recorder.note_error("run raises", error)
            raise
        recorder.write('"event": "run ends"')

    self.run = recorded_run
    return _bootstrap(self, *args, **kwargs)


# --- the end
# ----------------------------------------------------------------------------------------------------------------------


def _await_end(pid: int) -> str:
    """Wait until the child is over, without reaping it; bounded, since it may be one that never ends."""
    recorder.wait_until(lambda: state(pid) in {"", "Z", "X"})
    return state(pid)


def end() -> None:
    """The code of this process is through: whom has it not waited for?"""
    is_program = processes.parent_process() is None
    children = {pid_of(p): bool(p.daemon) for p in set(getattr(processes, "_children", ())) if not is_reaped(p)}
    if is_program or children:
        unjoined = [pid for pid, daemon in children.items() if not daemon]
        daemons = [pid for pid, daemon in children.items() if daemon]
        states = {str(pid): state(pid) for pid in children if pid is not None}
        recorder.note("end", unjoined=unjoined, daemons=daemons, states=states)
    if is_program:
        for pid, daemon in children.items():
            if not daemon:
                holds.open_gate(pid)
        if os.environ.get("JOINLINT_AWAIT_CHILDREN"):
            states = {str(pid): _await_end(pid) for pid in children if pid is not None}
            recorder.note("afterwards", states=states)


def watch_exit() -> None:
    """Have the end noted before multiprocessing's exit handler, which waits for the children, wherever that is called.

    It is registered with atexit, and registered again by multiprocessing.get_logger; children call it themselves.
    """
    util: Any = sys.modules["multiprocessing.util"]
    exit_function = util._exit_function

    def recorded_exit() -> None:
        # Most children have nothing to tell, and should not have to look for it.
        if not in_child or processes._children or len(recorder.at_end) > 1:  # type: ignore[attr-defined]
            recorder.end()
        exit_function()

    atexit.unregister(exit_function)
    atexit.register(recorded_exit)
    util._exit_function = recorded_exit


def set_default_method() -> None:
    """The default alone: a program that sets a start method or asks for a context still gets what it asks for."""
    contexts: Any = sys.modules["multiprocessing.context"]
    method = os.environ.get("JOINLINT_START_METHOD")
    if method:
        contexts._default_context._default_context = contexts._concrete_contexts[method]
    kind = contexts.DefaultContext
    set_start_method = kind.set_start_method

    def recorded(self: Any, *args: Any, **kwargs: Any) -> None:
        try:
            set_start_method(self, *args, **kwargs)
        except BaseException as error:
            recorder.note_error("method refused", error, recorder.caller())
            raise
        recorder.note("method set", recorder.caller())

    kind.set_start_method = recorded


def install() -> None:
    """Patch multiprocessing in this process."""
    Process.__init__ = init  # type: ignore[method-assign]
    Process.start, Process.join = start, join  # type: ignore[method-assign]
    Process.terminate, Process.kill, Process.is_alive = terminate, kill, is_alive  # type: ignore[method-assign]
    Process.exitcode = property(exitcode)  # type: ignore[assignment,method-assign]
    Process._bootstrap = bootstrap  # type: ignore[attr-defined]
    recorder.at_end.append(end)


install()
