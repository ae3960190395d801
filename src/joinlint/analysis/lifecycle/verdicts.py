"""From the life histories of a site to one verdict per start(): never joined, missed on a path, only stopped, only
timed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from joinlint.analysis.interpreter.outcome import Final
from joinlint.analysis.interpreter.state import StartEvent
from joinlint.analysis.lifecycle.histories import History
from joinlint.analysis.lifecycle.ownership import Storage
from joinlint.analysis.lifecycle.witness import Witness, swallowed_by_handler, witness
from joinlint.program import ir
from joinlint.records import by_value

NEVER = "never joined"
SOME_PATHS = "not joined on all paths"
STOPPED = "stopped, not joined"
TIMED = "joined with a timeout nobody checks"
DAEMON = "daemon never joined"
JOINED = "joined"
SEVERITY = (NEVER, SOME_PATHS, STOPPED, TIMED, DAEMON, JOINED)


@by_value
class Verdict:
    """What is wrong with the processes started by one start(), or `JOINED` where each is waited for.

    `where` is the statement to report.  `storage` is set where the process lies in a field or global; `witness`
    explains the path on which it is missed.  `is_daemon` says of one that is joined that it is surely a daemon.
    """

    kind: str
    history: History
    start: StartEvent
    where: ir.Where
    storage: Storage | None = None
    witness: Witness | None = None
    stopped: ir.Where | None = None
    is_daemon: bool = False


def judge(history: History) -> Iterator[Verdict]:
    """What is wrong with each start() of the site: one verdict, or one for each place that ends the process without a
    join."""
    if history.gave_up or history.escaped:
        return
    for start in history.starts:
        if not _is_joined_for_others(history, start):
            yield from _judge_start(history, start)


def _is_joined_for_others(history: History, start: StartEvent) -> bool:
    """Do callers in other files join what is started there, and none in the file of this one?  Theirs may be what the
    function is made for, and this one a test that has put something else in the place of the process."""
    starts = (final.state.start for final in history.joined)
    joining = {other.functions[0][0] for other in starts if other is not None and other.where == start.where}
    return bool(joining) and start.functions[0][0] not in joining


def _judge_start(history: History, start: StartEvent) -> Iterable[Verdict]:
    joined = [f for f in history.joined if f.state.start == start]
    missed = [f for f in history.missed if f.state.start == start]
    kept = [(final, storage, ownership) for final, storage, ownership in history.stored if start in ownership.starts]
    waited_for = any(f.fate == "joined" for f in joined)
    if waited_for:
        missed = [f for f in missed if not _skips_loop_over_members(f)]
    cared_for = waited_for or any(ownership.discharged for _, _, ownership in kept)
    abandoned = [(storage, own) for _, storage, own in kept if not own.discharged]
    stored = [(storage, own, s) for storage, own in abandoned for s in own.started if s.start == start]
    states = [f.state for f in missed] + [s for _, _, s in stored]
    if not states:
        is_daemon = bool(joined) and all(f.state.daemon == "yes" for f in joined)
        return [Verdict(JOINED, history, start, start.where, is_daemon=is_daemon)] if joined and not kept else []
    is_daemon = any(s.daemon != "no" for s in states)
    plain = [f for f in missed if _is_plain(f)]
    if stored and (is_daemon or any(s.timed is not None for s in states)):
        ended = dict.fromkeys(s.stopped for _, _, s in stored if s.stopped is not None)
        if ended:
            return [Verdict(STOPPED, history, start, place, stored[0][0], None, place) for place in ended]
        timed = next((s.timed for _, own, s in stored if not own.polled and s.timed), None)
        if timed is not None and not missed:
            return [Verdict(TIMED, history, start, timed, stored[0][0])]
    if is_daemon:
        if found := _judge_stopped(history, start, missed, []) or (
            [] if kept else _judge_timed(history, start, missed)
        ):
            return found
        if cared_for or any(s.daemon != "yes" for s in states) or (missed and not kept and not plain):
            return []
        return [Verdict(DAEMON, history, start, start.where)]
    if abandoned and not any(s.timed is not None for s in states):
        if (cared_for or any(own.polled for _, own in abandoned)) and not plain:
            return []  # another path of the same field is looked after: too close to call
        stopped = next((s.stopped for _, own in abandoned for s in own.started if s.stopped is not None), None)
        kind = SOME_PATHS if cared_for else NEVER
        return [Verdict(kind, history, start, start.where, abandoned[0][0], None, stopped)]
    if plain and all(_skips_loop(f) for f in plain) and any(f.state.timed and not f.state.looked for f in missed):
        plain = []  # the loop that waits with a timeout has no rounds: that is the same problem
        missed = [f for f in missed if f.state.timed]
    if plain:
        some = cared_for or any(f.state.timed is not None for f in missed)
        explained = witness(plain, joined if waited_for else [])
        return [Verdict(SOME_PATHS if some else NEVER, history, start, start.where, None, explained)]
    return _judge_stopped(history, start, missed, joined) or _judge_timed(history, start, missed)


def _judge_stopped(
    history: History, start: StartEvent, missed: Sequence[Final], joined: Sequence[Final]
) -> Sequence[Verdict]:
    stopped = [f for f in missed if f.state.stopped is not None]
    if stopped and joined and all(swallowed_by_handler(f) for f in stopped):
        explained, place = witness(stopped, joined), stopped[0].state.stopped
        return [Verdict(SOME_PATHS, history, start, start.where, None, explained, place)]
    places = dict.fromkeys(f.state.stopped for f in stopped)
    return [Verdict(STOPPED, history, start, place, None, None, place) for place in places if place is not None]


def _judge_timed(history: History, start: StartEvent, missed: Sequence[Final]) -> Sequence[Verdict]:
    unchecked = [f.state.timed for f in missed if f.state.timed is not None and not f.state.looked]
    if unchecked and len(unchecked) == len(missed):
        return [Verdict(TIMED, history, start, unchecked[0])]
    return []


def _is_plain(final: Final) -> bool:
    """Is nothing done to end the process, or to wait for it for a while?"""
    return final.state.stopped is None and final.state.timed is None


def _skips_loop_over_members(final: Final) -> bool:
    """Is the path one on which a loop has no rounds that joins the members of a container, which holds the process?  As
    many rounds are meant as there are members: `for i in range(n): workers[i].join()`."""
    held = [way for ways in final.state.heap.values() for way in ways]
    return _skips_loop(final) and bool(held) and all(any(step[0] in "*#" for step in way) for way in held)


def _skips_loop(final: Final) -> bool:
    return final.state.trace is not None and final.state.trace.step.kind == "loop skipped"
