"""What shows a misuse of one worker or pool: an exception in CPython's own words, at the line (JL304, JL305, JL40x).

The messages are those of Lib/multiprocessing/process.py, pool.py and Lib/threading.py, the same from Python 3.8 to
3.14, and those that `python -O` leaves instead of the assertions.
"""

from __future__ import annotations

import re

from joinlint.confirmation.history import Event, History, Site
from joinlint.confirmation.shown import Shown, at, raised, several, shown

Errors = tuple[tuple[str, str], ...]

NOT_STARTED: Errors = (
    ("AssertionError", "can only join a started process"),
    ("AttributeError", "'NoneType' object has no attribute 'wait'"),
    ("RuntimeError", "cannot join thread before it is started"),
)
STARTED: Errors = (
    ("AssertionError", "cannot start a process twice"),
    ("AttributeError", ".*has no attribute '_target'"),
    ("TypeError", "cannot pickle 'weakref.ReferenceType' object"),
    ("RuntimeError", "threads can only be started once"),
)
NOT_INITIALISED: Errors = (
    ("AttributeError", r"'\w+' object has no attribute '(_closed|_popen)'"),
    ("RuntimeError", r"thread.__init__\(\) not called"),
)
GROUP: Errors = (("AssertionError", "group argument must be None for now"),)
DAEMONIC: Errors = (("AssertionError", "daemonic processes are not allowed to have children"),)
OTHER_PARENT: Errors = (("AssertionError", "can only join a child process"),)
RUNNING: Errors = (("ValueError", "Pool is still running"), ("AssertionError", ".*"))
_NOT_ITERABLE: Errors = (("TypeError", r"'\w+' object is not iterable"),)

_OF_NONE = re.compile(r"'NoneType' object has no attribute '\w+'")
_NOT_CALLABLE = re.compile(r"'\w+' object is not callable")
_BAD_ARGUMENTS = re.compile(
    r".*argument after \*+ must be (an iterable|a mapping), not \w+"
    r"|.* takes .*positional arguments? but \d+ (was|were) given"
)


def is_one_of(event: Event, errors: Errors) -> bool:
    """Is the exception of an event one of these?"""
    return any(event["type"] == kind and re.fullmatch(message, event["message"], re.DOTALL) for kind, message in errors)


def joined_before_start(site: Site, history: History) -> Shown | None:
    """JL402."""
    return raised(history, history.raised(site, "join raised", NOT_STARTED))


def started_twice(site: Site, history: History) -> Shown | None:
    """JL403."""
    return raised(history, history.raised(site, "start raised", STARTED))


def start_result_used(site: Site, history: History) -> Shown | None:
    """JL404: the start there went well, and the program failed on a None."""
    started = [w for w in history.started_at(site) if not w.by_library]
    used = [
        (index, e)
        for index, e in enumerate(history.events)
        if e["event"] == "uncaught" and e["type"] == "AttributeError" and _OF_NONE.fullmatch(e["message"])
    ]
    return raised(history, used, started) if started else None


def pool_joined_while_running(site: Site, history: History) -> Shown | None:
    """JL405."""
    return raised(history, history.raised(site, "pool join raised", RUNNING))


def daemon_starts(site: Site, history: History) -> Shown | None:
    """JL406."""
    return raised(history, history.raised(site, "start raised", DAEMONIC))


def bad_arguments(site: Site, history: History) -> Shown | None:
    """JL407: the arguments are no iterable, or a text, which goes in letter by letter."""
    refused = history.raised(site, "build raised", _NOT_ITERABLE)
    if refused:
        return raised(history, refused)
    for worker in history.workers_built_at(site):
        if _BAD_ARGUMENTS.fullmatch(worker.raised.removeprefix("TypeError: ")):
            return shown(f"{worker.name} failed with {worker.raised}", [], [worker])
    objects = {event["object"] for _, event in history.built_at(site)}
    jobs = {event["job"] for _, event in history.through(site, "submitted")}
    failed = [
        (index, e)
        for index, e in enumerate(history.events)
        if (e["event"] == "uncaught" and e.get("object") in objects)
        or (e["event"] == "task failed" and e["job"] in jobs)
        if e["type"] == "TypeError" and _BAD_ARGUMENTS.fullmatch(e["message"])
    ]
    if failed:
        return raised(history, failed)
    split = [(index, e) for index, e in history.built_at(site) if e["text"]]
    if not split:
        return None
    text = split[0][1]["text"]
    letters = f"{len(text)} arguments of one letter each" if len(text) > 1 else "one letter"
    return shown(f"the text {text[:40]!r} was taken for the arguments: {letters}", [index for index, _ in split])


