"""What joinlint says about running programs, as questions to a recording.

Each claim names how the program has to be run to show it, under which start methods it shows, and whether a recording
bears it out. The words are those of the `# shows:` comments in tests/fixtures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from joinlint.evidence import misuse
from joinlint.evidence.run import Recording

ALL = ("fork", "forkserver", "spawn")
NO_FORK = ("forkserver", "spawn")
BOOTSTRAPPING = "bootstrapping phase"
_SERVER_GONE = {"BrokenPipeError", "ConnectionRefusedError", "ConnectionResetError", "EOFError"}


@dataclass(frozen=True, slots=True)
class Claim:
    """`holds` tells whether a recording shows the behaviour.

    `hold`, `hold_seconds` and `await_children` say how to run the program (see `run_program`), `methods` under which
    start methods it shows.
    """

    name: str
    holds: Callable[[Recording], bool]
    hold: str = ""
    await_children: bool = False
    methods: tuple[str, ...] = ALL
    stop_on: str = ""
    trace: bool = False
    hold_seconds: float = 1.0
    stop_on_event: str = ""


def unjoined(recording: Recording) -> set[int]:
    end = recording.end
    return set() if end is None else set(end["unjoined"])


def daemons(recording: Recording) -> set[int]:
    """The daemons that are unjoined at the end."""
    end = recording.end
    return set() if end is None else set(end["daemons"])


def started(recording: Recording) -> set[int]:
    return {e["child"] for e in recording.named("start") if e["child"] is not None}


def _ran_to_the_end(recording: Recording) -> set[int]:
    return {e["pid"] for e in recording.named("run ends")}


def overtaking(recording: Recording) -> bool:
    """The program's code is through while a child that it did not join is still held at its gate."""
    done = {e["pid"] for e in recording.before_end() if e["event"] in {"run ends", "run raises"}}
    return bool(unjoined(recording) - done)


def zombie(recording: Recording) -> bool:
    """A child is over and not reaped while its parent lives on (Linux, /proc/PID/stat)."""
    return any("Z" in e["states"].values() for e in recording.named("afterwards"))


def lost_child(recording: Recording) -> bool:
    """A child never got to its target: what it was given was gone when it unpickled it."""
    begun = {e["pid"] for e in recording.named("run begins")}
    return "FileNotFoundError" in recording.stderr and bool(started(recording) - begun)


def raises(recording: Recording) -> bool:
    """The exception has skipped the join: the child is unjoined at the end."""
    return bool(unjoined(recording))


def killed_at_exit(recording: Recording) -> bool:
    """A daemon is gone without having come to the end of its work, and nothing says so."""
    left = daemons(recording)
    return recording.status == 0 and bool(left) and not left & _ran_to_the_end(recording)


def timeout_overtaking(recording: Recording) -> bool:
    """join(timeout) returned with its child still held, and the program went on to its end without another wait."""
    late = {
        e["child"]
        for e in recording.before_end()
        if e["event"] == "join ends" and e["timeout"] is not None and not e["reaped"]
    }
    return bool(late & unjoined(recording)) or (bool(late) and "ValueError: Cannot close a process" in recording.stderr)


def left_after_terminate(recording: Recording) -> bool:
    """A child, a daemon or not, was sent a signal and is unjoined at the end."""
    return bool({e["child"] for e in recording.named("stop")} & (unjoined(recording) | daemons(recording)))


def fails_to_bootstrap(recording: Recording) -> bool:
    """A child has run the main program again and was refused a child of its own (CPython
    Lib/multiprocessing/spawn.py)."""
    return BOOTSTRAPPING in recording.stderr


def body_skipped(recording: Recording) -> bool:
    """Nothing is started, and the program ends as if all were well."""
    return recording.status == 0 and not recording.named("start")


def name_error(recording: Recording) -> bool:
    return recording.status == 1 and "NameError" in recording.stderr


