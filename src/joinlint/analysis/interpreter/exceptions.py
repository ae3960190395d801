"""Exceptions: who raises them, which handler takes them, and what `finally` does on every way out."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from dataclasses import replace

from joinlint.analysis.interpreter.loops import Loops
from joinlint.analysis.interpreter.outcome import Outcome, Raised, Thrown
from joinlint.analysis.interpreter.state import State, Step, bind, distinct, drop_scope, holds, unbind
from joinlint.analysis.interpreter.values import Value
from joinlint.program import ir


class Exceptions(Loops):
    """Adds raise and try."""

    def execute_raise(self, node: ir.Raise, state: State, outcome: Outcome) -> None:
        if node.value is None and self.frame.handling:
            thrown = self.frame.handling[-1]
            # A handler that ends the process and passes the exception on is a path of its own, whatever raised.
            explicit = thrown.explicit or state.stopped is not None
            outcome.raises.append((state.with_step(Step("raise", node.where)), replace(thrown, explicit=explicit)))
            return
        for s, _ in self.evaluate(node.value, state):
            name = _exception_name(node.value)
            outcome.raises.append((s.with_step(Step("raise", node.where)), Thrown(True, name, node.where)))

    def execute_try(self, node: ir.Try, state: State, outcome: Outcome) -> None:
        listens = bool(node.handlers) or self.is_listening()
        expects = any(_is_for_misuse(handler) for handler in node.handlers)
        self.frame.expecting += expects
        body, possible = self.guarded(lambda: self.block(node.body, [state]), listens)
        self.frame.expecting -= expects
        result = Outcome(returns=body.returns, breaks=body.breaks, continues=body.continues)
        raised = [*body.raises, *possible]

        def rest() -> Outcome:
            after = Outcome()
            after.take(self.block(node.orelse, body.falls))
            self._handle(node, raised, after)
            return after

        after, more = self.guarded(rest, self.is_listening())
        result.take(after)
        result.raises += more
        self._run_finally(node.final, result, outcome)

    def guarded(self, run: Callable[[], Outcome], listens: bool) -> tuple[Outcome, list[Raised]]:
        """Run with a sink of its own for exceptions that any call may raise."""
        sink: list[Raised] | None = [] if listens else None
        self.sinks.append(sink)
        try:
            outcome = run()
        finally:
            self.sinks.pop()
        unique: dict[object, Raised] = {}
        scopes = {f"{f.names.module.name}:{f.scope}" for f in self.frames}
        for s, thrown in sink or ():
            s = self._only_scopes(s, scopes)
            unique.setdefault((s.identity(), thrown.name), (s, thrown))
        return outcome, list(unique.values())

    def _only_scopes(self, state: State, scopes: set[str]) -> State:
        for scope in {k[0] for k in state.env} - scopes:
            if not scope.endswith(f":{ir.MODULE_SCOPE}"):
                state = drop_scope(state, scope)
        return state

    def _handle(self, node: ir.Try, raised: list[Raised], after: Outcome) -> None:
        """Give each exception to the handlers that may take it."""
        entering: dict[int, dict[object, Raised]] = {}
        for state, thrown in raised:
            pending: Thrown | None = thrown
            for position, handler in enumerate(node.handlers):
                match = self._catches(handler, thrown)
                if match == "no":
                    continue
                key = (state.identity(), thrown.explicit)
                entering.setdefault(position, {}).setdefault(key, (state, thrown))
                if match == "yes":
                    pending = None
                    break
                pending = replace(thrown, explicit=False)
            if pending is not None:
                after.raises.append((state, pending))
        for position, states in entering.items():
            handler = node.handlers[position]
            for state, thrown in states.values():
                s = state.with_step(Step("handler", handler.where))
                if handler.name is not None:
                    s = bind(s, self.variable(handler.name), None)
                self.frame.handling.append(thrown)
                after.take(self.block(handler.body, [s]))
                self.frame.handling.pop()

    def _catches(self, handler: ir.Handler, thrown: Thrown) -> str:
        """Does the handler take the exception: "yes", "no" or "maybe"?"""
        if handler.types is None:
            return "yes"
        types = handler.types.items if isinstance(handler.types, ir.Display) else (handler.types,)
        answers = {self._catches_type(_exception_name(t), thrown.name) for t in types}
        return "yes" if "yes" in answers else "maybe" if "maybe" in answers else "no"

    def _catches_type(self, caught: str | None, name: str | None) -> str:
        if caught == "BaseException":
            return "yes"
        if caught is None:
            return "maybe"
        if name is None:  # whatever a call may raise
            return (
                "yes" if caught == "Exception" else "no" if caught in {"KeyboardInterrupt", "SystemExit"} else "maybe"
            )
        if caught == name:
            return "yes"
        thrown_class, caught_class = getattr(builtins, name, None), getattr(builtins, caught, None)
        if isinstance(thrown_class, type) and isinstance(caught_class, type):
            if issubclass(thrown_class, caught_class):
                return "yes"
            return "maybe" if issubclass(caught_class, thrown_class) else "no"
        if thrown_class is None and caught == "Exception":
            return "yes"
        if name in {"SystemExit", "KeyboardInterrupt"}:
            return "no"
        return "maybe"

    def _run_finally(self, final: ir.Block, result: Outcome, outcome: Outcome) -> None:
        """Run `finally` for each way of entering it, then go on that way.  Exceptions no handler took reach the next
        sink."""
        if not final:
            for s, thrown in result.raises:
                self.pass_on(s, thrown, outcome)
            result.raises = []
            outcome.take(result)
            return
        outcome.take(self.block(final, result.falls))
        for state, value, where in result.returns:
            inner = self.block(final, [self._keep(state, value)])
            outcome.returns += [(self._unkeep(s), value, where) for s in inner.falls]
            outcome.take_exits(inner)
        for states, target in ((result.breaks, outcome.breaks), (result.continues, outcome.continues)):
            inner = self.block(final, distinct(states))
            target += inner.falls
            outcome.take_exits(inner)
        unique = {(s.identity(), t.explicit, t.name): (s, t) for s, t in reversed(result.raises)}
        for state, thrown in unique.values():
            entering = state.with_step(Step("unwinding", final[0].where)) if self.mode.beyond_join else state
            inner = self.block(final, [entering])
            for s in inner.falls:
                self.pass_on(s, thrown, outcome)
            outcome.take_exits(inner)

    def _keep(self, state: State, value: Value) -> State:
        return bind(state, ("", "<returned>"), value) if holds(state, value) else state

    def _unkeep(self, state: State) -> State:
        return unbind(state, ("", "<returned>")) if ("", "<returned>") in state.env else state

    def pass_on(self, state: State, thrown: Thrown, outcome: Outcome) -> None:
        if thrown.explicit:
            outcome.raises.append((state, thrown))
        elif self.sinks and (sink := self.sinks[-1]) is not None:
            sink.append((state, thrown))


def _is_for_misuse(handler: ir.Handler) -> bool:
    """Does the handler name what misuse of a worker raises, so that the program knows?"""
    types = handler.types.items if isinstance(handler.types, ir.Display) else (handler.types,)
    return any(_exception_name(t) in {"AssertionError", "RuntimeError", "ValueError"} for t in types)


def _exception_name(node: ir.Expression | None) -> str | None:
    return ir.word(node.func if isinstance(node, ir.Call) else node) or None
