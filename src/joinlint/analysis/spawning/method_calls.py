"""Calls of set_start_method that fail: at import, where each child makes them again, and when the method is fixed."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from joinlint import limits
from joinlint.analysis.facts.nesting import handlers_around, tests_around, way_to
from joinlint.analysis.facts.origins import Origin, Origins
from joinlint.analysis.facts.start_methods import StartMethods, mentions
from joinlint.analysis.spawning.import_time import events_at_import
from joinlint.program import ir, models, pickle_limits
from joinlint.program.index import Program
from joinlint.program.modules import FunctionKey
from joinlint.program.sites import Site
from joinlint.records import by_value

_ASKS_FOR_PROCESS = re.compile(r"start_method|parent_process|current_process|MainProcess|__mp_main__")
_CATCHES = frozenset({"RuntimeError", "Exception", "BaseException"})

# What settles the default context, so that its start method can't be set any more.
_SETTLING = frozenset(
    f"multiprocessing.{name}" for name in pickle_limits.SHARED_BY_INHERITANCE - {"RawValue", "RawArray"} | {"Manager"}
)


@by_value
class FailingCall:
    """A call of set_start_method in `module`; `settled` says in words what has fixed the method before, at `before`.

    Where nothing has, the call is made at import, by the statement `before` if that is another one.
    """

    call: ir.Call
    module: str
    settled: str
    before: ir.Where


def failing_calls(program: Program, origins: Origins, methods: StartMethods) -> Iterator[FailingCall]:
    """The calls that raise, in a child or at once; each once."""
    places = [p for p in methods.setting_calls() if _can_fail(p)]
    if not places:
        return
    seen = set()
    for found in (*_at_import(program, origins, methods, places), *_Order(program, origins, methods).late(places)):
        if found.call not in seen:
            seen.add(found.call)
            yield found


def _can_fail(place: Origin) -> bool:
    """Is the call one without force, for another method than none?"""
    assert isinstance(place.expression, ir.Call)
    force, method = place.expression.argument(1, "force"), place.expression.argument(0, "method")
    is_forced = force is not None and not (isinstance(force, ir.Constant) and not force.value)
    return not is_forced and not (isinstance(method, ir.Constant) and method.value is None)


# --- at import
# ------------------------------------------------------------------------------------------------------------------


def _at_import(
    program: Program, origins: Origins, methods: StartMethods, places: list[Origin]
) -> Iterator[FailingCall]:
    for place in places:
        call = place.expression
        assert isinstance(call, ir.Call)
        method = call.argument(0, "method")
        if method is not None and set(methods.named(Origin(method, place.module, place.scope))) == {"fork"}:
            continue  # nothing is imported again under fork
        if _is_prepared(program, origins, (place.module, place.scope), call):
            continue
        site = Site(models.MANAGER, call, place.module, place.scope)
        for importer in program.modules.values():
            if importer.is_notebook or os.path.basename(importer.filename) in {"__main__.py", "conftest.py"}:
                continue
            if (importer.name, ir.MODULE_SCOPE) not in program.reaching((place.module, place.scope)):
                continue
            for event in events_at_import(program, importer, site):
                outer = event.calls[0] if event.calls else None
                if outer is None or not _is_prepared(program, origins, (importer.name, ir.MODULE_SCOPE), outer):
                    yield FailingCall(call, place.module, "", call.where if outer is None else outer)


def _is_prepared(program: Program, origins: Origins, where: FunctionKey, node: ir.Call | ir.Where) -> bool:
    """Does the code around expect the call to fail in a child, or make it in the main process alone?"""
    module = program.modules[where[0]]
    function = module.functions.get(where[1])
    block = module.body if function is None else function.body
    inner: object = node
    if isinstance(node, ir.Where):
        inner = next((n for n in ir.walk_own(block) if getattr(n, "where", None) == node), None)
    way = way_to(block, inner)
    if any(_catches(handler) for handler in handlers_around(way)):
        return True
    for test in tests_around(way):
        names = [n for n in ir.walk(test) if isinstance(n, ir.Name)]
        asked = [o.expression for n in names for o in origins.of(n, *where)]
        if any(mentions(e, _ASKS_FOR_PROCESS) for e in (test, *asked)):
            return True
    return False


def _catches(handler: ir.Handler) -> bool:
    if handler.types is None:
        return True
    return any(ir.word(node) in _CATCHES for node in ir.walk(handler.types))


# --- too late
# -------------------------------------------------------------------------------------------------------------------


@by_value
class _Settled:
    """What has fixed the start method: words for it and its place."""

    words: str
    where: ir.Where


class _Order:
    """Follows what certainly runs, statement by statement, and what that has settled."""

    def __init__(self, program: Program, origins: Origins, methods: StartMethods) -> None:
        self._program = program
        self._origins = origins
        self._methods = methods
        self._found: dict[ir.Call, FailingCall] = {}
        self._active: set[FunctionKey] = set()
        self._done: dict[tuple[FunctionKey, bool, bool], _Settled | None] = {}

    def late(self, places: list[Origin]) -> Iterator[FailingCall]:
        """Those of the calls that come when the start method is fixed, on a path that has certainly fixed it."""
        roots = {key for place in places for key in self._program.reaching((place.module, place.scope))}
        for key in sorted(roots, key=lambda k: (k[1] != ir.MODULE_SCOPE, k)):
            self._run(key, None, False)
        yield from self._found.values()

    def _run(self, key: FunctionKey, settled: _Settled | None, caught: bool) -> _Settled | None:
        """What is settled when the function has run."""
        memo = (key, settled is not None, caught)
        if key in self._active or len(self._active) > limits.START_METHOD_DEPTH:
            return settled
        if memo not in self._done:
            module = self._program.modules[key[0]]
            function = module.functions.get(key[1])
            self._active.add(key)
            self._done[memo] = self._block(module.body if function is None else function.body, key, settled, caught)[0]
            self._active.discard(key)
        return self._done[memo] if settled is None else settled

    def _block(
        self, block: ir.Block, key: FunctionKey, settled: _Settled | None, caught: bool
    ) -> tuple[_Settled | None, bool]:
        """What is settled at the end of the block, and whether that is reached."""
        for statement in block:
            settled, goes_on = self._statement(statement, key, settled, caught)
            if not goes_on:
                return settled, False
        return settled, True

    def _statement(
        self, statement: ir.Statement, key: FunctionKey, settled: _Settled | None, caught: bool
    ) -> tuple[_Settled | None, bool]:
        match statement:
            case ir.If(test=test, body=body, orelse=orelse):
                settled = self._expression(test, key, settled, caught)
                first, falls = self._block(body, key, settled, caught)
                second, falls_too = self._block(orelse, key, settled, caught)
                ways = [s for s, reached in ((first, falls), (second, falls_too)) if reached]
                return (ways[0] if ways and all(ways) else settled), bool(ways)
            case ir.For(iterable=header, body=body) | ir.While(test=header, body=body):
                settled = self._expression(header, key, settled, caught)
                after, falls = self._block(body, key, settled, caught)
                leaves = any(isinstance(n, (ir.Break, ir.Return, ir.Raise)) for n in ir.walk_own(body))
                if falls and not leaves and settled is None and after is not None:
                    self._block(body, key, after, caught)  # the second round
                return settled, True
            case ir.Try(body=body, handlers=handlers, orelse=orelse, final=final):
                after, falls = self._block(body, key, settled, caught or any(map(_catches, handlers)))
                for handler in handlers:
                    self._block(handler.body, key, settled, caught)
                after, _ = self._block(orelse, key, after, caught)
                after, _ = self._block(final, key, after, caught)
                return after, falls or bool(handlers)
            case ir.With(items=items, body=body):
                for item in items:
                    settled = self._expression(item.context, key, settled, caught)
                    caught = caught or self._swallows(item.context, key)
                return self._block(body, key, settled, caught)
            case ir.Match(subject=subject, cases=cases):
                settled = self._expression(subject, key, settled, caught)
                for case in cases:
                    self._block(case.body, key, settled, caught)
                return settled, True
            case ir.ClassDef(cls=cls):
                return self._block(cls.body, key, settled, caught)
            case ir.FunctionDef():
                return settled, True
        settled = self._expression(statement, key, settled, caught)
        return settled, not isinstance(statement, (ir.Return, ir.Raise, ir.Break, ir.Continue))

    def _swallows(self, context: ir.Expression, key: FunctionKey) -> bool:
        if not isinstance(context, ir.Call):
            return False
        dotted = self._program.names[key[0]].dotted(context.func, key[1])
        return bool(dotted & {"contextlib.suppress", "pytest.raises"}) or (
            isinstance(context.func, ir.Attribute) and context.func.attr.startswith("assertRaises")
        )

    def _expression(
        self, node: ir.Expression | ir.Statement, key: FunctionKey, settled: _Settled | None, caught: bool
    ) -> _Settled | None:
        for call in (n for n in _own(node) if isinstance(n, ir.Call)):
            if self._methods.sets_method(call, *key):
                place = Origin(call, *key)
                if settled is not None and not caught and _can_fail(place):
                    self._found.setdefault(call, FailingCall(call, key[0], settled.words, settled.where))
                method = call.argument(0, "method")
                resets = isinstance(method, ir.Constant) and method.value is None
                settled = None if resets else _Settled("set_start_method()", call.where)
            elif settled is None and (words := self._settles(call, key)) is not None:
                settled = _Settled(words, call.where)
            else:
                settled = self._called(call, key, settled, caught)
        return settled

    def _called(self, call: ir.Call, key: FunctionKey, settled: _Settled | None, caught: bool) -> _Settled | None:
        functions = set(self._program.called(call.func, *key, self._program.names[key[0]]))
        if len(functions) != 1:
            return settled
        (callee,) = functions
        function = self._program.modules[callee[0]].functions[callee[1]]
        if function.is_generator or function.is_async:
            return settled
        return self._run(callee, settled, caught)

    def _settles(self, call: ir.Call, key: FunctionKey) -> str | None:
        """Words for a call that fixes the start method of the default context."""
        dotted = self._program.names[key[0]].dotted(call.func, key[1])
        func = call.func
        if isinstance(func, ir.Attribute):
            if func.attr == "start" and not call.args:
                return "a start()" if self._starts_default(func.value, key) else None
            if dotted and not self._methods.is_default(func.value, *key):
                return None
        if dotted & _SETTLING:
            return f"{min(dotted).rpartition('.')[2]}()"
        if "multiprocessing.get_start_method" in dotted:
            given = call.argument(0, "allow_none")
            return None if given is not None else "get_start_method()"
        if dotted & {"concurrent.futures.ProcessPoolExecutor", "concurrent.futures.process.ProcessPoolExecutor"}:
            return None if call.argument(1, "mp_context") is not None else "ProcessPoolExecutor()"
        return None

    def _starts_default(self, receiver: ir.Expression, key: FunctionKey) -> bool:
        """Is it a process of the default context that is started?"""
        found = self._origins.of(receiver, *key)
        for origin in found:
            call = origin.expression
            if not isinstance(call, ir.Call):
                return False
            dotted = self._program.names[origin.module].dotted(call.func, origin.scope)
            if "multiprocessing.Process" not in dotted:
                return False
            if isinstance(call.func, ir.Attribute):
                if not self._methods.is_default(call.func.value, origin.module, origin.scope):
                    return False
        return True


def _own(node: ir.Expression | ir.Statement) -> Iterator[object]:
    """Every node that runs as part of the expression or simple statement, inner ones first."""
    inner = [] if isinstance(node, (ir.Function, ir.Class)) else list(ir.parts(node))
    for part in inner:
        if not isinstance(part, (ir.Function, ir.Class)):
            yield from _own(part)  # type: ignore[arg-type]
    yield node
