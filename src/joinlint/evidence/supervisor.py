"""The process between joinlint and a program that it runs: bounds the program, and ends all that it has started.

It is the parent of the program, so that one which kills its parent does not kill joinlint, and of all its orphans.  It
gets a `Job` as one line of JSON on its standard input, and ends the run when that is closed, as when joinlint is
gone.  On its standard output it says, a line of JSON each, the program's pid and then how the run ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from joinlint.evidence import limits, processes
from joinlint.evidence.follower import Follower
from joinlint.evidence.output import Kept

_TICK = 0.01
# Looking at all processes takes longer, and is done more often where there are many.
_COUNT_EVERY, _COUNT_OFTEN, _MANY = 0.2, 0.03, 25


# Not dataclasses, whose module takes a supervisor a quarter of its start to import.
class Job(NamedTuple):
    """What to run and when to end it; the files are those of the folder that the record is in."""

    command: list[str]
    record: str
    seconds: float
    stdin: str = os.devnull
    stop_on: str = ""
    stop_on_events: Sequence[str] = ()
    pass_on: bool = False
    watch_joins: bool = False


class Ending(NamedTuple):
    """How a run ended.

    `why` is "exit" where the program ended by itself, with `status`, negative for a signal; else what ended it:
    "seconds", "processes", "unguarded starts", "stuck" (it would never have gone on), "stopped" (by what it said),
    "abandoned" (joinlint has gone), "no supervisor" or "not started", with `reason`.  `left` are the processes that it
    left running, `most` counts those alive at a time, `all_ended` says whether every one could be ended.
    """

    why: str
    status: int | None = None
    reason: str = ""
    seconds: float = 0.0
    most: int = 0
    started: int = 0
    left: tuple[int, ...] = ()
    all_ended: bool = True
    out_bytes: int = 0
    err_bytes: int = 0


def main() -> None:
    """Do one job."""
    job = Job(**json.loads(sys.stdin.buffer.readline()))
    processes.adopt_orphans()
    ending = _supervise(job, lambda pid: _say({"pid": pid}))
    _say(ending._asdict())


def _say(facts: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):
        os.write(1, json.dumps(facts).encode() + b"\n")


def _supervise(job: Job, tell: Callable[[int], None]) -> Ending:
    began = time.monotonic()
    folder = os.path.dirname(job.record)
    try:
        with open(job.stdin, "rb") as stdin:
            program = subprocess.Popen(
                job.command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
            )
    except OSError as error:
        return Ending("not started", reason=f"{error.strerror or error}: {error.filename}")
    tell(program.pid)
    pass_to = 2 if job.pass_on else None
    out, err = Kept(program.stdout, pass_to), Kept(program.stderr, pass_to, job.stop_on.encode())
    readers = [threading.Thread(target=kept.read, daemon=True) for kept in (out, err)]
    for reader in readers:
        reader.start()
    watch = _Watch(job, program, Follower(job.record, tuple(job.stop_on_events)), err, began)
    why = watch.until_it_ends()
    seconds = time.monotonic() - began
    # Read once all is over, as the last starts may not be in the record yet.
    left = [pid for pid in processes.below(os.getpid()) if not processes.is_helper(pid)] if why == "exit" else []
    if len(watch.living) > _MANY or sys.platform != "linux":
        processes.end_session(program.pid)
    all_ended = processes.end_below(os.getpid())
    watch.collect()
    for reader in readers:
        reader.join(1)
    out.save(os.path.join(folder, "stdout"))
    err.save(os.path.join(folder, "stderr"))
    return Ending(
        why,
        status=program.returncode if why == "exit" else None,
        seconds=seconds,
        most=watch.most,
        started=watch.started,
        left=tuple(sorted(left)),
        all_ended=all_ended,
        out_bytes=out.count,
        err_bytes=err.count,
    )


class _Watch:
    """Looks after a running program."""

    def __init__(self, job: Job, program: subprocess.Popen[bytes], record: Follower, err: Kept, began: float) -> None:
        self._job = job
        self._program = program
        self._record = record
        self._err = err
        self._deadline = began + job.seconds
        self._next_count = began + _COUNT_EVERY
        self._seen: set[int] = set()
        self.living: set[int] = set()
        self.most = 0

    @property
    def started(self) -> int:
        """How many processes the program has started: more than were seen may have come and gone between two looks."""
        return max(len(self._record.started), len(self._seen))

    def until_it_ends(self) -> str:
        """Wait for the program, and say why the run is over."""
        while True:
            if select.select([0], [], [], _TICK)[0] and not os.read(0, 1024):
                return "abandoned"
            self.collect()
            self._record.follow()
            if self._record.has_event or self._err.has_text:
                return "stopped"
            if self._program.returncode is not None:
                return "exit"
            if self._job.watch_joins and self._record.is_stuck():
                return "stuck"
            if time.monotonic() > self._deadline:
                return "seconds"
            if why := self._exceeds():
                return why

    def collect(self) -> None:
        """Reap the program and its orphans."""
        for pid, status in processes.reap().items():
            if pid == self._program.pid:
                self._program.returncode = os.waitstatus_to_exitcode(status)

    def _exceeds(self) -> str:
        if self._record.unguarded >= limits.UNGUARDED_STARTS:
            return "unguarded starts"
        now = time.monotonic()
        if now > self._next_count:
            self.living = set(processes.below(os.getpid())) - {self._program.pid}
            self._seen |= self.living
            self.most = max(self.most, len(self.living))
            self._next_count = time.monotonic() + (_COUNT_OFTEN if len(self.living) > _MANY else _COUNT_EVERY)
        if len(self.living) > limits.LIVE_PROCESSES or self.started > limits.STARTED_PROCESSES:
            return "processes"
        return ""
