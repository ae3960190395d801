"""All modules of a run, the sites at which they make workers, and who calls what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from joinlint.program import ir, models
from joinlint.program.names import Names, Reference


@dataclass(frozen=True, slots=True)
class Site:
    """A call that makes a worker.

    `kind` is one of models' kinds; `cls` the project class that is instantiated (module, scope), None for a library class.
    """

    kind: str
    call: ir.Call
    module: str
    scope: str
    cls: tuple[str, str] | None = None


FunctionKey = tuple[str, str]  # module, scope


class Program:
    """The modules of a run and what is known about them together."""

    def __init__(self, modules: Sequence[ir.Module]) -> None:
        self.modules = {module.name: module for module in modules}
        self.names = {module.name: Names(module) for module in modules}

    def function(self, reference: Reference) -> ir.Function | None:
        module = self.modules.get(reference.module)
        return None if module is None else module.functions.get(reference.name)

    # --- blocks --------------------------------------------------------------------------------------------------------------

    def blocks(self, module: ir.Module) -> Iterator[tuple[str, ir.Block]]:
        """The scopes of a module with their own statements; class bodies belong to the scope around them."""
        yield ir.MODULE_SCOPE, module.body
        for function in module.functions.values():
            yield function.scope, function.body

    def own_nodes(self, module: ir.Module, scope: str) -> Sequence[object]:
        """Every node that runs as part of `scope`, class bodies included."""
        return self._own_nodes[(module.name, scope)]

    @cached_property
    def _own_nodes(self) -> dict[FunctionKey, list[object]]:
        table: dict[FunctionKey, list[object]] = {}
        for module in self.modules.values():
            for scope, block in self.blocks(module):
                table[(module.name, scope)] = list(_nodes_with_class_bodies(block))
        return table

    # --- sites ---------------------------------------------------------------------------------------------------------------

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """Every call in the program that makes a worker."""
        found = []
        for module in self.modules.values():
            for scope, _ in self.blocks(module):
                for node in self.own_nodes(module, scope):
                    if isinstance(node, ir.Call) and (made := self.worker_made(node, module.name, scope)) is not None:
                        found.append(Site(made[0], node, module.name, scope, made[1]))
        return tuple(found)

    def worker_made(self, call: ir.Call, module: str, scope: str) -> tuple[str, tuple[str, str] | None] | None:
        """The kind of worker that `call` makes and the project class it is an instance of."""
        names = self.names[module]
        references = names.resolve(call.func, scope)
        kinds: dict[str, tuple[str, str] | None] = {}
        for reference in references:
            if reference.kind == "library":
                if (kind := models.worker_kind(models.canonical(reference.name))) is not None:
                    kinds.setdefault(kind)
            elif reference.kind == "class" and (kind := self.class_kind(reference)) is not None:
                kinds[kind] = (reference.module, reference.name)
        # A process may have a fallback (a thread, a dummy): where one is possible at all, it has to be waited for.
        for kind in (models.PROCESS, models.POOL, models.EXECUTOR, models.MANAGER, models.THREAD, models.THREAD_POOL):
            if kind in kinds:
                return kind, kinds[kind]
        if not any(r.kind != "instance" for r in references) and _looks_like_context_process(call):
            return models.PROCESS, None
        return None

    def class_kind(self, reference: Reference) -> str | None:
        """The kind of worker that instances of a project class are."""
        names = self.names.get(reference.module)
        if names is None:
            return None
        kinds = {models.worker_kind(base) for base in names.library_bases(reference.name)}
        return next((k for k in (models.PROCESS, models.THREAD) if k in kinds), None)

    # --- calls ---------------------------------------------------------------------------------------------------------------

    @cached_property
    def callers(self) -> dict[FunctionKey, list[FunctionKey]]:
        """The functions that call a function by a name or attribute that resolves to it; classes count as their __init__."""
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

    def called(self, func: ir.Expression, module: str, scope: str, names: Names) -> Iterator[FunctionKey]:
        """The project's functions that calling `func` may run."""
        for reference in names.resolve(func, scope):
            if reference.kind == "function":
                yield (reference.module, reference.name)
            elif reference.kind == "class" and reference.module in self.names:
                for dunder in ("__init__", "__new__", "__enter__"):
                    method = self.names[reference.module].method(reference.name, dunder)
                    if method is not None:
                        yield (reference.module, method.scope)
        if isinstance(func, ir.Attribute) and isinstance(func.value, ir.Call) and _is_super(func.value):
            function = self.modules[module].functions.get(scope)
            if function is not None and function.owner is not None:
                for base in names.known_bases(function.owner):
                    if f"{base}.{func.attr}" in self.modules[module].functions:
                        yield (module, f"{base}.{func.attr}")

    @cached_property
    def closure(self) -> dict[FunctionKey, frozenset[FunctionKey]]:
        """Each function with all that it may come to call."""
        return {key: frozenset(self._reachable(key)) for key in self._callees}

    def _reachable(self, start: FunctionKey) -> set[FunctionKey]:
        seen = {start}
        pending = [start]
        while pending:
            current = pending.pop()
            # A function that defines another may run it, as a callback for one.
            for callee in (*self._callees.get(current, ()), *self._inner_functions.get(current, ())):
                if callee not in seen and callee in self._callees:
                    seen.add(callee)
                    pending.append(callee)
        return seen

    @cached_property
    def _inner_functions(self) -> dict[FunctionKey, list[FunctionKey]]:
        table: dict[FunctionKey, list[FunctionKey]] = defaultdict(list)
        for module in self.modules.values():
            for function in module.functions.values():
                if function.parent is not None:
                    table[(module.name, function.parent)].append((module.name, function.scope))
        return table

    @cached_property
    def mentions(self) -> dict[FunctionKey, frozenset[str]]:
        """The names and attributes that a function, or anything it may come to call, mentions."""
        own: dict[FunctionKey, set[str]] = {}
        for module in self.modules.values():
            for scope, block in self.blocks(module):
                words: set[str] = set()
                for node in (n for statement in block for n in ir.walk(statement)):
                    if isinstance(node, ir.Name):
                        words.add(node.id)
                    elif isinstance(node, ir.Attribute):
                        words.add(node.attr)
                own[(module.name, scope)] = words
        return {key: frozenset().union(*(own[k] for k in reach if k in own)) for key, reach in self.closure.items()}


def _nodes_with_class_bodies(block: ir.Block) -> Iterator[object]:
    stack: list[object] = list(reversed(block))
    while stack:
        current = stack.pop()
        yield current
        if isinstance(current, ir.Function):
            continue
        if isinstance(current, ir.FunctionDef):
            stack.extend(p.default for p in current.function.parameters if p.default is not None)
        stack.extend(reversed(list(ir.parts(current))))


def _is_super(call: ir.Call) -> bool:
    return isinstance(call.func, ir.Name) and call.func.id == "super"


def _looks_like_context_process(call: ir.Call) -> bool:
    """`ctx.Process(target=…)` on something unknown: a context under one of its usual names, or called as only a context is."""
    func = call.func
    if not isinstance(func, ir.Attribute) or func.attr != "Process":
        return False
    last = func.value.id if isinstance(func.value, ir.Name) else func.value.attr if isinstance(func.value, ir.Attribute) else ""
    return call.keyword("target") is not None or last.lower().lstrip("_") in models.CONTEXT_NAMES
