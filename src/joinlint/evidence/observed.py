"""What a run that bears a claim out has shown: the claim in words, and a line of evidence taken from the recording.

A line says the same whenever and wherever the program runs: it has no process numbers, times, addresses or paths.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from joinlint.evidence import claims, handover_claims, pool_claims
from joinlint.evidence.claims import Claim
from joinlint.evidence.run import Recording

Line = Callable[[Recording], str]

_LONGEST = 160
_EXCEPTION = r"^(?:\w+\.)*\w*(?:Error|Exception|Warning)\b.*"
_VARIABLE = (
    (re.compile(r"0x[0-9a-f]+"), "0x…"),
    (re.compile(r"(?<![\w.])(?:/[\w.+-]+)+/(?=[\w.+-])"), "…/"),
    (re.compile(r"pool_size=\d+"), "pool_size=…"),
)


@dataclass(frozen=True, slots=True)
class Words:
    """`claim` says what was observed, `line` shows it in one recording."""

    claim: str
    line: Line


def words(claim: Claim) -> Words:
    """The words for a claim; `clean` means something else in the fixtures of some rules."""
    return _CLEAN[claim.holds] if claim.name == "clean" else _SHOWN[claim.name]


def normalised(text: str) -> str:
    """One line without what differs from run to run."""
    text = " ".join(text.split())
    for pattern, instead in _VARIABLE:
        text = pattern.sub(instead, text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


# --- what is taken from a recording
# ---------------------------------------------------------------------------------------------


def _status(recording: Recording) -> str:
    return "still running, ended from outside" if recording.status is None else f"exit status {recording.status}"


def _count(number: int, one: str, several: str = "") -> str:
    return f"{number} {one if number == 1 else several or one + 's'}"


def _said(pattern: str, tail: str = "") -> Line:
    """The first line of standard error that is an exception or warning and has the pattern."""
    wanted = re.compile(pattern)

    def line(recording: Recording) -> str:
        said = re.findall(_EXCEPTION, recording.stderr, re.MULTILINE)
        # A warning begins with the place in the file that it is about.
        said += re.findall(r"^\S+:\d+: (\w+Warning: .*)", recording.stderr, re.MULTILINE)
        return next((text + tail for text in said if wanted.search(text)), f"…{pattern}…")

    return line


def _context_set(recording: Recording) -> str:
    """The words of the workers of a pool, which write them into each other's lines."""
    return handover_claims.CONTEXT_ERROR if handover_claims.CONTEXT_ERROR in recording.stderr else ""


def _with_status(line: Line) -> Line:
    return lambda recording: f"{line(recording)}; {_status(recording)}"


def _noted(event: str, pattern: str = "", where: str = "") -> Line:
    """The first exception noted with such an event."""

    def line(recording: Recording) -> str:
        errors = [f"{e['type']}: {e['message']}" for e in recording.named(event)]
        found = next((error for error in errors if re.search(pattern, error, re.IGNORECASE)), "")
        return f"{found}{where}" if found else ""

    return line


def _first(*lines: Line) -> Line:
    return lambda recording: next((text for line in lines if (text := line(recording))), "")


def _held(recording: Recording) -> str:
    unjoined = len(claims.unjoined(recording))
    return f"the program's code is through; {_count(unjoined, 'child', 'children')} held, not joined"


def _unjoined(recording: Recording) -> str:
    unjoined = len(claims.unjoined(recording))
    return f"at the end of the program's code: {unjoined} of {len(claims.started(recording))} started not joined"


def _all_joined(recording: Recording) -> str:
    begun = claims.started(recording)
    return f"{len(begun - claims.unjoined(recording))} of {_count(len(begun), 'process', 'processes')} joined"


def _daemon(recording: Recording) -> str:
    """Whether the daemon had begun when it was killed is a matter of chance."""
    printed = "standard error: empty" if not recording.stderr.strip() else "standard error: not empty"
    return f"the daemon never came to the end of its target; {_status(recording)}; {printed}"


def _timeout(recording: Recording) -> str:
    ends = recording.named("join ends")
    codes = [e["exitcode"] for e in ends if e["timeout"] is not None and not e["reaped"]]
    return f"join(timeout) returned, exitcode {codes[0]}: the child was still held, and never waited for again"


def _stopped(recording: Recording) -> str:
    left = claims.unjoined(recording) | claims.daemons(recording)
    stops = [e for e in recording.named("stop") if e["child"] in left]
    return f"{stops[0]['how']}() was called; no join until the end of the program's code"


def _bootstrap(recording: Recording) -> str:
    found = re.search(r"An attempt has been made[^.]*bootstrapping phase\.", recording.stderr)
    return f"RuntimeError: {found[0] if found else '… bootstrapping phase.'}"


def _nothing_started(recording: Recording) -> str:
    return f"{_status(recording)}; processes started: {len(recording.named('start'))}"


