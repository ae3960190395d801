"""Calls whose function does not run at once: generators and coroutines, map(), and threads not yet started.

This matters at import alone: elsewhere a function is taken to run where it is called.
"""

from __future__ import annotations

from collections.abc import Sequence

from joinlint.analysis.interpreter.iteration import Iterations
from joinlint.analysis.interpreter.parts import Arguments, Results
from joinlint.analysis.interpreter.state import State, collect
from joinlint.analysis.interpreter.values import Suspended, Value
from joinlint.program import ir, library_calls
from joinlint.program.entries import NOW, THREAD, Entry, decorator_names, is_context_manager

_SAME_CALL = frozenset({"staticmethod", "classmethod", "abstractmethod", "override", "final"})
# What runs the suspended function when called on what its call has given.
_RUNS = {
    "iterated": frozenset({"send", "__next__", "asend", "__anext__"}),
    "awaited": frozenset({"send", "__await__"}),
    "entered": frozenset({"__enter__", "__aenter__"}),
    THREAD: frozenset({"start", "run"}),
}


class Deferred(Iterations):
    """Adds functions that run later than they are called."""

    def run_or_defer(
        self,
        function: ir.Function,
        module: str,
        arguments: Arguments,
        state: State,
        receiver: Value,
        call: ir.Call | None,
    ) -> Results:
        """Run a function, or give what stands for it until something iterates over it, awaits it or enters it."""
        if self.mode.importing and (when := _when(function)) is not None:
            return [(state, Suspended(when, module, function.scope, receiver, tuple(arguments)))]
        return self.run_function(function, module, arguments, state, receiver, call)

    def entries(self, call: ir.Call) -> tuple[Entry, ...]:
        """What the call runs at import beside the function that it names."""
        if not self.mode.importing:
            return ()
        return self.program.entries.of_call(call, self.names.module.name, self.frame.scope)

    def call_entries(self, call: ir.Call, state: State, entries: Sequence[Entry]) -> Results:
        """A call with `entries`: each of them may be what it runs."""
        out: Results = []
        if entries[0].when != NOW:
            for s, given in self._element_of_each(call, entries[0], state):
                out.append((s, Suspended(entries[0].when, *entries[0].function, None, given)))
            return out
        out = self.plain_call(call, state)
        before = list(collect(s for s, _ in out).values())
        for _, (module, scope) in entries:
            function = self.program.modules[module].functions[scope]
            for s in before:
                for s2, value in self.run_or_defer(function, module, [], s, None, None):
                    out += self.resume(s2, value)
        return out

    def _element_of_each(
        self, call: ir.Call, entry: Entry, state: State
    ) -> list[tuple[State, tuple[tuple[Value, str | None], ...]]]:
        """The arguments that map() hands to its function in one round."""
        if entry.when == THREAD:
            return [(s, ()) for s, _ in self.arguments(call, state)]
        return [(s, ((element, None),)) for s, element in self.ours_in(call.args[1], state)]

    def resume(self, state: State, value: Value) -> Results:
        if not isinstance(value, Suspended):
            return [(state, value)]
        function = self.program.modules[value.module].functions[value.scope]
        return self.run_function(function, value.module, list(value.arguments), state, value.receiver)

    def call_on_suspended(self, call: ir.Call, state: State, value: Suspended, name: str) -> Results:
        """`value.method(…)`."""
        out: Results = []
        for s, _ in self.arguments(call, state):
            out += self.resume(s, value) if name in _RUNS[value.when] else [(s, None)]
        return out

    def hand_over_suspended(self, state: State, values: Sequence[Value], dotted: frozenset[str], attr: str) -> Results:
        """A library call gets the values: the states after it has run what it runs of them, each with what stands for
        its result where it passes one on."""
        suspended = [v for v in values if isinstance(v, Suspended)]
        if suspended and dotted & library_calls.PASSES_ON_LAZILY:
            return [(state, suspended[0])]
        states = [state]
        for value in suspended:
            if _is_consumed(value, dotted, attr):
                states = list(collect(s2 for s in states for s2, _ in self.resume(s, value)).values())
        return [(s, None) for s in states]

    def kept(self, state: State, values: Sequence[Value]) -> list[State]:
        states = [state]
        for value in values:
            if isinstance(value, Suspended) and value.when == "awaited":
                states = list(collect(s2 for s in states for s2, _ in self.resume(s, value)).values())
        return states

    def suspended_names(self, state: State) -> set[str]:
        """The variables that hold something suspended."""
        return {name for (_, name), value in state.env.items() if isinstance(value, Suspended)}


def _when(function: ir.Function) -> str | None:
    """What makes the body of a called function run, None where the call does.  What an unknown decorator makes of it
    is taken to run at once."""
    if is_context_manager(function):
        return "entered"
    names = set(decorator_names(function))
    if len(function.decorators) != len(names) or names - _SAME_CALL:
        return None
    return "iterated" if function.is_generator else "awaited" if function.is_async else None


def _is_consumed(value: Suspended, dotted: frozenset[str], attr: str) -> bool:
    """Does a library call run what it is given?  A coroutine is passed to nothing else."""
    match value.when:
        case "awaited":
            return not dotted & library_calls.LOOKS_ONLY
        case "iterated":
            return bool(dotted & library_calls.ITERATES) or attr in {"join", "extend", "update", "writelines"}
        case "entered":
            return attr in {"enter_context", "enter_async_context"}
        case _:
            return False
