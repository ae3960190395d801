"""What runs inside a recorded program whose children are held, by JOINLINT_HOLD:

- gate: until the parent waits for them (a join without timeout, or polls again and again) or has come to the end of its
  code.  A parent that gets to its end with a held child has provably not waited for it.
- meet: until another child is there at the same time.  Children that run one after the other never meet.
- start: until start() has returned in the parent (forkserver, spawn), so that a child unpickles what it was given only
  after the parent's Process object has let go of it.
- exit: the same until the parent has begun to join the child, which the interpreter does at exit, after it has
  destroyed what the children share.

What is held is let go after JOINLINT_HOLD_SECONDS at the latest.
"""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from joinlint.evidence import recorder
else:
    import _joinlint_recorder as recorder

_polls: dict[int | None, int] = {}


def open_gate(pid: int | None) -> None:
    """The parent waits for the child: let it go."""
    if recorder.HOLD == "gate" and pid is not None:
        recorder.mark(f"gate-{pid}")


def polled(pid: int | None) -> None:
    """The parent has asked for the child's state; one that goes on asking waits for it."""
    if recorder.HOLD == "gate":
        _polls[pid] = _polls.get(pid, 0) + 1
        if _polls[pid] >= recorder.POLLS_THAT_WAIT:
            open_gate(pid)


def hold(daemon: bool) -> None:
    """Called in the child before its target runs."""
    if recorder.HOLD == "gate":
        _hold_at_gate(daemon)
    elif recorder.HOLD == "meet" and not recorder.is_marked("met"):  # once two have met, nothing is left to show
        _hold_until_met()


def _hold_at_gate(daemon: bool) -> None:
    # A parent that waits for a message rather than for its child would wait for ever.
    while not recorder.wait_until(lambda: recorder.is_marked(f"gate-{os.getpid()}") or recorder.is_marked("gate-all")):
        if not daemon:
            recorder.note("released")
            return


def _has_met() -> bool:
    names = os.listdir(recorder.FOLDER)
    return "met" in names or sum(name.startswith("here-") for name in names) > 1


def _hold_until_met() -> None:
    here = f"here-{os.getpid()}"
    recorder.mark(here)
    met = recorder.wait_until(_has_met)
    recorder.note("met" if met else "alone")
    if met:
        recorder.mark("met")
        time.sleep(4 * recorder.STEP)  # the other one has to see it as well
    os.unlink(os.path.join(recorder.FOLDER, here))


def let_unpickle(pid: int | None, step: str) -> None:
    """Let the child go on that is held until this step of its parent."""
    if step == recorder.HOLD and pid is not None:
        recorder.mark(f"unpickle-{pid}")


def hold_unpickling() -> None:
    """Have multiprocessing.spawn.prepare, the first step of a child that is not forked, wait for its parent's step."""
    spawn: Any = sys.modules["multiprocessing.spawn"]
    prepare = spawn.prepare

    def held_prepare(data: Any) -> None:
        recorder.wait_until(lambda: recorder.is_marked(f"unpickle-{os.getpid()}"))
        prepare(data)

    spawn.prepare = held_prepare
