"""What runs inside a recorded program: patches multiprocessing so that each process notes what happens to it.

Events are JSON lines appended to the file named by JOINLINT_RECORD, one write each, in the order in which they happen.
Loaded by `startup/sitecustomize.py` in the program and, through the environment, in all its children under fork,
forkserver and spawn. It imports nothing outside the standard library, so that it works in any environment.

Children can be held before their target runs:

- JOINLINT_HOLD=gate: until the parent waits for them (a join without timeout, or polls again and again) or has come to
  the end of
  its code.  A parent that gets to its end with a held child has provably not waited for it.
- JOINLINT_HOLD=meet: until another child is there at the same time.  Children that run one after the other never meet.
- JOINLINT_HOLD=start: until start() has returned in the parent (forkserver, spawn), so that a child unpickles what it
  was given only after the parent's Process object has let go of it.
- JOINLINT_HOLD=exit: the same until the parent has begun to join the child, which the interpreter does at exit, after
  it has destroyed what the children share.

With JOINLINT_TRACE=PATH each call of a function of the program at PATH is noted, and whether a worker made it.
"""

from __future__ import annotations

import atexit
import json
import multiprocessing
import multiprocessing.context
import multiprocessing.process
import multiprocessing.spawn
import multiprocessing.util
import os
import sys
import threading
import time
from types import FrameType
from typing import Any

_FOLDER = os.path.dirname(os.environ["JOINLINT_RECORD"])
_HOLD = os.environ.get("JOINLINT_HOLD", "")
_LIMIT = float(os.environ.get("JOINLINT_HOLD_SECONDS", "1"))
_POLLS_THAT_WAIT = 5
_STEP = 0.005

_TRACED = os.environ.get("JOINLINT_TRACE", "")

Process = multiprocessing.process.BaseProcess
Thread = threading.Thread


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
    elif _HOLD == "meet" and not _is_marked("met"):  # once any two have met there is nothing left to show
        here = f"here-{os.getpid()}"
        _mark(here)
        deadline = time.monotonic() + _LIMIT
        met = False
        while not met and time.monotonic() < deadline:
            names = os.listdir(_FOLDER)
            met = "met" in names or sum(name.startswith("here-") for name in names) > 1
            time.sleep(_STEP)
        note("met" if met else "alone")
        if met:
            _mark("met")
            time.sleep(4 * _STEP)  # the other one has to see it as well
        os.unlink(os.path.join(_FOLDER, here))


def _let_unpickle(pid: int | None, step: str) -> None:
    """Let the child go on that is held until this step of its parent."""
    if step == _HOLD and pid is not None:
        _mark(f"unpickle-{pid}")


def _hold_before_unpickling() -> None:
    """Called in a child that is not forked, before it unpickles what it was given."""
    deadline = time.monotonic() + _LIMIT
    while not _is_marked(f"unpickle-{os.getpid()}") and time.monotonic() < deadline:
        time.sleep(_STEP)


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
_prepare = multiprocessing.spawn.prepare
_polls: dict[int | None, int] = {}


def start(self: Any) -> None:
    try:
        _start(self)
    except BaseException as error:
        note("start raised", type=type(error).__name__, message=str(error)[:2000], **_caller())
        raise
    note("start", child=_pid(self), daemon=bool(self.daemon), **_caller())
    _let_unpickle(_pid(self), "start")


def join(self: Any, timeout: float | None = None) -> None:
    child = _pid(self)
    if timeout is None:
        _open_gate(child)
        _let_unpickle(child, "exit")
    note("join begins", child=child, timeout=timeout, **_caller())
    try:
        _join(self, timeout)
    except BaseException as error:
        _note_error("join raised", error)
        raise
    ended = None if child is None else self._popen.returncode
    note("join ends", child=child, timeout=timeout, reaped=_is_reaped(self), exitcode=ended)


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


# --- building workers, and threads
# ---------------------------------------------------------------------------------------------------


_init: Any = Process.__init__
_thread_init: Any = Thread.__init__
_thread_start, _thread_join = Thread.start, Thread.join
_PARAMETERS = ("group", "target", "name", "args", "kwargs")


