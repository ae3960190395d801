"""Executing statements: structured abstract interpretation of a function along every path.

Python has no goto, so the structure itself is followed: a block gives the states that fall through and those that
return, break, continue or raise.  `finally` runs once for each way of entering it.
"""

from __future__ import annotations

import builtins
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from joinlint.analysis.interpreter.calls import NEW_CONTAINERS, QUIET_METHODS, Calls
from joinlint.analysis.interpreter.expressions import REPEATED, Results
from joinlint.analysis.interpreter.iteration import Iteration
from joinlint.analysis.interpreter.machine import MAX_STATES, Exit, Final, GaveUp, Mode, Raised, Thrown, is_persistent
from joinlint.analysis.interpreter.state import (
    Life,
    State,
    States,
    Step,
    bind,
    distinct,
    drop_scope,
    holds,
    initial_state,
    unbind,
)
from joinlint.analysis.interpreter.values import OURS, Bound, Closure, Ours, Path, Ref, Suspended, Value
from joinlint.program import ir, models
from joinlint.program.index import Program, Site, attribute_by_text
from joinlint.program.names import target_names

__all__ = ["Final", "GaveUp", "Interpreter", "Mode"]


@dataclass(slots=True)
class Outcome:
    """The ways out of a block, with the states that take them."""

    falls: list[State] = field(default_factory=list)
    returns: list[tuple[State, Value, ir.Where]] = field(default_factory=list)
    breaks: list[State] = field(default_factory=list)
    continues: list[State] = field(default_factory=list)
    raises: list[Raised] = field(default_factory=list)

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


