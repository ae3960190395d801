"""Run a program under the recorder: bounded in all that it may use, and leaving no process behind."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from joinlint.evidence import limits, processes
from joinlint.evidence.supervisor import Ending, Job

_STARTUP = Path(__file__).parent / "startup"
_SOURCE = Path(__file__).parents[2]
# Alone with the standard library, but for joinlint itself, which comes last.
_SUPERVISOR = "import sys; sys.path.append(sys.argv[1]); from joinlint.evidence.supervisor import main; main()"
_EXITED = Ending("exit")


@dataclass(frozen=True, slots=True)
class Recording:
    """What a run showed: its events in order, how it ended and what it printed.

    `pid` is that of the program itself.  `status` is the exit status, negative for a signal; None where the run was cut
    short, `ending` says by what.  `began` is the time at which it began, by the clock of the events, `folder` the
    folder in which.
    """

    pid: int
    events: tuple[dict[str, Any], ...]
    status: int | None
    stdout: str
    stderr: str
    ending: Ending = _EXITED
    began: float = 0.0
    folder: str = ""

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


@dataclass(frozen=True, slots=True)
class Watch:
    """How to record a run.

    `start_method` becomes multiprocessing's default.  `hold` is "gate", "meet", "start", "exit", "drain", "threads",
    one of the pool recorder's, or "" (see the recorders); what is held is let go after `hold_seconds` at the latest.
    `also` names what is watched besides: "pools", and "joins", to end a run that waits for a child for ever.
    `await_children` keeps the program at its end until its unjoined children are over, to see in what state they are.
    `trace` is a file whose functions' calls are recorded.  The run is ended after `seconds`, when its standard error
    has `stop_on`, or its record one of `stop_on_events`.
    """

    start_method: str
    hold: str = ""
    hold_seconds: float = 1.0
    also: tuple[str, ...] = ()
    await_children: bool = False
    trace: str = ""
    seconds: float = limits.SECONDS
    stop_on: str = ""
    stop_on_events: tuple[str, ...] = ()


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
    """Run the script at `path` in an empty folder; what is not said here says `Watch`."""
    path = os.path.abspath(path)
    watch = Watch(
        start_method,
        hold,
        hold_seconds,
        await_children=await_children,
        trace=path if trace else "",
        seconds=timeout,
        stop_on=stop_on,
        stop_on_events=(stop_on_event,) if stop_on_event else (),
    )
    with tempfile.TemporaryDirectory(prefix="joinlint-", ignore_cleanup_errors=True) as folder:
        return record([python, path], watch, folder=folder, environment={"PYTHONDONTWRITEBYTECODE": "1"})


def record(
    command: Sequence[str],
    watch: Watch,
    *,
    folder: str | None = None,
    environment: Mapping[str, str] | None = None,
    stdin: str = os.devnull,
    pass_on: bool = False,
) -> Recording:
    """Run `command`, which starts Python, in `folder` (the current one) and with `environment` besides our own.

    It reads `stdin`, a file; with `pass_on` all that it prints is written to our standard error as well.  All that it
    starts is ended before this returns, also by an exception such as KeyboardInterrupt.
    """
    folder = folder or os.getcwd()
    with tempfile.TemporaryDirectory(prefix="joinlint-", ignore_cleanup_errors=True) as notes:
        path = os.path.join(notes, "record")
        mark = os.path.basename(notes)
        job = Job(
            list(command),
            path,
            watch.seconds,
            stdin,
            watch.stop_on,
            watch.stop_on_events,
            pass_on,
            watch_joins="joins" in watch.also,
        )
        began = time.monotonic()
        all_of_it = {**os.environ, **(environment or {}), **_environment(watch, path), processes.MARK: mark}
        pid, ending = _supervised(job, folder, all_of_it, mark)
        return Recording(
            pid=pid,
            events=_events(Path(path)),
            status=ending.status,
            stdout=_text(Path(notes, "stdout")),
            stderr=_text(Path(notes, "stderr")),
            ending=ending,
            began=began,
            folder=folder,
        )


def _environment(watch: Watch, path: str) -> dict[str, str]:
    return {
        "PYTHONPATH": os.pathsep.join([str(_STARTUP), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "JOINLINT_RECORD": path,
        "JOINLINT_RECORD_BYTES": str(limits.RECORD_BYTES),
        "JOINLINT_START_METHOD": watch.start_method,
        "JOINLINT_HOLD": watch.hold,
        "JOINLINT_HOLD_SECONDS": str(watch.hold_seconds),
        "JOINLINT_WATCH": ",".join(watch.also),
        "JOINLINT_AWAIT_CHILDREN": "1" if watch.await_children else "",
        "JOINLINT_TRACE": watch.trace,
    }


def _supervised(job: Job, folder: str, environment: Mapping[str, str], mark: str) -> tuple[int, Ending]:
    """Have a supervisor do the job; the program's pid, 0 if there was none, and how it ended."""
    supervisor = subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", _SUPERVISOR, str(_SOURCE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL if sys.stderr is None else None,
        env=dict(environment),
        cwd=folder,
        start_new_session=True,
    )
    said = bytearray()
    try:
        with suppress(OSError):
            _give(supervisor, json.dumps(job._asdict()).encode() + b"\n")
        _listen(supervisor, said, job.seconds + limits.SUPERVISOR_SECONDS)
    finally:
        # Whatever has happened, that its input is closed tells it to end all; it may be at that already.
        _let_end(supervisor, said)
        facts = [json.loads(line) for line in said.splitlines() if line.endswith(b"}")]
        pid = next((fact["pid"] for fact in facts if "pid" in fact), 0)
        ending = next((Ending(**{**f, "left": tuple(f["left"])}) for f in facts if "why" in f), None)
        if ending is None:
            sessions = {pid, supervisor.pid} - {0}
            all_ended = processes.end_run(mark, sessions)
            ending = Ending("no supervisor", reason="joinlint's own process was ended", all_ended=all_ended)
    return pid, ending


def _give(supervisor: subprocess.Popen[bytes], line: bytes) -> None:
    if supervisor.stdin is not None:
        supervisor.stdin.write(line)
        supervisor.stdin.flush()


def _listen(supervisor: subprocess.Popen[bytes], said: bytearray, seconds: float) -> None:
    """Add to `said` what the supervisor says, until it has ended, or is seconds late."""
    deadline = time.monotonic() + seconds
    while supervisor.stdout is not None and (left := deadline - time.monotonic()) > 0:
        if select.select([supervisor.stdout], [], [], left)[0]:
            said += (chunk := os.read(supervisor.stdout.fileno(), 1 << 16))
            if not chunk:
                return


def _let_end(supervisor: subprocess.Popen[bytes], said: bytearray) -> None:
    try:
        if supervisor.stdin is not None:
            with suppress(OSError):
                supervisor.stdin.close()
        _listen(supervisor, said, limits.SUPERVISOR_SECONDS)
    finally:
        with suppress(OSError):
            supervisor.kill()
        supervisor.wait()
        if supervisor.stdout is not None:
            supervisor.stdout.close()


def _events(record: Path) -> tuple[dict[str, Any], ...]:
    """The events in order; a line that is not whole, as after a full disk, is left out."""
    events = []
    for line in _text(record).splitlines():
        with suppress(ValueError):
            event = json.loads(line)
            if isinstance(event, dict) and "event" in event:
                events.append(event)
    return tuple(events)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
