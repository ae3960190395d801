"""Running the project's own functions."""

from __future__ import annotations

from joinlint import limits
from joinlint.analysis.interpreter.handles import TAKES_CARE, Handles
from joinlint.analysis.interpreter.machine import is_persistent
from joinlint.analysis.interpreter.outcome import Thrown
from joinlint.analysis.interpreter.parts import Arguments, Results
from joinlint.analysis.interpreter.state import Life, State, add_paths, bind, holds, ways_to_ours
from joinlint.analysis.interpreter.values import ANY, MODULE_ROOT, OURS, Bound, Closure, Known, Ours, Ref, Value, known
from joinlint.program import ir
from joinlint.program.budget import TOO_DEEP
from joinlint.program.endings import Ending
from joinlint.program.names import is_static

_STARTS_OR_ENDS = frozenset({"start", "close", "terminate", "kill", "shutdown"})
_WAITS_BY_PID = frozenset({"waitpid", "waitid", "wait_procs"})


class Functions(Handles):
    """Adds functions: whether one matters to the process, its parameters, and what it gives back."""

    def run_function(
        self,
        function: ir.Function,
        module: str,
        arguments: Arguments,
        state: State,
        receiver: Value = None,
        call: ir.Call | None = None,
    ) -> Results:
        """Run a function of the project, if it can matter to our process; what it returns in each way it can end."""
        where = self.frame.statement
        if state.life is Life.STARTED and self._may_wait_by_pid(function, module, arguments):
            self.finish("escaped", state)
            return []
        is_given = any(self.is_given(state, value) for value, _ in arguments)
        if self.program.is_abstract(module, function):
            self.may_raise(state, where)
            return self.give_up(state) if is_given else [(state, None)]
        touched = is_given or isinstance(receiver, Ours)
        matters = touched or self._is_relevant(function, module, state, receiver)
        if not matters and not self._is_worked_out(function, module, arguments):
            self.may_raise(state, where)
            ending = self.program.ending(module, function.scope)
            if ending is Ending.RAISES:
                self.thrown.append((state, Thrown(True, "SystemExit", where)))
            return [(state, None)] if ending is Ending.OPEN else []
        if len(self.frames) > limits.CALL_DEPTH and state.life is not Life.ABSENT:
            self.program.budget.give_up(self.site.module, self.site.call.where.row, TOO_DEEP)
            return self.give_up(state)
        if self.is_active(function.scope, module) or len(self.frames) > limits.CALL_DEPTH:
            if state.life is Life.ABSENT or isinstance(receiver, Ours):
                return [(state, None)]
            return self.give_up(state) if touched or self._may_change(function, module) else [(state, None)]
        names = self.program.names[module]
        self.calls.append(where)
        try:
            with self.entered(function, names):
                self.frame.statement = where
                entered = self._bind_parameters(function, arguments, state, receiver, call)
                results = self._execute_body(function, module, entered)
        finally:
            self.calls.pop()
        scope = f"{module}:{function.scope}"
        out: Results = []
        for s, value in results:
            if isinstance(value, Closure) and self.touches(value, s):
                self.finish("escaped", s)
                continue
            out.append((self._forget_frame(s, scope, value), value))
        unique = {(s.identity(), v): (s, v) for s, v in out}
        return list(unique.values())

    def _is_worked_out(self, function: ir.Function, module: str, arguments: Arguments) -> bool:
        """Is the function run although it has nothing to do with our process, since what it makes of constants may
        decide whether an import starts something?"""
        if not self.mode.importing or not arguments:
            return False
        return all(isinstance(value, Known) for value, _ in arguments) and self.program.is_small(module, function)

    def _may_change(self, function: ir.Function, module: str) -> bool:
        """May the function start our process, end it or hand it on, by a name that it has for it?"""
        return not (TAKES_CARE | _STARTS_OR_ENDS).isdisjoint(self.program.mentions((module, function.scope)))

    def _may_wait_by_pid(self, function: ir.Function, module: str, arguments: Arguments) -> bool:
        """Does the function get the process's pid, and know how to wait for one?"""
        if not any(value == Bound(OURS, fact) for value, _ in arguments for fact in ("pid", "ident")):
            return False
        return not _WAITS_BY_PID.isdisjoint(self.program.mentions((module, function.scope)))

    def _is_relevant(self, function: ir.Function, module: str, state: State, receiver: Value) -> bool:
        """Could the function create, reach or end our process?"""
        key = (module, function.scope)
        if state.life is Life.ABSENT:
            return self.leads_to_site(key)
        if key in self.mode.reading:
            return True
        words = self.program.mentions(key)
        if self.mode.visiting:
            if any(name in words for (scope, name), value in state.env.items() if scope and holds(state, value)):
                return True
            if key not in self.program.pollers:
                return False  # it is visited by itself, unless it tells its caller whether the process still runs
        for root, held in state.heap.items():
            if is_persistent(root) or root.startswith(f"{MODULE_ROOT}:") or root in self.classes:
                if any(w and w[0][1:] in words for w in held):
                    return True
        if any(name in words for (_, name), value in state.env.items() if holds(state, value)):
            return True
        return "active_children" in words

    def _bind_parameters(
        self, function: ir.Function, arguments: Arguments, state: State, receiver: Value, call: ir.Call | None
    ) -> State:
        parameters = list(function.parameters)
        scope = f"{self.names.module.name}:{function.scope}"
        if function.owner is not None and parameters and not is_static(function):
            state = bind(state, (scope, parameters.pop(0).name), receiver)
        positional = [v for v, name in arguments if name is None]
        by_name = {name: v for v, name in arguments if name is not None}
        has_stars = call is not None and (
            any(isinstance(a, ir.Starred) for a in call.args) or any(k.name is None for k in call.keywords)
        )
        for parameter in parameters:
            value: Value = None
            if parameter.kind == "args":
                rest = Ref(f"new:list@{function.where.row}:{function.where.column}")
                for item in positional:
                    state = add_paths(state, rest, {(ANY, *w) for w in ways_to_ours(state, item)})
                positional, value = [], rest
            elif parameter.kind == "kwargs":
                value = None
            elif parameter.kind == "plain" and positional:
                value = positional.pop(0)
            elif parameter.name in by_name:
                value = by_name[parameter.name]
            elif isinstance(parameter.default, ir.Constant) and not has_stars:
                value = known(parameter.default.value)
            state = bind(state, (scope, parameter.name), value)
        return state

    def _execute_body(self, function: ir.Function, module: str, state: State) -> Results:
        scope = f"{module}:{function.scope}"
        outside, self.thrown = self.thrown, []
        outcome = self.block(function.body, [state])
        self.thrown = outside
        for s, thrown in outcome.raises:
            self.thrown.append((self.leave_function(s, scope), thrown))
        results: Results = [(s, None) for s in outcome.falls]
        results += [(s, value) for s, value, _ in outcome.returns]
        return results

    def _forget_frame(self, state: State, scope: str, value: Value) -> State:
        after = self.leave_function(state, scope)
        return after._replace(lost=state.lost) if holds(after, value) else after
