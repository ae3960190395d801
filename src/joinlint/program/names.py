"""What a name stands for: imports, aliases, definitions and contexts, without regard to the order of statements.

A name that is bound several times (imports under try/except, a fallback) stands for all of what it is bound to.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Protocol

from joinlint import limits
from joinlint.program import ir, models
from joinlint.program.bindings import BINDERS, Binding, binds
from joinlint.records import by_value


@by_value
class Reference:
    """What an expression may stand for.

    `kind` is "library" (something imported; `name` is its dotted name), "function" or "class" (defined in `module`;
    `name` is its scope), "instance" (an object of that class) or "object" (one of a library's class, whose methods hand
    work on; `name` is the class's dotted name).
    """

    kind: str
    name: str
    module: str = ""


ClassKey = tuple[str, str]  # module, scope
_NOTHING: tuple[Reference, ...] = ()
_NOTABLE = BINDERS | {ir.Call, ir.Return}


class Project(Protocol):
    """What names need to know of the modules beside their own."""

    def imported(self, dotted: str, importer: str) -> Iterable[Reference]:
        """What an import of `dotted` by the module `importer` gives."""

    def member(self, cls: ClassKey, attr: str) -> Iterable[Reference]:
        """What the attribute of an instance of the class may stand for."""

    def returned(self, reference: Reference) -> Iterable[Reference]:
        """What calling the function may give."""


class Names:
    """The names of one module."""

    def __init__(self, module: ir.Module, project: Project) -> None:
        self.module = module
        self._project = project
        self._memo: dict[tuple[ir.Expression | str, str], tuple[Reference, ...]] = {}
        self._by_name: dict[tuple[str, str], tuple[Reference, ...]] = {}
        self._busy: set[tuple[ir.Expression | str, str]] = set()
        self._lookups = 0  # for the expression that was asked about

    # --- scopes
    # --------------------------------------------------------------------------------------------------------------

    def binding_scope(self, name: str, scope: str) -> str:
        """The scope (a function's, or MODULE_SCOPE) whose `name` is meant by `name` inside `scope`."""
        current: str | None = scope
        while current is not None and current != ir.MODULE_SCOPE:
            function = self.module.functions.get(current)
            if function is None:
                break
            if name in function.bound:
                return current
            current = function.parent
        return ir.MODULE_SCOPE

    @cached_property
    def _bindings(self) -> dict[tuple[str, str], list[Binding]]:
        table: dict[tuple[str, str], list[Binding]] = defaultdict(list)
        for scope, nodes in self._notable.items():
            for node in nodes:
                for name, binding in binds(node, scope):
                    table[(self.binding_scope(name, scope), name)].append(binding)
        for function in self.module.functions.values():
            for parameter in function.parameters:
                binding = Binding("parameter", parameter.name, parameter.default, function.scope)
                table[(function.scope, parameter.name)].append(binding)
        return table

    @cached_property
    def _notable(self) -> dict[str, list[object]]:
        """By scope: what binds, calls or returns, in the order of the source."""
        blocks = {ir.MODULE_SCOPE: self.module.body}
        blocks.update((function.scope, function.body) for function in self.module.functions.values())
        return {
            scope: [node for node in ir.walk_own(block) if type(node) in _NOTABLE] for scope, block in blocks.items()
        }

    @cached_property
    def stars(self) -> tuple[str, ...]:
        """The modules of this file's `from … import *`."""
        found: list[str] = []
        for nodes in self._notable.values():
            found.extend(s for node in nodes if isinstance(node, ir.Import) for s in node.stars)
        return tuple(dict.fromkeys(found))

    @cached_property
    def unpacked_attributes(self) -> dict[tuple[str, str], list[str]]:
        """(class scope, attribute) to the scopes of the methods that give the attribute of some object a part of
        something: `self.reader, self.writer = Pipe()`."""
        table: dict[tuple[str, str], list[str]] = defaultdict(list)
        for function in self.module.functions.values():
            for node in self._notable[function.scope] if function.owner is not None else ():
                if isinstance(node, ir.Assign) and function.owner is not None:
                    parts = [part for target in node.targets if isinstance(target, ir.Display) for part in target.items]
                    for attr in {part.attr for part in parts if isinstance(part, ir.Attribute)}:
                        table[(function.owner, attr)].append(function.scope)
        return table

    @cached_property
    def attribute_values(self) -> dict[tuple[str, str], list[tuple[ir.Expression, str]]]:
        """(class scope, attribute) to the expressions that `self.attribute = …` or the class body give it, with their
        scopes."""
        table: dict[tuple[str, str], list[tuple[ir.Expression, str]]] = defaultdict(list)
        for function in self.module.functions.values():
            if function.owner is None or not function.parameters:
                continue
            me = function.parameters[0].name
            for node in self._notable[function.scope]:
                if isinstance(node, ir.Assign):
                    for target in node.targets:
                        if (
                            isinstance(target, ir.Attribute)
                            and isinstance(target.value, ir.Name)
                            and target.value.id == me
                        ):
                            table[(function.owner, target.attr)].append((node.value, function.scope))
        for cls in self.module.classes.values():
            for statement in cls.body:
                if isinstance(statement, ir.Assign):
                    for target in statement.targets:
                        if isinstance(target, ir.Name):
                            table[(cls.scope, target.id)].append((statement.value, cls.parent or ir.MODULE_SCOPE))
        return table

    def binding_kinds(self, name: str, scope: str) -> set[str]:
        """How `name`, as seen from `scope`, is bound: the kinds of its bindings."""
        return {b.kind for b in self.bindings(name, scope)}

    def bindings(self, name: str, scope: str) -> Sequence[Binding]:
        """Every place that binds `name` as seen from `scope`; empty for builtins and what a star import may bring."""
        return self._bindings.get((self.binding_scope(name, scope), name), ())

    # --- resolution
    # ----------------------------------------------------------------------------------------------------------

    def resolve(self, expression: ir.Expression, scope: str) -> tuple[Reference, ...]:
        """All that `expression`, read inside `scope`, may stand for, each once; empty where nothing is known.

        In the order of the source, so that each run takes the same one for the first.
        """
        # A name that is bound a thousand times is looked up once, wherever it stands.
        key = (expression.id if isinstance(expression, ir.Name) else expression, scope)
        if key in self._memo:
            return self._memo[key]
        if not self._busy:
            self._lookups = 0
        self._lookups += 1
        if key in self._busy or len(self._busy) > limits.NAME_STEPS or self._lookups > limits.NAME_LOOKUPS:
            return _NOTHING
        self._busy.add(key)
        try:
            result = tuple(dict.fromkeys(self._resolve(expression, scope)))
        finally:
            self._busy.discard(key)
        if self._busy:  # an answer found inside a cycle may be incomplete
            return result
        self._memo[key] = result if self._lookups <= limits.NAME_LOOKUPS else _NOTHING
        return self._memo[key]

    def resolve_name(self, name: str, scope: str) -> tuple[Reference, ...]:
        """All that the plain name may stand for inside `scope`."""
        key = (name, scope)
        if key not in self._by_name:
            self._by_name[key] = self.resolve(ir.Name(name), scope)
        return self._by_name[key]

    def dotted(self, expression: ir.Expression, scope: str) -> frozenset[str]:
        """The library names among what `expression` may stand for, in the standard library's terms."""
        return frozenset(models.canonical(r.name) for r in self.resolve(expression, scope) if r.kind == "library")

    def may_be_none(self, expression: ir.Expression, scope: str) -> bool:
        """Is the name or field given None somewhere, in so many words?"""
        match expression:
            case ir.Constant(value=value):
                return value is None
            case ir.Name(id=name):
                home = self.binding_scope(name, scope)
                return any(
                    b.value is not None and b.value is not expression and self._is_none(b.value, b.where)
                    for b in self._bindings.get((home, name), ())
                )
            case ir.Attribute(attr=attr):
                given = (v for (_, name), values in self.attribute_values.items() if name == attr for v in values)
                return any(self._is_none(value, where) for value, where in given)
            case _:
                return False

    def _is_none(self, value: ir.Expression, scope: str) -> bool:
        """Is it None, or a parameter with that default?"""
        if isinstance(value, ir.Constant):
            return value.value is None
        function = self.module.functions.get(scope)
        return (
            isinstance(value, ir.Name)
            and function is not None
            and any(
                p.name == value.id and isinstance(p.default, ir.Constant) and p.default.value is None
                for p in function.parameters
            )
        )

    def _resolve(self, expression: ir.Expression, scope: str) -> Iterator[Reference]:
        match expression:
            case ir.Name(id=name):
                yield from self._resolve_name(name, scope)
            case ir.Attribute(value=value, attr=attr):
                yield from self._resolve_attribute(value, attr, scope)
            case ir.Call(func=func, args=args):
                yield from self._resolve_call(func, args, scope)
            case ir.Conditional(body=body, orelse=orelse):
                yield from self.resolve(body, scope)
                yield from self.resolve(orelse, scope)
            case ir.BoolOp(left=left, right=right):
                yield from self.resolve(left, scope)
                yield from self.resolve(right, scope)
            case ir.Await(value=value) | ir.Walrus(value=value):
                yield from self.resolve(value, scope)
            case _:
                pass

    def _resolve_name(self, name: str, scope: str) -> Iterator[Reference]:
        home = self.binding_scope(name, scope)
        bindings = self._bindings.get((home, name), ())
        for binding in bindings:
            if binding.kind == "import":
                yield from self._project.imported(binding.name, self.module.name)
            elif binding.kind in {"function", "class"}:
                yield Reference(binding.kind, binding.name, self.module.name)
            elif binding.value is not None:
                yield from self.resolve(binding.value, binding.where)
            if binding.kind == "parameter":
                yield from self._resolve_parameter(name, binding.where)
        if not bindings:
            stars = [s for s in self.stars if models.exported_by_star(s, name)]
            for star in stars:
                yield Reference("library", f"{star}.{name}")
            if not stars:
                yield Reference("library", f"builtins.{name}")

    def _resolve_parameter(self, name: str, scope: str) -> Iterator[Reference]:
        function = self.module.functions[scope]
        parameter = next(p for p in function.parameters if p.name == name)
        if function.owner is not None and function.parameters[0].name == name and not is_static(function):
            yield Reference("instance", function.owner, self.module.name)
        if parameter.annotation is not None:
            for reference in self.resolve(parameter.annotation, function.parent or ir.MODULE_SCOPE):
                if reference.kind == "class":
                    yield Reference("instance", reference.name, reference.module)
                elif reference.kind == "library" and models.is_context_getter(reference.name):
                    yield Reference("library", "multiprocessing")
        elif function.owner is None and function.parent is None:
            position = function.parameters.index(parameter)
            for call, caller in self._calls_by_name.get(function.name, ()):
                if (value := call.argument(position, name)) is not None:
                    yield from (r for r in self.resolve(value, caller) if r.kind == "object")

    @cached_property
    def _calls_by_name(self) -> dict[str, list[tuple[ir.Call, str]]]:
        """The calls of plain names in the module, with the scopes that they stand in."""
        table: dict[str, list[tuple[ir.Call, str]]] = defaultdict(list)
        for scope, nodes in self._notable.items():
            for node in nodes:
                if isinstance(node, ir.Call) and isinstance(node.func, ir.Name):
                    table[node.func.id].append((node, scope))
        return table

    def _resolve_attribute(self, value: ir.Expression, attr: str, scope: str) -> Iterator[Reference]:
        for reference in self.resolve(value, scope):
            if reference.kind == "library":
                yield from self._project.imported(f"{reference.name}.{attr}", self.module.name)
            elif reference.kind == "object":
                yield Reference("library", f"{reference.name}.{attr}")
            elif reference.kind in {"instance", "class"}:
                yield from self._project.member((reference.module, reference.name), attr)

    def _resolve_call(self, func: ir.Expression, args: tuple[ir.Expression, ...], scope: str) -> Iterator[Reference]:
        for reference in self.resolve(func, scope):
            if reference.kind == "library" and reference.name == "functools.partial":
                yield from self.resolve(args[0], scope) if args else ()  # it is called in that one's stead
            elif reference.kind == "library" and models.is_context_getter(reference.name):
                yield Reference("library", models.canonical(reference.name))
            elif reference.kind == "library" and models.has_methods(models.canonical(reference.name)):
                yield Reference("object", models.canonical(reference.name))
            elif reference.kind == "class":
                yield Reference("instance", reference.name, reference.module)
            elif reference.kind == "function":
                yield from self._project.returned(reference)

    def returned(self, function: ir.Function) -> Iterator[Reference]:
        """What calling a function of this module may give: contexts and instances, not functions."""
        for node in self._notable[function.scope]:
            if isinstance(node, ir.Return) and node.value is not None:
                yield from (r for r in self.resolve(node.value, function.scope) if r.kind != "function")

    def exported(self, name: str) -> tuple[Reference, ...]:
        """What another module gets that imports `name` from this one."""
        if (ir.MODULE_SCOPE, name) not in self._bindings:
            stars = [s for s in self.stars if models.exported_by_star(s, name)]
            return tuple(Reference("library", f"{star}.{name}") for star in stars)
        return self.resolve_name(name, ir.MODULE_SCOPE)


def is_static(function: ir.Function) -> bool:
    """Is the function a staticmethod: does its first parameter stand for no instance or class?"""
    return any(isinstance(d, ir.Name) and d.id == "staticmethod" for d in function.decorators)
