"""A recording, put in order: which line has started which process, and what became of it."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from joinlint.evidence.run import Recording

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Site:
    """The place of a finding: a file by its real path, the rows from `first` to `last`, and the lines of that file."""

    filename: str
    first: int
    last: int
    lines: tuple[str, ...] = field(default=(), repr=False)

    def has(self, filename: str, row: int) -> bool:
        return filename == self.filename and self.first <= row <= self.last


@dataclass(slots=True)
class Worker:
    """A process or a thread from its start on; times are seconds since the run began, None where it did not happen.

    `ident` is the pid of a process, and for a thread the number by which the recording knows it.  `parent` is the pid
    of the process that started it.  `start` and `over` are places in the order of events: where it was started, and
    where a join first returned with it over.
    """

    kind: str
    ident: int
    parent: int
    file: str
    line: int
    daemon: bool
    start: int
    started: float
    by_library: bool = False
    begun: float | None = None
    ended: float | None = None
    raised: str = ""
    joining: float | None = None
    over: int | None = None
    reaped: float | None = None
    exit_code: int | None = None
    stopped: bool = False
    end: int | None = None
    left_at: float | None = None
    state: str = ""

    @property
    def unjoined(self) -> bool:
        """Had its parent not waited for it when the parent's own code was through?"""
        return self.end is not None

    @property
    def name(self) -> str:
        return f"process {self.ident}" if self.kind == "process" else "a thread"


@dataclass(slots=True)
class Join:
    """A call of join(): of whom, where, and how it went on."""

    worker: Worker | None
    index: int
    timeout: float | None
    ended: bool = False
    over: bool = False
    exit_code: int | None = None


