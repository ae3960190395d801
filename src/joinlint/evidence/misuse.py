"""What a misuse of one worker shows: mostly an exception with a message of CPython's own, in the parent or in a child.

The messages are those of Lib/multiprocessing/process.py and Lib/threading.py, the same from Python 3.8 to 3.14.
"""

from __future__ import annotations

import re
from typing import Any

from joinlint.evidence.run import Recording

# An exception's type and a pattern that is its whole message.
Error = tuple[str, str]

_NOT_STARTED = (
    ("AssertionError", "can only join a started process"),
    ("RuntimeError", "cannot join thread before it is started"),
)
_STARTED = (
    ("AssertionError", "cannot start a process twice"),
    ("RuntimeError", "threads can only be started once"),
)
_NOT_INITIALISED = (
    ("AttributeError", "'\\w+' object has no attribute '_closed'"),
    ("RuntimeError", "thread.__init__\\(\\) not called"),
)
_GROUP = (("AssertionError", "group argument must be None for now"),)
_DAEMONIC = (("AssertionError", "daemonic processes are not allowed to have children"),)
_OTHER_PARENT = (("AssertionError", "can only join a child process"),)
_NOT_ITERABLE = (("TypeError", "'\\w+' object is not iterable"),)

_NOT_CALLABLE = re.compile(r"^TypeError: '\w+' object is not callable$", re.MULTILINE)
_OF_NONE = re.compile(r"^AttributeError: 'NoneType' object has no attribute '\w+'$", re.MULTILINE)
_AFTER_STAR = re.compile(r"^TypeError: .*argument after \* must be an iterable, not \w+$", re.MULTILINE)
_TOO_MANY = re.compile(r"^TypeError: .* takes .*positional arguments? but \d+ were given$", re.MULTILINE)


def _raised(recording: Recording, event: str, errors: tuple[Error, ...]) -> list[dict[str, Any]]:
    return [
        e
        for e in recording.named(event)
        if any(e["type"] == kind and re.fullmatch(message, e["message"]) for kind, message in errors)
    ]


def _ends_the_program(recording: Recording, event: str, errors: tuple[Error, ...]) -> bool:
    """The program itself fails with one of the errors, and dies of it."""
    return recording.status == 1 and any(e["pid"] == recording.pid for e in _raised(recording, event, errors))


def _in_a_child(recording: Recording, event: str, errors: tuple[Error, ...]) -> bool:
    return any(e["pid"] != recording.pid for e in _raised(recording, event, errors))


def runs_in_worker(recording: Recording) -> bool:
    """Some function of the program runs in a child or in another thread."""
    return any(e["in_worker"] for e in recording.named("call"))


def target_called(recording: Recording) -> bool:
    """A worker is given something that can't be called, and none runs anything of the program, which does it itself."""
    given = any(e["target"] is not None and not e["callable"] for e in recording.named("built"))
    by_itself = any(e["pid"] == recording.pid and e["function"] != "main" for e in recording.named("call"))
    return (given or _NOT_CALLABLE.search(recording.stderr) is not None) and (
        by_itself and not runs_in_worker(recording)
    )


def run_called(recording: Recording) -> bool:
    """run() is called in the program's own process and thread, on an object that was not started."""
    here = any(e["pid"] == recording.pid and not e["in_worker"] for e in recording.named("run called"))
    return here and not runs_in_worker(recording)


def join_before_start(recording: Recording) -> bool:
    return _ends_the_program(recording, "join raised", _NOT_STARTED)


def started_twice(recording: Recording) -> bool:
    return _ends_the_program(recording, "start raised", _STARTED)


def start_result(recording: Recording) -> bool:
    """The start itself went well, and what it returned was used as if it were the worker."""
    well = not recording.named("start raised") and bool(recording.named("built"))
    return recording.status == 1 and well and _OF_NONE.search(recording.stderr) is not None


def daemon_child(recording: Recording) -> bool:
    """A child is refused a child of its own; what becomes of the program depends on who is told."""
    return _in_a_child(recording, "start raised", _DAEMONIC)


def args_refused(recording: Recording) -> bool:
    """The arguments are no iterable: a process says so when it is built, a thread or a pool when it calls."""
    return (
        _ends_the_program(recording, "build raised", _NOT_ITERABLE) or _AFTER_STAR.search(recording.stderr) is not None
    )


def args_split(recording: Recording) -> bool:
    """A text is taken for the sequence of arguments: its letters are too many, or are printed one by one."""
    texts = [e["text"] for e in recording.named("built") if e["text"]]
    return any(" ".join(text) in recording.stdout for text in texts) or _TOO_MANY.search(recording.stderr) is not None


def group_argument(recording: Recording) -> bool:
    return _ends_the_program(recording, "build raised", _GROUP)


def no_super_init(recording: Recording) -> bool:
    return _ends_the_program(recording, "start raised", _NOT_INITIALISED)


def not_its_child(recording: Recording) -> bool:
    """The child that joins dies of it; the program that started both may never notice."""
    return _in_a_child(recording, "join raised", _OTHER_PARENT)
