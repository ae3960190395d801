"""What shows that workers did not overlap, and what became of pools and their tasks (JL30x, JL107, JL108)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from joinlint.confirmation.history import Event, History, Site, Worker
from joinlint.confirmation.shown import Shown, at, several, shown


def joined_in_loop(site: Site, history: History) -> Shown | None:
    """JL301: of the workers joined there, each was started only after the one before had been joined."""
    workers = _joined_at(site, history)
    if len(workers) < 2 or not (is_serial(history, workers) or _never_met(history, workers)):
        return None
    return serial(workers)


def joined_too_early(site: Site, history: History) -> Shown | None:
    """JL302: the worker joined there had the machine to itself, and the next was started after that."""
    for worker in _joined_at(site, history):
        later = next((w for w in _siblings(history, worker) if worker.over and w.start > worker.over), None)
        if later is not None and is_serial(history, [worker, later]):
            return serial([worker, later])
    return None


def serial(workers: Sequence[Worker]) -> Shown:
    first, last = workers[0], workers[-1]
    told = f"{at(first.started)} to {at(first.reaped)}, then {at(workers[1].started)} to {at(workers[1].reaped)}"
    text = f"{several(workers)} ran one at a time ({told}{', ...' if len(workers) > 2 else ''})"
    return shown(f"{text}, each started after the join of the one before", {last.start}, workers)


def _joined_at(site: Site, history: History) -> list[Worker]:
    indices = {index for index, _ in history.through(site, "join begins", "thread join ends")}
    joined = {id(j.worker): j.worker for j in history.joins if j.index in indices and j.over and j.worker is not None}
    return sorted(joined.values(), key=lambda worker: worker.start)


def _siblings(history: History, worker: Worker) -> list[Worker]:
    return [w for w in history.workers if w.parent == worker.parent and not w.by_library and w is not worker]


def is_serial(history: History, workers: Sequence[Worker]) -> bool:
    """Was each of the workers but the last joined before the next was started, and alone until then?"""
    for worker, following in pairwise(workers):
        if worker.over is None or worker.parent != following.parent or following.start < worker.over:
            return False
        for other in _siblings(history, worker):
            if other.start < worker.over and (other.over is None or other.over > worker.start):
                return False
    return True


def _never_met(history: History, workers: Iterable[Worker]) -> bool:
    """Were all held until they met another one, in vain?"""
    alone = {e["pid"] for e in history.recording.named("alone")}
    return history.hold == "meet" and {worker.ident for worker in workers} <= alone


# --- pools and tasks
# --------------------------------------------------------------------------------------------------------------


def _submitted(site: Site, history: History) -> list[tuple[int, Event]]:
    return history.through(site, "submitted")


def submitted_one_by_one(site: Site, history: History) -> Shown | None:
    """JL303: each task submitted there was over before the next one was submitted, though held until it met another."""
    jobs = _submitted(site, history)
    alone = len(history.recording.named("task alone"))
    if len(jobs) < 2 or alone < 2 or history.recording.named("task met"):
        return None
    ends = _positions(history, "task ends")
    for (_, event), (following, _) in pairwise(jobs):
        if not ends.get(event["job"]) or max(ends[event["job"]]) > following:
            return None
    text = f"{len(jobs)} tasks were submitted there, each after the one before was over; none met another"
    return shown(text, [index for index, _ in jobs])


def _positions(history: History, name: str) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for index, event in enumerate(history.events):
        if event["event"] == name:
            found.setdefault(event["job"], []).append(index)
    return found


def pool_in_loop(site: Site, history: History) -> Shown | None:
    """JL306: one pool after the other is built there."""
    pools = history.through(site, "pool")
    over = [(index, e["id"]) for index, e in enumerate(history.events) if e["event"] == "pool over"]
    for (index, event), (following, _) in pairwise(pools):
        if not any(index < where < following and number == event["id"] for where, number in over):
            return None
    if len(pools) < 2:
        return None
    first, last = (at(history.seconds(event)) for event in (pools[0][1], pools[-1][1]))
    text = f"{len(pools)} pools were built there from {first} to {last}, each when the one before was over"
    return shown(text, [index for index, _ in pools])


def pool_not_released(site: Site, history: History) -> Shown | None:
    """JL107: a pool built there takes work at the end still, is dropped so, or has tasks that nobody does any more."""
    for index, pool in history.through(site, "pool"):
        state = _last_state(history, index, pool["id"])
        if state is not None and state[1] == "RUN":
            return shown("the pool was neither closed nor terminated, and took work until the exit", [index, state[0]])
        dropped = _next_of_pool(history, index, pool["id"], "pool unclosed")
        if dropped is not None:
            text = "the last reference to the pool went while it took work still (Python: ResourceWarning, unclosed)"
            return shown(text, [index, dropped])
        jobs = [(i, e) for i, e in enumerate(history.events) if e["event"] == "submitted" and e["pool"] == pool["id"]]
        lost = _lost(history, [each for each in jobs if each[0] > index])
        if lost is not None:
            return shown(lost.text, lost.events | {index})
    return None


def _last_state(history: History, index: int, number: int) -> tuple[int, str] | None:
    pid = history.events[index]["pid"]
    for later in range(index, len(history.events)):
        event = history.events[later]
        if event["event"] == "pools" and event["pid"] == pid:
            return next(((later, pool["state"]) for pool in event["pools"] if pool["id"] == number), None)
    return None


def _next_of_pool(history: History, index: int, number: int, name: str) -> int | None:
    for later in range(index + 1, len(history.events)):
        event = history.events[later]
        if event.get("id") == number and event["event"] in {name, "pool"}:
            return later if event["event"] == name else None
    return None


def results_abandoned(site: Site, history: History) -> Shown | None:
    """JL108: tasks submitted there were never done, or a result is waited for that can't come any more."""
    jobs = _submitted(site, history)
    numbers = {event["job"] for _, event in jobs}
    for index, event in enumerate(history.events):
        if event["event"] == "waits in vain" and event["job"] in numbers:
            text = f"from {at(history.seconds(event))} on the program waited for a result that could not come any more"
            return shown(f"{text}: its pool had been terminated", [index, *(i for i, _ in jobs)])
    return _lost(history, jobs)


def _lost(history: History, jobs: Sequence[tuple[int, Event]]) -> Shown | None:
    """The jobs of which no task was done, though the program ended as if all were well."""
    done = _positions(history, "task ends")
    lost = [(index, event) for index, event in jobs if event["job"] not in done]
    failed = {event["job"] for event in history.recording.named("task failed")}
    lost = [(index, event) for index, event in lost if event["job"] not in failed]
    if history.recording.status != 0 or not lost:
        return None
    whose = f"{len(lost)} of {len(jobs)} tasks" if len(jobs) > 1 else "the task"
    were = "were" if len(lost) > 1 else "was"
    return shown(f"{whose} submitted {were} never done, and the program ended with status 0", [i for i, _ in lost])
