"""What other processes do with the worker that is followed, which is not theirs."""

from __future__ import annotations

from joinlint.analysis.interpreter.parts import Arguments
from joinlint.analysis.interpreter.state import Life, State, holds
from joinlint.analysis.interpreter.values import Bound, Ref, Value
from joinlint.analysis.interpreter.workers import Workers
from joinlint.program import ir


class Children(Workers):
    """Adds the code that runs in another process."""

    def give_to_child(self, call: ir.Call, state: State) -> None:
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
                    self.run_in_child(function, reference.module, self._given_to_child(call, s), s, receiver)
                    return

    def _given_to_child(self, call: ir.Call, state: State) -> Arguments:
        """The arguments that the constructor of a process hands to its target, as far as they are written down."""
        given: Arguments = []
        args, kwargs = call.argument(3, "args"), call.argument(4, "kwargs")
        if isinstance(args, ir.Display):
            given += [(self._value(item, state), None) for item in args.items]
        if isinstance(kwargs, ir.DictDisplay):
            for key, item in zip(kwargs.keys, kwargs.values, strict=True):
                if isinstance(key, ir.Constant) and isinstance(key.value, str):
                    given.append((self._value(item, state), key.value))
        return given

    def _value(self, argument: ir.Expression, state: State) -> Value:
        """What the argument stands for; None where nobody knows, or where our worker goes with it out of sight."""
        return next((value for _, value in self.evaluate(argument, state)), None)

    def run_in_child(self, function: ir.Function, module: str, given: Arguments, state: State, receiver: Value) -> None:
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