class Interpreter(Calls):
    """One run: follow one process of `site` through the function `root` (MODULE_SCOPE: the module's own level)."""

    def __init__(self, program: Program, site: Site, mode: Mode | None = None) -> None:
        super().__init__(program, site, mode if mode is not None else Mode())
        self._idle: dict[tuple[ir.Statement, frozenset[str]], bool] = {}
        self._known_words: tuple[tuple[object, ...], frozenset[str]] = ((None,) * 4, _NO_WORDS)

    def run(self, module: str, root: str, start: State | None = None) -> list[Final]:
        """Every way in which a path through the root can end.  Raises GaveUp."""
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
                self._end(s, Exit("falls"))
            for s, value, where in outcome.returns:
                if (
                    s.life is not Life.ABSENT
                    and (holds(s, value) or self.touches(value, s) or value in _WAYS_TO_WAIT)
                    and not self._is_self(value)
                ):
                    self.finals.append(Final("returned", s, Exit("returns", where), value, where))
                else:
                    self._end(s, Exit("returns", where))
            for s, thrown in outcome.raises:
                if thrown.explicit:
                    self._end(s, Exit("raises", thrown.where))
            for s, thrown in self.sinks[0] or ():
                if thrown.name is None:
                    self._end(s, Exit("call raises", thrown.where))
        return self.finals

    def _is_self(self, value: Value) -> bool:
        return isinstance(value, Ref) and not value.prefix and value.root.startswith(("self:", "wild", "param:"))

    def _end(self, state: State, way: Exit) -> None:
        if state.life is not Life.ABSENT:
            self.finals.append(Final("left", state, way))

    # --- blocks
    # --------------------------------------------------------------------------------------------------------------

    def block(self, statements: ir.Block, states: Iterable[State]) -> Outcome:
        outcome = Outcome()
        current = list(states)
        for statement in statements:
            if not current:
                break
            if len(current) > MAX_STATES:
                raise GaveUp
            step = self._statement(statement, current)
            outcome.take_exits(step)
            current = distinct(step.falls)
        outcome.falls = current
        return outcome

    def _statement(self, statement: ir.Statement, states: list[State]) -> Outcome:
        outcome = Outcome()
        method = _STATEMENTS[type(statement)]
        frame = self.frame
        outside, self.thrown = self.thrown, []
        for state in states:
            self.spend()
            frame.statement = statement.where
            if self._is_idle(statement, self._words_that_matter(state)):
                self._pass_by(statement, state)
                outcome.falls.append(state)
            else:
                method(self, statement, state, outcome)
        outcome.raises += self.thrown
        self.thrown = outside
        return outcome

    # --- what can be passed by
    # -----------------------------------------------------------------------------------------------

    def _words_that_matter(self, state: State) -> frozenset[str]:
        """The names and attributes by which the process can be reached; a statement with none of them leaves it
        alone."""
        if state.life is Life.ABSENT and not self.mode.importing:
            return _NO_WORDS
        # States are never changed: the statements in a row that leave one alone share its variables and objects.
        known = (state.env, state.heap, state.life is Life.ABSENT, self.frame)
        before, words = self._known_words
        if not all(map(operator.is_, before, known)):
            words = self._find_words(state)
            self._known_words = known, words
        return words

    def _find_words(self, state: State) -> frozenset[str]:
        if state.life is Life.ABSENT:
            return frozenset(self.suspended_names(state))
        words = {name for (_, name), value in state.env.items() if holds(state, value)}
        for root, held in state.heap.items():
            if is_persistent(root) or root in self.classes:
                words.update(w[0][1:] for w in held if w and w[0][0] == ".")
        words.update(_ALWAYS_MATTERS)
        words.update(self._carriers(state, words))
        if self.site.kind == models.RESULT and isinstance(self.site.call.func, ir.Attribute):
            pool = self.site.call.func.value
            words.update(n for n in (getattr(pool, "id", None), getattr(pool, "attr", None)) if n is not None)
        if self.mode.importing:
            words |= self.suspended_names(state)
        return frozenset(words)

    def _carriers(self, state: State, words: set[str]) -> set[str]:
        """The names of inner functions, and of variables with functions, that reach the process by one of `words`."""
        found = {
            name for (_, name), value in state.env.items() if not isinstance(value, Ref) and self.touches(value, state)
        }
        for frame in self.frames:
            for key in self.program.inner_functions.get((frame.names.module.name, frame.scope), ()):
                if not words.isdisjoint(self.program.mentions(key)):
                    found.add(self.program.modules[key[0]].functions[key[1]].name)
        return found

    def _is_idle(self, statement: ir.Statement, words: frozenset[str]) -> bool:
        """Can the statement change nothing for a process that is reached by `words`?  Most of a program is such."""
        key = (statement, words)
        if key not in self._idle:
            self.spend()
            self._idle[key] = all(self._is_idle_node(node, words) for node in ir.walk_own((statement,)))
        return self._idle[key]

    def _is_idle_node(self, node: object, words: frozenset[str]) -> bool:
        match node:
            case ir.Name(id="__name__"):
                return not self.mode.importing
            case ir.Attribute() if self._reads_property(node):
                return False
            case ir.Attribute() if node in self.mode.reads:
                return False
            case ir.Name(id=word) | ir.Attribute(attr=word):
                return word not in words and not (words and word == "super")
            case ir.Call():
                return attribute_by_text(node) not in words and self._is_idle_call(node, words)
            case ir.Return() | ir.Raise() | ir.Break() | ir.Continue() | ir.FunctionDef() | ir.ClassDef() | ir.Lambda():
                return False
            case ir.Assign(targets=targets, value=value):
                tested = any(self.is_tested(self.variable(name)) for t in targets for name in target_names(t))
                return not tested and not self._makes_object(value)
            case ir.Delete() | ir.Walrus() | ir.AugmentedAssign() | ir.Yield():
                return False
            case _:
                return True

    def _is_idle_call(self, call: ir.Call, words: frozenset[str]) -> bool:
        if call is self.site.call:
            return False
        module, scope = self.names.module.name, self.frame.scope
        matters = not words or self.mode.importing
        if any(self.leads_to_site(entry.function) for entry in self.entries(call)):
            return False
        for key in self.program.called(call.func, module, scope, self.names):
            if key in self.mode.reading or (matters and self.leads_to_site(key)):
                return False
            if self.program.never_returns(*key) or not words.isdisjoint(self.program.mentions(key)):
                return False
        if isinstance(call.func, ir.Attribute) and call.func.attr == "start" and (words or self.mode.importing):
            return False
        if any(isinstance(a, ir.Name) and a.id in self.program.container_names(module) for a in call.args):
            return False
        return not self.names.dotted(call.func, scope) & (models.EXITS_SILENTLY | models.EXITS_BY_SYSTEM_EXIT)

    def _reads_property(self, node: ir.Attribute) -> bool:
        """Does reading the attribute run a function that comes to the site?"""
        if not self.mode.importing:
            return False
        found = self.program.entries.of_attribute(node, self.names.module.name, self.frame.scope)
        return any(self.leads_to_site(key) for key in found)

    def _pass_by(self, statement: ir.Statement, state: State) -> None:
        """An idle statement may still raise."""
        if not self._is_listening():
            return
        nodes = list(ir.walk_own((statement,)))
        calls = [n for n in nodes if isinstance(n, ir.Call)]
        for call in calls:
            dotted = self.names.dotted(call.func, self.frame.scope)
            quiet = isinstance(call.func, ir.Attribute) and call.func.attr in QUIET_METHODS
            if not quiet and not dotted & models.NEVER_RAISES:
                self.may_raise(state, call.where)
                return
        if any(isinstance(n, ir.Subscript) and not n.is_slice for n in nodes):
            self.may_miss_element(state)
        if calls:
            self.may_be_interrupted(state)

    def _makes_object(self, value: ir.Expression) -> bool:
        """May a process be put into what the expression gives?"""
        if isinstance(value, ir.Call):
            references = self.names.resolve(value.func, self.frame.scope)
            return any(r.kind == "class" or r.name in NEW_CONTAINERS for r in references)
        return not isinstance(value, (ir.Constant, ir.Name, ir.Attribute, ir.Compare, ir.Not, ir.BinaryOp, ir.Opaque))

    def execute_function(self, function: ir.Function, module: str, state: State) -> Results:
        scope = f"{module}:{function.scope}"
        outside, self.thrown = self.thrown, []
        outcome = self.block(function.body, [state])
        self.thrown = outside
        for s, thrown in outcome.raises:
            self.thrown.append((self.leave_function(s, scope), thrown))
        results: Results = [(s, None) for s in outcome.falls]
        results += [(s, value) for s, value, _ in outcome.returns]
        return results

    # --- simple statements
    # ---------------------------------------------------------------------------------------------------

    def _evaluate(self, node: ir.Evaluate, state: State, outcome: Outcome) -> None:
        if self._is_never_asked(node.value):
            outcome.falls.append(state)
            return
        for s, _ in self.evaluate(node.value, state):
            outcome.falls.append(self.note_loss(state, s))

    def _is_never_asked(self, value: ir.Expression) -> bool:
        """A generator or map() that nobody asks for its items, so that nothing of it runs."""
        if isinstance(value, ir.Comprehension):
            return value.kind == "generator"
        return isinstance(value, ir.Call) and bool(
            self.names.dotted(value.func, self.frame.scope) & {"builtins.map", "builtins.filter"}
        )

    def _assign(self, node: ir.Assign, state: State, outcome: Outcome) -> None:
        for s, value in self.evaluate(node.value, state):
            for target in node.targets:
                s = self.assign(target, value, s)
            outcome.falls.append(s)

    def _augmented(self, node: ir.AugmentedAssign, state: State, outcome: Outcome) -> None:
        for s, value in self.evaluate(node.value, state):
            for s2, base in self.evaluate(node.target, s)[:1]:
                if isinstance(base, Ref) and node.op in {"Add", "BitOr"}:
                    if isinstance(value, Ref) and holds(s2, value):
                        from_there = {("*", *w[1:]) for w in s2.heap.get(value.root, ()) if w}
                        s2 = self._merge(s2, base, from_there)
                elif isinstance(node.target, ir.Name):
                    s2 = self.assign(node.target, None, s2)
                outcome.falls.append(s2)

    def _merge(self, state: State, base: Ref, ways: set[Path]) -> State:
        heap = dict(state.heap)
        heap[base.root] = heap.get(base.root, frozenset()) | {(*base.prefix, *w) for w in ways}
        return state._replace(heap=heap)

    def _return(self, node: ir.Return, state: State, outcome: Outcome) -> None:
        for s, value in self.evaluate(node.value, state):
            outcome.returns.append((s.with_step(Step("return", node.where)), value, node.where))

    def _raise(self, node: ir.Raise, state: State, outcome: Outcome) -> None:
        if node.value is None and self.frame.handling:
            thrown = self.frame.handling[-1]
            # A handler that ends the process and passes the exception on is a path of its own, whatever raised.
            explicit = thrown.explicit or state.stopped is not None
            outcome.raises.append((state.with_step(Step("raise", node.where)), replace(thrown, explicit=explicit)))
            return
        for s, _ in self.evaluate(node.value, state):
            name = _exception_name(node.value)
            outcome.raises.append((s.with_step(Step("raise", node.where)), Thrown(True, name, node.where)))

    def _break(self, node: ir.Break, state: State, outcome: Outcome) -> None:
        outcome.breaks.append(state.with_step(Step("break", node.where)))

    def _continue(self, node: ir.Continue, state: State, outcome: Outcome) -> None:
        outcome.continues.append(state.with_step(Step("continue", node.where)))

    def _assert(self, node: ir.Assert, state: State, outcome: Outcome) -> None:
        yes, no = self.condition(node.test, state)
        outcome.falls += yes
        for s in no:
            self.may_raise(s, node.where)

    def _delete(self, node: ir.Delete, state: State, outcome: Outcome) -> None:
        for target in node.targets:
            before = state
            if isinstance(target, ir.Name):
                state = unbind(state, self.variable(target.id))
            elif isinstance(target, ir.Subscript):
                out = []
                for s, base in self.evaluate(target.value, state)[:1]:
                    for s2, index in self.evaluate(target.index, s):
                        out += self._delete_element(s2, base, index, target)
                for s in out[1:]:
                    outcome.falls.append(self.note_loss(before, s))
                state = out[0] if out else state
            elif isinstance(target, ir.Attribute):
                state = self.assign(target, None, state)
            state = self.note_loss(before, state)
        outcome.falls.append(state)

    def _delete_element(self, state: State, base: Value, index: Value, target: ir.Subscript) -> list[State]:
        if not isinstance(base, Ref):
            return [state]
        out = []
        for s, element in self.element(state, base, index, target.index):
            if element is not None and holds(s, element):
                out += [taken for taken, value in self.take_element(s, base, "deleted") if value is not None]
            else:
                out.append(s)
        return out

    def _import(self, node: ir.Import, state: State, outcome: Outcome) -> None:
        self.may_raise(state, node.where)
        outcome.falls.append(state)

    def _define(self, node: ir.FunctionDef, state: State, outcome: Outcome) -> None:
        states = [state]
        for decorator in node.decorators:
            states = [s2 for s in states for s2, _ in self._decorate(decorator, s)]
        if node.decorators:  # the decorator gets the function
            function = Closure(self.names.module.name, node.function.scope)
            states = [s for s in states if not self.given_up(s, function)]
        for parameter in node.function.parameters:
            if isinstance(parameter.default, ir.Call):
                states = [s2 for s in states for s2, _ in self.evaluate(parameter.default, s)]
        outcome.falls += states

    def _decorate(self, decorator: ir.Expression, state: State) -> Results:
        if isinstance(decorator, ir.Call):
            return self.evaluate(decorator, state)
        return self.call(ir.Call(decorator, (), (), self.frame.statement), state)

    def _class(self, node: ir.ClassDef, state: State, outcome: Outcome) -> None:
        states = [state]
        for decorator in node.decorators:
            states = [s2 for s in states for s2, _ in self._decorate(decorator, s)]
        # An object of a class whose methods reach the process may be anywhere.
        for function in self.names.module.functions.values():
            if function.owner == node.cls.scope:
                method = Closure(self.names.module.name, function.scope)
                states = [s for s in states if not self.given_up(s, method)]
        body = self.block(node.cls.body, states)
        outcome.falls += body.falls
        outcome.raises += body.raises

    # --- branches
    # ------------------------------------------------------------------------------------------------------------

    def _if(self, node: ir.If, state: State, outcome: Outcome) -> None:
        if node in self.mode.skipped:
            self._continue_with(self.block(node.orelse, [state]), outcome)
            return
        frame = self.frame
        # `while True: if not p.is_alive(): break` waits as well as `while p.is_alive():`.
        in_while = bool(frame.loops) and isinstance(self.loop_nodes()[frame.loops[-1]], ir.While)
        frame.waiting = in_while and (_only_leaves(node.body) or _only_leaves(node.orelse))
        frame.settling = _joins(node.body) or _joins(node.orelse)
        yes, no = self.condition(node.test, state)
        frame.waiting = frame.settling = False
        for states, body, taken in ((yes, node.body, True), (no, node.orelse, False)):
            noted = [self.note_loss(state, s).with_step(Step("branch", node.test_where, taken)) for s in states]
            self._continue_with(self.block(body, distinct(noted)), outcome)

    def _continue_with(self, inner: Outcome, outcome: Outcome) -> None:
        outcome.falls += inner.falls
        outcome.take_exits(inner)

    def _match(self, node: ir.Match, state: State, outcome: Outcome) -> None:
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
                self._continue_with(self.block(case.body, taken), outcome)
                if case.irrefutable:
                    break
            else:
                outcome.falls += [o.with_step(Step("no case", node.where)) for o in open_states]

    # --- loops
    # ---------------------------------------------------------------------------------------------------------------

    def _for(self, node: ir.For, state: State, outcome: Outcome) -> None:
        loop = self.loop_id(node)
        for s, iteration in self.iterations(node.iterable, state, node.target, node.body):
            self._run_for(node, loop, iteration, self.note_loss(state, s), outcome)

    def _run_for(self, node: ir.For, loop: int, iteration: Iteration, entry: State, outcome: Outcome) -> None:
        ends = LoopEnds()
        seen: States = {}
        pending = [(entry, True)]
        while pending:
            state, is_entry = pending.pop()
            has_ours = self.has_ours(iteration, state)
            to_visit = has_ours and loop not in state.visited
            if not (to_visit and iteration.complete) and not (is_entry and iteration.nonempty):
                left = state._replace(visited=state.visited - {loop})
                if not self.joins_picked(node.body, left):
                    ends.normal.append(left.with_step(Step("loop skipped", node.where)) if is_entry else left)
            rounds = [self.another_this_round(iteration, node.target, state)]
            if to_visit or (has_ours and self.mode.beyond_join and _is_repeated(iteration)):
                ours = self.ours_this_round(iteration, node.target, state)
                rounds.append(ours._replace(visited=ours.visited | {loop}))
            rounds = [self.note_loss(state, r) for r in rounds]
            for following in self._round(node.body, loop, rounds, outcome, ends):
                if following.identity() not in seen:
                    seen[following.identity()] = following
                    pending.append((following, False))
            if len(seen) > MAX_STATES:
                raise GaveUp
        self._after_loop(node.orelse, ends, outcome)

    def _while(self, node: ir.While, state: State, outcome: Outcome) -> None:
        loop = self.loop_id(node)
        ends = LoopEnds()
        seen: States = {}
        pending = [(state, True)]
        frame = self.frame
        while pending:
            current, is_entry = pending.pop()
            frame.statement = node.where
            frame.waiting = True
            yes, no = self.condition(node.test, current)
            frame.waiting = False
            for s in no:
                ends.normal.append(s.with_step(Step("loop skipped", node.where)) if is_entry else s)
            for following in self._round(node.body, loop, yes, outcome, ends):
                if following.identity() not in seen:
                    seen[following.identity()] = following
                    pending.append((following, False))
            if len(seen) > MAX_STATES:
                raise GaveUp
        if self.joins_picked(node.body, state):
            return
        ends = self._without_waiting(node, ends, state)
        if not (ends.normal or ends.broken or outcome.returns or outcome.raises):
            self._stay_in_loop(seen.values())
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

    def _stay_in_loop(self, rounds: Iterable[State]) -> None:
        """A loop that is never left: no code behind it can join what its rounds have dropped."""
        if not any(final.fate == "joined" for final in self.finals):
            for state in rounds:
                if state.life is Life.STARTED and (state.lost is not None or not self.is_held(state)):
                    self._end(state, Exit("loops"))

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
                s = s._replace(rounds=s.rounds - {loop})
            out.append(self._next_round(s))
        return distinct(out)

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
            self._continue_with(self.block(orelse, normal), outcome)
        else:
            outcome.falls += normal
        outcome.falls += ends.broken

    # --- exceptions
    # ----------------------------------------------------------------------------------------------------------

    def _try(self, node: ir.Try, state: State, outcome: Outcome) -> None:
        listens = bool(node.handlers) or self._is_listening()
        expects = any(_is_for_misuse(handler) for handler in node.handlers)
        self.frame.expecting += expects
        body, possible = self._guarded(lambda: self.block(node.body, [state]), listens)
        self.frame.expecting -= expects
        result = Outcome(returns=body.returns, breaks=body.breaks, continues=body.continues)
        raised = [*body.raises, *possible]

        def rest() -> Outcome:
            after = Outcome()
            self._continue_with(self.block(node.orelse, body.falls), after)
            self._handle(node, raised, after)
            return after

        after, more = self._guarded(rest, self._is_listening())
        self._continue_with(after, result)
        result.raises += more
        self._finally(node.final, result, outcome)

    def _is_listening(self) -> bool:
        return bool(self.sinks) and self.sinks[-1] is not None

    def _guarded(self, run: Callable[[], Outcome], listens: bool) -> tuple[Outcome, list[Raised]]:
        """Run with a sink of its own for exceptions that any call may raise."""
        sink: list[Raised] | None = [] if listens else None
        self.sinks.append(sink)
        try:
            outcome = run()
        finally:
            self.sinks.pop()
        unique: dict[object, Raised] = {}
        scopes = {f"{f.names.module.name}:{f.scope}" for f in self.frames}
        for s, thrown in sink or ():
            s = self._only_scopes(s, scopes)
            unique.setdefault((s.identity(), thrown.name), (s, thrown))
        return outcome, list(unique.values())

    def _only_scopes(self, state: State, scopes: set[str]) -> State:
        for scope in {k[0] for k in state.env} - scopes:
            if not scope.endswith(f":{ir.MODULE_SCOPE}"):
                state = drop_scope(state, scope)
        return state

    def _handle(self, node: ir.Try, raised: list[Raised], after: Outcome) -> None:
        """Give each exception to the handlers that may take it."""
        entering: dict[int, dict[object, Raised]] = {}
        for state, thrown in raised:
            pending: Thrown | None = thrown
            for position, handler in enumerate(node.handlers):
                match = self._catches(handler, thrown)
                if match == "no":
                    continue
                key = (state.identity(), thrown.explicit)
                entering.setdefault(position, {}).setdefault(key, (state, thrown))
                if match == "yes":
                    pending = None
                    break
                pending = replace(thrown, explicit=False)
            if pending is not None:
                after.raises.append((state, pending))
        for position, states in entering.items():
            handler = node.handlers[position]
            for state, thrown in states.values():
                s = state.with_step(Step("handler", handler.where))
                if handler.name is not None:
                    s = bind(s, self.variable(handler.name), None)
                self.frame.handling.append(thrown)
                self._continue_with(self.block(handler.body, [s]), after)
                self.frame.handling.pop()

    def _catches(self, handler: ir.Handler, thrown: Thrown) -> str:
        """Does the handler take the exception: "yes", "no" or "maybe"?"""
        if handler.types is None:
            return "yes"
        types = handler.types.items if isinstance(handler.types, ir.Display) else (handler.types,)
        answers = {self._catches_type(_exception_name(t), thrown.name) for t in types}
        return "yes" if "yes" in answers else "maybe" if "maybe" in answers else "no"

    def _catches_type(self, caught: str | None, name: str | None) -> str:
        if caught == "BaseException":
            return "yes"
        if caught is None:
            return "maybe"
        if name is None:  # whatever a call may raise
            return (
                "yes" if caught == "Exception" else "no" if caught in {"KeyboardInterrupt", "SystemExit"} else "maybe"
            )
        if caught == name:
            return "yes"
        thrown_class, caught_class = getattr(builtins, name, None), getattr(builtins, caught, None)
        if isinstance(thrown_class, type) and isinstance(caught_class, type):
            if issubclass(thrown_class, caught_class):
                return "yes"
            return "maybe" if issubclass(caught_class, thrown_class) else "no"
        if thrown_class is None and caught == "Exception":
            return "yes"
        if name in {"SystemExit", "KeyboardInterrupt"}:
            return "no"
        return "maybe"

    def _finally(self, final: ir.Block, result: Outcome, outcome: Outcome) -> None:
        """Run `finally` for each way of entering it, then go on that way.  Exceptions no handler took reach the next
        sink."""
        if not final:
            for s, thrown in result.raises:
                self._pass_on(s, thrown, outcome)
            result.raises = []
            self._continue_with(result, outcome)
            return
        fall = self.block(final, result.falls)
        outcome.falls += fall.falls
        outcome.take_exits(fall)
        for state, value, where in result.returns:
            inner = self.block(final, [self._keep(state, value)])
            outcome.returns += [(self._unkeep(s), value, where) for s in inner.falls]
            outcome.take_exits(inner)
        for states, target in ((result.breaks, outcome.breaks), (result.continues, outcome.continues)):
            inner = self.block(final, distinct(states))
            target += inner.falls
            outcome.take_exits(inner)
        unique = {(s.identity(), t.explicit, t.name): (s, t) for s, t in reversed(result.raises)}
        for state, thrown in unique.values():
            entering = state.with_step(Step("unwinding", final[0].where)) if self.mode.beyond_join else state
            inner = self.block(final, [entering])
            for s in inner.falls:
                self._pass_on(s, thrown, outcome)
            outcome.take_exits(inner)

    def _keep(self, state: State, value: Value) -> State:
        return bind(state, ("", "<returned>"), value) if holds(state, value) else state

    def _unkeep(self, state: State) -> State:
        return unbind(state, ("", "<returned>")) if ("", "<returned>") in state.env else state

    def _pass_on(self, state: State, thrown: Thrown, outcome: Outcome) -> None:
        if thrown.explicit:
            outcome.raises.append((state, thrown))
        elif self.sinks and (sink := self.sinks[-1]) is not None:
            sink.append((state, thrown))

    def _with(self, node: ir.With, state: State, outcome: Outcome) -> None:
        states: list[tuple[State, tuple[Value, ...]]] = [(state, ())]
        swallows = False
        for item in node.items:
            following = []
            for s, values in states:
                for s2, value in self.evaluate(item.context, s):
                    s2, entered = self._enter(s2, value)
                    if item.target is not None:
                        s2 = self.assign(item.target, entered, s2)
                    following.append((self.note_loss(s, s2), (*values, value)))
            states = following
            swallows = swallows or self._may_swallow(item.context)
        groups: dict[tuple[Value, ...], list[State]] = {}
        for s, values in states:
            groups.setdefault(values, []).append(s)
        for values, members in groups.items():
            expects = any(_expects_failure(item.context) for item in node.items)
            limited = any(_sets_deadline(item.context) for item in node.items)
            self.frame.expecting += expects
            self.frame.deadlines += limited
            body, possible = self._guarded(partial(self.block, node.body, members), swallows or self._is_listening())
            self.frame.deadlines -= limited
            self.frame.expecting -= expects
            if expects:
                body.falls = self._without_started(body.falls, members)
            result = Outcome(body.falls, body.returns, body.breaks, body.continues, [])
            fate = self._fate_at_exit(node, values)
            if fate is not None:
                result.falls = [s for s in result.falls if not self._ended_by_exit(s, fate, "block left")]
                result.returns = [r for r in result.returns if not self._ended_by_exit(r[0], fate, "returns")]
                result.breaks = [s for s in result.breaks if not self._ended_by_exit(s, fate, "breaks")]
                result.continues = [s for s in result.continues if not self._ended_by_exit(s, fate, "continues")]
            raised = [*body.raises, *possible]
            if fate is not None:  # an exception on its way out loses nothing by mistake
                raised = [(s, t) for s, t in raised if not self._ended_by_exit(s, "joined", "raises")]
            for s, thrown in raised:
                if swallows and thrown.name not in {"SystemExit", "KeyboardInterrupt"}:
                    result.falls.append(s.with_step(Step("swallowed", node.where)))
                else:
                    result.raises.append((s, thrown))
            self._leave_with(values, result, outcome)

    def _ended_by_exit(self, state: State, fate: str, way: str) -> bool:
        if state.life is Life.STARTED:
            self.finish(fate, state, kind=way)
        return state.life is Life.STARTED

    def _fate_at_exit(self, node: ir.With, values: tuple[Value, ...]) -> str | None:
        """What leaving the block does to our pool or executor, or to our result if the block is that of its pool."""
        kind = self.site.kind
        if kind in models.POOLS | models.EXECUTORS and any(isinstance(v, Ours) for v in values):
            return "joined"
        if kind != models.RESULT:
            return None
        for item in node.items:
            if self.is_pool_of_ours(item.context) or (item.target is not None and self.is_pool_of_ours(item.target)):
                dotted = self.program.names[self.site.module].dotted(self.site.call.func, self.site.scope)
                return "joined" if any("Executor" in name for name in dotted) else "abandoned"
        return None

    def _enter(self, state: State, value: Value) -> tuple[State, Value]:
        """What `with … as name` binds."""
        if isinstance(value, Suspended):
            state = next((s for s, _ in self.resume(state, value)), state)
            return state, None
        if isinstance(value, Ours):
            if self.site.kind in models.EXECUTORS and state.life is Life.CREATED:
                state = self._started(state)
            found = self.overridden("__enter__")
            results = [] if found is None else self.run_function(found[1], found[0], [], state, value)
            return (results[0][0], value) if len(results) == 1 else (state, value)
        if isinstance(value, Ref) and (cls := self.class_of(value)) is not None:
            found = self.program.classes.method(cls, "__enter__")
            if found is not None:
                results = self.run_function(found[1], found[0], [], state, value)
                if len(results) == 1:
                    return results[0][0], results[0][1] if results[0][1] is not None else value
                if results:
                    return results[0][0], value
        return state, value

    def _leave_with(self, values: tuple[Value, ...], result: Outcome, outcome: Outcome) -> None:
        """Run the `__exit__` of the project's own context managers on every way out."""
        exits: list[tuple[ir.Function, str, Value]] = []
        for value in values:
            found = None
            if isinstance(value, Ours):
                found = self.overridden("__exit__")
            elif isinstance(value, Ref) and (cls := self.class_of(value)) is not None:
                found = self.program.classes.method(cls, "__exit__")
            if found is not None:
                exits.append((found[1], found[0], value))
        if exits:

            def leave(states: Iterable[State]) -> list[State]:
                current = list(states)
                for method, module, value in exits:
                    current = [s2 for s in current for s2, _ in self.run_function(method, module, [], s, value)]
                return current

            result.falls = leave(result.falls)
            result.returns = [(s2, v, w) for s, v, w in result.returns for s2 in leave([s])]
            result.breaks = leave(result.breaks)
            result.continues = leave(result.continues)
            result.raises = [(s2, t) for s, t in result.raises for s2 in leave([s])]
        for s, thrown in result.raises:
            self._pass_on(s, thrown, outcome)
        result.raises = []
        self._continue_with(result, outcome)

    def _without_started(self, states: list[State], before: list[State]) -> list[State]:
        """The states without those whose process was started since `before`, where that is expected to fail."""
        known = {s.start for s in before if s.life is Life.STARTED}
        kept = []
        for state in states:
            if state.life is Life.STARTED and state.start not in known:
                self.finish("escaped", state)
            else:
                kept.append(state)
        return kept

    def _may_swallow(self, context: ir.Expression) -> bool:
        """contextlib.suppress, or a context manager of the project whose __exit__ returns true."""
        if not isinstance(context, ir.Call):
            return False
        for reference in self.names.resolve(context.func, self.frame.scope):
            if reference.kind == "library" and reference.name in {"contextlib.suppress", "pytest.raises"}:
                return True
            if reference.kind == "class" and reference.module in self.program.names:
                found = self.program.classes.method((reference.module, reference.name), "__exit__")
                if found is not None and any(
                    isinstance(n, ir.Return) and isinstance(n.value, ir.Constant) and n.value.value is True
                    for n in ir.walk_own(found[1].body)
                ):
                    return True
        return False