def group_given(site: Site, history: History) -> Shown | None:
    """JL408."""
    return raised(history, history.raised(site, "build raised", GROUP))


def not_initialised(site: Site, history: History) -> Shown | None:
    """JL409: the finding may be at the start, or at the class."""
    found = history.raised(site, "start raised", NOT_INITIALISED)
    if not found and site.first <= len(site.lines):
        defined = re.match(r"\s*class\s+(\w+)", site.lines[site.first - 1])
        name = defined[1] if defined else ""
        found = [
            (index, e)
            for index, e in enumerate(history.events)
            if e["event"] == "start raised" and name in e["classes"] and is_one_of(e, NOT_INITIALISED)
        ]
    return raised(history, found)


def joined_elsewhere(site: Site, history: History) -> Shown | None:
    """JL410."""
    return raised(history, history.raised(site, "join raised", OTHER_PARENT))


def target_called(site: Site, history: History) -> Shown | None:
    """JL304: what was given to the worker is the result of a call, which can't be called."""
    built = [(index, e) for index, e in history.built_at(site) if e["target"] is not None and not e["callable"]]
    if built:
        kind = built[0][1]["target"]
        what = "None" if kind == "NoneType" else f"a value of type {kind}"
        return shown(f"the target was {what}: the function had been called in the parent", [i for i, _ in built])
    jobs = {event["job"] for _, event in history.through(site, "submitted")}
    failed = [
        (index, e)
        for index, e in enumerate(history.events)
        if e["event"] == "task failed" and e["job"] in jobs and _NOT_CALLABLE.fullmatch(e["message"])
    ]
    return raised(history, failed)


def run_called(site: Site, history: History) -> Shown | None:
    """JL305."""
    calls = [(index, e) for index, e in history.at(site, "run called") if not e["in_worker"]]
    if not calls:
        return None
    text = f"run() ran in process {calls[0][1]['pid']}, which called it, at {at(history.seconds(calls[0][1]))}"
    return shown(f"{text}; nothing was started", [index for index, _ in calls])


def joined_before_drained(site: Site, history: History) -> Shown | None:
    """JL401: the join there waits for a child that waits for its reader."""
    return deadlock(history, history.through(site, "stuck"))


def deadlock(history: History, stuck: list[tuple[int, Event]]) -> Shown | None:
    """The evidence that children stuck in a write are: nobody was left to read, or nobody had read until the end."""
    if not stuck:
        return None
    released = {e["child"]: (i, e) for i, e in enumerate(history.events) if e["event"] == "released" and "child" in e}
    index, event = next(((i, e) for i, e in stuck if e["child"] in released), stuck[-1])
    children = [worker for _, e in stuck if (worker := history.worker(e["child"])) is not None]
    where = sorted({place.partition(" in ")[2] for threads in event["blocked"].values() for place in threads})
    who = several(children) if children else "a child"
    text = f"{who} slept in a write ({', '.join(where) or 'full pipe'}), its parent in this join"
    if event["child"] in released:
        place, proof = released[event["child"]]
        text += f"; it went on when joinlint read {proof['drained']} bytes in the parent's place"
        return shown(text, [index, place, *(i for i, _ in stuck)], children)
    if history.recording.ending.why == "exit":
        return None
    last = "and no one was left to read" if history.recording.ending.why == "stuck" else "until the run was ended"
    return shown(f"{text}, {last}", [index, *(i for i, _ in stuck)], children)
