"""What runs inside a recorded program, and in all its children: notes events, and has the other recorders loaded.

Events are JSON lines appended to the file named by JOINLINT_RECORD, one write each, in the order in which they happen.
Loaded by `startup/sitecustomize.py` in the program and, through the environment, in its children under fork, forkserver
and spawn.  It needs nothing but the standard library of Python 3.8 or newer, and nothing of that is imported before the
program imports it: a recorded program is to cost little more than itself, and to run its exit handlers in its own
order.

The other recorders are files beside this one, loaded when the program has imported what they patch:

- process_recorder: processes.
- holds: holds children before their target runs, where JOINLINT_HOLD says so.
- thread_recorder: threads; holds them where JOINLINT_HOLD is "threads".
- pool_recorder: pools and executors, where JOINLINT_WATCH names "pools"; holds tasks where JOINLINT_HOLD begins with
  "tasks".
- drain_recorder: joins that wait for a child that can't go on, where JOINLINT_HOLD is "drain".
- call_recorder: who calls what, where JOINLINT_TRACE names a file.
"""

from __future__ import annotations

import atexit
import os
import sys
import time
from importlib.machinery import SourceFileLoader
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

try:
    from _json import encode_basestring_ascii as _quoted
except ImportError:
    from json.encoder import py_encode_basestring_ascii as _quoted

HOLD = os.environ.get("JOINLINT_HOLD", "")
HOLD_SECONDS = float(os.environ.get("JOINLINT_HOLD_SECONDS", "1"))
WATCH = frozenset(os.environ.get("JOINLINT_WATCH", "").split(","))
POLLS_THAT_WAIT = 5
STEP = 0.005

_RECORD = os.environ["JOINLINT_RECORD"]
FOLDER = os.path.dirname(_RECORD)
_LARGEST = int(os.environ.get("JOINLINT_RECORD_BYTES", "0")) or 1 << 24
_LONGEST_MESSAGE = 2000
_MOST_CALLERS = 10
# Above what programs open themselves, so that theirs have the numbers that they would have without us.
_HANDLE_ABOVE = 200

# --- noting events
# ---------------------------------------------------------------------------------------------------------------

# A forked child pays for each page of memory that it touches, and its parent pays again after each fork.  What is noted
# for each process is therefore put together by hand, and the record's handle is looked at only now and then.

_handle = -1
_identity: tuple[int, int] = (0, 0)
_notes = 0
_CHECK_EVERY = 32


def _encoded(value: Any) -> str:
    """JSON, without the module of that name, which takes longer to import than all events take to write."""
    kind = type(value)
    if kind is str:
        return str(_quoted(value))
    if kind is int:
        return repr(value)
    if value is None or kind is bool:
        return {None: "null", True: "true", False: "false"}[value]
    if kind is float and value - value == 0:
        return repr(value)
    if kind is dict:
        return "{" + ", ".join(f"{_encoded(str(key))}: {_encoded(each)}" for key, each in value.items()) + "}"
    if kind in (list, tuple):
        return "[" + ", ".join(map(_encoded, value)) + "]"
    return str(_quoted(str(value)))


