"""What shows that a process was not joined, or not as it should have been (JL10x)."""

from __future__ import annotations

from collections.abc import Sequence

from joinlint.confirmation.history import Event, History, Join, Site, Worker
from joinlint.confirmation.shown import Shown, at, several, shown, times


def never_joined(site: Site, history: History) -> Shown | None:
    """JL101, JL102: the process started there is unjoined when its parent's code is through."""
    return left([worker for worker in history.started_at(site) if worker.unjoined and not worker.daemon])


def left(workers: Sequence[Worker]) -> Shown | None:
    """The evidence that unjoined workers are, if there are any."""
    if not workers:
        return None
    ends = {worker.end for worker in workers if worker.end is not None}
    text = f"{several(workers)}, {times(workers)}, {_still(workers)} when its parent's code ended"
    return shown(f"{text} at {at(workers[0].left_at)}, and had not been joined", ends, workers)


def _still(workers: Sequence[Worker]) -> str:
    states = {worker.state for worker in workers}
    if states == {"Z"}:
        return "a zombie" if len(workers) == 1 else "zombies"
    if all(worker.ended is not None and worker.ended <= (worker.left_at or 0) for worker in workers):
        return "over"
    return "running" if len(workers) == 1 or not states & {"Z", "X", ""} else "running or over"


def join_skipped(site: Site, history: History) -> Shown | None:
    """JL103: joined on every path, so that only an exception can have skipped the join."""
    found = never_joined(site, history)
    return None if found is None else Shown(f"{found.text}: an exception skipped it", found.events, found.workers)


def daemon_killed(site: Site, history: History) -> Shown | None:
    """JL104: the daemon started there was ended by its parent's exit, in the middle of its work."""
    killed = [w for w in history.started_at(site) if w.daemon and w.unjoined and w.ended is None]
    if not killed:
        return None
    text = f"daemon {several(killed)}, {times(killed)}, was ended at {at(killed[0].left_at)} by the exit of its parent"
    return shown(f"{text}, before its work was done", {w.end for w in killed if w.end is not None}, killed)


def _joins(site: Site, history: History) -> list[Join]:
    indices = {index for index, _ in history.through(site, "join begins", "thread join ends")}
    return [join for join in history.joins if join.index in indices]


def timeout_unchecked(site: Site, history: History) -> Shown | None:
    """JL105: join(timeout) returned there with the child alive, and nobody has waited for it later."""
    early = [j for j in _joins(site, history) if j.ended and not j.over and j.timeout is not None and j.worker]
    refused = [index for index, e in enumerate(history.events) if _is_refused_close(e)]
    late = [j for j in early if j.worker is not None and (j.worker.unjoined or refused)]
    if not late:
        return None
    workers = [j.worker for j in late if j.worker is not None]
    then = f"unjoined at {at(workers[0].left_at)}, when the code ended" if workers[0].unjoined else "closed too early"
    text = f"join(timeout) returned before {several(workers)} was over, and it was {then}"
    ends = [worker.end for worker in workers if worker.end is not None]
    return shown(text, [*(j.index for j in late), *ends, *refused], workers)


def _is_refused_close(event: Event) -> bool:
    return event["event"] == "uncaught" and "Cannot close a process while" in event["message"]


def terminated_not_joined(site: Site, history: History) -> Shown | None:
    """JL106: the process that was told to end there is unjoined at the end."""
    stops = {e["child"]: index for index, e in history.through(site, "stop")}
    found = [w for w in history.workers if w.kind == "process" and w.ident in stops and w.unjoined]
    if not found:
        return None
    text = f"{several(found)} was told to end and not joined before its parent's code ended at {at(found[0].left_at)}"
    return shown(text, [stops[worker.ident] for worker in found], found)


def exit_status_ignored(site: Site, history: History) -> Shown | None:
    """JL109: a process joined there has failed, and nobody has looked."""
    read = {e["child"] for e in history.recording.named("exit code read")}
    failed = [j for j in _joins(site, history) if j.over and j.exit_code and j.worker and j.worker.ident not in read]
    workers = [j.worker for j in failed if j.worker is not None]
    if not workers:
        return None
    code = failed[0].exit_code
    text = f"{several(workers)} ended with exit code {code}, which nobody looked at"
    why = f": {workers[0].raised}" if workers[0].raised else ""
    return shown(text + why, [join.index for join in failed], workers)


def harmless_start(site: Site, history: History) -> str:
    """What is to be said of a start that came to no harm."""
    started = history.started_at(site)
    if not started:
        return ""
    joined = sum(worker.over is not None and not worker.unjoined for worker in started)
    if joined == len(started):
        return f"{several(started)} {'was' if len(started) == 1 else 'were'} started there and joined"
    if history.recording.end is None:
        return f"{several(started)} ran, but the run did not come to the end of the program's code"
    return f"{several(started)} had ended before the code did, and Python had noticed at a later start"
