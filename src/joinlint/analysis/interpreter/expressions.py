"""Evaluating expressions: each gives pairs of a state and the abstract value found in it."""

from __future__ import annotations

from typing import TypeVar

from joinlint.analysis.interpreter.assignment import Assignment
from joinlint.analysis.interpreter.parts import Arguments, Results
from joinlint.analysis.interpreter.state import State, add_paths, collect, distinct, holds, paths
from joinlint.analysis.interpreter.values import ANY, Closure, Known, Ref, Value, key_step, known
from joinlint.program import ir, models
from joinlint.program.entries import decorator_names

T = TypeVar("T")


REPEATED = "repeated"  # `[p] * 3`: a list that holds the same object several times


class Expressions(Assignment):
    """Adds every kind of expression, comprehensions, tests and calls aside."""

    def evaluate(self, expression: ir.Expression | None, state: State) -> Results:
        match expression:
            case None | ir.Constant() as constant:
                return [(state, None if constant is None else known(constant.value))]
            case ir.Name(id=name):
                return [(state, self.read_name(name, state))]
            case ir.Attribute(value=value, attr=attr):
                state = self.after_read(expression, state)
                return [r for s, base in self.evaluate(value, state) for r in self.read_attribute(s, base, attr, value)]
            case ir.Call():
                return self.call(expression, state)
            case ir.Subscript():
                return self._subscript(expression, state)
            case ir.Display(items=items, where=where):
                return self._display(items, state, where)
            case ir.DictDisplay():
                return self._dict(expression, state)
            case ir.Comprehension():
                return self.comprehension(expression, state)
            case ir.Yield(value=value, is_from=True):
                return self._yield_from(value, state)
            case ir.Await(value=value) | ir.Starred(value=value):
                return [r for s, v in self.evaluate(value, state) for r in self.resume(s, v)]
            case ir.Walrus(target=target, value=value):
                return [(self.assign(target, v, s), v) for s, v in self.evaluate(value, state)]
            case ir.Conditional(test=test, body=body, orelse=orelse):
                yes, no = self.condition(test, state)
                return _distinct(
                    [r for s in yes for r in self.evaluate(body, s)] + [r for s in no for r in self.evaluate(orelse, s)]
                )
            case ir.BoolOp(is_and=is_and, left=left, right=right):
                return self._boolean(is_and, left, right, state)
            case ir.Not() | ir.Compare():
                true, false = map(collect, self.condition(expression, state))
                return [(s, None if key in false else known(True)) for key, s in true.items()] + [
                    (s, known(False)) for key, s in false.items() if key not in true
                ]
            case ir.BinaryOp():
                return self._binary(expression, state)
            case ir.Lambda(function=function):
                return [(state, Closure(self.names.module.name, function.scope))]
            case ir.Yield(value=value):
                return self._yield(value, state)
            case ir.Opaque(parts=parts):
                states = [state]
                for part in parts:
                    states = distinct(s for before in states for s, _ in self.evaluate(part, before))
                return [(s, None) for s in states]
        return [(state, None)]

    def evaluate_all(
        self, expressions: tuple[ir.Expression, ...], state: State
    ) -> list[tuple[State, tuple[Value, ...]]]:
        """Evaluate several expressions from left to right."""
        rows: list[tuple[State, list[Value]]] = [(state, [])]
        for expression in expressions:
            grown: list[tuple[State, list[Value]]] = []
            for before, values in rows:
                found = self.evaluate(expression, before)
                if len(found) == 1:  # as nearly always; a copy of each prefix would take a long display's square
                    values.append(found[0][1])
                    grown.append((found[0][0], values))
                else:
                    grown += [(after, [*values, value]) for after, value in found]
            if len(grown) > 1:
                grown = [(s, list(values)) for s, values in _distinct([(s, tuple(values)) for s, values in grown])]
            rows = grown
        return [(s, tuple(values)) for s, values in rows]

    def arguments(self, call: ir.Call, state: State) -> list[tuple[State, Arguments]]:
        """The call's arguments evaluated: values with their keywords; `*` and `**` ones count as positional."""
        out: list[tuple[State, Arguments]] = []
        expressions = (*call.args, *(k.value for k in call.keywords))
        names: list[str | None] = [*(None for _ in call.args), *(k.name for k in call.keywords)]
        for s, values in self.evaluate_all(expressions, state):
            out.append((s, list(zip(values, names, strict=True))))
        return out

    def _subscript(self, node: ir.Subscript, state: State) -> Results:
        out: Results = []
        if not node.is_slice:
            self.may_miss_element(state)
        for s, base in self.evaluate(node.value, state):
            for s2, index in self.evaluate(node.index, s):
                if node.is_slice:
                    out.extend(self.slice_of(s2, base, node))
                else:
                    out.extend(self.element(s2, base, index, node.index))
        return out

    def _display(self, items: tuple[ir.Expression, ...], state: State, where: ir.Where) -> Results:
        out: Results = []
        for s, values in ((kept, v) for before, v in self.evaluate_all(items, state) for kept in self.kept(before, v)):
            if any(self.given_up(s, value) for value in values):
                continue
            s, ref = self.fresh(s, "list", where)
            starred = False
            for position, (item, value) in enumerate(zip(items, values, strict=True)):
                if isinstance(item, ir.Starred):
                    starred = True
                    if isinstance(value, Ref):
                        s = add_paths(s, ref, {(ANY, *w[1:]) for w in paths(s, value) if w})
                else:
                    s = self.store(s, Ref(ref.root, (ANY if starred else key_step(position),)), value)
            out.append((s, ref))
        return out

    def _dict(self, node: ir.DictDisplay, state: State) -> Results:
        out: Results = []
        for s, values in self.evaluate_all(node.values, state):
            if any(self.given_up(s, value) for value in values):
                continue
            s, ref = self.fresh(s, "dict", node.where)
            for key, value in zip(node.keys, values, strict=True):
                if key is None:
                    if isinstance(value, Ref):
                        s = add_paths(s, ref, paths(s, value))
                else:
                    step = key_step(key.value) if isinstance(key, ir.Constant) else ANY
                    s = self.store(s, Ref(ref.root, (step,)), value)
            out.append((s, ref))
        return out

    def _boolean(self, is_and: bool, left: ir.Expression, right: ir.Expression, state: State) -> Results:
        out: Results = []
        for s, value in self.evaluate(left, state):
            if holds(s, value):  # a process or what holds it is true
                out.extend(self.evaluate(right, s) if is_and else [(s, value)])
            elif isinstance(value, Known):
                out.extend(self.evaluate(right, s) if bool(value.value) == is_and else [(s, value)])
            else:
                out.extend([(s, value), *self.evaluate(right, s)])
        return _distinct(out)

    def _binary(self, node: ir.BinaryOp, state: State) -> Results:
        out: Results = []
        for s, values in self.evaluate_all((node.left, node.right), state):
            held = [v for v in values if isinstance(v, Ref) and paths(s, v)]
            if not held:
                out.append((s, None))
                continue
            ways = {(ANY, *w[1:]) for value in held for w in paths(s, value) if w}
            s, ref = self.fresh(s, REPEATED if node.op == "Multiply" else "sum", node.where)
            s = add_paths(s, ref, ways)
            out.append((self.note_last_of(s, ref, node.right, values[1]) if node.op == "Add" else s, ref))
        return out

    def _yield(self, value: ir.Expression | None, state: State) -> Results:
        """A context manager or fixture gets its process back after the yield; another generator has given it away."""
        if (at_yield := self.frame.at_yield) is not None:
            return [(after, None) for s, v in self.evaluate(value, state) for after in at_yield(s, v)]
        out: Results = []
        function = self.frame.function
        comes_back = function is not None and any(
            "contextmanager" in d or "fixture" in d for d in decorator_names(function)
        )
        for s, v in self.evaluate(value, state):
            if holds(s, v) and not comes_back:
                self.finish("escaped", s)
            elif not self.given_up(s, v):
                out.append((s, None))
        return out

    def _yield_from(self, value: ir.Expression | None, state: State) -> Results:
        """Runs a generator to its end, asks for all results of a task, or gives the elements of a container away."""
        out: Results = []
        for before, v in self.evaluate(value, state):
            for s, resumed in self.resume(before, v):
                if holds(s, resumed):
                    self.finish("joined" if self.site.kind == models.RESULT else "escaped", s)
                else:
                    out.append((s, resumed))
        return out


def _distinct(results: list[tuple[State, T]]) -> list[tuple[State, T]]:
    """Without those that go on alike with an equal value: a long chain would otherwise double them at each link."""
    if len(results) < 2:
        return results
    return list({(state.identity(), value): (state, value) for state, value in reversed(results)}.values())[::-1]
