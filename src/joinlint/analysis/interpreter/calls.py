"""Calls: what they do to our process, by library model, by running the project's own function, or by giving up
ownership."""

from __future__ import annotations

from joinlint.analysis.interpreter.deferred import Arguments, Deferred
from joinlint.analysis.interpreter.expressions import Results
from joinlint.analysis.interpreter.machine import MAX_DEPTH, is_persistent
from joinlint.analysis.interpreter.outcome import Thrown
from joinlint.analysis.interpreter.state import (
    FACTS,
    Life,
    State,
    Step,
    add_paths,
    bind,
    holds,
    paths,
    remove_below,
    replace_start,
)
from joinlint.analysis.interpreter.values import (
    ALIVE,
    ANY,
    MODULE_ROOT,
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
    daemon_flag,
    key_step,
    known,
)
from joinlint.program import ir, models
from joinlint.program.names import Reference, is_static
from joinlint.program.purity import pure_key

SHARED = "<shared>"  # the scope of pseudo-variables for containers that unknown code has got hold of
LOGGING = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log"})
# Methods that are not expected to raise: of loggers, of other workers, of str and os.path.
QUIET_METHODS = LOGGING | {"join"}
_CONTAINER_METHODS = (
    models.ADDS_ELEMENT | models.ADDS_ALL | models.TAKES_ELEMENT | models.VIEWS | models.EMPTIES | models.DROPS_ELEMENT
)


