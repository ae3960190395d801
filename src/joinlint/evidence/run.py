"""Run a program under the recorder: bounded in time, and leaving no process behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
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
    timeout: float = 30.0,
    stop_on: str = "",
    python: str = sys.executable,
) -> Recording:
    """Run the script at `path` with `start_method` as multiprocessing's default.

    `hold` is "gate", "meet" or "" (see the recorder).  `await_children` holds the program at its end until its unjoined
    children are over, to see in what state they are.  The run is ended after `timeout` seconds, or when its standard
    error has `stop_on`.
    """
    with tempfile.TemporaryDirectory(prefix="joinlint-") as folder:
        out, err = Path(folder, "stdout"), Path(folder, "stderr")
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(_STARTUP), *filter(None, [os.environ.get("PYTHONPATH")])]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "JOINLINT_RECORD": str(Path(folder, "record")),
            "JOINLINT_START_METHOD": start_method,
            "JOINLINT_HOLD": hold,
            "JOINLINT_AWAIT_CHILDREN": "1" if await_children else "",
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
            status = _wait(process, err, timeout, stop_on.encode())
            _end_session(process)
        return Recording(process.pid, _events(Path(folder, "record")), status, _text(out), _text(err))


def _wait(process: subprocess.Popen[bytes], err: Path, timeout: float, stop_on: bytes) -> int | None:
    deadline = time.monotonic() + timeout
    while (status := process.poll()) is None:
        if time.monotonic() > deadline or (stop_on and stop_on in err.read_bytes()):
            return None
        time.sleep(_STEP)
    return status


def _end_session(process: subprocess.Popen[bytes]) -> None:
    """Kill whatever the program has left running: all are in the session that it leads."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 5
    while _members(process.pid) and time.monotonic() < deadline:
        for pid in _members(process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(_STEP)


def _members(session: int) -> list[int]:
    """The processes of a session that still run, as far as /proc tells."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue
        if len(fields) > 3 and int(fields[3]) == session and fields[0] not in {b"Z", b"X"}:
            found.append(int(entry.parent.name))
    return found


def _events(record: Path) -> tuple[dict[str, Any], ...]:
    lines: Sequence[str] = record.read_text().splitlines() if record.exists() else ()
    return tuple(json.loads(line) for line in lines)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
