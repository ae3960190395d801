"""What the parts of the interpreter ask of each other.

They are classes that each derive from the one before and add an idea of their own, in this order: Handles, Functions,
Reads, Containers, Assignment, Expressions, Conditions, Iterations, Deferred, Pools, Workers, Children, Library, Calls;
then the statements: Idle, SimpleStatements, Branches, Loops, Exceptions, ContextManagers, Interpreter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from joinlint.analysis.interpreter.machine import Machine
from joinlint.analysis.interpreter.outcome import Outcome
from joinlint.analysis.interpreter.state import State
from joinlint.analysis.interpreter.values import Value
from joinlint.program import ir

Results = list[tuple[State, Value]]
Arguments = list[tuple[Value, str | None]]  # each with the keyword by which it is passed


class Parts(Machine):
    """Declares the methods on which earlier parts call and that later ones add."""

    def block(self, statements: ir.Block, states: Iterable[State]) -> Outcome:
        """Run statements one after the other, starting in any of `states`."""
        raise NotImplementedError

    def evaluate(self, expression: ir.Expression | None, state: State) -> Results:
        """Run `expression` in `state`: every way it can come out."""
        raise NotImplementedError

    def condition(self, expression: ir.Expression, state: State) -> tuple[list[State], list[State]]:
        """Split `state` into the states in which a test holds and those in which it does not."""
        raise NotImplementedError

    def comprehension(self, node: ir.Comprehension, state: State) -> Results:
        """Run a comprehension; one that gives a generator runs to its end at once."""
        raise NotImplementedError

    def ours_in(self, iterable: ir.Expression, state: State) -> Results:
        """`iterable` evaluated, with the element of it that is or holds our process, None where there is none."""
        raise NotImplementedError

    def call(self, call: ir.Call, state: State) -> Results:
        """Run a call, whatever it is one of."""
        raise NotImplementedError

    def plain_call(self, call: ir.Call, state: State) -> Results:
        """A call of what its own name stands for."""
        raise NotImplementedError

    def call_on(self, call: ir.Call, state: State, base: Value, func: ir.Attribute) -> Results:
        """`base.method(…)`."""
        raise NotImplementedError

    def resume(self, state: State, value: Value) -> Results:
        """The value is iterated over, awaited or entered: what was suspended runs now."""
        raise NotImplementedError

    def kept(self, state: State, values: Sequence[Value]) -> list[State]:
        """The values are put into a container: a coroutine among them is taken to be awaited from there."""
        raise NotImplementedError