def _never_begun(recording: Recording) -> str:
    return f"processes started: {len(claims.started(recording))}; targets begun: {len(recording.named('run begins'))}"


def _alone(recording: Recording) -> str:
    return f"{_count(len(recording.named('alone')), 'child', 'children')} ran, each alone: none met another"


def _overlap(recording: Recording) -> str:
    return f"{_fine(recording)}; children that met another: {'some' if recording.named('met') else 'none'}"


def _called(recording: Recording) -> str:
    call = [e for e in recording.named("call") if e["pid"] == recording.pid and e["function"] != "main"][-1]
    given = [e["target"] for e in recording.named("built") if e["target"] is not None and not e["callable"]]
    what = f"the worker's target: {given[0]}" if given else _said("object is not callable")(recording)
    return f"{call['function']}() ran in the parent (pid = parent's pid); {what}"


def _run_called(recording: Recording) -> str:
    here = any(e["pid"] == recording.pid and not e["in_worker"] for e in recording.named("run called"))
    place = "the parent (pid = parent's pid, main thread)" if here else "a worker"
    return f"run() ran in {place}; processes started: {len(claims.started(recording))}"


def _letters(recording: Recording) -> str:
    texts = [e["text"] for e in recording.named("built") if e["text"]]
    printed = [" ".join(text) for text in texts if " ".join(text) in recording.stdout]
    return f"printed: {printed[0]}" if printed else _said("were given")(recording)


def _drained(recording: Recording) -> str:
    released = {e["child"] for e in recording.named("released") if e["drained"] > 0}
    stuck = [e for e in recording.named("stuck") if e["child"] in released]
    return "child alive while the parent is in join; drained: it ended" if stuck else ""


def _exit_codes(recording: Recording) -> str:
    codes = [e["exitcode"] for e in recording.named("join ends") if e["exitcode"]]
    return f"exitcode of the child: {codes[0]}; the program: {_status(recording)}"


def _lost_tasks(recording: Recording) -> str:
    submitted = {e["job"] for e in recording.named("submitted")}
    lost = submitted - {e["job"] for e in recording.named("task ends")}
    return f"{_count(len(submitted), 'call')} submitted, results lost: {len(lost)}; {_status(recording)}, no message"


def _vain(recording: Recording) -> str:
    return "get() waits; the pool is terminated, the thread that brings results has ended; " + _status(recording)


def _serial(recording: Recording) -> str:
    return f"{_count(len(recording.named('submitted')), 'task')}: each submitted when the one before had ended"


def _pools(recording: Recording) -> str:
    built: dict[Any, int] = {}
    for event in recording.named("pool"):
        place = event["file"], event["line"]
        built[place] = built.get(place, 0) + 1
    return f"one line built {max(built.values())} pools, one after the other"


def _left(recording: Recording) -> str:
    pools = [pool for e in recording.named("pools") if e["pid"] == recording.pid for pool in e["pools"]]
    pool = next(pool for pool in pools if pool["workers"])
    return f"at the end of the program's code: pool in state {pool['state']}, its workers alive"


def _afterwards(recording: Recording) -> str:
    states = [state for e in recording.named("afterwards") for state in e["states"].values()]
    return f"state of the ended child: {'Z (zombie)' if 'Z' in states else 'gone'}; its parent: alive"


def _threads(recording: Recording) -> str:
    held = sum(len(e["held"]) for e in recording.named("threads at end"))
    return f"the program's code is through; {_count(held, 'thread')} held, not joined"


def _fine(recording: Recording) -> str:
    return f"{_status(recording)}, no traceback, all joined"


def _prints(recording: Recording) -> str:
    lines = recording.stdout.split("\n")
    return f"printed: {next((line for line in lines if line.strip()), '')}"


_NO_TRACEBACK = "the program ends with status 0 and without a traceback"
_AGAIN = "run the main module again, come to the same start, and are refused it"

