"""Branches: if and match."""

from __future__ import annotations

from joinlint.analysis.interpreter.outcome import Outcome
from joinlint.analysis.interpreter.simple_statements import SimpleStatements
from joinlint.analysis.interpreter.state import State, Step, distinct, unbind
from joinlint.program import ir, models


class Branches(SimpleStatements):
    """Adds the statements that go one way or another."""

    def execute_if(self, node: ir.If, state: State, outcome: Outcome) -> None:
        if node in self.mode.skipped:
            outcome.take(self.block(node.orelse, [state]))
            return
        frame = self.frame
        # `while True: if not p.is_alive(): break` waits as well as `while p.is_alive():`.
        in_while = bool(frame.loops) and isinstance(self.loop_nodes()[frame.loops[-1]], ir.While)
        frame.waiting = in_while and (leaves(node.body) or leaves(node.orelse))
        frame.settling = self.program.joins_inside(node)
        yes, no = self.condition(node.test, state)
        frame.waiting = frame.settling = False
        if frame.loops and not models.LOOKS.isdisjoint(ir.words(node.test)):
            # What the branch notes down may decide whether the loop goes on.
            yes, no = ([s._replace(counted=self.statements()) if s.looked else s for s in part] for part in (yes, no))
        for states, body, taken in ((yes, node.body, True), (no, node.orelse, False)):
            noted = [self.note_loss(state, s).with_step(Step("branch", node.test_where, taken)) for s in states]
            outcome.take(self.block(body, distinct(noted)))

    def execute_match(self, node: ir.Match, state: State, outcome: Outcome) -> None:
        for s, _ in self.evaluate(node.subject, state):
            open_states = [s]
            for case in node.cases:
                taken = open_states
                if case.test is not None:
                    splits = [self.condition(case.test, o) for o in open_states]
                    taken = distinct(y for yes, _ in splits for y in yes)
                    if case.guard is None:
                        open_states = distinct(n for _, no in splits for n in no)
                taken = [t.with_step(Step("case", case.where)) for t in taken]
                for name in case.captures:
                    taken = [unbind(t, self.variable(name)) for t in taken]
                if case.guard is not None:
                    taken = [y for t in taken for y in self.condition(case.guard, t)[0]]
                outcome.take(self.block(case.body, taken))
                if case.irrefutable:
                    break
            else:
                outcome.falls += [o.with_step(Step("no case", node.where)) for o in open_states]


def leaves(block: ir.Block) -> bool:
    """Does the block end by leaving the loop that it is in?"""
    return bool(block) and isinstance(block[-1], (ir.Break, ir.Return))
