"""Tests: which states they let through, and what they tell about the process."""

from __future__ import annotations

from joinlint.analysis.interpreter.expressions import Expressions
from joinlint.analysis.interpreter.state import Life, State, distinct, holds, paths
from joinlint.analysis.interpreter.values import ALIVE, OURS, Bound, Known, Ours, Ref, Value
from joinlint.program import ir, models
from joinlint.program.guards import CHILD, truth
from joinlint.program.purity import Key, can_hold, compared, is_negated, number_test, pure_key

Split = tuple[list[State], list[State]]

# What is None until the worker is started.
_SET_BY_START = frozenset({Bound(OURS, "pid"), Bound(OURS, "ident"), Bound(OURS, "_popen")})
# The number of threads, which says by these comparisons whether there is another beside the main one.
_THREADS_LEFT = frozenset({"threading.active_count", "threading.activeCount"})
_MORE_THAN_MAIN = frozenset({(">", 1), ("!=", 1), (">=", 2)})
_MAIN_ALONE = frozenset({("==", 1), ("<=", 1), ("<", 2)})
# What hasattr() finds on a process, and on no thread.
_PROCESSES_ALONE = frozenset({"terminate", "kill", "close", "exitcode", "pid", "sentinel", "authkey"})
_OF_PROCESSES = _PROCESSES_ALONE | {"start", "join", "is_alive", "run", "name", "daemon", "ident"}

# Classes that no worker is an instance of.
_NO_WORKERS = frozenset(
    f"builtins.{name}" for name in ("list", "tuple", "dict", "set", "frozenset", "str", "bytes", "int", "float", "bool")
) | {"subprocess.Popen"}


