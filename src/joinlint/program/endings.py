"""How functions end that never come back to whoever calls them."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from joinlint import limits
from joinlint.options import DEFAULT, Options
from joinlint.program import ir, library_calls
from joinlint.program.mentions import Mentions
from joinlint.program.modules import FunctionKey
from joinlint.program.names import Names


class Ending(Enum):
    """What is sure of the end of a function or block: nothing, an exception on each plain path, or on each the end of
    the process itself, as by os._exit."""

    OPEN = "open"
    RAISES = "raises"
    EXITS = "exits"


class Endings(Mentions):
    """Adds the functions that never return."""

    def __init__(self, modules: Sequence[ir.Module], options: Options = DEFAULT) -> None:
        super().__init__(modules, options)
        self._endings: dict[FunctionKey, Ending] = {}
        self._in_question = 0

    def ending(self, module: str, scope: str) -> Ending:
        """How the function ends, whoever calls it; OPEN for one that others override or have to."""
        ending = self._ending_here(module, scope)
        if ending is Ending.OPEN or self.is_abstract(module, self.modules[module].functions[scope]):
            return Ending.OPEN
        return ending

    def never_returns(self, module: str, scope: str) -> bool:
        """Does the function end by an exception or by ending the process, on every plain path?"""
        return self.ending(module, scope) is not Ending.OPEN

    def is_abstract(self, module: str, function: ir.Function) -> bool:
        """Is it a method that always fails, for other classes to override?  Those that call it call theirs."""
        if function.owner is None or self._ending_here(module, function.scope) is Ending.OPEN:
            return False
        if _raises_not_implemented(function):
            return True
        name = function.scope.removeprefix(f"{function.owner}.")
        return any(
            f"{cls}.{name}" in self.modules[home].functions
            for home, cls in self.classes.subclasses((module, function.owner))
        )

    def _ending_here(self, module: str, scope: str) -> Ending:
        key = (module, scope)
        if key not in self._endings:
            if self._in_question > limits.CALL_DEPTH:
                return Ending.OPEN
            self._endings[key] = Ending.OPEN  # what calls itself may go on for ever, or come back
            self._in_question += 1
            self._endings[key] = self._find_ending(module, scope)
            self._in_question -= 1
        return self._endings[key]

    def _find_ending(self, module: str, scope: str) -> Ending:
        function = self.modules[module].functions[scope]
        if function.is_generator or any(isinstance(n, ir.Return) for n in ir.walk_own(function.body)):
            return Ending.OPEN
        return self._ending_of(function.body, module, scope, self.names[module])

    def _ending_of(self, block: ir.Block, module: str, scope: str, names: Names) -> Ending:
        for statement in block:
            ending = Ending.OPEN
            match statement:
                case ir.Raise():
                    return Ending.RAISES
                case ir.Evaluate(value=ir.Call() as call):
                    ending = self._ending_of_call(call, module, scope, names)
                case ir.If(body=body, orelse=orelse):
                    ending = _either(*(self._ending_of(b, module, scope, names) for b in (body, orelse)))
                case ir.With(body=body) if self._ending_of(body, module, scope, names) is Ending.EXITS:
                    return Ending.EXITS  # where an exception may be swallowed
                case ir.Try():
                    ending = self._ending_of_try(statement, module, scope, names)
            if ending is not Ending.OPEN:
                return ending
        return Ending.OPEN

    def _ending_of_try(self, statement: ir.Try, module: str, scope: str, names: Names) -> Ending:
        final = self._ending_of(statement.final, module, scope, names)
        if final is not Ending.OPEN:
            return final
        body = self._ending_of((*statement.body, *statement.orelse), module, scope, names)
        handlers = (self._ending_of(handler.body, module, scope, names) for handler in statement.handlers)
        return _either(body, *handlers)

    def _ending_of_call(self, call: ir.Call, module: str, scope: str, names: Names) -> Ending:
        dotted = names.dotted(call.func, scope)
        if dotted & library_calls.EXITS_SILENTLY:
            return Ending.EXITS
        if dotted & library_calls.EXITS_BY_SYSTEM_EXIT:
            return Ending.RAISES
        called = [key for key in self.called(call.func, module, scope, names) if key != (module, scope)]
        return _either(*(self.ending(*key) for key in called)) if called else Ending.OPEN


def _either(*endings: Ending) -> Ending:
    """What is sure where it may be any of the endings."""
    if Ending.OPEN in endings:
        return Ending.OPEN
    return Ending.RAISES if Ending.RAISES in endings else Ending.EXITS


def _raises_not_implemented(function: ir.Function) -> bool:
    match function.body:
        case (*_, ir.Raise(value=ir.Name(id="NotImplementedError") | ir.Call(func=ir.Name(id="NotImplementedError")))):
            return True
        case _:
            return False
