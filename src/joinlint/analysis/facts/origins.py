"""Where a value comes from: the expressions that a name, an attribute or a call may stand for in the end.

Statements are taken without regard to their order, but for a variable of a function that has certainly been given one
of its values last.  What can't be traced any further stands for itself, so that whoever asks has to know an expression
to make something of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from joinlint import limits
from joinlint.analysis.facts.additions import Additions, additions, is_receiver
from joinlint.analysis.facts.last_given import last_given
from joinlint.program import ir, library_calls, models
from joinlint.program.bindings import Binding
from joinlint.program.index import Program
from joinlint.program.modules import FunctionKey
from joinlint.program.names import ClassKey, Reference, is_static
from joinlint.records import by_value


@by_value
class Origin:
    """An expression and the place whose names it is made of."""

    expression: ir.Expression
    module: str
    scope: str


class Origins:
    """Traces values through the names, fields, parameters and returns of a program."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._memo: dict[Origin, tuple[Origin, ...]] = {}
        self._returns: dict[FunctionKey, tuple[Origin, ...]] = {}
        self._arguments: dict[tuple[FunctionKey, str], tuple[Origin | None, ...]] = {}
        self._last_given: dict[FunctionKey, Mapping[ir.Expression, ir.Expression]] = {}
        self._steps = 0

    def of(self, expression: ir.Expression, module: str, scope: str) -> tuple[Origin, ...]:
        """All that `expression`, read in that scope, may come from; never empty."""
        start = Origin(expression, module, scope)
        if start not in self._memo:
            self._steps = 0
            found = dict.fromkeys(self._trace(start, frozenset()))
            known = 0 < len(found) <= limits.ORIGINS and self._steps <= limits.ORIGIN_STEPS
            self._memo[start] = tuple(found) if known else (start,)
        return self._memo[start]

    def elements(self, expression: ir.Expression, module: str, scope: str) -> tuple[Origin, ...]:
        """What the elements of the iterable may be, not traced themselves; empty where nothing is known."""
        self._steps = 0
        found = tuple(dict.fromkeys(self._elements(Origin(expression, module, scope), frozenset())))
        return found if self._steps <= limits.ORIGIN_STEPS else ()

    def functions(self, expression: ir.Expression, module: str, scope: str) -> tuple[tuple[str, ir.Function], ...]:
        """The project's functions, each with its module, that the expression stands for; empty where it may stand for
        anything else."""
        found: dict[tuple[str, str], tuple[str, ir.Function]] = {}
        for origin in self.of(expression, module, scope):
            if isinstance(origin.expression, ir.Lambda):
                function = origin.expression.function
                found[(origin.module, function.scope)] = (origin.module, function)
                continue
            references = self._program.names[origin.module].resolve(origin.expression, origin.scope)
            functions = [(r, f) for r in references if (f := self._program.function(r)) is not None]
            if not functions or len(functions) != len(references) or self._is_parameter(origin):
                return ()
            found.update({(r.module, r.name): (r.module, f) for r, f in functions})
        return tuple(found.values())

    def _is_parameter(self, origin: Origin) -> bool:
        if not isinstance(origin.expression, ir.Name):
            return False
        kinds = self._program.names[origin.module].binding_kinds(origin.expression.id, origin.scope)
        return bool(kinds - {"function", "import"})

    # --- values
    # --------------------------------------------------------------------------------------------------------------

    def _trace(self, origin: Origin, seen: frozenset[Origin]) -> Iterator[Origin]:
        if origin in seen:
            return
        self._steps += 1
        if len(seen) > limits.ORIGIN_DEPTH or self._steps > limits.ORIGIN_STEPS:
            yield origin
            return
        seen |= {origin}
        match origin.expression:
            case ir.Name():
                yield from self._name(origin, origin.expression.id, seen)
            case ir.Attribute():
                yield from self._attribute(origin, origin.expression, seen)
            case ir.Call():
                yield from self._call(origin, origin.expression, seen)
            case ir.Conditional(body=body, orelse=orelse):
                for part in (body, orelse):
                    yield from self._trace(_beside(origin, part), seen)
            case ir.BoolOp(left=left, right=right):
                for part in (left, right):
                    yield from self._trace(_beside(origin, part), seen)
            case ir.Await(value=ir.Call() as call) if self._makes_coroutine(origin, call):
                yield origin
            case ir.Await(value=value) | ir.Walrus(value=value):
                yield from self._trace(_beside(origin, value), seen)
            case ir.Subscript(value=value, is_slice=False):
                yield from self._item(origin, value, seen)
            case _:
                yield origin

    def _name(self, origin: Origin, name: str, seen: frozenset[Origin]) -> Iterator[Origin]:
        bindings = self._bindings(origin, name)
        if not bindings:
            yield origin
        for binding in bindings:
            if binding.kind == "import":
                yield from self._imported(origin, binding.name, seen)
            elif binding.kind == "assign" and binding.value is not None:
                yield from self._trace(Origin(binding.value, origin.module, binding.where), seen)
            elif binding.kind == "parameter":
                yield from self._parameter(origin, binding, seen)
            elif binding.source is not None:
                yield from self._part(origin, binding, seen)
            elif binding.kind != "augmented":
                yield origin

    def _bindings(self, origin: Origin, name: str) -> Sequence[Binding]:
        """The bindings of the name that may count at the place where it stands."""
        names = self._program.names[origin.module]
        bindings = names.bindings(name, origin.scope)
        if len(bindings) > 1 and names.binding_scope(name, origin.scope) == origin.scope:
            if all(binding.where == origin.scope for binding in bindings):
                key = (origin.module, origin.scope)
                if key not in self._last_given:
                    function = names.module.functions.get(origin.scope)
                    self._last_given[key] = last_given(names.module.body if function is None else function.body)
                value = self._last_given[key].get(origin.expression)
                return [b for b in bindings if b.kind == "assign" and b.value is value] or bindings
        return bindings

    def _imported(self, origin: Origin, dotted: str, seen: frozenset[Origin]) -> Iterator[Origin]:
        """A variable of another module of the project, or whatever else has been imported."""
        found = None if models.is_known_package(dotted) else self._program.find_module(dotted, origin.module)
        if found is not None and len(found[1]) == 1 and found[0] != origin.module:
            if self._program.names[found[0]].bindings(found[1][0], ir.MODULE_SCOPE):
                yield from self._trace(Origin(ir.Name(found[1][0]), found[0], ir.MODULE_SCOPE), seen)
                return
        yield origin

    def _part(self, origin: Origin, binding: Binding, seen: frozenset[Origin]) -> Iterator[Origin]:
        assert binding.source is not None
        places = [Origin(binding.source, origin.module, binding.where)]
        for step in binding.path:
            if step is None:
                places = [e for place in places for e in self._elements(place, seen)]
            else:
                index = ir.Constant(step)
                places = [Origin(ir.Subscript(p.expression, index, False), p.module, p.scope) for p in places]
        if not places:
            yield origin
        for place in places:
            yield from self._trace(place, seen)

    def _item(self, origin: Origin, value: ir.Expression, seen: frozenset[Origin]) -> Iterator[Origin]:
        """`value[index]`."""
        assert isinstance(origin.expression, ir.Subscript)
        index = origin.expression.index
        at = index.value if isinstance(index, ir.Constant) else None
        for base in self._trace(_beside(origin, value), seen):
            match base.expression:
                case ir.Display(kind="tuple" | "list", items=items) if (
                    isinstance(at, int) and -len(items) <= at < len(items) and not _has_stars(items)
                ):
                    yield from self._trace(_beside(base, items[at]), seen)
                case ir.Call() if isinstance(at, int):
                    yield Origin(ir.Subscript(base.expression, index, False), base.module, base.scope)
                case _:
                    elements = list(self._elements(base, seen)) or list(self._elements(_beside(origin, value), seen))
                    if not elements or not isinstance(base.expression, _CONTAINERS):
                        yield origin  # of a container that comes from elsewhere, not all elements are known
                    for element in elements:
                        yield from self._trace(element, seen)

    # --- parameters
    # --------------------------------------------------------------------------------------------------------------

    def _parameter(self, origin: Origin, binding: Binding, seen: frozenset[Origin]) -> Iterator[Origin]:
        """What the callers give, and the default; the parameter itself where no caller is known."""
        function = self._program.modules[origin.module].functions[binding.where]
        key = ((origin.module, function.scope), binding.name)
        if key not in self._arguments:
            self._arguments[key] = tuple(self._given(origin.module, function, binding.name))
        given = self._arguments[key]
        if not given or is_receiver(function, binding.name):
            yield origin
            if binding.value is not None:
                yield from self._trace(Origin(binding.value, origin.module, function.parent or ir.MODULE_SCOPE), seen)
            return
        for place in given:
            if place is None:
                if binding.value is not None:
                    outside = function.parent or ir.MODULE_SCOPE
                    yield from self._trace(Origin(binding.value, origin.module, outside), seen)
                else:
                    yield origin
            else:
                yield from self._trace(place, seen)

    def _given(self, module: str, function: ir.Function, name: str) -> Iterator[Origin | None]:
        """What each known call of the function gives for the parameter, None where it can't be told."""
        position = next(i for i, p in enumerate(function.parameters) if p.name == name)
        if function.parameters[position].kind in {"args", "kwargs"}:
            return
        key = (module, function.scope)
        for caller in self._program.callers.get(key, ()):
            for call, shift in self._calls_of(key, caller):
                value = call.argument(position - shift, name) if position >= shift else None
                yield None if value is None else Origin(value, *caller)

    def _calls_of(self, key: FunctionKey, caller: FunctionKey) -> Iterator[tuple[ir.Call, int]]:
        """The calls of `key` in `caller`, each with the number of parameters that the call itself does not give."""
        names = self._program.names[caller[0]]
        function = self._program.modules[key[0]].functions[key[1]]
        bound = function.owner is not None and not is_static(function)
        for node in self._program.own_nodes(self._program.modules[caller[0]], caller[1]):
            if isinstance(node, ir.Call) and key in self._program.called(node.func, *caller, names):
                explicit = (
                    isinstance(node.func, ir.Attribute)
                    and function.name == node.func.attr
                    and any(r.kind == "class" for r in names.resolve(node.func.value, caller[1]))
                )
                yield node, 1 if bound and not explicit else 0

    # --- attributes
    # --------------------------------------------------------------------------------------------------------------

    def _attribute(self, origin: Origin, node: ir.Attribute, seen: frozenset[Origin]) -> Iterator[Origin]:
        found = False
        for reference in self._program.names[origin.module].resolve(node.value, origin.scope):
            if reference.kind in {"instance", "class"}:
                for place in self.field((reference.module, reference.name), node.attr):
                    found = True
                    yield from self._trace(place, seen)
            elif reference.kind == "library":
                found = True
                yield from self._imported(origin, f"{reference.name}.{node.attr}", seen)
        if not found:
            yield origin

    def field(self, cls: ClassKey, attr: str) -> Iterator[Origin]:
        """What the class, its bases and those derived from it assign to the field."""
        classes = self._program.classes
        for module, scope in (cls, *classes.bases(cls), *classes.subclasses(cls)):
            names = self._program.names.get(module)
            if names is not None:
                for value, where in names.attribute_values.get((scope, attr), ()):
                    yield Origin(value, module, where)

    # --- calls
    # --------------------------------------------------------------------------------------------------------------

    def _call(self, origin: Origin, call: ir.Call, seen: frozenset[Origin]) -> Iterator[Origin]:
        names = self._program.names[origin.module]
        inner = call.args[0] if call.args else None
        if inner is not None and isinstance(call.func, ir.Attribute) and call.func.attr in _PASSES_ON_METHODS:
            yield from self._trace(_beside(origin, inner), seen)
            return
        if inner is not None and names.dotted(call.func, origin.scope) & _PASSES_ON:
            yield from self._trace(_beside(origin, inner), seen)
            return
        references = [r for r in names.resolve(call.func, origin.scope) if r.kind == "function"]
        functions = [(r, f) for r in references if (f := self._program.function(r)) is not None]
        if not functions:
            yield origin
        for reference, function in functions:
            key = (reference.module, function.scope)
            if key not in self._returns:
                self._returns[key] = tuple(self._returned(reference, function))
            returned = self._returns[key]
            if not returned:
                yield origin
            for place in returned:
                yield from self._trace(place, seen)

    def _makes_coroutine(self, origin: Origin, call: ir.Call) -> bool:
        """Is it the call of a function of the project that has to be awaited?"""
        references = self._program.names[origin.module].resolve(call.func, origin.scope)
        return any((f := self._program.function(r)) is not None and f.is_async for r in references)

    def _returned(self, reference: Reference, function: ir.Function) -> Iterator[Origin]:
        """The expressions whose value a call gives; nothing where that is not what the call gives."""
        manages = [d for d in function.decorators if _last_word(d) in {"contextmanager", "fixture"}]
        if manages:
            for node in ir.walk_own(function.body):
                if isinstance(node, ir.Yield) and node.value is not None and not node.is_from:
                    yield Origin(node.value, reference.module, function.scope)
        elif not function.is_generator and not function.is_async and not is_wrapped(function):
            for node in ir.walk_own(function.body):
                if isinstance(node, ir.Return) and node.value is not None:
                    yield Origin(node.value, reference.module, function.scope)

    # --- elements
    # --------------------------------------------------------------------------------------------------------------

    def _elements(self, container: Origin, seen: frozenset[Origin]) -> Iterator[Origin]:
        if len(seen) > limits.ORIGIN_DEPTH or self._steps > limits.ORIGIN_STEPS:
            return
        for origin in self._trace(container, seen):
            yield from self._elements_of(origin, seen | {origin})
        yield from self._added(container)

    def _elements_of(self, origin: Origin, seen: frozenset[Origin]) -> Iterator[Origin]:
        match origin.expression:
            case ir.Display(items=items):
                for item in items:
                    if isinstance(item, ir.Starred):
                        yield from self._elements(_beside(origin, item.value), seen)
                    else:
                        yield _beside(origin, item)
            case ir.DictDisplay(values=values):
                yield from (_beside(origin, value) for value in values)
            case ir.Comprehension(element=element):
                yield _beside(origin, element)
            case ir.BinaryOp(left=left, right=right, op="Multiply" | "Add"):
                for side in (left, right):
                    if not isinstance(side, ir.Constant):
                        yield from self._elements(_beside(origin, side), seen)
            case ir.Subscript(value=value, is_slice=True):
                yield from self._elements(_beside(origin, value), seen)
            case ir.Call():
                yield from self._elements_of_call(origin, origin.expression, seen)

    def _elements_of_call(self, origin: Origin, call: ir.Call, seen: frozenset[Origin]) -> Iterator[Origin]:
        dotted = self._program.names[origin.module].dotted(call.func, origin.scope)
        if isinstance(call.func, ir.Attribute) and call.func.attr in {"values", "copy"} and not call.args:
            yield from self._elements(_beside(origin, call.func.value), seen)
        elif dotted & {"builtins.range"}:
            yield _beside(origin, ir.Constant(0))
        elif dotted & {"itertools.repeat"} and call.args:
            yield _beside(origin, call.args[0])
        elif dotted & {"builtins.enumerate"} and call.args:
            item = ir.Subscript(call.args[0], ir.Opaque(()), False)
            yield _beside(origin, ir.Display("tuple", (ir.Constant(0), item), call.where))
        elif dotted & {"builtins.zip"} and not _has_stars(call.args):
            items = tuple(ir.Subscript(a, ir.Opaque(()), False) for a in call.args)
            yield _beside(origin, ir.Display("tuple", items, call.where))
        elif dotted & library_calls.REARRANGES and call.args:
            for argument in call.args:
                yield from self._elements(_beside(origin, argument), seen)

    def _added(self, container: Origin) -> Iterator[Origin]:
        """What is put into the container by its name."""
        names = self._program.names[container.module]
        match container.expression:
            case ir.Name(id=name):
                home = names.binding_scope(name, container.scope)
                found = self._additions.get((container.module, home, name), [])
                yield from (Origin(added, container.module, scope) for added, scope in found)
            case ir.Attribute(value=value, attr=attr):
                for reference in names.resolve(value, container.scope):
                    if reference.kind in {"instance", "class"}:
                        for module, cls in self._program.classes.family((reference.module, reference.name)):
                            found = self._additions.get((module, cls, f".{attr}"), [])
                            yield from (Origin(added, module, scope) for added, scope in found)

    @cached_property
    def _additions(self) -> Additions:
        return additions(self._program)


_CONTAINERS = (ir.Display, ir.DictDisplay, ir.Comprehension, ir.BinaryOp, ir.Subscript, ir.Call)
# Calls that give what they are given.
_PASSES_ON = frozenset({"contextlib.closing", "contextlib.nullcontext", "typing.cast", "copy.copy", "tqdm.tqdm"})
_PASSES_ON_METHODS = frozenset({"enter_context", "enter_async_context", "enterContext"})


def is_wrapped(function: ir.Function) -> bool:
    """Has the function decorators that may put something else in its place?"""
    return any(_last_word(d) not in {"staticmethod", "classmethod"} for d in function.decorators)


def _last_word(decorator: ir.Expression) -> str:
    return ir.word(decorator.func if isinstance(decorator, ir.Call) else decorator)


def _has_stars(items: tuple[ir.Expression, ...]) -> bool:
    return any(isinstance(item, ir.Starred) for item in items)


def _beside(origin: Origin, expression: ir.Expression) -> Origin:
    """Another expression in the same place."""
    return Origin(expression, origin.module, origin.scope)
