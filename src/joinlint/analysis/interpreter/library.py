"""Calls of code that can't be seen: by what is known of the library, or by giving up ownership."""

from __future__ import annotations

from joinlint import limits
from joinlint.analysis.interpreter.children import Children
from joinlint.analysis.interpreter.outcome import Thrown
from joinlint.analysis.interpreter.parts import Arguments, Results
from joinlint.analysis.interpreter.state import SHARED, Life, State, add_paths, bind, paths
from joinlint.analysis.interpreter.values import (
    ANY,
    OURS,
    WEAK,
    Bound,
    Closure,
    Known,
    Ours,
    Partial,
    Ref,
    Suspended,
    Value,
    steps_of,
)
from joinlint.program import ir, library_calls, models

# Of a process: what code that can't be seen may wait on, ask until it has ended, or call for us.
_WAYS_TO_FOLLOW = frozenset({"sentinel", "is_alive", "start", WEAK})


class Library(Children):
    """Adds calls of anything that is not the project's."""

    def unknown_call(self, call: ir.Call, state: State, callee: Value) -> Results:
        """A library function, or something of which nothing is known."""
        dotted = self.names.dotted(call.func, self.frame.scope)
        where = self.frame.statement
        if dotted & library_calls.EXITS_SILENTLY:
            return []
        if dotted & library_calls.EXITS_BY_SYSTEM_EXIT:
            for s, _ in self.arguments(call, state):
                self.thrown.append((s, Thrown(True, "SystemExit", where)))
            return []
        out: Results = []
        for s, given in self.arguments(call, state):
            out.extend(self._apply_library(call, s, given, dotted, callee))
        return out

    def _apply_library(
        self, call: ir.Call, state: State, given: Arguments, dotted: frozenset[str], callee: Value
    ) -> Results:
        where = self.frame.statement
        values = [v for v, _ in given]
        attr = call.func.attr if isinstance(call.func, ir.Attribute) else ""
        if "builtins.getattr" in dotted:
            match call.args:
                case (owner, ir.Constant(value=str() as name), *_):
                    return self.read_attribute(state, values[0], name, owner)
        if "builtins.setattr" in dotted:
            match call.args:
                case (owner, ir.Constant(value=str() as name), _):
                    return [(self.assign_attribute(state, values[0], name, values[2], owner), None)]
        if any(isinstance(v, Suspended) for v in values):
            return self.hand_over_suspended(state, values, dotted, attr)
        if attr == "run_in_executor" and OURS in values and state.life is Life.CREATED:
            return [(self.started(state), None)]
        if dotted & {"functools.partial"} and values and steps_of(values[0]) < limits.PATH_STEPS:
            return [(state, Partial(values[0], tuple(values[1:])))]
        if any(models.is_active_children(d) for d in dotted):
            s, fresh = self.fresh(state, "active", call.where)
            if s.life is Life.STARTED:
                if s.stopped is not None:  # which reaps it some time or other
                    s = s._replace(stopped=None, timed=s.stopped)
                s = add_paths(s._replace(looked=True, counted=self.statements()), fresh, {(ANY,)})
            return [(s, fresh)]
        if dotted & library_calls.REARRANGES and values and self.asks_for_results(state, values[0]):
            self.finish("joined", state)
            return []
        if dotted & library_calls.REARRANGES and values and isinstance(values[0], Ref):
            s, fresh = self.fresh(state, "list", call.where)
            if self.is_mapping(values[0]) and "builtins.dict" not in dotted:
                return [(s, fresh)]  # its keys
            return [(add_paths(s, fresh, {(ANY, *w[1:]) for w in paths(s, values[0]) if w}), fresh)]
        if dotted & library_calls.NEW_CONTAINERS and not any(self.gives_away(state, v) for v in values):
            kind = "dict" if any("dict" in d.lower() for d in dotted) else "list"
            s, fresh = self.fresh(state, kind, call.where)
            return [(s, fresh)]
        if self._is_base_method(call, dotted, values):
            assert isinstance(call.func, ir.Attribute)
            return self.process_method(call, state, call.func.attr, given[1:])
        if dotted & {"os.waitpid", "os.waitid", "psutil.wait_procs"} and any(self.is_of_ours(state, v) for v in values):
            if any(ir.word(n) == "WNOHANG" for n in ir.walk(call)):
                return [(state._replace(looked=True, counted=self.statements()), None)]
            self.finish("joined", state)
            return []
        if dotted & {"psutil.Process"} and values and values[0] == Bound(OURS, "pid"):
            return [(state, Bound(OURS, "psutil"))]
        if callee == Bound(OURS, "psutil") and attr == "wait":
            self.finish("joined", state)
            return []
        if dotted & {"weakref.ref", "weakref.proxy"} and OURS in values:
            return [(state, Bound(OURS, WEAK))]
        joined_later = any(v == Bound(OURS, "join") for v in values)
        quiet = bool(dotted & library_calls.NEVER_RAISES) or attr in library_calls.QUIET_METHODS or joined_later
        if not self.program.only_signals(call, self.names.module.name, self.frame.scope):
            if quiet:
                self.may_be_interrupted(state)
            else:
                self.may_raise(state, where)
        if (
            attr in library_calls.LOGGING
            or (dotted and dotted <= library_calls.LOOKS_ONLY)
            or isinstance(callee, Known)
        ):
            return [(state, None)]
        if state.life is Life.STARTED and (
            attr == "start" or (self.site.kind == models.RESULT and attr in models.SUBMIT_NAMES)
        ):
            state = state._replace(overlapped=True)
        if "atexit.register" in dotted and state.daemon != "yes":
            if any(isinstance(v, Closure) and self.does_to_ours(v, {"terminate", "kill"}, state) for v in values):
                self.finish("escaped", state)
                return []
        if state.daemon == "yes" and "atexit.register" in dotted:
            # At exit daemons are ended and waited for in any case.
            values = [v for v in values if v not in (Bound(OURS, "terminate"), Bound(OURS, "kill"))]
        return self._hand_over(state, values)

    def _hand_over(self, state: State, values: list[Value]) -> Results:
        """Unknown code gets these values."""
        for value in values:
            if value == Bound(OURS, "join"):
                self.finish("joined", state)
                return []
            if isinstance(value, Bound) and isinstance(value.value, Ours) and value.name in {"terminate", "kill"}:
                if state.life is Life.STARTED:
                    state = state._replace(stopped=state.stopped or self.frame.statement)
                continue
            if isinstance(value, Bound) and isinstance(value.value, Ours) and value.name in _WAYS_TO_FOLLOW:
                return self.give_up(state)
            if isinstance(value, Bound) and isinstance(value.value, Ours) and self.overridden(value.name) is not None:
                return self.give_up(state)
            if isinstance(value, (Closure, Partial)) and self.touches(value, state):
                return self.give_up(state)
            if self.gives_away(state, value):
                return self.give_up(state)
            if isinstance(value, Ref) and value.root.startswith("new:") and value.root not in self.classes:
                # Whatever is put into the container later is known to that code, too.
                state = bind(state, (SHARED, value.root), value)
        return [(state, None)]

    def _is_base_method(self, call: ir.Call, dotted: frozenset[str], values: list[Value]) -> bool:
        """`multiprocessing.Process.start(self)`."""
        if not values or not isinstance(values[0], Ours) or not isinstance(call.func, ir.Attribute):
            return False
        return any(models.worker_kind(d.rpartition(".")[0]) is not None for d in dotted)
