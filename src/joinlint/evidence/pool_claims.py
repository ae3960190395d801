"""What joinlint says about programs with pools and executors, as questions to a recording by `pool_recorder.py`."""

from __future__ import annotations

from dataclasses import replace

from joinlint.evidence.claims import CLAIMS, Claim, clean
from joinlint.evidence.run import Recording

BY_INHERITANCE = "should only be shared between processes through inheritance"
NOT_PASSED = "pool objects cannot be passed between processes"
STILL_RUNNING = "ValueError: Pool is still running"
UNCLOSED = "ResourceWarning: unclosed running multiprocessing pool"
_TASKS = {"submitted": "s", "task begins": "b", "task ends": "e"}


def _jobs(recording: Recording, event: str) -> set[int]:
    return {e["job"] for e in recording.named(event)}


def _states(recording: Recording) -> list[dict[str, object]]:
    """The pools that are there at the end of the program's own code."""
    return [pool for e in recording.named("pools") if e["pid"] == recording.pid for pool in e["pools"]]


def _next_pools(recording: Recording) -> list[str]:
    """Where a line builds a pool once more, and all that were there are over: what became of the tasks until then."""
    found: list[str] = []
    lines: set[tuple[str, int]] = set()
    open_pools: set[int] = set()
    for index, event in enumerate(recording.events):
        if event["event"] == "pool":
            line = event["file"], event["line"]
            if line in lines and not open_pools:
                found.append(_lifetimes(replace(recording, events=recording.events[:index])))
            lines.add(line)
            open_pools.add(event["id"])
        elif event["event"] == "pool over":
            open_pools.discard(event["id"])
    return found


def _lifetimes(recording: Recording) -> str:
    """The tasks in one line: s for submitted, b for begun, e for ended."""
    return "".join(_TASKS.get(e["event"], "") for e in recording.events)


def unclosed_warning(recording: Recording) -> bool:
    """The last reference to a running pool has gone, which Python warns of where it is asked to."""
    return recording.status == 0 and UNCLOSED in recording.stderr


def workers_left(recording: Recording) -> bool:
    """The program's code is through, its pool takes work still, and the workers sit there."""
    return any(pool["state"] == "RUN" and pool["workers"] for pool in _states(recording))


def tasks_lost(recording: Recording) -> bool:
    """Nothing is said, and yet there are jobs of which no task was ever done."""
    lost = _jobs(recording, "submitted") - _jobs(recording, "task ends")
    return recording.status == 0 and "Traceback" not in recording.stderr and bool(lost)


def get_hangs(recording: Recording) -> bool:
    """The program waits for a result whose pool is terminated, with nobody left to bring it."""
    return recording.status is None and bool(recording.named("waits in vain"))


def refused(recording: Recording) -> bool:
    """An argument could not be pickled, as it may only be inherited, or is a pool."""
    messages = [recording.stderr, *(e["message"] for e in recording.named("task failed"))]
    return any(said in message for message in messages for said in (BY_INHERITANCE, NOT_PASSED))


def one_by_one(recording: Recording) -> bool:
    """Each task is submitted when the one before has ended, so that no two can ever meet."""
    order = _lifetimes(recording)
    serial = len(order) > 3 and order == "sbe" * (len(order) // 3)
    return serial and len(recording.named("task alone")) > 1 and not recording.named("task met")


def pool_per_round(recording: Recording) -> bool:
    """One line builds a pool again and again, each when the one before is over and its tasks have ended."""
    tasks = _next_pools(recording)
    return bool(tasks) and all(before.count("b") == before.count("e") > 0 for before in tasks)


def still_running(recording: Recording) -> bool:
    return recording.status == 1 and STILL_RUNNING in recording.stderr


def nothing_lost(recording: Recording) -> bool:
    """The program ends well and every job that it has submitted is done."""
    done = _jobs(recording, "submitted") <= _jobs(recording, "task ends")
    return recording.status == 0 and "Traceback" not in recording.stderr and done


def released(recording: Recording) -> bool:
    """As `nothing_lost`, and no pool takes work any more."""
    running = any(pool["state"] == "RUN" for pool in _states(recording))
    return nothing_lost(recording) and not running and UNCLOSED not in recording.stderr


def accepted(recording: Recording) -> bool:
    """As `clean`, and no task has failed."""
    return clean(recording) and not recording.named("task failed")


def tasks_overlap(recording: Recording) -> bool:
    """As `clean`, and at least two tasks were there at the same time."""
    return clean(recording) and bool(recording.named("task met"))


def one_pool(recording: Recording) -> bool:
    """As `clean`, and no line builds a pool where another one from there is over."""
    return clean(recording) and bool(recording.named("pool")) and not _next_pools(recording)


POOL_CLAIMS = {
    claim.name: claim
    for claim in (
        Claim("unclosed-warning", unclosed_warning, hold="tasks"),
        Claim("workers-left", workers_left, hold="tasks"),
        # Long, as the tasks of a slow machine must not be let go before their parent has passed by.
        Claim("tasks-lost", tasks_lost, hold="tasks-gate", hold_seconds=5),
        Claim("get-hangs", get_hangs, hold="tasks-gate", hold_seconds=5, stop_on_event="waits in vain"),
        Claim("refused", refused, hold="tasks"),
        # Short: that each is alone follows from the order of the events, whatever the time.
        Claim("one-by-one", one_by_one, hold="tasks-meet", hold_seconds=0.1),
        Claim("pool-per-round", pool_per_round, hold="tasks"),
        Claim("still-running", still_running, hold="tasks"),
    )
}

_CLEAN = CLAIMS["clean"]
# What `clean` means in the folders of these rules: the flagged twin's claims can't hold where this does.
CORRECTED = {
    "JL107": replace(_CLEAN, holds=released, hold="tasks-gate"),
    "JL108": replace(_CLEAN, holds=nothing_lost, hold="tasks-gate"),
    "JL206": replace(_CLEAN, holds=accepted, hold="tasks"),
    "JL303": replace(_CLEAN, holds=tasks_overlap, hold="tasks-meet", hold_seconds=10),
    "JL306": replace(_CLEAN, holds=one_pool, hold="tasks"),
    "JL405": replace(_CLEAN, hold="tasks"),
}