class Calls(Deferred):
    """Adds calls; `execute_function` is left to the statements."""

    def execute_function(self, function: ir.Function, module: str, state: State) -> Results:
        """Run the body with parameters already bound; explicit exceptions go to `thrown`."""
        raise NotImplementedError

    # --- which call
    # ----------------------------------------------------------------------------------------------------------

    def call(self, call: ir.Call, state: State) -> Results:
        self.spend()
        if call is self.site.call:
            return self._create(call, state)
        if self.mode.beyond_join and call in self.program.process_calls:
            self._give_to_child(call, state)
        if self.program.joins_its_arguments(call, self.names.module.name, self.frame.scope):
            return self._join_arguments(call, state)
        if entries := self.entries(call):
            return self.call_entries(call, state, entries)
        return self.plain_call(call, state)

    def plain_call(self, call: ir.Call, state: State) -> Results:
        """A call of what its own name stands for."""
        func = call.func
        if isinstance(func, ir.Attribute):
            state = self.after_read(func, state)
            if self.site.kind == models.RESULT and state.life is Life.STARTED and self.is_pool_of_ours(func.value):
                return self._end_of_pool(call, state, func.attr)
            if _is_super(func.value):
                return self._super_call(call, state, func.attr)
            return [r for s, base in self.evaluate(func.value, state) for r in self.call_on(call, s, base, func)]
        return [r for s, callee in self.evaluate(func, state) for r in self._call_value(call, s, callee)]

    def arguments(self, call: ir.Call, state: State) -> list[tuple[State, Arguments]]:
        """The call's arguments evaluated: values with their keywords; `*` and `**` ones count as positional."""
        out: list[tuple[State, Arguments]] = []
        expressions = (*call.args, *(k.value for k in call.keywords))
        names: list[str | None] = [*(None for _ in call.args), *(k.name for k in call.keywords)]
        for s, values in self.evaluate_all(expressions, state):
            out.append((s, list(zip(values, names, strict=True))))
        return out

    def _create(self, call: ir.Call, state: State) -> Results:
        """The site: its worker may be the one that we follow or another."""
        self.reached = True
        out: Results = []
        for s, given in self.arguments(call, state):
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
                created = self._started(created)
            created = self._class_daemon(created)
            if self.site.kind == models.RESULT and self._is_blocking():
                out += self._settled(created)
                continue
            init = self.overridden("__init__")
            if init is None:
                out.append((created, OURS))
            else:
                for after, _ in self.run_function(init[1], init[0], given, created, OURS, call):
                    out.append((after, OURS))
        return out

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

    def _started(self, state: State) -> State:
        event = self.start_event()
        self.starts[event] = None
        started = replace_start(state, event, frozenset(loop for frame in self.frames for loop in frame.loops))
        return started.with_step(Step("start", event.where)) if self.mode.beyond_join else started

    # --- methods
    # -------------------------------------------------------------------------------------------------------------

    def call_on(self, call: ir.Call, state: State, base: Value, func: ir.Attribute) -> Results:
        """`base.method(…)`."""
        name = func.attr
        match base:
            case Ours():
                if name == "run":
                    self.note_operation(name, call, state)
                method = self.overridden(name)
                if method is not None and not self.is_active(method[1].scope, method[0]):
                    return self._with_arguments(call, state, method[1], method[0], OURS)
                return [
                    r for s, given in self.arguments(call, state) for r in self.process_method(call, s, name, given)
                ]
            case Ref():
                return self._call_on_object(call, state, base, func)
            case Suspended():
                return self.call_on_suspended(call, state, base, name)
            case Bound(value=Ours()) | Bound() | Closure() | Partial() | Known():
                return self._unknown_call(call, state, base)
        if self.mode.wild:  # an unknown object may be the one that has the field
            for s, callee in self.read_attribute(state, None, name, func.value):
                if holds(s, callee):
                    return self._call_value(call, s, callee)
        return self._call_value(call, state, None)

    def _call_on_object(self, call: ir.Call, state: State, base: Ref, func: ir.Attribute) -> Results:
        name = func.attr
        cls = self.class_of(base)
        if cls is not None and name == "start" and self.mode.beyond_join and state.life is Life.STARTED:
            run = self.program.classes.method(cls, "run")
            if run is not None and self.program.class_kind(Reference("class", cls[1], cls[0])) == models.PROCESS:
                self._run_in_child(run[1], run[0], [], state, base)
        if cls is not None:
            found = self.program.classes.method(cls, name)
            if found is not None and not paths(state, Ref(base.root, (*base.prefix, f".{name}"))):
                return self._with_arguments(call, state, found[1], found[0], base)
        references = self.names.resolve(func, self.frame.scope)
        if any(r.kind == "function" for r in references) and not paths(state, base):
            return self._call_value(call, state, None)
        if name in _CONTAINER_METHODS and cls is None:
            return [
                r
                for before, given in self.arguments(call, state)
                for s in self.kept(before, [v for v, _ in given])
                for r in self._container_method(call, s, base, name, given)
            ]
        if cls is not None and not base.prefix:
            for s, callee in self.read_attribute(state, base, name, func.value):
                if isinstance(callee, Closure):
                    return self._call_value(call, s, callee)
        if any(r.kind == "function" for r in references):
            return self._call_value(call, state, None)
        return self._unknown_call(call, state, base)

    def _super_call(self, call: ir.Call, state: State, name: str) -> Results:
        function = self.frame.function
        if function is None or function.owner is None or not function.parameters:
            return self._unknown_call(call, state, None)
        me = self.read_name(function.parameters[0].name, state)
        for module, base in self.program.classes.bases((self.names.module.name, function.owner)):
            method = self.program.modules[module].functions.get(f"{base}.{name}")
            if method is not None:
                return self._with_arguments(call, state, method, module, me)
        if isinstance(me, Ours):
            return [r for s, given in self.arguments(call, state) for r in self.process_method(call, s, name, given)]
        return self._unknown_call(call, state, None)

    def process_method(self, call: ir.Call, state: State, name: str, given: Arguments) -> Results:
        """A method of the library's own process class, called on ours."""
        where = self.frame.statement
        if self.in_child and name == "join":
            self.note_operation("join in a child", call, state)
            return []
        if name in _OPERATIONS:
            self.note_operation(name, call, state)
        if self.site.kind in models.POOLS:
            return self._pool_method(call, state, name)
        if self.site.kind == models.RESULT:
            return self._result_method(state, name)
        match name:
            case "start":
                if self.mode.beyond_join:
                    self.may_raise(state, where)
                if state.life is not Life.CREATED:
                    return [] if self.mode.beyond_join else [(state, None)]
                return [(self._started(state), None)]
            case "join":
                return self._join(call, state, given)
            case "terminate" | "kill" | "interrupt":
                if state.life is not Life.STARTED:
                    return [(state, None)]
                return [(state._replace(stopped=state.stopped or where), None)]
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
                return self._settled(state)
            case "submit" | "map" if self.site.kind in models.EXECUTORS:
                return [(self._started(state) if state.life is Life.CREATED else state, None)]
            case "run" | "getName" | "setName" | "setDaemon" | "isDaemon" | "__repr__" | "__str__":
                return [(state, None)]
        if self._may_define(name):
            return self._give_up(state)
        return [(state, None)]

    def _pool_method(self, call: ir.Call, state: State, name: str) -> Results:
        """A method of our pool: `stopped` says where it was closed.  Whoever closes a pool of a field has released
        it."""
        released = {"terminate", "__exit__"} | ({"close"} if self.mode.visiting else set())
        if name == "join" and state.stopped is None:
            return [] if self.mode.beyond_join else [(state, None)]
        if name == "join" or name in released:
            return self._settled(state)
        if name == "close":
            return [(state._replace(stopped=state.stopped or self.frame.statement), None)]
        self.may_raise(state, self.frame.statement)
        if name in models.SUBMITS[self.site.kind] and call in self.program.discarded_calls:
            state = state._replace(pending=state.pending or self.frame.statement)
        return [(state, None)]

    def _result_method(self, state: State, name: str) -> Results:
        """A method of the result that is followed."""
        if name in models.RESULT_COLLECTS:
            return self._settled(state)
        return [(state, None)] if name in models.RESULT_LOOKS else self._give_up(state)

    def _end_of_pool(self, call: ir.Call, state: State, name: str) -> Results:
        """A method of the pool or executor that our result is to come from."""
        out: Results = []
        for s, _ in self.arguments(call, state):
            if name in {"join", "shutdown"}:
                out += self._settled(s)
            elif name == "terminate":
                self.finish("abandoned", s)
            elif name in models.SUBMIT_NAMES:
                out.append((s._replace(overlapped=True), None))
            elif name == "close":
                out.append((s._replace(stopped=s.stopped or self.frame.statement), None))
            else:
                out.append((s, None))
        return out

    def _settled(self, state: State) -> Results:
        if state.life is not Life.STARTED:
            return [(state, None)]
        self.finish("joined", state)
        return [(state._replace(life=Life.ENDED), None)] if self.mode.beyond_join else []

    def is_pool_of_ours(self, expression: ir.Expression) -> bool:
        """Is it the pool or executor that our result is to come from, by the same name or field?"""
        func = self.site.call.func
        assert isinstance(func, ir.Attribute)
        match func.value, expression:
            case ir.Name(id=ours), ir.Name(id=name):
                home = self.program.names[self.site.module].binding_scope(ours, self.site.scope)
                return self.variable(name) == (f"{self.site.module}:{home}", ours)
            case ir.Attribute(attr=ours), ir.Attribute(attr=name):
                return ours == name
            case _:
                return False

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
        if unbounded or state.stopped is not None or self._defaults_to_none(source) or self.frame.deadlines:
            self.finish("joined", state)
            return [(state._replace(life=Life.ENDED), None)] if self.mode.beyond_join else []
        if state.timed is not None and state.looked:
            self.finish("polled", state)  # it was still running when the time was up, and is given a last while to end
            return []
        return [(state._replace(timed=state.timed or self.frame.statement, looked=False), None)]

    def _join_arguments(self, call: ir.Call, state: State) -> Results:
        """A function of the user's that joins what it is given."""
        out: Results = []
        for s, given in self.arguments(call, state):
            if s.life is Life.STARTED and any(self._is_of_ours(s, value) for value, _ in given):
                self.finish("joined", s)
                if self.mode.beyond_join:
                    out.append((s._replace(life=Life.ENDED), None))
            else:
                out.append((s, None))
        return out

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

    # --- containers
    # ----------------------------------------------------------------------------------------------------------

    def _container_method(self, call: ir.Call, state: State, base: Ref, name: str, given: Arguments) -> Results:
        values = [v for v, _ in given]
        last = values[-1] if values else None
        if any(self.given_up(state, v) for v in values):
            return []
        if name in models.ADDS_ELEMENT:
            place = Ref(base.root, (*base.prefix, ANY))
            after = self.note_loss(state, self.store(self.forget_elements(state, base), place, last))
            if name == "append" and paths(after, base):
                memo = ("element", base.root, base.prefix, pure_key(ir.Constant(-1), self.variable))
                after = after._replace(assumed={**after.assumed, memo: isinstance(last, Ours)})
            return [(after, None)]
        if name in models.ADDS_ALL:
            if isinstance(last, Ref):
                state = add_paths(state, base, {(ANY, *w[1:]) for w in paths(state, last) if w})
            return [(state, None)]
        if name in models.EMPTIES:
            return [(self.note_loss(state, remove_below(state, base)), None)]
        if name in models.DROPS_ELEMENT:
            if any(isinstance(v, Ours) for v in values) or any(isinstance(v, Ref) and holds(state, v) for v in values):
                return [(self.note_loss(state, remove_below(state, base)), None)]
            return [(state, None)]
        if name in models.TAKES_ELEMENT and name not in {"get", "setdefault"}:
            label = f"taken@{call.where.row}:{call.where.column}"
            index = values[0] if values else None
            if name == "popitem":
                return [self._as_item(s, v, call) for s, v in self.take_element(state, base, label)]
            if isinstance(index, (Known, Ref)) and not (isinstance(index, Known) and index.value in (0, -1)):
                out: Results = []
                for s, element in self.element(state, base, index, call.args[0]):
                    if element is None or not holds(s, element):
                        out.append((s, element))
                    else:
                        out.extend(r for r in self.take_element(s, base, label) if r[1] is not None)
                return out
            return [
                (self.note_loss(state, s), v) if v is None else (s, v) for s, v in self.take_element(state, base, label)
            ]
        if name in {"get", "setdefault"}:
            if name == "setdefault" and len(values) > 1 and holds(state, values[1]):
                state = self.store(state, Ref(base.root, (*base.prefix, ANY)), values[1])
            if not call.args:
                return self.take_element(state, base, "get")
            return self.element(state, base, values[0], call.args[0])
        # values(), items(), copy(): the same elements in another object
        ways = paths(state, base) if name != "keys" else frozenset()
        if name == "items":
            ways = frozenset((ANY, key_step(1), *w[1:]) for w in ways if w)
        s, fresh = self.fresh(state, "view", call.where)
        return [(add_paths(s, fresh, ways), fresh)]

    def _as_item(self, state: State, value: Value, call: ir.Call) -> tuple[State, Value]:
        """What popitem() gives: the key and the element."""
        if value is None:
            return state, None
        s, item = self.fresh(state, "item", call.where)
        return add_paths(s, item, {(key_step(1), *way) for way in self._ways(s, value)}), item

    # --- functions
    # -----------------------------------------------------------------------------------------------------------

    def _call_value(self, call: ir.Call, state: State, callee: Value) -> Results:
        """Call what an expression has evaluated to, or what its name stands for."""
        match callee:
            case Closure(module=module, scope=scope):
                function = self.program.modules[module].functions.get(scope)
                if function is not None:
                    return self._with_arguments(call, state, function, module, None)
            case Bound(value=Ref() as base, name=name) if not isinstance(call.func, ir.Attribute):
                return self._call_on_object(call, state, base, ir.Attribute(call.func, name))
            case Bound(value=Ours(), name=name) if not isinstance(call.func, ir.Attribute):
                return [
                    r for s, given in self.arguments(call, state) for r in self.process_method(call, s, name, given)
                ]
            case Partial(function=function, args=args):
                return self._call_partial(state, function, args)
            case _:
                pass
        references = self.names.resolve(call.func, self.frame.scope)
        for reference in references:
            if reference.kind == "function" and (target := self.program.function(reference)) is not None:
                return self._call_reference(call, state, reference, target)
        for reference in references:
            if reference.kind == "class" and reference.module in self.program.names:
                return self._instantiate(call, state, reference)
        return self._unknown_call(call, state, callee)

    def _call_reference(self, call: ir.Call, state: State, reference: Reference, function: ir.Function) -> Results:
        """A function of the project by name; `Class.method(obj)` gives its receiver as first argument."""
        if function.owner is not None and not is_static(function) and call.args:
            out: Results = []
            for s, given in self.arguments(call, state):
                receiver, rest = given[0][0], given[1:]
                out.extend(self.run_function(function, reference.module, rest, s, receiver))
            return out
        return self._with_arguments(call, state, function, reference.module, None)

    def _with_arguments(
        self, call: ir.Call, state: State, function: ir.Function, module: str, receiver: Value
    ) -> Results:
        return [
            r
            for s, given in self.arguments(call, state)
            for r in self.run_or_defer(function, module, given, s, receiver, call)
        ]

    def _call_partial(self, state: State, function: Value, args: tuple[Value, ...]) -> Results:
        if isinstance(function, Closure):
            target = self.program.modules[function.module].functions.get(function.scope)
            if target is not None:
                return self.run_function(target, function.module, [(a, None) for a in args], state)
        if isinstance(function, Bound) and isinstance(function.value, Ours) and function.name == "join":
            self.finish("joined", state)
            return []
        return [(state, None)]

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
        touched = isinstance(receiver, Ours) or any(
            self._gives_away(state, v) or (not isinstance(v, (Ours, Ref)) and self.touches(v, state))
            for v, _ in arguments
        )
        if not touched and not self._is_relevant(function, module, state, receiver):
            self.may_raise(state, where)
            if self.program.never_returns(module, function.scope):
                self.thrown.append((state, Thrown(True, "SystemExit", where)))
                return []
            return [(state, None)]
        if self.is_active(function.scope, module) or len(self.frames) > MAX_DEPTH:
            return self._give_up(state) if touched and not isinstance(receiver, Ours) else [(state, None)]
        names = self.program.names[module]
        self.calls.append(where)
        try:
            with self.entered(function, names):
                self.frame.statement = where
                entered = self._bind_parameters(function, arguments, state, receiver, call)
                results = self.execute_function(function, module, entered)
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

    def _forget_frame(self, state: State, scope: str, value: Value) -> State:
        after = self.leave_function(state, scope)
        return after._replace(lost=state.lost) if holds(after, value) else after

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
                    state = add_paths(state, rest, {(ANY, *w) for w in self._ways(state, item)})
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

    def _ways(self, state: State, value: Value) -> set[tuple[str, ...]]:
        if isinstance(value, Ours):
            return {()}
        return set(paths(state, value)) if isinstance(value, Ref) else set()

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

    def _instantiate(self, call: ir.Call, state: State, reference: Reference) -> Results:
        """An object of a project class that is no worker itself."""
        found = self.program.classes.method((reference.module, reference.name), "__init__")
        new = self.program.classes.method((reference.module, reference.name), "__new__")
        out: Results = []
        for s, given in self.arguments(call, state):
            if new is not None and self.mode.importing:
                s = next((s2 for s2, _ in self.run_function(new[1], new[0], given, s, None, call)), s)
            if found is None:
                if any(self._gives_away(s, v) for v, _ in given):
                    out.extend(self._give_up(s))
                    continue
                self.may_raise(s, self.frame.statement)
            s, ref = self.fresh(s, f"instance:{reference.name}", call.where)
            self.classes[ref.root] = (reference.module, reference.name)
            if found is None:
                out.append((s, ref))
            else:
                out.extend((s2, ref) for s2, _ in self.run_function(found[1], found[0], given, s, ref, call))
        return out

    # --- other processes
    # --------------------------------------------------------------------------------------------------

    def _give_to_child(self, call: ir.Call, state: State) -> None:
        """Another process is made: run its target as it will run in the child, which has no say over ours."""
        if not self.mode.beyond_join or state.life is not Life.STARTED or self.in_child:
            return
        target = call.argument(1, "target")
        if target is None:
            return
        for s, value in self.evaluate(target, state)[:1]:
            receiver: Value = None
            if isinstance(value, Bound) and isinstance(value.value, Ref):
                receiver = value.value
            for reference in self.names.resolve(target, self.frame.scope):
                function = self.program.function(reference) if reference.kind == "function" else None
                if function is not None:
                    self._run_in_child(function, reference.module, self._given_to_child(call, s), s, receiver)
                    return

    def _given_to_child(self, call: ir.Call, state: State) -> Arguments:
        """The arguments that the constructor of a process hands to its target, as far as they are written down."""
        given: Arguments = []
        args, kwargs = call.argument(3, "args"), call.argument(4, "kwargs")
        if isinstance(args, ir.Display):
            given += [(self.evaluate(item, state)[0][1], None) for item in args.items]
        if isinstance(kwargs, ir.DictDisplay):
            for key, item in zip(kwargs.keys, kwargs.values, strict=True):
                if isinstance(key, ir.Constant) and isinstance(key.value, str):
                    given.append((self.evaluate(item, state)[0][1], key.value))
        return given

    def _run_in_child(
        self, function: ir.Function, module: str, given: Arguments, state: State, receiver: Value
    ) -> None:
        """Look at what a child does with our worker; what becomes of the child is not followed."""
        reaches = any(holds(state, v) for v, _ in given) or (receiver is not None and holds(state, receiver))
        if not reaches:
            return
        thrown, finals = len(self.thrown), len(self.finals)
        self.in_child = True
        self.sinks.append(None)
        try:
            self.run_function(function, module, given, state, receiver)
        finally:
            self.in_child = False
            self.sinks.pop()
            del self.thrown[thrown:], self.finals[finals:]

    # --- what can't be seen
    # --------------------------------------------------------------------------------------------------

    def _unknown_call(self, call: ir.Call, state: State, callee: Value) -> Results:
        """A library function, or something of which nothing is known."""
        dotted = self.names.dotted(call.func, self.frame.scope)
        where = self.frame.statement
        if dotted & models.EXITS_SILENTLY:
            return []
        if dotted & models.EXITS_BY_SYSTEM_EXIT:
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
        if "builtins.getattr" in dotted and len(call.args) > 1 and isinstance(call.args[1], ir.Constant):
            return self.read_attribute(state, values[0], str(call.args[1].value), call.args[0])
        if any(isinstance(v, Suspended) for v in values):
            return self.hand_over_suspended(state, values, dotted, attr)
        if attr == "run_in_executor" and OURS in values and state.life is Life.CREATED:
            return [(self._started(state), None)]
        if dotted & {"functools.partial"} and values:
            return [(state, Partial(values[0], tuple(values[1:])))]
        if any(models.is_active_children(d) for d in dotted):
            s, fresh = self.fresh(state, "active", call.where)
            return [(add_paths(s, fresh, {(ANY,)}) if s.life is Life.STARTED else s, fresh)]
        if dotted & models.REARRANGES and values and isinstance(values[0], Ref):
            s, fresh = self.fresh(state, "list", call.where)
            if self.is_mapping(values[0]) and "builtins.dict" not in dotted:
                return [(s, fresh)]  # its keys
            return [(add_paths(s, fresh, {(ANY, *w[1:]) for w in paths(s, values[0]) if w}), fresh)]
        if dotted & NEW_CONTAINERS and not any(self._gives_away(state, v) for v in values):
            kind = "dict" if any("dict" in d.lower() for d in dotted) else "list"
            s, fresh = self.fresh(state, kind, call.where)
            return [(s, fresh)]
        if self._is_base_method(call, dotted, values):
            assert isinstance(call.func, ir.Attribute)
            return self.process_method(call, state, call.func.attr, given[1:])
        if dotted & {"os.waitpid", "os.waitid", "psutil.wait_procs"} and any(
            self._is_of_ours(state, v) for v in values
        ):
            if any(isinstance(n, ir.Attribute | ir.Name) and _last_name(n) == "WNOHANG" for n in ir.walk(call)):
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
        quiet = bool(dotted & models.NEVER_RAISES) or attr in QUIET_METHODS or joined_later
        if quiet:
            self.may_be_interrupted(state)
        else:
            self.may_raise(state, where)
        if attr in LOGGING or (dotted and dotted <= models.LOOKS_ONLY) or isinstance(callee, Known):
            return [(state, None)]
        if state.life is Life.STARTED and (
            attr == "start" or (self.site.kind == models.RESULT and attr in models.SUBMIT_NAMES)
        ):
            state = state._replace(overlapped=True)
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
            if isinstance(value, Bound) and isinstance(value.value, Ours) and value.name in {"sentinel", "start", WEAK}:
                return self._give_up(state)
            if isinstance(value, Bound) and isinstance(value.value, Ours) and self.overridden(value.name) is not None:
                return self._give_up(state)
            if isinstance(value, (Closure, Partial)) and self.touches(value, state):
                return self._give_up(state)
            if self._gives_away(state, value):
                return self._give_up(state)
            if isinstance(value, Ref) and value.root.startswith("new:") and value.root not in self.classes:
                # Whatever is put into the container later is known to that code, too.
                state = bind(state, (SHARED, value.root), value)
        return [(state, None)]

    def _give_up(self, state: State) -> Results:
        if state.life is not Life.ABSENT:
            self.finish("escaped", state)
            return []
        return [(state, None)]

    def _gives_away(self, state: State, value: Value) -> bool:
        """Does whoever gets this value get hold of the process?  `self` and parameters are everywhere: their fields are
        looked after by all code that knows them, not by whoever is passed the object."""
        if isinstance(value, Ref) and not value.prefix and is_persistent(value.root):
            return any(w and w[0][0] != "." for w in paths(state, value))
        return isinstance(value, (Ours, Ref)) and holds(state, value)

    def touches(self, value: Value, state: State) -> bool:
        """Would calling this function join the process or give it away?"""
        if isinstance(value, Partial):
            return self.touches(value.function, state) or any(self._gives_away(state, a) for a in value.args)
        if isinstance(value, Bound):
            return isinstance(value.value, Ours) and value.name not in FACTS
        if not isinstance(value, Closure) or state.life is Life.ABSENT:
            return False
        words = self.program.mentions((value.module, value.scope))
        names = {
            name
            for (scope, name), v in state.env.items()
            if holds(state, v) and not scope.endswith(f":{ir.MODULE_SCOPE}")
        }
        return bool(names & words) and not words.isdisjoint(_TAKES_CARE)

    def _is_base_method(self, call: ir.Call, dotted: frozenset[str], values: list[Value]) -> bool:
        """`multiprocessing.Process.start(self)`."""
        if not values or not isinstance(values[0], Ours) or not isinstance(call.func, ir.Attribute):
            return False
        return any(models.worker_kind(d.rpartition(".")[0]) is not None for d in dotted)

    def _is_of_ours(self, state: State, value: Value) -> bool:
        return (isinstance(value, Bound) and isinstance(value.value, Ours)) or self._gives_away(state, value)


# Methods of a process after which it may be too early or too late for others.
_OPERATIONS = frozenset({"start", "join"})

_TAKES_CARE = frozenset({"join", "is_alive", "exitcode", "sentinel", "append", "wait", "put", "waitpid", "send"})

NEW_CONTAINERS = frozenset(
    {
        "builtins.list",
        "builtins.dict",
        "builtins.set",
        "collections.deque",
        "collections.defaultdict",
        "collections.OrderedDict",
        "queue.Queue",
        "queue.SimpleQueue",
        "queue.LifoQueue",
        "weakref.WeakSet",
        "weakref.WeakValueDictionary",
    }
)


def _last_name(node: ir.Attribute | ir.Name) -> str:
    return node.attr if isinstance(node, ir.Attribute) else node.id


def _is_super(node: ir.Expression) -> bool:
    return isinstance(node, ir.Call) and isinstance(node.func, ir.Name) and node.func.id == "super"
