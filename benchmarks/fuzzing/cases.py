"""Single cases: each has a number and can be run again by it."""

from __future__ import annotations

import ctypes
import random
import resource
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from fuzzing.properties import Broken, all_properties

MOST_SECONDS = 10
MOST_BYTES = 4 * 1024**3


@dataclass(frozen=True, slots=True)
class Case:
    """The case `number`, 0-based, of the property of this name in the run with this seed."""

    name: str
    seed: int
    number: int

    def __str__(self) -> str:
        return f"{self.name} {self.number} of seed {self.seed}"


@dataclass(frozen=True, slots=True)
class Failure:
    """A case that failed: `words` say how, `content` is what it was about, where that is known."""

    case: Case
    words: str
    content: bytes = b""


def run(case: Case) -> Failure | None:
    """Run the case; None where the property holds."""
    chance = random.Random(str(case))
    began = time.monotonic()
    try:
        with _time_limit(3 * MOST_SECONDS):
            all_properties()[case.name](chance)
    except Broken as broken:
        content = broken.case if isinstance(broken.case, bytes) else broken.case.encode("utf-8", "surrogatepass")
        return Failure(case, broken.words, content)
    except TookTooLong as error:
        return Failure(case, f"took more than {3 * MOST_SECONDS} s, at the end in\n{error}")
    except BaseException:
        # The last frames: those of a recursion without end are many.
        return Failure(case, traceback.format_exc(limit=-4))
    seconds = time.monotonic() - began
    return Failure(case, f"took {seconds:.1f} s") if seconds > MOST_SECONDS else None


def limit_memory() -> None:
    """From now on, this process fails rather than take more memory than any case needs."""
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, hard))


class TookTooLong(BaseException):
    """A case is stopped, at the place that its text says; no handler of the code under test is to take it for its
    own."""


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    def stop(_: int, frame: FrameType | None) -> None:
        raise TookTooLong("".join(_stopped(threading.current_thread()) or traceback.format_stack(frame, limit=6)))

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _stopped(waiting: threading.Thread) -> list[str]:
    """Where the thread was in which the check runs, which is made to end; nothing if there is none."""
    place: list[str] = []
    for thread in threading.enumerate():
        if thread.name == "joinlint" and thread is not waiting and thread.ident is not None:
            place = traceback.format_stack(sys._current_frames()[thread.ident], limit=6)
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit))
    return place
