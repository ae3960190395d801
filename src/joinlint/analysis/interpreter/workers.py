"""Making the worker that is followed, and its methods."""

from __future__ import annotations

from collections.abc import Set

from joinlint.analysis.interpreter.containers import receiver
from joinlint.analysis.interpreter.parts import Arguments, Results
from joinlint.analysis.interpreter.pools import Pools
from joinlint.analysis.interpreter.state import Life, State
from joinlint.analysis.interpreter.values import ALIVE, OURS, Bound, Known, daemon_flag, known
from joinlint.program import ir, models

# Methods of a process after which it may be too early or too late for others.
_OPERATIONS = frozenset({"start", "join"})


class Workers(Pools):
    """Adds what the library's own classes of workers do."""

    def create(self, call: ir.Call, state: State) -> Results:
        """The site: its worker may be the one that we follow or another."""
        self.reached = True
        out: Results = []
        for s, given in self.arguments(call, state):
            if self._may_look_after_others(s, given):
                out += self.give_up(s)  # each worker gets the one before it
                continue
            if s.life is not Life.ABSENT:
                out.append((s._replace(overlapped=s.overlapped or s.life is Life.STARTED), None))
                continue
            out.append((s, None))
            daemon = next((v for v, name in given if name == "daemon"), known(False))
            flag = daemon_flag(daemon)
            if flag == "no" and any(k.name is None for k in call.keywords):
                flag = "unknown"
            created = s._replace(life=Life.CREATED, daemon=flag)
            if self.site.kind in {models.POOL, models.MANAGER, models.THREAD_POOL, models.RESULT}:
                created = self.started(created)
            created = self._class_daemon(created)
            if self.site.kind == models.RESULT and self._is_blocking():
                out += self.settled(created)
                continue
            init = self.overridden("__init__")
            if init is None:
                out.append((created, OURS))
            else:
                for after, _ in self.run_function(init[1], init[0], given, created, OURS, call):
                    out.append((after, OURS))
        return out

    def _may_look_after_others(self, state: State, given: Arguments) -> bool:
        """Does a worker made by the site get the one that we follow, to join it?  Among processes only the object can,
        in the parent: no child joins another."""
        if self.site.kind == models.THREAD:
            return any(self.is_given(state, value) for value, _ in given)
        init = self.overridden("__init__") if self.site.kind == models.PROCESS else None
        if init is None:
            return False
        positional = [v for v, name in given if name is None]
        named = {name: v for v, name in given if name is not None}
        named.update({p.name: v for p, v in zip(init[1].parameters[1:], positional, strict=False)})
        kept = {
            node.value.id
            for node in self.program.own_nodes_of(ir.Assign, self.program.modules[init[0]], init[1].scope)
            if isinstance(node.value, ir.Name)
        }
        return any(name in kept and self.is_given(state, value) for name, value in named.items())

    def _is_blocking(self) -> bool:
        """Does the call that submits also wait for the result?"""
        func = self.site.call.func
        return isinstance(func, ir.Attribute) and func.attr == models.BLOCKING_SUBMIT

    def _class_daemon(self, state: State) -> State:
        """`daemon = True` in the body of the class."""
        if self.site.cls is not None:
            names = self.program.names[self.site.cls[0]]
            for value, _ in names.attribute_values.get((self.site.cls[1], "daemon"), ()):
                flag = daemon_flag(known(value.value) if isinstance(value, ir.Constant) else None)
                state = state._replace(daemon=flag)
        return state

    def process_method(self, call: ir.Call, state: State, name: str, given: Arguments) -> Results:
        """A method of the library's own process class, called on ours."""
        where = self.frame.statement
        if self.in_child and name == "join":
            self.note_operation("join in a child", call, state)
            return []
        if name in _OPERATIONS:
            self.note_operation(name, call, state)
        if self.site.kind in models.POOLS:
            return self.pool_method(call, state, name)
        if self.site.kind == models.RESULT:
            return self.result_method(state, name)
        match name:
            case "start":
                if self.mode.beyond_join:
                    self.may_raise(state, where)
                if state.life is not Life.CREATED:
                    return [] if self.mode.beyond_join else [(state, None)]
                return [(self.started(state), None)]
            case "join":
                return self._join(call, state, given)
            case "terminate" | "kill" | "interrupt":
                if state.life is not Life.STARTED:
                    return [(state, None)]
                return [(state._replace(stopped=where), None)]
            case "is_alive":
                return [(state._replace(looked=True, counted=self.statements()), Bound(OURS, ALIVE))]
            case "close":  # raises ValueError while it runs
                return [(state._replace(looked=state.looked or self.is_expected_to_fail()), None)]
            case "__init__":
                for value, keyword in given:
                    if keyword == "daemon":
                        state = state._replace(daemon=daemon_flag(value, state.daemon))
                if any(k.name is None for k in call.keywords) and self._names_daemon():
                    state = state._replace(daemon="unknown")
                return [(state, None)]
            case "shutdown" if self.site.kind in models.EXECUTORS:
                return self.settled(state)
            case "submit" | "map" if self.site.kind in models.EXECUTORS:
                return [(self.started(state) if state.life is Life.CREATED else state, None)]
            case "setDaemon":
                flag = daemon_flag(given[0][0]) if given else "unknown"
                return [(state._replace(daemon=flag), None)]
            case "run" | "getName" | "setName" | "isDaemon" | "__repr__" | "__str__":
                return [(state, None)]
        if self._may_define(name):
            return self.give_up(state)
        return [(state, None)]

    def _names_daemon(self) -> bool:
        """Does the present function put "daemon" among keyword arguments that it passes on?"""
        function = self.frame.function
        return function is not None and any(
            isinstance(n, ir.Constant) and n.value == "daemon" for n in ir.walk_own(function.body)
        )

    def _may_define(self, name: str) -> bool:
        """Could a base class that we can't see have this method?"""
        return self.site.cls is not None and self.program.classes.has_unknown_base(self.site.cls)

    def _join(self, call: ir.Call, state: State, given: Arguments) -> Results:
        if state.life is not Life.STARTED:
            raises = self.mode.beyond_join and state.life is Life.CREATED
            return [] if raises else [(state, None)]
        self.may_be_interrupted(state)
        timeout = next((v for v, keyword in given if keyword in {None, "timeout"}), known(None))
        source = call.argument(0, "timeout")
        unbounded = isinstance(timeout, Known) and timeout.value is None
        forwards = any(isinstance(a, ir.Starred) for a in call.args) or any(k.name is None for k in call.keywords)
        full = unbounded or forwards or self._defaults_to_none(source) or bool(self.frame.deadlines)
        if (
            state.stopped is not None
            and not full
            and not self.mode.beyond_join
            and self._is_ended_later(call, {"kill"})
        ):
            if not self.mode.wild:
                self.finish("joined", state)
            return [(state._replace(stopped=None, timed=self.frame.statement, looked=True), None)]
        if full or state.stopped is not None:
            self.finish("joined", state)
            return [(state._replace(life=Life.ENDED), None)] if self.mode.beyond_join else []
        if state.timed is not None and state.looked and not self._is_ended_later(call, {"kill", "terminate"}):
            self.finish("polled", state)  # it was still running when the time was up, and is given a last while to end
            return []
        timed = self.frame.statement if state.timed is None or state.looked else state.timed
        return [(state._replace(timed=timed, looked=self._is_in_polling_loop()), None)]

    def _is_in_polling_loop(self) -> bool:
        """Is it the present statement of `while p.is_alive(): p.join(1)`, or of another loop whose rounds ask whether
        the process still runs, so that it is asked after each join?"""
        loops = self.loop_nodes()
        around = (loop for loop in map(loops.get, self.frame.loops) if isinstance(loop, ir.While))
        return any(not models.LOOKS.isdisjoint(ir.words(loop)) and not self._makes_another(loop) for loop in around)

    def _makes_another(self, loop: ir.While) -> bool:
        """Is there another process in each round of the loop?"""
        return any(node is self.site.call for node in ir.walk(loop))

    def _is_ended_later(self, join: ir.Call, methods: Set[str]) -> bool:
        """Does the function go on to end, by one of these methods, what has not ended by the join?"""
        name = ir.word(receiver(join))
        return any(
            ir.word(call.func) in methods and ir.word(receiver(call)) == name and call.where > self.frame.statement
            for call in self.program.own_nodes_of(ir.Call, self.names.module, self.frame.scope)
        )

    def _defaults_to_none(self, source: ir.Expression | None) -> bool:
        """Is the timeout None unless somebody says otherwise: a parameter that passes join()'s own interface on, a
        setting?"""
        function = self.frame.function
        if source is None:
            return False
        if function is not None and isinstance(source, ir.Name):
            parameter = next((p for p in function.parameters if p.name == source.id), None)
            if parameter is not None and parameter.kind in {"args", "kwargs"}:
                return True
        return self.names.may_be_none(source, self.frame.scope)

    def join_arguments(self, call: ir.Call, state: State) -> Results:
        """A function of the user's that joins what it is given."""
        out: Results = []
        for s, given in self.arguments(call, state):
            if s.life is Life.STARTED and any(self.is_of_ours(s, value) for value, _ in given):
                self.finish("joined", s)
                if self.mode.beyond_join:
                    out.append((s._replace(life=Life.ENDED), None))
            else:
                out.append((s, None))
        return out