class Conditions(Expressions):
    """`condition` splits a state into those in which a test holds and those in which it does not."""

    def condition(self, expression: ir.Expression, state: State) -> Split:
        self.spend()
        match expression:
            case ir.Constant(value=value):
                return ([state], []) if value else ([], [state])
            case ir.Not(value=value):
                yes, no = self.condition(value, state)
                return no, yes
            case ir.BoolOp(is_and=is_and, left=left, right=right):
                return self._short_circuit(is_and, left, right, state)
            case ir.Compare():
                return self._compare(expression, state)
            case ir.Call():
                return self._call_test(expression, state)
            case ir.Walrus(target=target, value=value):
                return self._split([(self.assign(target, v, s), v) for s, v in self.evaluate(value, state)], expression)
            case _:
                return self._split(self.evaluate(expression, state), expression)

    def _short_circuit(self, is_and: bool, left: ir.Expression, right: ir.Expression, state: State) -> Split:
        yes, no = self.condition(left, state)
        open_states, settled = (yes, no) if is_and else (no, yes)
        right_yes: list[State] = []
        right_no: list[State] = []
        for s in open_states:
            more_yes, more_no = self.condition(right, s)
            right_yes += more_yes
            right_no += more_no
        split = (right_yes, settled + right_no) if is_and else (settled + right_yes, right_no)
        return distinct(split[0]), distinct(split[1])

    def _split(self, results: list[tuple[State, Value]], expression: ir.Expression) -> Split:
        """By the truth of a value."""
        yes: list[State] = []
        no: list[State] = []
        for state, value in results:
            match value:
                case Known(value=constant):
                    (yes if constant else no).append(state)
                case Ours():
                    yes.append(state)
                case Bound(value=Ours()) if value in _SET_BY_START:
                    (no if state.life is Life.CREATED else yes).append(state)
                case Bound(value=Ours(), name="exitcode") if state.life is not Life.ENDED:
                    self._ended(state)  # a nonzero exit code is true
                    no.append(state)
                case Bound(value=Ours(), name=name) if name == ALIVE:
                    if state.life is Life.STARTED:
                        self._ended(state)
                        yes.append(state)
                    else:
                        no.append(state)
                case Ref() if paths(state, value):
                    yes.append(state)
                case _:
                    more_yes, more_no = self._unknown(state, expression)
                    yes += more_yes
                    no += more_no
        return yes, no

    def _unknown(self, state: State, expression: ir.Expression) -> Split:
        """A test of which nothing is known: both ways, remembered where the same test is made again."""
        key = pure_key(expression, self.variable)
        if key is None:
            return [state], [state]
        flip = is_negated(expression)
        if key in state.assumed:
            return ([state], []) if state.assumed[key] != flip else ([], [state])
        outcomes = [True, False]
        if state.assumed and self._is_number_test(key):
            outcomes = [outcome for outcome in outcomes if can_hold(state.assumed, key, outcome)]
        if self._is_repeated(key):
            split = {o: state._replace(assumed={**state.assumed, key: o}) for o in outcomes}
        else:
            split = dict.fromkeys(outcomes, state)
        yes, no = split.get(not flip), split.get(flip)
        return [] if yes is None else [yes], [] if no is None else [no]

    def _is_repeated(self, key: Key) -> bool:
        module = self.names.module.name
        return self.program.test_count(module, key) > 1 or (
            self._is_number_test(key) and self.program.number_tests(module, key) > 1
        )

    def _is_number_test(self, key: Key) -> bool:
        asked = number_test(key)
        return asked is not None and self.program.is_plain(asked.subject)

    def _is_steady(self, *sides: ir.Expression) -> bool:
        """Are they constants, or variables whose values are always those last seen?"""
        return all(
            isinstance(side, ir.Constant)
            or (isinstance(side, ir.Name) and self.program.is_plain(self.variable(side.id)))
            for side in sides
        )

    def _ended(self, state: State) -> None:
        """The process was seen to have ended, which reaps it.  In a loop that waits for that it is as good as a
        join."""
        if state.life is Life.STARTED:
            is_wait = any(frame.waiting for frame in self.frames) or self.frame.settling
            self.finish("joined" if is_wait else "polled", state)

    # --- comparisons
    # ---------------------------------------------------------------------------------------------------------

    def _compare(self, node: ir.Compare, state: State) -> Split:
        if (answer := truth(node, self.module_name())) is not None:
            if not answer and self.mode.beyond_join and truth(node, CHILD) is False:
                return [state], [state]  # a guard that never holds: what else is wrong in its block shows when it does
            return ([state], []) if answer else ([], [state])
        if any(isinstance(side, ir.Name) and side.id == "__main__" for side in (node.left, node.right)):
            return [], []  # NameError
        if (asked := _question_of(node)) is not None:
            split = self.condition(node.left, state)
            return split if asked else split[::-1]
        if (length := _length_test(node)) is not None:
            container, says_empty = length
            full, empty = self._is_full(container, state)
            return (empty, full) if says_empty else (full, empty)
        if isinstance(node.left, ir.Call) and self.site.kind == models.THREAD and state.life is Life.STARTED:
            test = (node.op, node.right.value if isinstance(node.right, ir.Constant) else None)
            if test in _MORE_THAN_MAIN | _MAIN_ALONE and (
                self.names.dotted(node.left.func, self.frame.scope) & _THREADS_LEFT
            ):
                self._ended(state)
                return ([state], []) if test in _MORE_THAN_MAIN else ([], [state])
        yes: list[State] = []
        no: list[State] = []
        for s, (left, right) in self.evaluate_all((node.left, node.right), state):
            if s.counted != state.counted and "active_children" in ir.words(node.left):
                s = s._replace(counted=state.counted)  # that there are fewer than so many is no wait for all
            more_yes, more_no = self._compared(node, s, left, right)
            yes += more_yes
            no += more_no
        return yes, no

    def _is_full(self, container: ir.Expression, state: State) -> Split:
        if isinstance(container, ir.Call):
            return self.condition(container, state)
        return self._split(self.evaluate(container, state), container)

    def _compared(self, node: ir.Compare, state: State, left: Value, right: Value) -> Split:
        is_none = isinstance(right, Known) and right.value is None
        negated = node.op in {"!=", "is not", "not in"}
        if isinstance(left, Bound) and left.value == OURS and left.name == "exitcode":
            state = state._replace(counted=())
            if state.life is Life.ENDED and not is_none:
                return [state], [state]
            looked = state._replace(looked=True)
            if is_none:
                self._ended(looked)
                return ([], [looked]) if negated else ([looked], [])
            if node.op == "==":
                self._ended(looked)
                return [], [looked]
            if node.op == "!=":
                self._ended(looked)
                return [looked], []
            self._ended(looked)
            return [], []
        if is_none and left in _SET_BY_START and node.op in {"is", "is not", "==", "!="}:
            return ([state], []) if negated == (state.life is not Life.CREATED) else ([], [state])
        if is_none and holds(state, left) and node.op in {"is", "is not", "==", "!="}:
            return ([state], []) if negated else ([], [state])
        if node.op in {"in", "not in"} and isinstance(left, Ours) and isinstance(right, Ref) and paths(state, right):
            return ([], [state]) if negated else ([state], [])
        if isinstance(left, Known) and isinstance(right, Known) and node.op in {"is", "is not", "==", "!="}:
            same = left == right if left.kind is right.kind else left.value == right.value
            return ([state], []) if same != negated else ([], [state])
        if isinstance(left, Known) and isinstance(right, Known) and self._is_steady(node.left, node.right):
            first, second = left.value, right.value
            if isinstance(first, (int, float)) and isinstance(second, (int, float)):
                if (answer := compared(node.op, first, second)) is not None:
                    return ([state], []) if answer else ([], [state])
        return self._unknown(state, node)

    # --- calls
    # ---------------------------------------------------------------------------------------------------------------

    def _call_test(self, call: ir.Call, state: State) -> Split:
        if (answer := self._asks_who_runs(call)) is not None:
            return ([state], []) if answer else ([], [state])
        func = call.func
        if isinstance(func, ir.Attribute) and func.attr == "is_alive":
            return self._is_alive(call, func, state)
        if isinstance(func, ir.Attribute) and func.attr in models.RESULT_LOOKS and self.site.kind == models.RESULT:
            return self._is_ready(call, func, state)
        if isinstance(func, ir.Attribute) and func.attr == "empty" and not call.args:
            found = self.evaluate(func.value, state)
            if any(holds(s, value) for s, value in found):  # it holds at least our process
                return [s for s, value in found if not holds(s, value)], [s for s, _ in found]
        if isinstance(func, ir.Name) and func.id == "isinstance" and len(call.args) == 2:
            return self._is_instance(call, state)
        if isinstance(func, ir.Name) and func.id == "hasattr" and len(call.args) == 2:
            return self._has_attribute(call, state)
        if isinstance(func, ir.Name) and func.id in {"any", "all"} and len(call.args) == 1:
            if isinstance(call.args[0], ir.Comprehension) and len(call.args[0].clauses) == 1:
                return self._quantified(func.id == "any", call.args[0], state)
        if isinstance(func, ir.Name) and func.id in {"len", "bool"} and len(call.args) == 1:
            return self._is_full(call.args[0], state)
        if any(models.is_active_children(d) for d in self.names.dotted(func, self.frame.scope)):
            self._ended(state)
            return [state], [] if state.life is Life.STARTED else [state]
        return self._split(self.evaluate(call, state), call)

    def _is_instance(self, call: ir.Call, state: State) -> Split:
        """`isinstance(p, Process)` holds for our process, `isinstance(p, list)` does not."""
        subject, classes = call.args
        items = classes.items if isinstance(classes, ir.Display) else (classes,)
        yes: list[State] = []
        no: list[State] = []
        for s, value in self.evaluate(subject, state):
            answers = {self._is_of_class(value, item) for item in items}
            if True in answers or answers != {False}:
                yes.append(s)
            if True not in answers:
                no.append(s)
        return yes, no

    def _has_attribute(self, call: ir.Call, state: State) -> Split:
        """`hasattr(p, "terminate")` holds for a process, and does not for a thread."""
        subject, attribute = call.args
        name = attribute.value if isinstance(attribute, ir.Constant) else None
        yes: list[State] = []
        no: list[State] = []
        for s, value in self.evaluate(subject, state):
            is_process = isinstance(value, Ours) and self.site.kind == models.PROCESS
            is_thread = isinstance(value, Ours) and self.site.kind == models.THREAD
            if not (is_thread and name in _PROCESSES_ALONE):
                yes.append(s)
            if not (is_process and name in _OF_PROCESSES):
                no.append(s)
        return yes, no

    def _is_of_class(self, value: Value, cls: ir.Expression) -> bool | None:
        """Is the value an instance of the class, as far as can be told?"""
        if not isinstance(value, Ours):
            return None
        references = self.names.resolve(cls, self.frame.scope)
        dotted = {models.canonical(r.name) for r in references if r.kind == "library"}
        if any(models.worker_kind(name) == self.site.kind for name in dotted):
            return True
        ours = () if self.site.cls is None else (self.site.cls, *self.program.classes.bases(self.site.cls))
        if any(r.kind == "class" and (r.module, r.name) in ours for r in references):
            return True
        return False if dotted and dotted <= _NO_WORKERS else None

    def _asks_who_runs(self, call: ir.Call) -> bool | None:
        """The answer of `__name__.startswith(…)`, or of a function that does nothing but return such a test."""
        if (answer := truth(call, self.module_name())) is not None or not self.mode.importing:
            return answer
        for module, scope in self.program.called(call.func, self.names.module.name, self.frame.scope, self.names):
            match self.program.modules[module].functions[scope].body:
                case (ir.Return(value=value),) if value is not None:
                    return truth(value, self.module_name(module))
        return None

    def _is_alive(self, call: ir.Call, func: ir.Attribute, state: State) -> Split:
        yes: list[State] = []
        no: list[State] = []
        for s, base in self.evaluate(func.value, state):
            if isinstance(base, Ours) and self.overridden("is_alive") is None:
                if s.life is Life.STARTED:
                    looked = s._replace(looked=True)
                    self._ended(looked)
                    yes.append(looked)
                else:
                    no.append(s)
            else:
                more_yes, more_no = self._split(self.call_on(call, s, base, func), call)
                yes += more_yes
                no += more_no
        return yes, no

    def _is_ready(self, call: ir.Call, func: ir.Attribute, state: State) -> Split:
        """A result that says that it is there has been waited for."""
        split: Split = ([], [])
        for s, base in self.evaluate(func.value, state):
            if isinstance(base, Ours) and s.life is Life.STARTED:
                self.finish("joined", s)
                split[1].append(s)
            else:
                for s2, _ in self.call_on(call, s, base, func):
                    split[0].append(s2)
                    split[1].append(s2)
        return split

    def _quantified(self, is_any: bool, node: ir.Comprehension, state: State) -> Split:
        """any(test for x in xs) and all(…): what the answer says of our process, if xs hold it."""
        clause = node.clauses[0]
        yes: list[State] = []
        no: list[State] = []
        for s, element in self.ours_in(clause.iterable, state):
            if element is None:
                yes.append(s)
                no.append(s)
                continue
            inside = [self.assign(clause.target, element, s)]
            for test in clause.conditions:
                split = [self.condition(test, i) for i in inside]
                (yes if not is_any else no).extend(f for _, fs in split for f in fs)
                inside = [t for ts, _ in split for t in ts]
            for i in inside:
                true, false = self.condition(node.element, i)
                yes += [s] if is_any else true
                no += false if is_any else [s]
                if is_any and not false and not true:
                    continue
        return yes, no