def _open() -> None:
    global _handle, _identity
    handle = os.open(_RECORD, os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        import fcntl

        _handle = fcntl.fcntl(handle, fcntl.F_DUPFD_CLOEXEC, _HANDLE_ABOVE)
        os.close(handle)
    except (ImportError, OSError):  # a system without it, or a limit below the number
        _handle = handle
    status = os.fstat(_handle)
    _identity = status.st_dev, status.st_ino


def _is_full() -> bool:
    """Has the record come to its largest size?  Opens it where the handle is ours no more.

    The program may have closed it, and given its number, high as it is, to a file that must not get our events.
    """
    try:
        status = os.fstat(_handle)
        if (status.st_dev, status.st_ino) != _identity:
            raise OSError
    except OSError:
        _open()
        status = os.fstat(_handle)
    return status.st_size > _LARGEST


def write(facts: str) -> None:
    """Append an event, whose `facts` are the inside of a JSON object that begins with "event".

    Appending a short line is atomic, so that processes do not disturb each other.
    """
    global _notes
    try:
        if _notes % _CHECK_EVERY == 0:
            if _notes < 0:
                return
            if _is_full():
                facts, _notes = '"event": "record full"', -_CHECK_EVERY - 1
        _notes += 1
        line = f'{{{facts}, "pid": {os.getpid()}, "time": {time.monotonic()}}}\n'.encode()
        try:
            os.write(_handle, line)
        except OSError:  # closed by the program
            _open()
            os.write(_handle, line)
    except OSError:  # a full disk, say: nothing that the program should hear of
        return


def number(value: Any) -> str:
    """A number in JSON, or null."""
    return repr(value) if type(value) is int else _encoded(value)


def note(event: str, where: str = "", **facts: Any) -> None:
    """Append an event; `where` is what `caller` gives."""
    parts = [f'"{name}": {_encoded(value)}' for name, value in facts.items()]
    write(", ".join(filter(None, [f'"event": "{event}"', *parts, where])))


# --- marks, by which the processes of a program tell each other that something has happened
# ------------------------------------------------------


def mark(name: str) -> None:
    os.close(os.open(os.path.join(FOLDER, name), os.O_WRONLY | os.O_CREAT, 0o600))


def is_marked(name: str) -> bool:
    return os.path.exists(os.path.join(FOLDER, name))


def wait_until(reached: Callable[[], bool], seconds: float = HOLD_SECONDS) -> bool:
    """Wait for something, and tell whether it has come before the time was over."""
    deadline = time.monotonic() + seconds
    while not (done := reached()) and time.monotonic() < deadline:
        time.sleep(STEP)
    return done


# --- where in the program
# ----------------------------------------------------------------------------------------------------------

_STDLIB = os.path.dirname(os.__file__) + os.sep
_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep
_LIBRARY = (_STDLIB + "multiprocessing" + os.sep, _STDLIB + "concurrent" + os.sep)
_known: dict[str, str] = {}


def _program_file(name: str) -> str:
    """The name of a file in JSON if its code is the program's own, or that of a package that it uses; else ""."""
    known = _known.get(name)
    if known is None:
        own = ("site-packages" in name or not name.startswith(_STDLIB)) and not name.startswith((_HERE, "<frozen "))
        known = _known[name] = str(_quoted(name)) if own else ""
    return known


def caller() -> str:
    """The line of the program that made the call: `file` and `line`, as facts for `note`.

    `via` is the part of multiprocessing or concurrent.futures that lies between, as where a pool starts its workers;
    `callers` are the lines that have led to this one, each as a file and a number.
    """
    frame: FrameType | None = sys._getframe(2)
    via = where = callers = ""
    last = None
    most = _MOST_CALLERS
    while frame is not None and most:
        name = frame.f_code.co_filename
        if own := _program_file(name):
            if where:
                callers = f"{callers}, {own}, {frame.f_lineno}" if callers else f"{own}, {frame.f_lineno}"
                most -= 1
            else:
                where = f'"file": {own}, "line": {frame.f_lineno}'
        elif not where:
            if name.startswith(_LIBRARY):
                via = via or os.path.basename(name)[:-3]
            elif last is None and not name.startswith(_HERE):
                last = frame
        frame = frame.f_back
    if not where:  # a thread of the library's own
        name, line = (last.f_code.co_filename, last.f_lineno) if last is not None else ("", 0)
        where = f'"file": {_quoted(name)}, "line": {line}'
    where = f'{where}, "callers": [{callers}]'
    return f'{where}, "via": "{via}"' if via else where


def is_by_library(where: str) -> bool:
    """Is it the library itself that made the call?"""
    return where.endswith('"')


def note_error(event: str, error: BaseException, where: str = "", **facts: Any) -> None:
    """Note an exception, with the lines of the program that it has come through, from where it was raised outwards."""
    lines: list[str | int] = []
    traceback = error.__traceback__
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if _program_file(name):
            lines[:0] = (name, traceback.tb_lineno)
        traceback = traceback.tb_next
    try:
        message = str(error)[:_LONGEST_MESSAGE]
    except Exception:  # it is the program's own class
        message = ""
    note(event, where, type=type(error).__name__, message=message, through=lines[: 2 * _MOST_CALLERS], **facts)


# --- what processes and threads have in common
# ------------------------------------------------------------------------------------------------------

_PARAMETERS = ("group", "target", "name", "args", "kwargs")


def note_built(worker: str, built: Any, positional: tuple[Any, ...], keywords: dict[str, Any]) -> None:
    """What a worker is to call, and with what; those that the library builds for itself are left out."""
    where = caller()
    if worker == "thread" and is_by_library(where):
        return
    given = {**dict(zip(_PARAMETERS, positional)), **keywords}  # noqa: B905 - runs on 3.8 too
    target, arguments = given.get("target"), given.get("args", ())
    kind = _quoted(type(target).__name__) if "target" in given else "null"
    text = _quoted(arguments[:_LONGEST_MESSAGE]) if isinstance(arguments, str) else "null"
    write(
        f'"event": "built", "worker": "{worker}", "object": {id(built)}, "target": {kind}, "text": {text},'
        f' "callable": {"true" if callable(target) else "false"}, "args": {_quoted(type(arguments).__name__)}, {where}'
    )


def note_refused(event: str, refused: Any, error: BaseException, worker: str = "process") -> None:
    """A method of a worker has raised."""
    classes = [kind.__name__ for kind in type(refused).__mro__]
    note_error(event, error, caller(), worker=worker, object=id(refused), classes=classes)


# --- acting after an import
# --------------------------------------------------------------------------------------------------------


class _Loader:
    """Does what another loader does, and something besides."""

    def __init__(self, loader: Any, act: Callable[[], None]) -> None:
        self._loader = loader
        self._act = act

    def create_module(self, spec: Any) -> Any:
        return self._loader.create_module(spec)

    def exec_module(self, module: Any) -> None:
        module.__loader__ = module.__spec__.loader = self._loader
        self._loader.exec_module(module)
        try:
            self._act()
        except Exception as error:  # no reason for the program to fail
            note_error("recorder failed", error)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


class _Finder:
    """Finds what the other finders find, and has something done once that is imported."""

    acts: dict[str, Callable[[], None]] = {}  # noqa: RUF012 - typing.ClassVar would have to be imported

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        act = self.acts.pop(name, None)
        if act is None:
            return None
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target) if hasattr(finder, "find_spec") else None
            if spec is not None and spec.loader is not None:
                spec.loader = _Loader(spec.loader, act)  # type: ignore[assignment]
                return spec
        return None