_SHOWN = {
    "overtaking": Words("the program goes on to its end while a child that it has not joined is held", _held),
    "zombie": Words("the ended child stays a zombie", _afterwards),
    "lost-child": Words(
        "the child dies, since the parent's exit destroys what it was given",
        _said("FileNotFoundError", "; the child's target never began"),
    ),
    "raises": Words("an exception skips the join, and the program goes on with the child unjoined", _unjoined),
    "killed-at-exit": Words("the daemon is killed before its work is done, and nothing says so", _daemon),
    "timeout-overtaking": Words("the join returns by its timeout, and the program goes on to its end", _timeout),
    "left-after-terminate": Words("the process is sent a signal and never joined", _stopped),
    "bootstrap-process": Words(f"the children {_AGAIN}", _bootstrap),
    "bootstrap-pool": Words(f"the pool's workers {_AGAIN}", _bootstrap),
    "bootstrap-executor": Words(f"the executor's workers {_AGAIN}", _bootstrap),
    "bootstrap-manager": Words(f"the manager's processes {_AGAIN}", _bootstrap),
    "runs-in-child": Words(
        "the guard holds in the child as well, which comes to the same start and is refused it", _bootstrap
    ),
    "child-exits": Words("the child ends before it comes to its target", _never_begun),
    "body-skipped": Words("the guarded block never runs, and the program ends as if all were well", _nothing_started),
    "name-error": Words("the guard itself fails", _with_status(_said("NameError"))),
    "version-dependent": Words("the guard holds or not by the version of Python, which warns", _said('"is" with')),
    "no-overlap": Words("no two children ever run at the same time", _alone),
    "target-called": Words("the program calls the function itself, and the worker has nothing to run", _called),
    "run-called": Words("run() runs in the program's own process and thread", _run_called),
    "join-before-start": Words("join() raises, and the program dies of it", _with_status(_noted("join raised"))),
    "started-twice": Words(
        "the second start() raises, and the program dies of it", _with_status(_noted("start raised"))
    ),
    "start-result": Words("the name is bound to None, and using it raises", _with_status(_said("'NoneType' object"))),
    "daemon-child": Words("start() raises in the daemon", _noted("start raised", "daemonic", " (in the child)")),
    "args-refused": Words(
        "the arguments are no sequence, which raises", _first(_noted("build raised"), _said(r"argument after \*"))
    ),
    "args-split": Words("a text is passed letter by letter", _letters),
    "group-argument": Words("the function is taken for the group, which raises", _with_status(_noted("build raised"))),
    "no-super-init": Words("start() raises, as the object was never set up", _with_status(_noted("start raised"))),
    "not-its-child": Words("join() raises in another process", _noted("join raised", "child process", " (in a child)")),
    "serial-on-purpose": Words("one at a time, as is meant, and each child is joined", _all_joined),
    "unclosed-warning": Words("Python's ResourceWarning, hidden by default", _said("unclosed running")),
    "workers-left": Words("the program goes on to its end, and the pool's workers wait for work still", _left),
    "tasks-lost": Words("work that was submitted is never done, and nothing says so", _lost_tasks),
    "get-hangs": Words("the program waits for a result that can't come", _vain),
    "refused": Words(
        "the argument can't be given to a worker that runs already",
        _first(_noted("task failed", "only be shared|cannot be passed"), _said("only be shared|cannot be passed")),
    ),
    "one-by-one": Words("each task is submitted when the one before has ended, and never meets another", _serial),
    "pool-per-round": Words("one line builds a pool again and again", _pools),
    "still-running": Words("join() raises, and the program dies of it", _with_status(_said("Pool is still running"))),
    "deadlock": Words("the parent waits for the child, which waits for a reader", _drained),
    "unpicklable-start": Words("start() raises, and nothing runs", _noted("start raised", "pickle|local object")),
    "unpicklable-task": Words(
        "the task can't be sent to the workers, and the program dies of that", _said("(?i)pickle|local object")
    ),
    "lost-argument": Words(
        "the child dies, since start() drops the last reference to what it was given",
        _said("FileNotFoundError", "; the child's target never began"),
    ),
    "works-under-fork": Words("harmless: the program does what it should", _fine),
    "child-resets-context": Words("the child dies of setting the start method again", _with_status(_said("context"))),
    "pool-resets-context": Words("each worker of the pool dies of setting the start method again", _context_set),
    "resets-context": Words("setting the start method again raises", _with_status(_said("context has already"))),
    "stale": Words("the child works with the value of the import, and nothing says so", _prints),
    "unbound-in-child": Words("the child does not know the name, and dies", _noted("run raises", "NameError")),
    "unnoticed": Words("the child fails, and the program ends as if all were well", _exit_codes),
    "noticed": Words("the child fails, and the program ends with status 1 for it", _exit_codes),
    "thread-overtaking": Words(
        "the program goes on to its end while a thread that it has not joined is held", _threads
    ),
}

_CLEAN: dict[Callable[[Recording], bool], Words] = {
    claims.clean: Words(f"{_NO_TRACEBACK}, and has joined every child", _fine),
    claims.overlaps: Words("at least two children run at the same time, and each is joined", _overlap),
    claims.works: Words(f"{_NO_TRACEBACK}, has joined every child, and a worker runs the function", _fine),
    claims.passes_whole: Words(f"{_NO_TRACEBACK}, has joined every child, and no text is split", _fine),
    pool_claims.released: Words(f"{_NO_TRACEBACK}, all work is done, and no pool takes work any more", _fine),
    pool_claims.nothing_lost: Words(f"{_NO_TRACEBACK}, and all work is done", _fine),
    pool_claims.accepted: Words(f"{_NO_TRACEBACK}, and no task has failed", _fine),
    pool_claims.tasks_overlap: Words("at least two tasks run at the same time", _fine),
    pool_claims.one_pool: Words("no line builds a second pool when its first is over", _fine),
    handover_claims.threads_waited_for: Words("each thread is let go by its join", _fine),
}
