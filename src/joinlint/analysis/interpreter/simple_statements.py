"""Statements that hold no others, and definitions."""

from __future__ import annotations

from joinlint.analysis.interpreter.idle import Idle
from joinlint.analysis.interpreter.outcome import Outcome
from joinlint.analysis.interpreter.parts import Results
from joinlint.analysis.interpreter.state import State, Step, bind, holds, unbind
from joinlint.analysis.interpreter.values import Closure, Known, Path, Ref, Value
from joinlint.program import ir
from joinlint.program.purity import Variable, above_zero


class SimpleStatements(Idle):
    """Adds assignments, jumps other than raise, deletions, imports and definitions."""

    def execute_expression(self, node: ir.Evaluate, state: State, outcome: Outcome) -> None:
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

    def execute_assign(self, node: ir.Assign, state: State, outcome: Outcome) -> None:
        for s, value in self.evaluate(node.value, state):
            counts = value is None and self._counts_ours(node.value, s)
            for target in node.targets:
                s = self.assign(target, value, s)
                if counts and isinstance(target, ir.Name) and self.program.is_plain(self.variable(target.id)):
                    s = s._replace(assumed={**s.assumed, **above_zero(self.variable(target.id))})
            outcome.falls.append(s)

    def _counts_ours(self, value: ir.Expression, state: State) -> bool:
        """Is it the length of a container that holds our process?"""
        match value:
            case ir.Call(func=ir.Name(id="len"), args=(ir.Name() as container,)):
                return any(isinstance(held, Ref) and holds(s, held) for s, held in self.evaluate(container, state))
            case _:
                return False

    def execute_augmented(self, node: ir.AugmentedAssign, state: State, outcome: Outcome) -> None:
        for s, value in self.evaluate(node.value, state):
            for s2, base in self.evaluate(node.target, s)[:1]:
                if isinstance(base, Ref) and node.op in {"Add", "BitOr"}:
                    if isinstance(node.target, ir.Name):
                        s2 = bind(s2, self.variable(node.target.id), base)  # what was asked of it may be so no more
                    if isinstance(value, Ref) and holds(s2, value):
                        from_there = {("*", *w[1:]) for w in s2.heap.get(value.root, ()) if w}
                        s2 = self._merge(s2, base, from_there)
                    if node.op == "Add":
                        s2 = self.note_last_of(s2, base, node.value, value)
                elif isinstance(node.target, ir.Name):
                    variable = self.variable(node.target.id)
                    grows = node.op == "Add" and _is_above(0, value) and self._is_count(s2, variable, base)
                    s2 = self.assign(node.target, None, s2)
                    if grows:
                        s2 = s2._replace(assumed={**s2.assumed, **above_zero(variable)})
                outcome.falls.append(s2)

    def _is_count(self, state: State, variable: Variable, value: Value) -> bool:
        """Is it a local variable whose number is not below zero?"""
        is_known = _is_above(-1, value) or above_zero(variable).items() <= state.assumed.items()
        return is_known and self.is_tested(variable) and self.program.is_plain(variable)

    def _merge(self, state: State, base: Ref, ways: set[Path]) -> State:
        heap = dict(state.heap)
        heap[base.root] = heap.get(base.root, frozenset()) | {(*base.prefix, *w) for w in ways}
        return state._replace(heap=heap)

    def execute_return(self, node: ir.Return, state: State, outcome: Outcome) -> None:
        for s, value in self.evaluate(node.value, state):
            outcome.returns.append((s.with_step(Step("return", node.where)), value, node.where))

    def execute_break(self, node: ir.Break, state: State, outcome: Outcome) -> None:
        outcome.breaks.append(state.with_step(Step("break", node.where)))

    def execute_continue(self, node: ir.Continue, state: State, outcome: Outcome) -> None:
        outcome.continues.append(state.with_step(Step("continue", node.where)))

    def execute_assert(self, node: ir.Assert, state: State, outcome: Outcome) -> None:
        yes, no = self.condition(node.test, state)
        outcome.falls += yes
        for s in no:
            self.may_raise(s, node.where)

    def execute_delete(self, node: ir.Delete, state: State, outcome: Outcome) -> None:
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
        if not isinstance(base, Ref) or self.are_sorted_out(target.value):
            return [state]
        out = []
        for s, element in self.element(state, base, index, target.index):
            if element is not None and holds(s, element):
                out += [taken for taken, value in self.take_element(s, base, "deleted") if value is not None]
            else:
                out.append(s)
        return out

    def execute_import(self, node: ir.Import, state: State, outcome: Outcome) -> None:
        self.may_raise(state, node.where)
        outcome.falls.append(state)

    def execute_function_definition(self, node: ir.FunctionDef, state: State, outcome: Outcome) -> None:
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

    def execute_class_definition(self, node: ir.ClassDef, state: State, outcome: Outcome) -> None:
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


def _is_above(bound: int, value: Value) -> bool:
    return isinstance(value, Known) and isinstance(value.value, int) and value.value > bound