def version_dependent(recording: Recording) -> bool:
    """The compiler warns of a comparison by identity."""
    return 'SyntaxWarning: "is" with' in recording.stderr


def child_exits(recording: Recording) -> bool:
    """Children are started and none of them comes to its target.

    A fork server that imports the program for all its children (Python 3.14) ends itself, and start() says that.
    """
    gone = any(e["type"] in _SERVER_GONE for e in recording.named("start raised"))
    return (bool(started(recording)) or gone) and not recording.named("run begins")


def no_overlap(recording: Recording) -> bool:
    """Several children ran, none ever met another, and no two of their runs overlap."""
    running = most = 0
    for event in recording.events:
        running += {"run begins": 1, "run ends": -1, "run raises": -1}.get(event["event"], 0)
        most = max(most, running)
    return most == 1 and len(recording.named("alone")) > 1 and not recording.named("met")


def clean(recording: Recording) -> bool:
    """The program ends well and has waited for all its children."""
    end = recording.end
    waited = end is not None and not end["unjoined"] and not end["daemons"]
    return recording.status == 0 and waited and "Traceback" not in recording.stderr


def overlaps(recording: Recording) -> bool:
    """As `clean`, and at least two children were there at the same time."""
    return clean(recording) and bool(recording.named("met"))


def works(recording: Recording) -> bool:
    """As `clean`, and a worker runs something of the program."""
    return clean(recording) and misuse.runs_in_worker(recording)


def passes_whole(recording: Recording) -> bool:
    """As `clean`, and no text is passed letter by letter."""
    return clean(recording) and not misuse.args_split(recording)


def waits(recording: Recording) -> bool:
    """All children are joined, however they fared."""
    return recording.status == 0 and not unjoined(recording)


CLAIMS = {
    claim.name: claim
    for claim in (
        # No flagged program waits for the child that is held: the time is for parents that a busy machine holds up.
        Claim("overtaking", overtaking, hold="gate", hold_seconds=10),
        # Under forkserver the child is the fork server's, which reaps it.
        # Long, as a slow machine may take many seconds to start the child that is waited for; it always ends.
        Claim("zombie", zombie, await_children=True, methods=("fork", "spawn"), hold_seconds=60),
        # Under fork nothing is unpickled.
        Claim("lost-child", lost_child, hold="exit", hold_seconds=10, methods=NO_FORK),
        Claim("raises", raises),
        Claim("killed-at-exit", killed_at_exit, hold="gate", hold_seconds=10),
        Claim("timeout-overtaking", timeout_overtaking, hold="gate", hold_seconds=10),
        Claim("left-after-terminate", left_after_terminate),
        *(
            Claim(f"bootstrap-{kind}", fails_to_bootstrap, methods=NO_FORK, stop_on=BOOTSTRAPPING)
            for kind in ("process", "pool", "executor", "manager")
        ),
        Claim("runs-in-child", fails_to_bootstrap, methods=NO_FORK, stop_on=BOOTSTRAPPING),
        Claim("child-exits", child_exits, methods=NO_FORK),
        Claim("body-skipped", body_skipped),
        Claim("name-error", name_error),
        Claim("version-dependent", version_dependent),
        Claim("no-overlap", no_overlap, hold="meet"),
        Claim("target-called", misuse.target_called, trace=True),
        Claim("run-called", misuse.run_called, trace=True),
        Claim("join-before-start", misuse.join_before_start),
        Claim("started-twice", misuse.started_twice),
        Claim("start-result", misuse.start_result),
        Claim("daemon-child", misuse.daemon_child),
        Claim("args-refused", misuse.args_refused),
        Claim("args-split", misuse.args_split),
        Claim("group-argument", misuse.group_argument),
        Claim("no-super-init", misuse.no_super_init),
        Claim("not-its-child", misuse.not_its_child),
        Claim("clean", clean),
        Claim("serial-on-purpose", waits),
    )
}
