"""Loops over containers: which element is our process, and that a loop that ends has come to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from joinlint import limits
from joinlint.analysis.interpreter.conditions import Conditions
from joinlint.analysis.interpreter.machine import is_persistent
from joinlint.analysis.interpreter.parts import Results
from joinlint.analysis.interpreter.state import Life, State, Step, add_paths, distinct, holds, paths, unbind
from joinlint.analysis.interpreter.values import ANY, OURS, Ours, Ref, Value, key_step
from joinlint.program import container_methods, ir, library_calls, models
from joinlint.program.bindings import target_names
from joinlint.program.purity import Key, pure_key
from joinlint.records import by_value


@by_value
class Iteration:
    """What a loop runs over.

    `base` is the container; `shape` what each round gets: "element", "key", "item" (key and element) or "index".
    `positions` lead from the element handed out (by enumerate, zip) down to the container's own.  `complete`: every
    element is visited unless the loop is left early.  `nonempty`: there is at least one round.  `memo` remembers, for
    "index", which element is meant.
    """

    base: Value
    shape: str = "element"
    positions: tuple[int, ...] = ()
    complete: bool = True
    nonempty: bool = False
    memo: Key | None = None


class Iterations(Conditions):
    """Adds loops over containers, and the comprehensions that are such loops."""

    def iterations(
        self, node: ir.Expression, state: State, target: ir.Expression | None, body: ir.Block
    ) -> list[tuple[State, Iteration]]:
        """Evaluate the iterable of a loop."""
        if isinstance(node, ir.Call):
            func = node.func
            if isinstance(func, ir.Name) and func.id == "range":
                return self._range(node, state, target, body)
            if isinstance(func, ir.Name) and func.id == "enumerate" and node.args:
                inner = self.iterations(node.args[0], state, None, ())
                return [(s, replace(i, positions=(1, *i.positions))) for s, i in inner]
            if isinstance(func, ir.Name) and func.id in {"zip", "zip_longest"} and node.args:
                return self._zip(node, state)
            if isinstance(func, ir.Name) and func.id == "filter" and len(node.args) == 2:
                return [(s, replace(i, complete=False)) for s, i in self.iterations(node.args[1], state, None, ())]
            if isinstance(func, ir.Attribute) and func.attr in container_methods.VIEWS and not node.args:
                return self._view(node, func, state)
            dotted = self.names.dotted(func, self.frame.scope)
            if len(node.args) > 1 and "itertools.chain" in dotted:
                return [(s, replace(i, positions=i.positions[1:])) for s, i in self._zip(node, state)]
            if node.args and dotted & library_calls.REARRANGES:
                return self.iterations(node.args[0], state, None, ())
        nonempty = isinstance(node, ir.Display) and bool(node.items)
        out = []
        for s, value in (r for before, v in self.evaluate(node, state) for r in self.resume(before, v)):
            if self.asks_for_results(s, value):
                self.finish("joined", s)
                continue
            if not (isinstance(value, Ref) and paths(s, value)):
                s, indexed = self._index_iteration(s, target, body, nonempty)
                if indexed is not None:
                    out.append((s, indexed))
                    continue
            shape = "key" if isinstance(value, Ref) and self.is_mapping(value) else "element"
            out.append((s, Iteration(value, shape, nonempty=nonempty)))
        return out

    def asks_for_results(self, state: State, iterable: Value) -> bool:
        """Does a loop over the iterable ask for one of our results after the other, itself or by way of an object of
        the project that has been given them?"""
        if self.site.kind != models.RESULT:
            return False
        if isinstance(iterable, Ours):
            return True
        return isinstance(iterable, Ref) and self.class_of(iterable) is not None and holds(state, iterable)

    def _range(
        self, node: ir.Call, state: State, target: ir.Expression | None, body: ir.Block
    ) -> list[tuple[State, Iteration]]:
        nonempty = _has_rounds(node.args)
        out = []
        for s, _ in self.evaluate_all(node.args, state):
            s2, indexed = self._index_iteration(s, target, body, nonempty)
            out.append((s2, indexed if indexed is not None else Iteration(None, nonempty=nonempty)))
        return out

    def _index_iteration(
        self, state: State, target: ir.Expression | None, body: ir.Block, nonempty: bool
    ) -> tuple[State, Iteration | None]:
        """The loop as one over the container that holds our process, where its body takes the elements by what it goes
        through: `for i in range(n): workers[i].join()`, `for name in names: workers[name].join()`."""
        if not isinstance(target, ir.Name) or (key := pure_key(target, self.variable)) is None:
            return state, None
        found: Iteration | None = None
        for base in _indexed_by(target.id, body):
            for _, value in self.evaluate(base, state)[:1]:
                if isinstance(value, Ref) and holds(state, value):
                    found = Iteration(
                        value, "index", nonempty=nonempty, memo=("element", value.root, value.prefix, key)
                    )
        return state, found

    def joins_picked(self, loop: ir.For | ir.While, state: State) -> bool:
        """Does the loop join members of the container that holds our process, which each round picks by what it is
        told: `i = done.get(); workers[i].join()`?  Each is picked some time, then."""
        if state.life is not Life.STARTED:
            return False
        values = (v for base in self.program.picked_from(loop) for _, v in self.evaluate(base, state)[:1])
        return any(isinstance(value, Ref) and holds(state, value) for value in values)

    def _zip(self, node: ir.Call, state: State) -> list[tuple[State, Iteration]]:
        results: list[tuple[State, Iteration | None]] = [(state, None)]
        for position, arg in enumerate(node.args):
            following: list[tuple[State, Iteration | None]] = []
            for s, found in results:
                for s2, inner in self.iterations(arg, s, None, ()):
                    if found is None and holds(s2, inner.base):
                        following.append((s2, replace(inner, positions=(position, *inner.positions), nonempty=False)))
                    else:
                        following.append((s2, found))
            results = following
        return [(s, found if found is not None else Iteration(None)) for s, found in results]

    def _view(self, node: ir.Call, func: ir.Attribute, state: State) -> list[tuple[State, Iteration]]:
        out = []
        for s, base in self.evaluate(func.value, state):
            shape = {"items": "item", "keys": "key"}.get(func.attr, "element")
            if isinstance(base, Ref) and self.class_of(base) is None:
                out.append((s, Iteration(base, shape)))
            else:
                out.extend((s2, Iteration(value)) for s2, value in self.call_on(node, s, base, func))
        return out

    # --- rounds
    # --------------------------------------------------------------------------------------------------------------

    def has_ours(self, iteration: Iteration, state: State) -> bool:
        # A place that has been given the process itself in the meantime is nothing to run over.
        return isinstance(iteration.base, Ref) and any(paths(state, iteration.base))

    def ours_this_round(self, iteration: Iteration, target: ir.Expression, state: State) -> State:
        """The loop comes to our process."""
        base = iteration.base
        assert isinstance(base, Ref)
        if iteration.shape == "index":
            state = self.assign(target, None, state)
            assert iteration.memo is not None
            return state._replace(assumed={**state.assumed, iteration.memo: True})
        step = min((way for way in paths(state, base) if way), key=lambda way: (len(way), way))[0]
        place = Ref(base.root, (*base.prefix, step))
        element: Value = OURS if () in paths(state, place) else place
        key = Ref(f"key:{base.root}", base.prefix)
        if iteration.shape == "key":
            return self._assign_at(target, iteration.positions, key, state)
        if iteration.shape == "item":
            return self._assign_at(target, (*iteration.positions, 1), element, state, key)
        return self._assign_at(target, iteration.positions, element, state)

    def another_this_round(self, iteration: Iteration, target: ir.Expression, state: State) -> State:
        """The loop comes to something else, in which our process may be put now."""
        base, positions = iteration.base, iteration.positions
        value: Value = None
        if isinstance(base, Ref) and is_persistent(base.root) and iteration.shape in {"element", "item"}:
            value = Ref(base.root, (*base.prefix, ANY)) if len(base.prefix) < limits.PATH_STEPS - 1 else None
            positions = (*positions, 1) if iteration.shape == "item" else positions
        if isinstance(base, Ref) and iteration.shape in {"key", "item"} and self.has_ours(iteration, state):
            other_key = Ref(f"other key:{base.root}", base.prefix)
            if iteration.shape == "key":
                state = self._assign_at(target, positions, other_key, state)
            else:
                state = self._assign_at(target, (*iteration.positions, 1), None, state, other_key)
        elif value is None or self.has_ours(iteration, state):
            state = self.assign(target, None, state)
        else:
            state = self._assign_at(target, positions, value, state)
        if iteration.memo is not None:
            state = state._replace(assumed={**state.assumed, iteration.memo: False})
        return state

    def _assign_at(
        self, target: ir.Expression, positions: tuple[int, ...], value: Value, state: State, key: Value = None
    ) -> State:
        """Assign to `target` a nest of tuples in which `value` lies at `positions` and, for items, `key` beside it."""
        if not positions:
            return self.assign(target, value, state)
        if isinstance(target, ir.Display):
            for position, item in enumerate(target.items):
                if position == positions[0]:
                    state = self._assign_at(item, positions[1:], value, state, key)
                else:
                    state = self.assign(item, key if len(positions) == 1 and position == 0 else None, state)
            return state
        fresh = Ref("new:tuple@loop")
        ways = {()} if value == OURS else paths(state, value) if isinstance(value, Ref) else set()
        prefix = tuple(key_step(p) for p in positions)
        return self.assign(target, fresh, add_paths(state, fresh, {(*prefix, *w) for w in ways}))

    # --- comprehensions
    # ------------------------------------------------------------------------------------------------------

    def comprehension(self, node: ir.Comprehension, state: State) -> Results:
        out: Results = []
        for s, value in ((kept, v) for before, v in self._clauses(node, 0, state) for kept in self.kept(before, [v])):
            if value is not None and holds(s, value):
                kind = "dict" if node.kind == "dict" else "list"
                s, ref = self.fresh(s, kind, node.where)
                s = self.store(s, Ref(ref.root, (ANY,)), value)
                out.append((self._forget_targets(node, s), ref))
            else:
                out.append((self._forget_targets(node, s), None))
        # A list made here is a container of ours even while it holds nothing that matters.
        final: Results = []
        for s, value in out:
            if value is None:
                s, value = self.fresh(s, "dict" if node.kind == "dict" else "list", node.where)
            final.append((s, value))
        unique = {(s.identity(), v): (s, v) for s, v in final}
        return list(unique.values())

    def _forget_targets(self, node: ir.Comprehension, state: State) -> State:
        for clause in node.clauses:
            for name in target_names(clause.target):
                state = unbind(state, self.variable(name))
        return state

    def _clauses(self, node: ir.Comprehension, depth: int, state: State) -> Results:
        if depth == len(node.clauses):
            starts = [state] if node.key is None else [s for s, _ in self.evaluate(node.key, state)]
            return [(s, v) for start in starts for s, v in self.evaluate(node.element, start)]
        clause = node.clauses[depth]
        out: Results = []
        for s, iteration in self.iterations(clause.iterable, state, clause.target, ()):
            if self.has_ours(iteration, s):
                starts = [self.ours_this_round(iteration, clause.target, s)]
                if not iteration.complete:
                    out.append((s, None))
            else:
                starts = [self.another_this_round(iteration, clause.target, s)]
                if not iteration.nonempty:
                    is_told = self.mode.reads or self.site.kind == models.RESULT
                    skipped = s.with_step(Step("loop skipped", node.where)) if is_told else s
                    out.append((skipped, None))
            for test in clause.conditions:
                split = [self._counting_condition(test, i) for i in starts]
                out.extend((f, None) for _, fs in split for f in fs)
                starts = distinct(t for ts, _ in split for t in ts)
            for i in starts:
                out.extend(self._one_round(node, depth, i))
        return out

    def _counting_condition(self, test: ir.Expression, state: State) -> tuple[list[State], list[State]]:
        """A condition by which the elements are counted: what is made of them may tell that the process still runs."""
        yes, no = self.condition(test, state)
        if state.life is Life.STARTED and not state.looked:
            yes, no = (
                [s._replace(counted=self.statements()) if s.looked else s for s in states] for states in (yes, no)
            )
        return yes, no

    def _one_round(self, node: ir.Comprehension, depth: int, state: State) -> Results:
        loop = self.loop_id(node)
        self.frame.loops.append(loop)
        results = self._clauses(node, depth + 1, state)
        self.frame.loops.pop()
        out: Results = []
        for s, value in results:
            if loop in s.rounds:
                self.round_ends.setdefault(loop, []).append(False)
                others = self.site.kind not in models.POOLS | models.EXECUTORS  # those of the other rounds
                s = self.still_asked(s._replace(rounds=s.rounds - {loop}, overlapped=s.overlapped or others))
            out.append((s, value))
        return out

    def ours_in(self, iterable: ir.Expression, state: State) -> Results:
        out: Results = []
        for s, iteration in self.iterations(iterable, state, None, ()):
            if self.has_ours(iteration, s) and iteration.shape != "key" and isinstance(iteration.base, Ref):
                step = min(paths(s, iteration.base), key=lambda w: (len(w), w))[0]
                place = Ref(iteration.base.root, (*iteration.base.prefix, step))
                element: Value = OURS if () in paths(s, place) else place
                for position in reversed((*iteration.positions, *((1,) if iteration.shape == "item" else ()))):
                    fresh = Ref(f"new:tuple@{position}")
                    ways = {()} if element == OURS else paths(s, element) if isinstance(element, Ref) else set()
                    s = add_paths(s, fresh, {(key_step(position), *w) for w in ways})
                    element = fresh
                out.append((s, element))
            else:
                out.append((s, None))
        return out


def _has_rounds(bounds: Sequence[ir.Expression]) -> bool:
    """Is a range with these constants, and nothing else, never empty?"""
    numbers = [b.value for b in bounds if isinstance(b, ir.Constant) and type(b.value) is int]
    if len(numbers) != len(bounds) or not 1 <= len(numbers) <= 3 or numbers[2:] == [0]:
        return False
    return bool(range(*numbers))


def _indexed_by(name: str, body: ir.Block) -> list[ir.Expression]:
    """What is subscripted by the plain name in the body of a loop."""
    found: list[ir.Expression] = []
    for node in ir.walk_own(body):
        if isinstance(node, ir.Subscript) and isinstance(node.index, ir.Name) and node.index.id == name:
            if isinstance(node.value, (ir.Name, ir.Attribute)):
                found.append(node.value)
    return found
