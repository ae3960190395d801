"""Ways out: of a block, of a loop, and of the function that is the root of a run."""

from __future__ import annotations

from dataclasses import dataclass, field

from joinlint.analysis.interpreter.state import State
from joinlint.analysis.interpreter.values import Value
from joinlint.program import ir
from joinlint.records import by_identity, by_value


@by_value
class Exit:
    """How a path left the root function: `kind` is "falls", "returns", "raises", "call raises", "loops" for one that
    stays in a loop without end, "block left" for the end of the with block of our pool, "terminated" for its
    terminate()."""

    kind: str
    where: ir.Where | None = None


@by_identity
class Final:
    """The end of one path.

    `fate` is "joined" (waited for), "polled" (seen to have ended by is_alive() or exitcode, outside a loop that waits),
    "escaped" (handed to code that can't be seen), "returned" (given to the caller, `value` says how), "abandoned" (a
    result whose pool was terminated before anyone asked for it) or "left" (none of these).  `calls` and `functions` led
    to `where`, as those of a StartEvent do.
    """

    fate: str
    state: State
    exit: Exit
    value: Value = None
    where: ir.Where | None = None
    rounds: frozenset[int] = frozenset()
    calls: tuple[ir.Where, ...] = ()
    functions: tuple[tuple[str, str], ...] = ()


@by_value
class Thrown:
    """An exception on its way: explicit (a raise statement, sys.exit) or possible at any call; `name` is its class if
    known."""

    explicit: bool
    name: str | None
    where: ir.Where


Raised = tuple[State, Thrown]


@dataclass(slots=True)
class Outcome:
    """The ways out of a block, with the states that take them."""

    falls: list[State] = field(default_factory=list)
    returns: list[tuple[State, Value, ir.Where]] = field(default_factory=list)
    breaks: list[State] = field(default_factory=list)
    continues: list[State] = field(default_factory=list)
    raises: list[Raised] = field(default_factory=list)

    def take(self, other: Outcome) -> None:
        """Add all ways out that `other` has."""
        self.falls += other.falls
        self.take_exits(other)

    def take_exits(self, other: Outcome) -> None:
        """Add the exits of `other` other than falling through."""
        self.returns += other.returns
        self.breaks += other.breaks
        self.continues += other.continues
        self.raises += other.raises


@dataclass(slots=True)
class LoopEnds:
    """The states that leave a loop: at its normal end, where `else` runs, and by break."""

    normal: list[State] = field(default_factory=list)
    broken: list[State] = field(default_factory=list)
