"""Methods of the pool that is followed, and of the result of a pool."""

from __future__ import annotations

from joinlint.analysis.interpreter.deferred import Deferred
from joinlint.analysis.interpreter.parts import Results
from joinlint.analysis.interpreter.state import State
from joinlint.program import ir, models
from joinlint.program.sites import pool_of


class Pools(Deferred):
    """Adds what closes a pool, and what collects or loses a result."""

    def pool_method(self, call: ir.Call, state: State, name: str) -> Results:
        """A method of our pool: `stopped` says where it was closed.  Whoever closes a pool of a field has released
        it."""
        released = {"terminate", "__exit__"} | ({"close"} if self.mode.visiting else set())
        if name == "join" and state.stopped is None:
            return [] if self.mode.beyond_join else [(state, None)]
        if name == "join" or name in released:
            return self.settled(state)
        if name == "close":
            return [(state._replace(stopped=state.stopped or self.frame.statement), None)]
        self.may_raise(state, self.frame.statement)
        if name in models.SUBMITS[self.site.kind] and call in self.program.discarded_calls:
            state = state._replace(pending=state.pending or self.frame.statement)
        return [(state, None)]

    def result_method(self, state: State, name: str) -> Results:
        """A method of the result that is followed."""
        if name in models.RESULT_COLLECTS:
            return self.settled(state)
        return [(state, None)] if name in models.RESULT_LOOKS else self.give_up(state)

    def end_of_pool(self, call: ir.Call, state: State, name: str) -> Results:
        """A method of the pool or executor that our result is to come from."""
        out: Results = []
        for s, _ in self.arguments(call, state):
            if name in {"join", "shutdown"}:
                out += self.settled(s)
            elif name == "terminate":
                self.finish("abandoned", s, kind="terminated")
            elif name in models.SUBMIT_NAMES:
                out.append((s._replace(overlapped=True), None))
            elif name == "close":
                out.append((s._replace(stopped=s.stopped or self.frame.statement), None))
            else:
                out.append((s, None))
        return out

    def is_pool_of_ours(self, expression: ir.Expression) -> bool:
        """Is it the pool or executor that our result is to come from, by the same name or field?"""
        match pool_of(self.site), expression:
            case ir.Name(id=ours), ir.Name(id=name):
                home = self.program.names[self.site.module].binding_scope(ours, self.site.scope)
                return self.variable(name) == (f"{self.site.module}:{home}", ours)
            case ir.Attribute(attr=ours), ir.Attribute(attr=name):
                return ours == name
            case _:
                return False