def _question_of(node: ir.Compare) -> bool | None:
    """The answer that `p.is_alive() == False` and its like ask for."""
    if not (isinstance(node.right, ir.Constant) and isinstance(node.right.value, bool)):
        return None
    match node.left:
        case ir.Call(func=ir.Attribute(attr="is_alive")) if node.op in {"==", "is"}:
            return node.right.value
        case ir.Call(func=ir.Attribute(attr="is_alive")) if node.op in {"!=", "is not"}:
            return not node.right.value
        case _:
            return None


def _length_test(node: ir.Compare) -> tuple[ir.Expression, bool] | None:
    """`len(xs) > 0` and its like: xs, and whether the test says that they are empty."""
    left, right, op = node.left, node.right, node.op
    if isinstance(left, ir.Constant) and not isinstance(right, ir.Constant):
        left, right = right, left
        op = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(op, op)
    if not (
        isinstance(left, ir.Call) and isinstance(left.func, ir.Name) and left.func.id == "len" and len(left.args) == 1
    ):
        return None
    if not isinstance(right, ir.Constant):
        return None
    if (op, right.value) in {(">", 0), ("!=", 0), (">=", 1)}:
        return left.args[0], False
    if (op, right.value) in {("==", 0), ("<", 1), ("<=", 0)}:
        return left.args[0], True
    return None
