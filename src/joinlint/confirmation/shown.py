"""What speaks for a finding, and the words for processes and times that all evidence shares."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from joinlint.confirmation.history import Event, History, Worker

_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """Evidence: in words, by the events that bear it out (their places in the order), and by the workers concerned."""

    text: str
    events: frozenset[int]
    workers: tuple[Worker, ...] = ()


def shown(text: str, events: Iterable[int], workers: Iterable[Worker] = ()) -> Shown:
    concerned = tuple(workers)
    return Shown(text, frozenset(events) | {worker.start for worker in concerned}, concerned)


def raised(history: History, events: Sequence[tuple[int, Event]], workers: Iterable[Worker] = ()) -> Shown | None:
    """The evidence that errors are, if there are any; the first speaks for the others."""
    if not events:
        return None
    _, first = events[0]
    where = "in the program" if first["pid"] == history.recording.pid else f"in process {first['pid']}"
    more = f", and {len(events) - 1} more" if len(events) > 1 else ""
    return shown(
        f"{error_text(first)} ({where}, at {at(history.seconds(first))}{more})", [i for i, _ in events], workers
    )


def error_text(event: Event) -> str:
    """An exception in one line, as Python puts it."""
    message = " ".join(str(event["message"]).split())
    if len(message) > 200:
        message = f"{message[:200]}..."
    return f"{event['type']}: {message}" if message else str(event["type"])


def at(seconds: float | None) -> str:
    return "?" if seconds is None else f"{seconds:.2f} s"


def several(workers: Sequence[Worker]) -> str:
    """`process 12`, or `processes 12, 13, 14 and 5 more`."""
    if all(worker.kind == "thread" for worker in workers):
        return "a thread" if len(workers) == 1 else f"{len(workers)} threads"
    named = ", ".join(str(worker.ident) for worker in workers[:_MOST_NAMED])
    more = f" and {len(workers) - _MOST_NAMED} more" if len(workers) > _MOST_NAMED else ""
    return f"process{'es' if len(workers) > 1 else ''} {named}{more}"


def times(workers: Sequence[Worker]) -> str:
    """`started at 0.10 s`, or `started from 0.10 s to 0.30 s`."""
    first, last = at(workers[0].started), at(workers[-1].started)
    return f"started at {first}" if first == last else f"started from {first} to {last}"
