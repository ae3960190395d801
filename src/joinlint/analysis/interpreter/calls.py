"""Calls: which function or method one is of."""

from __future__ import annotations

from joinlint.analysis.interpreter.library import Library
from joinlint.analysis.interpreter.parts import Results
from joinlint.analysis.interpreter.state import Life, State, holds, paths
from joinlint.analysis.interpreter.values import OURS, Bound, Closure, Known, Ours, Partial, Ref, Suspended, Value
from joinlint.program import container_methods, ir, models
from joinlint.program.call_graph import is_super
from joinlint.program.names import Reference, is_static


class Calls(Library):
    """Adds calls."""

    def call(self, call: ir.Call, state: State) -> Results:
        self.spend()
        if call is self.site.call:
            return self.create(call, state)
        if self.mode.beyond_join and call in self.program.process_calls:
            self.give_to_child(call, state)
        if self.program.joins_its_arguments(call, self.names.module.name, self.frame.scope):
            return self.join_arguments(call, state)
        if entries := self.entries(call):
            return self.call_entries(call, state, entries)
        return self.plain_call(call, state)

    def plain_call(self, call: ir.Call, state: State) -> Results:
        func = call.func
        if isinstance(func, ir.Attribute):
            state = self.after_read(func, state)
            if self.site.kind == models.RESULT and state.life is Life.STARTED and self.is_pool_of_ours(func.value):
                return self.end_of_pool(call, state, func.attr)
            if is_super(func.value):
                return self._super_call(call, state, func.attr)
            return [r for s, base in self.evaluate(func.value, state) for r in self.call_on(call, s, base, func)]
        return [r for s, callee in self.evaluate(func, state) for r in self._call_value(call, s, callee)]

    def call_on(self, call: ir.Call, state: State, base: Value, func: ir.Attribute) -> Results:
        name = func.attr
        match base:
            case Ours():
                method = self.overridden(name)
                if name == "run" and not self._is_meant_to_run_here(method):
                    self.note_operation(name, call, state)
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
                return self.unknown_call(call, state, base)
        if self.mode.wild:  # an unknown object may be the one that has the field
            for s, callee in self.read_attribute(state, None, name, func.value):
                if holds(s, callee):
                    return self._call_value(call, s, callee)
        return self._call_value(call, state, None)

    def _is_meant_to_run_here(self, run: tuple[str, ir.Function] | None) -> bool:
        """Is it a coroutine or generator, which does not run yet, or has the class a start() of its own?"""
        if run is not None and (run[1].is_async or run[1].is_generator):
            return True
        function = self.frame.function
        return function is not None and function.owner is not None and function.name == "start"

    def _call_on_object(self, call: ir.Call, state: State, base: Ref, func: ir.Attribute) -> Results:
        name = func.attr
        cls = self.class_of(base)
        if cls is not None and name == "start" and self.mode.beyond_join and state.life is Life.STARTED:
            run = self.program.classes.method(cls, "run")
            if run is not None and self.program.class_kind(Reference("class", cls[1], cls[0])) == models.PROCESS:
                self.run_in_child(run[1], run[0], [], state, base)
        if cls is not None:
            found = self.program.classes.method(cls, name)
            if found is not None and not paths(state, Ref(base.root, (*base.prefix, f".{name}"))):
                return self._with_arguments(call, state, found[1], found[0], base)
        references = self.names.resolve(func, self.frame.scope)
        if any(r.kind == "function" for r in references) and not paths(state, base):
            return self._call_value(call, state, None)
        if name in container_methods.ALL and cls is None:
            return [
                r
                for before, given in self.arguments(call, state)
                for s in self.kept(before, [v for v, _ in given])
                for r in self.container_method(call, s, base, name, given)
            ]
        if cls is not None and not base.prefix:
            for s, callee in self.read_attribute(state, base, name, func.value):
                if isinstance(callee, Closure):
                    return self._call_value(call, s, callee)
        if any(r.kind == "function" for r in references):
            return self._call_value(call, state, None)
        return self.unknown_call(call, state, base)

    def _super_call(self, call: ir.Call, state: State, name: str) -> Results:
        function = self.frame.function
        if function is None or function.owner is None or not function.parameters:
            return self.unknown_call(call, state, None)
        me = self.read_name(function.parameters[0].name, state)
        for module, base in self.program.classes.bases((self.names.module.name, function.owner)):
            method = self.program.modules[module].functions.get(f"{base}.{name}")
            if method is not None:
                return self._with_arguments(call, state, method, module, me)
        if isinstance(me, Ours):
            return [r for s, given in self.arguments(call, state) for r in self.process_method(call, s, name, given)]
        return self.unknown_call(call, state, None)

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
        return self.unknown_call(call, state, callee)

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

    def _instantiate(self, call: ir.Call, state: State, reference: Reference) -> Results:
        """An object of a project class that is no worker itself."""
        found = self.program.classes.method((reference.module, reference.name), "__init__")
        new = self.program.classes.method((reference.module, reference.name), "__new__")
        out: Results = []
        for s, given in self.arguments(call, state):
            if new is not None and self.mode.importing:
                s = next((s2 for s2, _ in self.run_function(new[1], new[0], given, s, None, call)), s)
            if found is None:
                if any(self.gives_away(s, v) for v, _ in given):
                    out.extend(self.give_up(s))
                    continue
                self.may_raise(s, self.frame.statement)
            s, ref = self.fresh(s, f"instance:{reference.name}", call.where)
            self.classes[ref.root] = (reference.module, reference.name)
            if found is None:
                out.append((s, ref))
            else:
                out.extend((s2, ref) for s2, _ in self.run_function(found[1], found[0], given, s, ref, call))
        return out