class History:
    """What a run showed, for one question after the other."""

    def __init__(self, recording: Recording, hold: str = "") -> None:
        self.recording = recording
        self.hold = hold
        self.events = recording.events
        self._real: dict[str, str] = {}
        self.workers: list[Worker] = []
        self.joins: list[Join] = []
        self._follow()

    # --- lines of the program

    def real(self, name: str) -> str:
        """The real path of a file that an event names."""
        if name not in self._real:
            self._real[name] = os.path.realpath(os.path.join(self.recording.folder, name)) if name else ""
        return self._real[name]

    def at(self, site: Site, *names: str) -> list[tuple[int, Event]]:
        """The events that happened at the site itself; of all kinds where none is named."""
        return [
            (index, e) for index, e in self._named(names) if site.has(self.real(e.get("file", "")), e.get("line", 0))
        ]

    def through(self, site: Site, *names: str) -> list[tuple[int, Event]]:
        """The events at the site, or, where there is none, those that it has led to by calls."""
        return self.at(site, *names) or [
            (index, e) for index, e in self._named(names) if any(site.has(*line) for line in self.lines(e))
        ]

    def lines(self, event: Event) -> Iterator[tuple[str, int]]:
        """The lines of the program that have to do with an event, each as a real path and a row."""
        if "file" in event:
            yield self.real(event["file"]), event["line"]
        for key in ("callers", "through"):
            flat = event.get(key, ())
            for name, row in zip(flat[::2], flat[1::2], strict=False):
                yield self.real(name), row

    def _named(self, names: Collection[str]) -> Iterable[tuple[int, Event]]:
        for index, event in enumerate(self.events):
            if event["event"] in names or (not names and "line" in event):
                yield index, event

    def raised(self, site: Site, event: str, kinds: Iterable[tuple[str, str]]) -> list[tuple[int, Event]]:
        """The errors of certain types and messages (patterns of the whole) that were raised at the site."""
        return [
            (index, e)
            for index, e in self.through(site, event)
            if any(e["type"] == kind and re.fullmatch(message, e["message"], re.DOTALL) for kind, message in kinds)
        ]

    # --- times

    def seconds(self, event: Event) -> float:
        return float(event["time"]) - self.recording.began

    @property
    def ends_at(self) -> float | None:
        """When the program's own code was through, if it came so far."""
        end = self.recording.end
        return None if end is None else self.seconds(end)

    # --- workers

    def workers_of(self, indices: Iterable[int]) -> list[Worker]:
        """Those that these events have started."""
        wanted = set(indices)
        return [worker for worker in self.workers if worker.start in wanted]

    def started_at(self, site: Site) -> list[Worker]:
        """The processes and threads that the site has started."""
        return self.workers_of(index for index, _ in self.through(site, "start", "thread starts"))

    def built_at(self, site: Site) -> list[tuple[int, Event]]:
        """The processes and threads built there, as the events of that."""
        return self.through(site, "built")

    def of_object(self, index: int) -> list[tuple[int, Event]]:
        """What happened to the object that was built in the event at `index`, until its number was given anew."""
        built = self.events[index]
        found = []
        for later in range(index + 1, len(self.events)):
            event = self.events[later]
            if event.get("object") == built["object"] and event["pid"] == built["pid"]:
                if event["event"] == "built":
                    break
                found.append((later, event))
        return found

    def workers_built_at(self, site: Site) -> list[Worker]:
        """The workers that were started of what was built there."""
        events = [found for index, _ in self.built_at(site) for found in self.of_object(index)]
        return self.workers_of(index for index, _ in events)

    def worker(self, pid: int) -> Worker | None:
        return self._by_pid.get(pid)

    @cached_property
    def _by_pid(self) -> dict[int, Worker]:
        return {worker.ident: worker for worker in self.workers if worker.kind == "process"}

    def _follow(self) -> None:
        processes: dict[int, Worker] = {}
        threads: dict[tuple[int, int], Worker] = {}
        waiting: dict[tuple[int, int | None], Join] = {}
        early: dict[int, dict[str, Any]] = {}
        for index, event in enumerate(self.events):
            name, pid = event["event"], event["pid"]
            if name == "start" and event["child"] is not None:
                worker = processes[event["child"]] = self._begin("process", event["child"], index, event)
                # A child may be faster than its parent's note.
                for key, value in early.pop(worker.ident, {}).items():
                    setattr(worker, key, value)
            elif name == "thread starts":
                threads[pid, event["object"]] = self._begin("thread", event["object"], index, event)
            elif name in {"run begins", "run ends", "run raises"}:
                key = "begun" if name == "run begins" else "ended"
                facts: dict[str, Any] = {key: self.seconds(event)}
                if name == "run raises":
                    facts["raised"] = f"{event['type']}: {event['message']}" if event["message"] else event["type"]
                if pid in processes:
                    for each, value in facts.items():
                        setattr(processes[pid], each, value)
                else:
                    early.setdefault(pid, {}).update(facts)
            elif name == "join begins":
                join = waiting[pid, event["child"]] = Join(processes.get(event["child"]), index, event["timeout"])
                self.joins.append(join)
            elif name == "join ends" and (pid, event["child"]) in waiting:
                _finish(waiting.pop((pid, event["child"])), index, self.seconds(event), event)
            elif name == "thread join ends":
                join = Join(threads.get((pid, event["object"])), index, event["timeout"])
                self.joins.append(join)
                _finish(join, index, self.seconds(event), {"reaped": not event["alive"], "exitcode": None})
            elif name == "stop" and event["child"] in processes:
                processes[event["child"]].stopped = True
            elif name == "end":
                for child in (*event["unjoined"], *event["daemons"]):
                    if child in processes:
                        worker = processes[child]
                        worker.end, worker.left_at = index, self.seconds(event)
                        worker.state = event["states"].get(str(child), "")

    def _begin(self, kind: str, ident: int, index: int, event: Event) -> Worker:
        worker = Worker(
            kind,
            ident,
            event["pid"],
            self.real(event["file"]),
            event["line"],
            bool(event.get("daemon")),
            index,
            self.seconds(event),
            by_library="via" in event,
        )
        self.workers.append(worker)
        return worker


def _finish(join: Join, index: int, seconds: float, event: Event) -> None:
    join.ended, join.over, join.exit_code = True, event["reaped"], event["exitcode"]
    worker = join.worker
    if worker is not None and event["reaped"] and worker.over is None:
        worker.over, worker.reaped, worker.exit_code = index, seconds, event["exitcode"]