def after_import(name: str, act: Callable[[], None]) -> None:
    """Call `act` once the module is imported: now, or when the program does so."""
    if name in sys.modules:
        act()
    else:
        _Finder.acts[name] = act


def load(name: str) -> Any:
    """Load a recorder beside this one, if it is not loaded yet."""
    full = f"_joinlint_{name}"
    if full not in sys.modules:
        path = os.path.join(_HERE, f"{name}.py")
        module = sys.modules[full] = type(sys)(full)
        module.__file__ = path
        code = SourceFileLoader(full, path).get_code(full)
        if code is not None:
            exec(code, module.__dict__)
    return sys.modules[full]


# --- the end of the code
# ------------------------------------------------------------------------------------------------------------

# What the other recorders do then.
at_end: list[Callable[[], None]] = []
_ended_in = 0


def end() -> None:
    """The code of this process is through; called before multiprocessing's exit handler, if there is one."""
    global _ended_in
    if _ended_in != os.getpid():
        _ended_in = os.getpid()
        if "_joinlint_process_recorder" not in sys.modules:
            note("end", unjoined=[], daemons=[], states={})
        for act in at_end:
            act()


# --- exceptions that nobody catches
# ------------------------------------------------------------------------------------------------

_excepthook = sys.excepthook


def excepthook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    note_error("uncaught", error)
    _excepthook(kind, error, traceback)


def install() -> None:
    """Have everything that the program imports recorded, as far as the environment asks for it."""
    note("begin", parent=os.getppid(), folder=os.getcwd())
    sys.excepthook = excepthook
    atexit.register(end)
    sys.meta_path.insert(0, _Finder())
    # In the order in which they come: each is being imported while the next one is.
    after_import("multiprocessing.process", lambda: load("process_recorder"))
    after_import("multiprocessing.context", lambda: load("process_recorder").set_default_method())
    after_import("multiprocessing.util", lambda: load("process_recorder").watch_exit())
    if HOLD in {"start", "exit"}:
        after_import("multiprocessing.spawn", lambda: load("holds").hold_unpickling())
    after_import("threading", lambda: load("thread_recorder"))
    if "pools" in WATCH or HOLD.startswith("tasks"):
        after_import("multiprocessing.pool", lambda: load("pool_recorder").watch_pools())
        after_import("concurrent.futures.process", lambda: load("pool_recorder").watch_processes())
        after_import("concurrent.futures.thread", lambda: load("pool_recorder").watch_threads())
    if HOLD == "drain":
        after_import("multiprocessing.connection", lambda: load("drain_recorder"))
    if os.environ.get("JOINLINT_TRACE"):
        load("call_recorder")


install()