# Facts by which the receiver can wait for the process.
_WAYS_TO_WAIT = frozenset({Bound(OURS, "pid"), Bound(OURS, "ident")})

# Ways to reach a process that need no handle.
_ALWAYS_MATTERS = frozenset({"active_children"})
_NO_WORDS: frozenset[str] = frozenset()


def _expects_failure(context: ir.Expression) -> bool:
    """`with self.assertRaises(…)`, `with pytest.raises(…)`."""
    name = _called_name(context)
    return name == "raises" or name.startswith("assertRaises")


def _sets_deadline(context: ir.Expression) -> bool:
    """`with gevent.Timeout(3)`, `with anyio.fail_after(3)`: the block raises when the time is up."""
    return _called_name(context).lower() in {"timeout", "fail_after", "time_limit", "timelimit"}


def _called_name(context: ir.Expression) -> str:
    """The last name of what is called to make a context manager, "" where nothing is."""
    func = context.func if isinstance(context, ir.Call) else None
    return func.attr if isinstance(func, ir.Attribute) else func.id if isinstance(func, ir.Name) else ""


def _joins(block: ir.Block) -> bool:
    """Is something joined in the block?"""
    return any(isinstance(n, ir.Attribute) and n.attr == "join" for n in ir.walk_own(block))


def _deciding(node: ir.While) -> frozenset[ir.Where]:
    """The statements whose values decide whether the loop goes on: its test, branches that only leave it, and
    assignments to what these ask."""
    leaving = [n for n in ir.walk_own(node.body) if isinstance(n, ir.If) and any(map(_only_leaves, (n.body, n.orelse)))]
    tests = (node.test, *(n.test for n in leaving))
    names = {n.id for test in tests for n in ir.walk(test) if isinstance(n, ir.Name)}
    assigned = (n for n in ir.walk_own(node.body) if isinstance(n, (ir.Assign, ir.AugmentedAssign)))
    setting = {
        n.where
        for n in assigned
        for target in (n.targets if isinstance(n, ir.Assign) else (n.target,))
        if names.intersection(target_names(target))
    }
    return frozenset({node.where, *(n.where for n in leaving), *setting})


