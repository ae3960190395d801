"""What runs inside a program whose calls are recorded, where JOINLINT_TRACE=PATH: each call of a function of the
program at PATH, and of any run() that no start() has led to, and whether a worker makes it."""

from __future__ import annotations

import os
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from joinlint.evidence import recorder
else:
    import _joinlint_recorder as recorder

_TRACED = os.environ["JOINLINT_TRACE"]


def _is_in_worker() -> bool:
    processes = sys.modules.get("_joinlint_process_recorder")
    return getattr(processes, "in_child", False) or threading.get_ident() != threading.main_thread().ident


def _is_called_by_hand(worker: Any) -> bool:
    """Is this call of run() one that start() has not led to?"""
    if isinstance(worker, threading.Thread):
        return worker.ident != threading.get_ident()
    process = sys.modules.get("multiprocessing.process")
    # start() leads to it in another process than the one that built the object.
    return (
        process is not None
        and isinstance(worker, process.BaseProcess)
        and getattr(worker, "_parent_pid", None) == os.getpid()
    )


def trace(frame: FrameType, event: str, _: object) -> None:
    """A profile function."""
    code = frame.f_code
    if event != "call":
        return
    # Module and class bodies are calls as well, and are not optimised as functions are.
    if code.co_filename == _TRACED and code.co_flags & 1 and not code.co_name.startswith("<"):
        recorder.note("call", function=code.co_name, in_worker=_is_in_worker(), **_line_of_call(frame))
    if code.co_name == "run" and code.co_argcount and _is_called_by_hand(frame.f_locals.get(code.co_varnames[0])):
        recorder.note("run called", in_worker=_is_in_worker(), **_line_of_call(frame))


def _line_of_call(frame: FrameType) -> dict[str, Any]:
    caller = frame.f_back
    return {} if caller is None else {"file": caller.f_code.co_filename, "line": caller.f_lineno, "callers": []}


sys.setprofile(trace)
threading.setprofile(trace)
