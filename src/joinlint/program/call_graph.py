"""Who calls whom."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from joinlint import limits
from joinlint.options import DEFAULT, Options
from joinlint.program import ir
from joinlint.program.cycles import cycles
from joinlint.program.entries import Entries
from joinlint.program.modules import FunctionKey
from joinlint.program.names import Names
from joinlint.program.sites import Sites
from joinlint.program.sized_memo import SizedMemo


class CallGraph(Sites):
    """Adds the functions that a function may come to call, and those that may come to call it."""

    def __init__(self, modules: Sequence[ir.Module], options: Options = DEFAULT) -> None:
        super().__init__(modules, options)
        self._closures: SizedMemo[FunctionKey, FunctionKey] = SizedMemo(limits.REMEMBERED)
        self._reaching: SizedMemo[tuple[FunctionKey, bool], FunctionKey] = SizedMemo(limits.REMEMBERED)
        self.entries = Entries(self)

    def called(self, func: ir.Expression, module: str, scope: str, names: Names) -> Iterator[FunctionKey]:
        """The project's functions that calling `func` may run."""
        for reference in names.resolve(func, scope):
            if reference.kind == "function":
                yield (reference.module, reference.name)
            elif reference.kind == "class" and reference.module in self.names:
                for dunder in ("__init__", "__new__", "__enter__"):
                    method = self.classes.method((reference.module, reference.name), dunder)
                    if method is not None:
                        yield (method[0], method[1].scope)
        if isinstance(func, ir.Attribute) and is_super(func.value):
            function = self.modules[module].functions.get(scope)
            if function is not None and function.owner is not None:
                for base, scope_of_base in self.classes.bases((module, function.owner)):
                    if f"{scope_of_base}.{func.attr}" in self.modules[base].functions:
                        yield (base, f"{scope_of_base}.{func.attr}")

    @cached_property
    def callers(self) -> dict[FunctionKey, list[FunctionKey]]:
        """The functions that call a function by a name or attribute that resolves to it; classes count as their
        __init__."""
        table: dict[FunctionKey, dict[FunctionKey, None]] = defaultdict(dict)
        for caller, callees in self._callees.items():
            for callee in callees:
                table[callee][caller] = None
        return {callee: list(callers) for callee, callers in table.items()}

    @cached_property
    def _callees(self) -> dict[FunctionKey, list[FunctionKey]]:
        table: dict[FunctionKey, list[FunctionKey]] = {}
        for module in self.modules.values():
            names = self.names[module.name]
            for scope, _ in self.blocks(module):
                found: dict[FunctionKey, None] = {}
                for node in self.own_nodes(module, scope):
                    if isinstance(node, ir.Call):
                        for function in self.called(node.func, module.name, scope, names):
                            found[function] = None
                    elif isinstance(node, (ir.FunctionDef, ir.ClassDef)):
                        for decorator in node.decorators:
                            for function in self.called(decorator, module.name, scope, names):
                                found[function] = None
                table[(module.name, scope)] = list(found)
        return table

    @cached_property
    def inner_functions(self) -> dict[FunctionKey, list[FunctionKey]]:
        """The functions that are defined inside another, by that other."""
        table: dict[FunctionKey, list[FunctionKey]] = defaultdict(list)
        for module in self.modules.values():
            for function in module.functions.values():
                if function.parent is not None:
                    table[(module.name, function.parent)].append((module.name, function.scope))
        return table

    @cached_property
    def _cycles(self) -> dict[FunctionKey, FunctionKey]:
        return cycles(self._callees, self._following)

    def in_its_cycle(self, key: FunctionKey) -> FunctionKey:
        """One and the same for all functions that may come to call each other: what they call is the same as well."""
        return self._cycles.get(key, key)

    def closure(self, key: FunctionKey) -> frozenset[FunctionKey]:
        """A function with all that it may come to call."""
        return self._closures.get(self.in_its_cycle(key), lambda one: self.closure_of([one]))

    def closure_of(self, keys: Iterable[FunctionKey]) -> frozenset[FunctionKey]:
        """Several functions with all that they may come to call."""
        seen = set(keys)
        pending = list(seen)
        while pending:
            for callee in self._following(pending.pop()):
                if callee not in seen:
                    seen.add(callee)
                    pending.append(callee)
        return frozenset(seen)

    def _following(self, key: FunctionKey) -> Iterator[FunctionKey]:
        # A function that defines another may run it, as a callback for one.
        for callee in (*self._callees.get(key, ()), *self.inner_functions.get(key, ())):
            if callee in self._callees:
                yield callee

    def reaching(self, target: FunctionKey, at_import: bool = False) -> frozenset[FunctionKey]:
        """The functions that may come to call `target`, itself included; `at_import` counts those, too, that get there
        by way of a library or a property."""
        return self._reaching.get((self.in_its_cycle(target), at_import), lambda key: self._reach(*key))

    def _reach(self, target: FunctionKey, at_import: bool) -> frozenset[FunctionKey]:
        callers = self._callers_at_import if at_import else self.callers
        seen = {target}
        pending = [target]
        while pending:
            module, scope = current = pending.pop()
            function = self.modules[module].functions.get(scope)
            around = [] if function is None or function.parent is None else [(module, function.parent)]
            for caller in (*callers.get(current, ()), *around):
                if caller not in seen:
                    seen.add(caller)
                    pending.append(caller)
        return frozenset(seen)

    @cached_property
    def _callers_at_import(self) -> dict[FunctionKey, list[FunctionKey]]:
        table: dict[FunctionKey, dict[FunctionKey, None]] = defaultdict(dict)
        for callee, callers in self.callers.items():
            table[callee].update(dict.fromkeys(callers))
        for module in self.modules.values():
            for scope, _ in self.blocks(module):
                for node in self.own_nodes(module, scope):
                    if isinstance(node, ir.Call):
                        for entry in self.entries.of_call(node, module.name, scope):
                            table[entry.function][(module.name, scope)] = None
                    elif isinstance(node, ir.Attribute):
                        for function in self.entries.of_attribute(node, module.name, scope):
                            table[function][(module.name, scope)] = None
        return {callee: list(callers) for callee, callers in table.items()}


def is_super(node: ir.Expression) -> bool:
    """Is it `super()` or `super(C, self)`?"""
    return isinstance(node, ir.Call) and isinstance(node.func, ir.Name) and node.func.id == "super"
