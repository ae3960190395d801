"""What runs showed that no finding speaks of."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from joinlint.confirmation import errors, guards, lives, order
from joinlint.confirmation.history import Event, History, Worker
from joinlint.confirmation.runs import UnderMethod
from joinlint.confirmation.shown import Shown, raised

# Fewer may be one after the other because that is how they were meant.
_FEWEST_SERIAL = 3


@dataclass(frozen=True, slots=True)
class Sighting:
    """One kind of thing that one run showed at one line.

    `codes` are those of the rules that report such a thing: a comment that silences them silences this, too.
    """

    kind: str
    codes: tuple[str, ...]
    filename: str
    row: int
    evidence: Shown


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen at one line that no finding speaks of, under one or more start methods."""

    kind: str
    codes: tuple[str, ...]
    filename: str
    row: int
    evidence: Mapping[str, Shown]


# What to call it, and the rules whose business it is.
_KINDS = {
    "unjoined": ("never joined", ("JL101", "JL102")),
    "unguarded": ("started at import", ("JL201", "JL202")),
    "deadlock": ("joined while its queue or pipe was full", ("JL401",)),
    "serial": ("one at a time", ("JL301", "JL302")),
}
_ERRORS: tuple[tuple[str, errors.Errors, tuple[str, ...]], ...] = (
    ("join raised", errors.NOT_STARTED, ("JL402",)),
    ("join raised", errors.OTHER_PARENT, ("JL410",)),
    ("start raised", errors.DAEMONIC, ("JL406",)),
    ("start raised", errors.NOT_INITIALISED, ("JL409",)),
    ("start raised", errors.STARTED, ("JL403",)),
    ("build raised", errors.GROUP, ("JL408",)),
    ("pool join raised", errors.RUNNING, ("JL405",)),
)
_NAMES = {
    "join raised": "join() raised",
    "start raised": "start() raised",
    "build raised": "the constructor raised",
    "pool join raised": "join() raised",
    "method refused": "set_start_method() raised",
    "task failed": "a task could not be sent",
}


def observed(
    methods: Iterable[UnderMethod], concerns: Callable[[str], bool], is_wanted: Callable[[Observation], bool]
) -> tuple[Observation, ...]:
    """What the plain runs showed that no confirmed finding explains, sorted by place.

    `concerns` tells the program's own files from others by their real paths; `is_wanted` whether an observation is not
    silenced.
    """
    found: dict[tuple[str, int, str], dict[str, Sighting]] = {}
    for under in methods:
        explained: set[int] = set()
        workers: set[int] = set()
        for verdict in under.verdicts:
            # What another run has shown counts by its lines: the plain one has other pids.
            if verdict.shown is not None and not verdict.hold:
                explained |= verdict.shown.events
                workers |= {worker.start for worker in verdict.shown.workers}
        for sighting in _sightings(under.runs[0].history, explained, workers):
            if concerns(sighting.filename):
                place = (sighting.filename, sighting.row, sighting.kind)
                found.setdefault(place, {}).setdefault(under.method, sighting)
    each = (_observation(sightings) for _, sightings in sorted(found.items()))
    return tuple(observation for observation in each if is_wanted(observation))


def _observation(sightings: Mapping[str, Sighting]) -> Observation:
    first = next(iter(sightings.values()))
    evidence = {method: sighting.evidence for method, sighting in sightings.items()}
    return Observation(first.kind, first.codes, first.filename, first.row, evidence)


def _sightings(history: History, explained: Collection[int], workers: Collection[int]) -> Iterator[Sighting]:
    """What a run showed; what is explained by the evidence for a finding is left out."""
    own = [worker for worker in history.workers if not worker.by_library and worker.start not in workers]
    for place, started in _by_line(own).items():
        unjoined = [w for w in started if w.kind == "process" and w.unjoined and not w.daemon]
        yield from _of_workers("unjoined", place, lives.left(unjoined))
        if _is_serial_work(history, started):
            yield from _of_workers("serial", _joined_where(history, started[0]) or place, order.serial(started))
    rest = [(index, event) for index, event in enumerate(history.events) if index not in explained]
    unguarded = [(i, e) for i, e in rest if guards.is_unguarded(e)]
    for place, events in _events_by_line(history, unguarded).items():
        yield from _of_workers("unguarded", place, guards.refused_at_import(history, events))
    stuck = [(i, e) for i, e in rest if e["event"] == "stuck"]
    for place, events in _events_by_line(history, stuck).items():
        yield from _of_workers("deadlock", place, errors.deadlock(history, events))
    failed = [(i, e) for i, e in rest if not guards.is_unguarded(e) and _codes(e)]
    for place, events in _events_by_line(history, failed).items():
        kinds = dict.fromkeys((event["event"], _codes(event)) for _, event in events)
        for name, codes in kinds:
            evidence = raised(history, [(i, e) for i, e in events if (e["event"], _codes(e)) == (name, codes)])
            if evidence is not None:
                yield Sighting(_NAMES[name], codes, *place, evidence)


def _of_workers(kind: str, place: tuple[str, int], evidence: Shown | None) -> Iterator[Sighting]:
    if evidence is not None:
        name, codes = _KINDS[kind]
        yield Sighting(name, codes, *place, evidence)


def _by_line(workers: Iterable[Worker]) -> dict[tuple[str, int], list[Worker]]:
    found: dict[tuple[str, int], list[Worker]] = {}
    for worker in workers:
        found.setdefault((worker.file, worker.line), []).append(worker)
    return found


def _events_by_line(
    history: History, events: Iterable[tuple[int, Event]]
) -> dict[tuple[str, int], list[tuple[int, Event]]]:
    """By the line that raised or joined; a task by the line that submitted it."""
    submitted = {e["job"]: e for e in history.events if e["event"] == "submitted"}
    found: dict[tuple[str, int], list[tuple[int, Event]]] = {}
    for index, event in events:
        source = submitted.get(event.get("job"), event)
        if "file" in source:
            found.setdefault((history.real(source["file"]), source["line"]), []).append((index, event))
    return found


def _is_serial_work(history: History, workers: list[Worker]) -> bool:
    """Did all run one after the other?  One that failed or was stopped may have been tried again: that is no sign."""
    well = all(worker.over is not None and not worker.exit_code and not worker.stopped for worker in workers)
    return len(workers) >= _FEWEST_SERIAL and well and order.is_serial(history, workers)


def _joined_where(history: History, worker: Worker) -> tuple[str, int] | None:
    """The line of the join, where the rules report, and a comment that silences them stands."""
    index = next((join.index for join in history.joins if join.worker is worker and join.over), None)
    return next(history.lines(history.events[index]), None) if index is not None else None


def _codes(event: Event) -> tuple[str, ...]:
    """The rules that report such an exception; none where it is not one of multiprocessing's own."""
    name = event["event"]
    for event_name, kinds, codes in _ERRORS:
        if name == event_name and errors.is_one_of(event, kinds):
            return codes
    if name == "method refused":
        return ("JL204",)
    if name == "task failed" and guards.is_only_inherited(event):
        return ("JL206",)
    if name in {"start raised", "task failed"} and guards.is_about_pickling(event):
        return ("JL203",)
    return ()
