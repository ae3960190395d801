"""The modules of a run, and what an import in one of them gives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, TypeVar

from joinlint.options import DEFAULT, Options
from joinlint.program import ir, models
from joinlint.program.classes import Classes
from joinlint.program.names import ClassKey, Names, Reference

FunctionKey = tuple[str, str]  # module, scope
Node = TypeVar("Node")


class Modules:
    """The modules with their names and classes, across imports."""

    def __init__(self, modules: Sequence[ir.Module], options: Options = DEFAULT) -> None:
        self.options = options
        self.modules = {module.name: module for module in modules}
        self.names = {module.name: Names(module, self) for module in modules}
        self.classes = Classes(self.names, self.options.process_classes)
        self._found_modules: dict[tuple[str, str], tuple[str, tuple[str, ...]] | None] = {}
        self._connected: dict[str, frozenset[str]] = {}

    def blocks(self, module: ir.Module) -> Iterator[tuple[str, ir.Block]]:
        """The scopes of a module with their own statements; class bodies belong to the scope around them."""
        yield ir.MODULE_SCOPE, module.body
        for function in module.functions.values():
            yield function.scope, function.body

    def own_nodes(self, module: ir.Module, scope: str) -> Sequence[object]:
        """Every node that runs as part of `scope`, class bodies included."""
        return self._own_nodes[(module.name, scope)]

    def own_nodes_of(self, kind: type[Node], module: ir.Module, scope: str) -> Sequence[Node]:
        """Those of them that are of one kind."""
        return self._own_nodes_by_kind[(module.name, scope)].get(kind, ())

    @cached_property
    def _own_nodes(self) -> dict[FunctionKey, list[object]]:
        table: dict[FunctionKey, list[object]] = {}
        for module in self.modules.values():
            for scope, block in self.blocks(module):
                table[(module.name, scope)] = list(_nodes_with_class_bodies(block))
        return table

    @cached_property
    def _own_nodes_by_kind(self) -> dict[FunctionKey, dict[type, list[Any]]]:
        table: dict[FunctionKey, dict[type, list[Any]]] = {}
        for key, nodes in self._own_nodes.items():
            kinds = table[key] = defaultdict(list)
            for node in nodes:
                kinds[type(node)].append(node)
        return table

    def function(self, reference: Reference) -> ir.Function | None:
        module = self.modules.get(reference.module)
        return None if module is None else module.functions.get(reference.name)

    def returned(self, reference: Reference) -> Iterator[Reference]:
        function = self.function(reference)
        if function is not None:
            yield from self.names[reference.module].returned(function)

    def member(self, cls: ClassKey, attr: str) -> Iterator[Reference]:
        yield from self.classes.member(cls, attr)

    def imported(self, dotted: str, importer: str) -> Iterator[Reference]:
        """What an import of `dotted` gives: a definition of the project where one of its modules is meant."""
        found = None if models.is_known_package(dotted) else self.find_module(dotted, importer)
        if found is None:
            yield Reference("library", models.PROCESS_CLASS if dotted in self.options.process_classes else dotted)
            return
        module, rest = found
        if not rest:
            yield Reference("library", dotted)  # the module itself: its attributes come back here
            return
        if module == importer and not self._bound_by_itself(module, rest[0]):
            yield Reference("library", dotted)
            return
        references = self.names[module].exported(rest[0])
        for attr in rest[1:]:
            references = tuple(
                r
                for reference in references
                for r in (
                    self.imported(f"{reference.name}.{attr}", module)
                    if reference.kind == "library"
                    else self.member((reference.module, reference.name), attr)
                )
            )
        yield from references

    def _bound_by_itself(self, module: str, name: str) -> bool:
        return bool(self.names[module].binding_kinds(name, ir.MODULE_SCOPE) - {"import"})

    def find_module(self, dotted: str, importer: str) -> tuple[str, tuple[str, ...]] | None:
        """The project's module that the longest beginning of `dotted` names, with the names after it.

        The folder that imports start from is not known, so that modules are found by the end of their names; where
        several fit, the one nearest to the importer is meant.
        """
        key = (dotted, importer)
        if key not in self._found_modules:
            self._found_modules[key] = self._find_module(dotted, importer)
        return self._found_modules[key]

    def _find_module(self, dotted: str, importer: str) -> tuple[str, tuple[str, ...]] | None:
        parts = dotted.split(".")
        for size in range(len(parts), 0, -1):
            candidates = self._by_suffix.get(tuple(parts[:size]), ())
            if candidates:
                here = importer.split(".")
                near = max(candidates, key=lambda c: (_common(c.split("."), here), -len(c)))
                return near, tuple(parts[size:])
        return None

    @cached_property
    def _by_suffix(self) -> dict[tuple[str, ...], list[str]]:
        table: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for name in self.modules:
            parts = tuple(name.split("."))
            for start in range(len(parts)):
                table[parts[start:]].append(name)
        return table

    @cached_property
    def _neighbours(self) -> dict[str, set[str]]:
        table: dict[str, set[str]] = defaultdict(set)
        for module in self.modules.values():
            for scope, _ in self.blocks(module):
                for node in self.own_nodes_of(ir.Import, module, scope):
                    for dotted in (*(d for _, d in node.bindings), *node.stars):
                        found = self.find_module(dotted, module.name)
                        if found is not None:
                            table[module.name].add(found[0])
                            table[found[0]].add(module.name)
        return table

    def neighbours(self, module: str) -> frozenset[str]:
        """The module, those that it imports or that import it, and their neighbours: where its objects are known."""
        near = {module, *self._neighbours[module]}
        return frozenset(near.union(*(self._neighbours[n] for n in near)))

    @cached_property
    def imported_modules(self) -> frozenset[str]:
        """The modules that another one imports."""
        found: set[str] = set()
        for module in self.modules.values():
            for scope, _ in self.blocks(module):
                for node in self.own_nodes_of(ir.Import, module, scope):
                    places = (self.find_module(d, module.name) for d in (*(d for _, d in node.bindings), *node.stars))
                    found.update(place[0] for place in places if place is not None and place[0] != module.name)
        return frozenset(found)

    def connected(self, module: str) -> frozenset[str]:
        """The module and all that imports link it to, in either direction and over any number of steps: those that may
        run in one program."""
        if module not in self._connected:
            reached = {module}
            pending = [module]
            while pending:
                for near in self._neighbours.get(pending.pop(), ()):
                    if near not in reached:
                        reached.add(near)
                        pending.append(near)
            self._connected.update(dict.fromkeys(reached, frozenset(reached)))
        return self._connected[module]


def _common(first: list[str], second: list[str]) -> int:
    """How many leading parts two dotted names share."""
    count = 0
    for a, b in zip(first, second, strict=False):
        if a != b:
            break
        count += 1
    return count


def _nodes_with_class_bodies(block: ir.Block) -> Iterator[object]:
    stack: list[object] = list(reversed(block))
    while stack:
        current = stack.pop()
        yield current
        if isinstance(current, ir.Function):
            continue
        if isinstance(current, ir.FunctionDef):
            stack.extend(p.default for p in current.function.parameters if p.default is not None)
        stack.extend(ir.parts(current)[::-1])
