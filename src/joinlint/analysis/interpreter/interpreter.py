"""The interpreter as a whole: runs, and blocks of statements.

Python has no goto, so the structure itself is followed: a block gives the states that fall through and those that
return, break, continue or raise.  `finally` runs once for each way of entering it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from joinlint import limits
from joinlint.analysis.interpreter.context_managers import ContextManagers
from joinlint.analysis.interpreter.machine import GaveUp, Mode
from joinlint.analysis.interpreter.outcome import Exit, Final, Outcome
from joinlint.analysis.interpreter.state import Life, State, distinct, holds, initial_state
from joinlint.analysis.interpreter.values import OURS, Bound, Ref, Value
from joinlint.program import ir
from joinlint.program.index import Program
from joinlint.program.sites import Site

# States for which it pays to look for some that are alike.
_MANY = 4
# Facts by which the receiver can wait for the process.
_WAYS_TO_WAIT = frozenset({Bound(OURS, "pid"), Bound(OURS, "ident")})


class Interpreter(ContextManagers):
    """One run: follow one process of `site` through the function `root` (MODULE_SCOPE: the module's own level)."""

    def __init__(self, program: Program, site: Site, mode: Mode | None = None) -> None:
        super().__init__(program, site, mode if mode is not None else Mode())

    def run(self, module: str, root: str, start: State | None = None) -> list[Final]:
        """Every way in which a path through the root can end.  Raises GaveUp."""
        with self.accounted():
            return self._run(module, root, start)

    def _run(self, module: str, root: str, start: State | None) -> list[Final]:
        names = self.program.names[module]
        function = names.module.functions.get(root)
        body = names.module.body if function is None else function.body
        state = start if start is not None else initial_state()
        self.sinks.append([] if self.mode.any_call_raises else None)
        with self.entered(function, names):
            try:
                outcome = self.block(body, [state])
            except RecursionError:
                raise GaveUp from None
            for s in outcome.falls:
                self.end_path(s, Exit("falls"))
            for s, value, where in outcome.returns:
                if (
                    s.life is not Life.ABSENT
                    and (holds(s, value) or self.touches(value, s) or value in _WAYS_TO_WAIT)
                    and not self._is_self(value)
                ):
                    self.finals.append(Final("returned", s, Exit("returns", where), value, where))
                else:
                    self.end_path(s, Exit("returns", where))
            for s, thrown in outcome.raises:
                if thrown.explicit:
                    self.end_path(s, Exit("raises", thrown.where))
            for s, thrown in self.sinks[0] or ():
                if thrown.name is None:
                    self.end_path(s, Exit("call raises", thrown.where))
        return self.finals

    def _is_self(self, value: Value) -> bool:
        return isinstance(value, Ref) and not value.prefix and value.root.startswith(("self:", "wild", "param:"))

    def block(self, statements: ir.Block, states: Iterable[State]) -> Outcome:
        outcome = Outcome()
        current = list(states)
        for statement in statements:
            if not current:
                break
            if len(current) > limits.STATES:
                raise GaveUp
            step = self._execute(statement, current)
            outcome.take_exits(step)
            current = distinct(self.without_dead(statement, step.falls) if len(step.falls) >= _MANY else step.falls)
        outcome.falls = current
        return outcome

    def _execute(self, statement: ir.Statement, states: list[State]) -> Outcome:
        outcome = Outcome()
        method = _STATEMENTS[type(statement)]
        frame = self.frame
        outside, self.thrown = self.thrown, []
        for state in states:
            self.spend(1 + len(state.env) // limits.VARIABLES_PER_STEP)
            frame.statement = statement.where
            if self.is_idle(statement, self.words_that_matter(state)):
                self.pass_by(statement, state)
                outcome.falls.append(state)
            else:
                method(self, statement, state, outcome)
        outcome.raises += self.thrown
        self.thrown = outside
        return outcome


_STATEMENTS: dict[type, Callable[[Interpreter, Any, State, Outcome], None]] = {
    ir.Evaluate: Interpreter.execute_expression,
    ir.Assign: Interpreter.execute_assign,
    ir.AugmentedAssign: Interpreter.execute_augmented,
    ir.Return: Interpreter.execute_return,
    ir.Raise: Interpreter.execute_raise,
    ir.Break: Interpreter.execute_break,
    ir.Continue: Interpreter.execute_continue,
    ir.Assert: Interpreter.execute_assert,
    ir.Delete: Interpreter.execute_delete,
    ir.Import: Interpreter.execute_import,
    ir.FunctionDef: Interpreter.execute_function_definition,
    ir.ClassDef: Interpreter.execute_class_definition,
    ir.If: Interpreter.execute_if,
    ir.Match: Interpreter.execute_match,
    ir.For: Interpreter.execute_for,
    ir.While: Interpreter.execute_while,
    ir.Try: Interpreter.execute_try,
    ir.With: Interpreter.execute_with,
}
