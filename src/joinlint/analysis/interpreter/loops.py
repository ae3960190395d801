"""Loops: their rounds, until none leads to a new state, and the ends of those that wait for the process."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from joinlint import limits
from joinlint.analysis.interpreter.branches import Branches, leaves
from joinlint.analysis.interpreter.expressions import REPEATED
from joinlint.analysis.interpreter.iteration import Iteration
from joinlint.analysis.interpreter.machine import GaveUp
from joinlint.analysis.interpreter.outcome import Exit, LoopEnds, Outcome
from joinlint.analysis.interpreter.state import Life, State, States, Step, distinct
from joinlint.analysis.interpreter.values import Ref
from joinlint.program import ir, models
from joinlint.program.bindings import target_names
from joinlint.program.purity import Key, mentioned


class Loops(Branches):
    """Adds for and while."""

    def execute_for(self, node: ir.For, state: State, outcome: Outcome) -> None:
        loop = self.loop_id(node)
        for s, iteration in self.iterations(node.iterable, state, node.target, node.body):
            self._rounds_of_for(node, loop, iteration, self.note_loss(state, s), outcome)

    def _rounds_of_for(self, node: ir.For, loop: int, iteration: Iteration, entry: State, outcome: Outcome) -> None:
        ends = LoopEnds()
        seen: States = {}
        pending = [entry]
        while pending:
            rounds: list[State] = []  # of all states together, for many come to be alike inside of the body
            is_entry = not seen
            self.frame.statement = node.where
            for state in pending:
                has_ours = self.has_ours(iteration, state)
                to_visit = has_ours and loop not in state.visited
                if not (to_visit and iteration.complete) and not (is_entry and iteration.nonempty):
                    left = state._replace(visited=state.visited - {loop})
                    if not self.joins_picked(node, left):
                        ends.normal.append(left.with_step(Step("loop skipped", node.where)) if is_entry else left)
                begun = [self.another_this_round(iteration, node.target, state)]
                if to_visit or (has_ours and self.mode.beyond_join and _is_repeated(iteration)):
                    ours = self.ours_this_round(iteration, node.target, state)
                    begun.append(ours._replace(visited=ours.visited | {loop}))
                rounds += [self.note_loss(state, r) for r in begun]
            following = self._round(node.body, loop, rounds, outcome, ends)
            pending = [s for s in following if s.identity() not in seen]
            seen.update((s.identity(), s) for s in pending)
            if len(seen) > limits.STATES:
                raise GaveUp
        self._after_loop(node.orelse, ends, outcome)

    def execute_while(self, node: ir.While, state: State, outcome: Outcome) -> None:
        loop = self.loop_id(node)
        ends = LoopEnds()
        seen: States = {}
        pending = [state]
        frame = self.frame
        while pending:
            rounds: list[State] = []
            is_entry = not seen
            for current in pending:
                frame.statement = node.where
                frame.waiting = True
                yes, no = self.condition(node.test, current)
                frame.waiting = False
                for s in no:
                    ends.normal.append(s.with_step(Step("loop skipped", node.where)) if is_entry else s)
                rounds += yes
            following = self._round(node.body, loop, rounds, outcome, ends)
            pending = [s for s in following if s.identity() not in seen]
            seen.update((s.identity(), s) for s in pending)
            if len(seen) > limits.STATES:
                raise GaveUp
        if self.joins_picked(node, state):
            return
        ends = self._without_waiting(node, ends, state)
        if not (ends.normal or ends.broken or outcome.returns or outcome.raises):
            self._stay_in_loop(node, state, seen.values())
        self._after_loop(node.orelse, ends, outcome)

    def _without_waiting(self, node: ir.While, ends: LoopEnds, entry: State) -> LoopEnds:
        """The ends of a loop without those that know from what its rounds have counted that the process has ended.

        A loop that waits in this way is not left before its first round.
        """
        if not any(s.counted for s in (*ends.normal, *ends.broken)):
            return ends
        deciding = _deciding(node)
        waited = [s for s in (*ends.normal, *ends.broken) if not deciding.isdisjoint(s.counted)]
        for s in waited:
            self.finish("joined", s)
        known = {id(s) for s in waited}
        if not waited:
            return LoopEnds(*(distinct(s._replace(counted=()) for s in part) for part in (ends.normal, ends.broken)))
        rest = [s for s in ends.normal if id(s) not in known and (s.start != entry.start or s.life is not Life.STARTED)]
        return LoopEnds(rest, [s for s in ends.broken if id(s) not in known])

    def _stay_in_loop(self, node: ir.While, entry: State, rounds: Iterable[State]) -> None:
        """A loop that is never left, not even by an exception that somebody waits for: no code behind it can join what
        its rounds have dropped, or what ran before and they never touch."""
        if any(final.fate == "joined" for final in self.finals):
            return
        is_plain = len(self.sinks) == 1  # in no block that a handler or finally follows
        words = set(ir.words(node)) if is_plain and entry.life is Life.STARTED else None
        for state in rounds:
            if state.life is Life.STARTED:
                is_dropped = state.lost is not None or not self.is_held(state)
                is_untouched = words is not None and self.words_that_matter(state).isdisjoint(words)
                if is_dropped or (is_untouched and state.start == entry.start):
                    self.end_path(state, Exit("loops"))

    def _round(
        self, body: ir.Block, loop: int, states: Sequence[State], outcome: Outcome, ends: LoopEnds
    ) -> Iterable[State]:
        """One round of a loop: the states with which the next one begins."""
        frame = self.frame
        frame.loops.append(loop)
        inner = self.block(body, distinct(states))
        frame.loops.pop()
        outcome.returns += [(s._replace(visited=s.visited - {loop}), v, w) for s, v, w in inner.returns]
        outcome.raises += [(s._replace(visited=s.visited - {loop}), t) for s, t in inner.raises]
        ends.broken += [s._replace(visited=s.visited - {loop}) for s in inner.breaks]
        for s in (*inner.breaks, *(s for s, _, _ in inner.returns)):
            if loop in s.rounds:
                self.round_ends.setdefault(loop, []).append(False)
        out = []
        for s in (*inner.falls, *inner.continues):
            if loop in s.rounds:
                self.round_ends.setdefault(loop, []).append(False)
                s = self.still_asked(s._replace(rounds=s.rounds - {loop}))
            out.append(self._next_round(s))
        return distinct(self.without_dead(body[-1], out) if body else out)

    def _next_round(self, state: State) -> State:
        """What was assumed of things that change by themselves does not hold in the next round."""
        if not state.assumed:
            return state
        volatile = self.program.volatile_attributes(self.names.module.name)
        kept = {k: v for k, v in state.assumed.items() if not _may_change(k, volatile)}
        return state if len(kept) == len(state.assumed) else state._replace(assumed=kept)

    def _after_loop(self, orelse: ir.Block, ends: LoopEnds, outcome: Outcome) -> None:
        normal = distinct(ends.normal)
        if orelse and normal:
            outcome.take(self.block(orelse, normal))
        else:
            outcome.falls += normal
        outcome.falls += ends.broken


def _deciding(node: ir.While) -> frozenset[ir.Where]:
    """The statements whose values decide whether the loop goes on: its test, branches that leave it, assignments to
    what these ask, and branches that ask whether a process still runs and note that down there."""
    inside = list(ir.walk_own(node.body))
    leaving = [n for n in inside if isinstance(n, ir.If) and any(map(leaves, (n.body, n.orelse)))]
    tests = (node.test, *(n.test for n in leaving))
    names = {n.id for test in tests for n in ir.walk(test) if isinstance(n, ir.Name)}
    setting = {
        n.where
        for n in inside
        if isinstance(n, (ir.Assign, ir.AugmentedAssign))
        for target in (n.targets if isinstance(n, ir.Assign) else (n.target,))
        if names.intersection(target_names(target))
    }
    noting = {
        n.where
        for n in inside
        if isinstance(n, ir.If) and not models.LOOKS.isdisjoint(ir.words(n.test))
        if any(_noted_in(part, n.test) in names for part in ir.walk_own((*n.body, *n.orelse)))
    }
    return frozenset({node.where, *(n.where for n in leaving), *setting, *noting})


def _noted_in(node: object, test: ir.Expression) -> str:
    """The variable with the container in which the node notes down, by something else than the process itself, how the
    test came out: `done[i] = True`, `ended.add(i)`; "" where it does not."""
    match node:
        case ir.Assign(targets=(ir.Subscript(value=ir.Name(id=name)),)):
            return name
        case ir.Call(func=ir.Attribute(value=ir.Name(id=name)), args=(ir.Name(id=given) | ir.Attribute(attr=given),)):
            return "" if given in ir.words(test) else name
        case _:
            return ""


def _is_repeated(iteration: Iteration) -> bool:
    """Does the loop come to the same object again and again?"""
    return isinstance(iteration.base, Ref) and iteration.base.root.startswith(f"new:{REPEATED}@")


def _may_change(key: Key, volatile: frozenset[str]) -> bool:
    asked = mentioned(key)
    return asked.calls or not volatile.isdisjoint(asked.attributes)
