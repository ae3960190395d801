"""Run a program under the recorder: bounded in time, and leaving no process behind."""

from __future__ import annotations

import json
import os
import py_compile
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_STARTUP = Path(__file__).parent / "startup"
_STEP = 0.01


@dataclass(frozen=True, slots=True)
class Recording:
    """What a run showed: its events in order, how it ended and what it printed.

    `pid` is that of the program itself.  `status` is the exit status, negative for a signal; None where the run was cut
    short by its limit or by `stop_on`.
    """

    pid: int
    events: tuple[dict[str, Any], ...]
    status: int | None
    stdout: str
    stderr: str

    def named(self, event: str) -> list[dict[str, Any]]:
        """The events of one kind."""
        return [e for e in self.events if e["event"] == event]

    @property
    def end(self) -> dict[str, Any] | None:
        """The end of the program's own code: the children not joined by then are its "unjoined" and "daemons"."""
        return next((e for e in self.named("end") if e["pid"] == self.pid), None)

    def before_end(self) -> tuple[dict[str, Any], ...]:
        """What happened up to the end of the program's own code."""
        end = self.end
        return self.events if end is None else self.events[: self.events.index(end)]


def run_program(
    path: str | Path,
    start_method: str,
    *,
    hold: str = "",
    await_children: bool = False,
    timeout: float = 120.0,
    stop_on: str = "",
    trace: bool = False,
    stop_on_event: str = "",
    hold_seconds: float = 1.0,
    python: str = sys.executable,
) -> Recording:
    """Run the script at `path` with `start_method` as multiprocessing's default.

    `hold` is "gate", "meet", "start", "exit", "drain" or "" (see the recorder), or one of the pool recorder's; what is
    held is let go after `hold_seconds` at the latest.  `await_children` holds the program at its end until its unjoined
    children are over, to see in what state they are.  The run is ended when its standard error has `stop_on`, or its
    record an event called `stop_on_event`, and after `timeout` seconds, which none should need: on a machine with too
    much to do a child alone can take 15 seconds to begin.  `trace` records the calls of the program's functions.
    """
    _compile_recorders()
    with tempfile.TemporaryDirectory(prefix="joinlint-", ignore_cleanup_errors=True) as folder:
        out, err, record = Path(folder, "stdout"), Path(folder, "stderr"), Path(folder, "record")
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(_STARTUP), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "PYTHONDONTWRITEBYTECODE": "1",
            # What a program that is killed leaves behind goes with the folder.
            "TMPDIR": folder,
            "JOINLINT_RECORD": str(record),
            "JOINLINT_START_METHOD": start_method,
            "JOINLINT_HOLD": hold,
            "JOINLINT_HOLD_SECONDS": str(hold_seconds),
            "JOINLINT_AWAIT_CHILDREN": "1" if await_children else "",
            "JOINLINT_TRACE": os.path.abspath(path) if trace else "",
        }
        with out.open("wb") as stdout, err.open("wb") as stderr:
            process = subprocess.Popen(
                [python, os.path.abspath(path)],
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                env=environment,
                cwd=folder,
                start_new_session=True,
            )
            last_event = f'"event": "{stop_on_event}"' if stop_on_event else ""
            status = _wait(process, timeout, {err: stop_on, record: last_event})
            _end_session(process)
        return Recording(process.pid, _events(record), status, _text(out), _text(err))


@cache
def _compile_recorders() -> None:
    """Once for all runs, each of which would compile the recorders in every one of its processes."""
    for path in Path(__file__).parent.glob("*recorder.py"):
        with suppress(OSError):  # an installation that can't be written to
            py_compile.compile(str(path))


def _wait(process: subprocess.Popen[bytes], timeout: float, stop_on: Mapping[Path, str]) -> int | None:
    """The exit status; None after `timeout`, or as soon as one of the files has the text given for it."""
    deadline = time.monotonic() + timeout
    while (status := process.poll()) is None:
        if time.monotonic() > deadline or any(text and text in _text(file) for file, text in stop_on.items()):
            return None
        time.sleep(_STEP)
    return status


def _end_session(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever the program has left running: all are in the session that it leads."""
    alone = False
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        alone = True  # as after most runs under fork; looking through /proc costs more than the run's other bookkeeping
    process.wait()
    deadline = time.monotonic() + 5
    while not alone and (members := _members(process.pid)) and time.monotonic() < deadline:
        for pid in members:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(_STEP)


def _members(session: int) -> list[int]:
    """The processes of a session that still run, as far as /proc tells."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = Path("/proc", pid, "stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue
        if len(fields) > 3 and int(fields[3]) == session and fields[0] not in {b"Z", b"X"}:
            found.append(int(pid))
    return found


def _events(record: Path) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in _text(record).splitlines())


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
