"""What joinlint says about what a child is given and what comes of it, and about threads, as questions to a
recording."""

from __future__ import annotations

import re
from dataclasses import replace

from joinlint.evidence.claims import CLAIMS, NO_FORK, Claim, clean, lost_child, started, unjoined, waits
from joinlint.evidence.run import Recording

CONTEXT_SET = "context has already been set"
# A traceback has those words in its quote of the source as well, before the exception itself.
CONTEXT_ERROR = f"RuntimeError: {CONTEXT_SET}"
# pickle has worded it differently over the versions.
_UNPICKLABLE = re.compile(r"can't pickle|cannot pickle|can't get local object", re.IGNORECASE)


def deadlock(recording: Recording) -> bool:
    """The parent waits for a child that waits for its reader, and goes on once the pipe is read away for it."""
    released = {e["child"] for e in recording.named("released") if e["drained"] > 0}
    return bool(released & {e["child"] for e in recording.named("stuck")})


def unpicklable_start(recording: Recording) -> bool:
    """start() raises in the parent, and nothing has run in a child."""
    messages = [e["message"] for e in recording.named("start raised")]
    return recording.status == 1 and any(map(_UNPICKLABLE.search, messages)) and not recording.named("run ends")


def unpicklable_task(recording: Recording) -> bool:
    """All processes are started, and then the program ends with what pickle says about the work for them."""
    refused = recording.status == 1 and _UNPICKLABLE.search(recording.stderr) is not None
    return refused and bool(started(recording)) and not recording.named("start raised")


def child_resets_context(recording: Recording) -> bool:
    """The child dies of setting the start method again, and nothing else says so."""
    begun = {e["pid"] for e in recording.named("run begins")}
    return recording.status == 0 and CONTEXT_SET in recording.stderr and bool(started(recording) - begun)


def pool_resets_context(recording: Recording) -> bool:
    """No worker of the pool gets to its work, since each sets the start method again."""
    return CONTEXT_ERROR in recording.stderr and not recording.named("run begins")


def resets_context(recording: Recording) -> bool:
    """The program itself is refused another start method."""
    return recording.status == 1 and CONTEXT_ERROR in recording.stderr


def stale(recording: Recording) -> bool:
    """Nothing tells that something is wrong: what is printed has to be compared with what the corrected twin prints."""
    return clean(recording)


def unbound_in_child(recording: Recording) -> bool:
    """The child knows no such name, and the program ends as if all were well."""
    return recording.status == 0 and any(e["type"] == "NameError" for e in recording.named("run raises"))


def _failed(recording: Recording) -> bool:
    return any(e["exitcode"] for e in recording.named("join ends"))


def unnoticed(recording: Recording) -> bool:
    """A child has failed and is joined, and the program ends as if all were well."""
    return _failed(recording) and waits(recording)


def noticed(recording: Recording) -> bool:
    """A child has failed, and the program ends with status 1 for it."""
    return _failed(recording) and recording.status == 1 and not unjoined(recording)


def thread_overtaking(recording: Recording) -> bool:
    """The program's code is through while a thread that it did not join is still held at its gate."""
    return any(e["held"] for e in recording.named("threads at end"))


def threads_waited_for(recording: Recording) -> bool:
    """As `clean`, and each thread was let go by its join."""
    joined = {e["thread"] for e in recording.named("thread join ends") if not e["alive"]}
    begun = {e["thread"] for e in recording.named("thread starts")}
    return clean(recording) and bool(begun) and begun <= joined and not thread_overtaking(recording)


HANDOVER_CLAIMS = {
    claim.name: claim
    for claim in (
        Claim("deadlock", deadlock, hold="drain", stop_on_event="released"),
        # Under fork nothing is pickled, except what is given to the workers of a pool or executor.
        Claim("unpicklable-start", unpicklable_start, methods=NO_FORK),
        Claim("unpicklable-task", unpicklable_task),
        Claim("lost-argument", lost_child, hold="start", hold_seconds=10, methods=NO_FORK),
        Claim("works-under-fork", clean, methods=("fork",)),
        Claim("child-resets-context", child_resets_context),
        Claim("pool-resets-context", pool_resets_context, stop_on=CONTEXT_ERROR),
        Claim("resets-context", resets_context),
        Claim("stale", stale, methods=NO_FORK),
        Claim("unbound-in-child", unbound_in_child, methods=NO_FORK),
        Claim("unnoticed", unnoticed),
        Claim("noticed", noticed),
        Claim("thread-overtaking", thread_overtaking, hold="threads", methods=("fork",), hold_seconds=10),
    )
}

_CLEAN = CLAIMS["clean"]
# What `clean` means in the folders of these rules: run as the flagged twin is.
HANDED_OVER = {
    "JL203": replace(_CLEAN, hold="start", hold_seconds=10),
    "JL401": replace(_CLEAN, hold="drain"),
}
# The same for the fixtures of threads, which know no start method.
THREADS_WAITED_FOR = replace(_CLEAN, holds=threads_waited_for, hold="threads", methods=("fork",))