def _note_error(event: str, error: BaseException, worker: str = "process") -> None:
    note(event, worker=worker, type=type(error).__name__, message=str(error)[:2000], **_caller())


def _note_built(worker: str, positional: tuple[Any, ...], keywords: dict[str, Any]) -> None:
    """What a worker is to call, and with what."""
    given = {**dict(zip(_PARAMETERS, positional)), **keywords}  # noqa: B905 - runs on 3.8 too
    target, arguments = given.get("target"), given.get("args", ())
    note(
        "built",
        worker=worker,
        target=type(target).__name__ if "target" in given else None,
        callable=callable(target),
        args=type(arguments).__name__,
        text=arguments if isinstance(arguments, str) else None,
        **_caller(),
    )


def init(self: Any, *args: Any, **kwargs: Any) -> None:
    try:
        _init(self, *args, **kwargs)
    except BaseException as error:
        _note_error("build raised", error)
        raise
    _note_built("process", args, kwargs)


def thread_init(self: Any, *args: Any, **kwargs: Any) -> None:
    try:
        _thread_init(self, *args, **kwargs)
    except BaseException as error:
        _note_error("build raised", error, "thread")
        raise
    _note_built("thread", args, kwargs)


def thread_start(self: Any) -> None:
    try:
        _thread_start(self)
    except BaseException as error:
        _note_error("start raised", error, "thread")
        raise


def thread_join(self: Any, timeout: float | None = None) -> None:
    try:
        _thread_join(self, timeout)
    except BaseException as error:
        _note_error("join raised", error, "thread")
        raise


# --- who calls what
# --------------------------------------------------------------------------------------------------------------

_in_child = False


def _is_in_worker() -> bool:
    return _in_child or threading.get_ident() != threading.main_thread().ident


def _is_called_by_hand(worker: Any) -> bool:
    """Is this call of run() one that start() has not led to?"""
    if isinstance(worker, Process):
        # start() leads to it in another process than the one that built the object.
        return getattr(worker, "_parent_pid", None) == os.getpid()
    return isinstance(worker, Thread) and worker.ident != threading.get_ident()


def trace(frame: FrameType, event: str, _: object) -> None:
    """A profile function: notes the calls of the program's functions, and of any run() that no start() led to."""
    code = frame.f_code
    if event != "call":
        return
    # Module and class bodies are calls as well, and are not optimised as functions are.
    if code.co_filename == _TRACED and code.co_flags & 1 and not code.co_name.startswith("<"):
        note("call", function=code.co_name, in_worker=_is_in_worker())
    if code.co_name == "run" and code.co_argcount and _is_called_by_hand(frame.f_locals.get(code.co_varnames[0])):
        note("run called", in_worker=_is_in_worker())


# --- what the child does
# ---------------------------------------------------------------------------------------------------------


def bootstrap(self: Any, *args: Any, **kwargs: Any) -> Any:
    """BaseProcess._bootstrap, which runs in the child (CPython Lib/multiprocessing/process.py)."""
    run = self.run

    def recorded_run() -> None:
        global _in_child
        _in_child = True
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


def prepare(data: Any) -> None:
    """multiprocessing.spawn.prepare, the first step of a child that is not forked."""
    _hold_before_unpickling()
    _prepare(data)


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
    Process.__init__ = init  # type: ignore[method-assign]
    Thread.__init__ = thread_init  # type: ignore[method-assign]
    Thread.start, Thread.join = thread_start, thread_join  # type: ignore[method-assign]
    Process.terminate, Process.kill, Process.is_alive = terminate, kill, is_alive  # type: ignore[method-assign]
    Process.exitcode = property(exitcode)  # type: ignore[assignment,method-assign]
    Process._bootstrap = bootstrap  # type: ignore[attr-defined]
    if _HOLD in {"start", "exit"}:
        multiprocessing.spawn.prepare = prepare
    method = os.environ.get("JOINLINT_START_METHOD")
    if method:
        # The default alone: a program that sets a start method or asks for a context still gets what it asks for.
        contexts: Any = multiprocessing.context
        contexts._default_context._default_context = contexts._concrete_contexts[method]
    if _TRACED:
        sys.setprofile(trace)
        threading.setprofile(trace)
    atexit.register(end)


install()