def _is_repeated(iteration: Iteration) -> bool:
    """Does the loop come to the same object again and again?"""
    return isinstance(iteration.base, Ref) and iteration.base.root.startswith(f"new:{REPEATED}@")


def _is_for_misuse(handler: ir.Handler) -> bool:
    """Does the handler name what misuse of a worker raises, so that the program knows?"""
    types = handler.types.items if isinstance(handler.types, ir.Display) else (handler.types,)
    return any(_exception_name(t) in {"AssertionError", "RuntimeError", "ValueError"} for t in types)


def _only_leaves(block: ir.Block) -> bool:
    return len(block) == 1 and isinstance(block[0], (ir.Break, ir.Return))


def _exception_name(node: ir.Expression | None) -> str | None:
    if isinstance(node, ir.Call):
        node = node.func
    if isinstance(node, ir.Name):
        return node.id
    return node.attr if isinstance(node, ir.Attribute) else None


def _may_change(key: object, volatile: frozenset[str]) -> bool:
    if not isinstance(key, tuple):
        return False
    if key and key[0] in {"call", "method"}:
        return True
    if len(key) == 3 and key[0] == "attribute" and key[2] in volatile:
        return True
    return any(_may_change(k, volatile) for k in key)


_STATEMENTS: dict[type, Callable[[Interpreter, Any, State, Outcome], None]] = {
    ir.Evaluate: Interpreter._evaluate,
    ir.Assign: Interpreter._assign,
    ir.AugmentedAssign: Interpreter._augmented,
    ir.Return: Interpreter._return,
    ir.Raise: Interpreter._raise,
    ir.Break: Interpreter._break,
    ir.Continue: Interpreter._continue,
    ir.Assert: Interpreter._assert,
    ir.Delete: Interpreter._delete,
    ir.Import: Interpreter._import,
    ir.FunctionDef: Interpreter._define,
    ir.ClassDef: Interpreter._class,
    ir.If: Interpreter._if,
    ir.Match: Interpreter._match,
    ir.For: Interpreter._for,
    ir.While: Interpreter._while,
    ir.Try: Interpreter._try,
    ir.With: Interpreter._with,
}
