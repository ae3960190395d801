"""Our worker and the handles to it: started, waited for, given away, lost."""

from __future__ import annotations

from collections.abc import Set

from joinlint.analysis.interpreter.machine import Answered, Mode, is_persistent
from joinlint.analysis.interpreter.parts import Parts, Results
from joinlint.analysis.interpreter.state import (
    FACTS,
    Life,
    State,
    Step,
    drop_scope,
    holds,
    paths,
    replace_start,
    without,
)
from joinlint.analysis.interpreter.values import MODULE_ROOT, OURS, Bound, Closure, Ours, Partial, Ref, Value
from joinlint.program import ir
from joinlint.program.index import Program
from joinlint.program.sites import Site

TAKES_CARE = frozenset({"join", "is_alive", "exitcode", "sentinel", "append", "wait", "put", "waitpid", "send"})


class Handles(Parts):
    """Adds what becomes of the worker by what is done with its handles."""

    def __init__(self, program: Program, site: Site, mode: Mode) -> None:
        super().__init__(program, site, mode)
        self._held: dict[tuple[int, int], tuple[bool, State]] = {}

    def started(self, state: State) -> State:
        """The worker is started here."""
        event = self.start_event()
        self.starts[event] = None
        rounds = frozenset(loop for frame in self.frames for loop in frame.loops)
        started = self.still_asked(replace_start(state, event, rounds))
        return started.with_step(Step("start", event.where)) if self.mode.beyond_join else started

    def still_asked(self, state: State) -> State:
        """The state itself.  Raises Answered where its worker outlives the rounds of all loops that have started it."""
        if self.mode.in_rounds and state.life is Life.STARTED and not state.rounds:
            raise Answered
        return state

    def settled(self, state: State) -> Results:
        """The worker is waited for, if it runs: the path ends, unless it is followed beyond that."""
        if state.life is not Life.STARTED:
            return [(state, None)]
        self.finish("joined", state)
        return [(state._replace(life=Life.ENDED), None)] if self.mode.beyond_join else []

    def give_up(self, state: State) -> Results:
        """Code that can't be seen gets the process, if there is one yet: the path ends."""
        if state.life is not Life.ABSENT:
            self.finish("escaped", state)
            return []
        return [(state, None)]

    def escape(self, state: State) -> State:
        """The process is handed to code that can't be seen; the path is followed no further."""
        if state.life is not Life.ABSENT:
            self.finish("escaped", state)
        return state._replace(life=Life.ABSENT, env={}, heap={}, assumed={}, start=None, timed=None, stopped=None)

    def given_up(self, state: State, value: Value) -> bool:
        """A function goes where it can't be followed; if it reaches the process, so does the process.  So it is with
        psutil's view of it, on which others can wait."""
        if value != Bound(OURS, "psutil") and (isinstance(value, (Ours, Ref)) or not self.touches(value, state)):
            return False
        self.finish("escaped", state)
        return True

    def gives_away(self, state: State, value: Value) -> bool:
        """Does whoever gets this value get hold of the process?  `self` and parameters are everywhere: their fields are
        looked after by all code that knows them, not by whoever is passed the object."""
        if isinstance(value, Ref) and not value.prefix and is_persistent(value.root):
            return any(w and w[0][0] != "." for w in paths(state, value))
        return isinstance(value, (Ours, Ref)) and holds(state, value)

    def is_given(self, state: State, value: Value) -> bool:
        """Does a function that is called with this value get hold of the process, or of something that joins it?"""
        return self.gives_away(state, value) or (not isinstance(value, (Ours, Ref)) and self.touches(value, state))

    def touches(self, value: Value, state: State) -> bool:
        """Would calling this function join the process or give it away?"""
        if isinstance(value, Partial):
            return self.touches(value.function, state) or any(self.gives_away(state, a) for a in value.args)
        if isinstance(value, Bound):
            return isinstance(value.value, Ours) and value.name not in FACTS
        return isinstance(value, Closure) and self.does_to_ours(value, TAKES_CARE, state)

    def does_to_ours(self, function: Closure, deeds: Set[str], state: State) -> bool:
        """Does an inner function mention a variable with the process, and one of the `deeds`?"""
        if state.life is Life.ABSENT:
            return False
        words = self.program.mentions((function.module, function.scope))
        names = {
            name
            for (scope, name), v in state.env.items()
            if holds(state, v) and not scope.endswith(f":{ir.MODULE_SCOPE}")
        }
        return bool(names & words) and not words.isdisjoint(deeds)

    def is_of_ours(self, state: State, value: Value) -> bool:
        return (isinstance(value, Bound) and isinstance(value.value, Ours)) or self.gives_away(state, value)

    def note_loss(self, before: State, after: State) -> State:
        """Remember the place where the last handle of a running process went."""
        if (
            after.life is Life.STARTED
            and after.lost is None
            and (before.env is not after.env or before.heap is not after.heap)
        ):
            if self.is_held(before) and not self.is_held(after):
                return after._replace(lost=self.frame.statement)
        return after

    def is_held(self, state: State) -> bool:
        """Does anything that lives on reach the process?"""
        key = (id(state.env), id(state.heap))
        if key not in self._held:  # kept with what it was asked of, so that nothing else gets these numbers
            self._held[key] = _is_held(state), state
        return self._held[key][0]

    def without_dead(self, statement: ir.Statement, states: list[State]) -> list[State]:
        """The states without what is known of variables that nothing behind the statement reads, so that those that
        differ in nothing else come to be alike."""
        function = self.frame.function
        if function is None:
            return states
        dead = self.program.liveness(function).dead_behind(statement)
        scope = f"{self.names.module.name}:{self.frame.scope}"
        return [without(s, scope, dead) for s in states]

    def leave_function(self, state: State, scope: str) -> State:
        before = state
        return self.note_loss(before, drop_scope(state, scope))


def _is_held(state: State) -> bool:
    if any(is_persistent(root) or root.startswith(f"{MODULE_ROOT}:") for root in state.heap):
        return True
    return any(holds(state, value) for value in state.env.values())
