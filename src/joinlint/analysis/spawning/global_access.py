"""Which module-level names and class attributes each function reads, assigns and fills."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from joinlint.analysis.facts.nesting import blocks_of
from joinlint.program import container_methods, ir, models
from joinlint.program.bindings import target_names
from joinlint.program.guards import has_guard
from joinlint.program.index import Program
from joinlint.program.modules import FunctionKey
from joinlint.records import by_value

READ = "read"
ASSIGNED = "assigned"
FILLED = "filled"

_FILLS = (
    container_methods.ADDS_ELEMENT
    | container_methods.ADDS_ALL
    | container_methods.EMPTIES
    | container_methods.DROPS_ELEMENT
    | {"setdefault", "pop", "popitem"}
)


class Variable(NamedTuple):
    """A name of a module, or of a class (then `cls` is its scope)."""

    module: str
    cls: str
    name: str


@by_value
class Access:
    """What a function does with a variable; `value` is what it assigns.

    `is_copy` is true for a name that `from … import` has bound to the value of that time.
    """

    variable: Variable
    kind: str
    where: ir.Where
    value: ir.Expression | None = None
    is_copy: bool = False
    is_guarded: bool = False


class GlobalAccess:
    """Answers for the functions of one program, and for the statements at module level."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._of: dict[FunctionKey, tuple[Access, ...]] = {}

    def of(self, key: FunctionKey) -> tuple[Access, ...]:
        """The accesses of the function, or of the module's own level for MODULE_SCOPE, in the order of the source."""
        if key not in self._of:
            module = self._program.modules[key[0]]
            function = module.functions.get(key[1])
            block = module.body if function is None else function.body
            self._of[key] = tuple(self._in_block(block, key, False))
        return self._of[key]

    def _in_block(self, block: ir.Block, key: FunctionKey, guarded: bool) -> Iterator[Access]:
        for statement in block:
            inner = list(blocks_of(statement))
            yield from self._in_statement(statement, key, guarded)
            for branch, part in inner:
                inside = isinstance(statement, ir.If) and branch == "body" and has_guard(statement.test)
                yield from self._in_block(part, key, guarded or (inside and key[1] == ir.MODULE_SCOPE))

    def _in_statement(self, statement: ir.Statement, key: FunctionKey, guarded: bool) -> Iterator[Access]:
        where = statement.where
        targets, value = _targets(statement)
        for target in targets:
            for name in target_names(target):
                if (variable := self._name(name, key)) is not None:
                    yield Access(variable, ASSIGNED, where, value, is_guarded=guarded)
            if isinstance(target, ir.Attribute) and (variable := self._member(target, key)) is not None:
                yield Access(variable, ASSIGNED, where, value, is_guarded=guarded)
            if isinstance(target, ir.Subscript):
                yield from self._use(target.value, FILLED, where, key, guarded)
        for node in _header_nodes(statement):
            match node:
                case ir.Call(func=ir.Attribute(value=container, attr=attr), where=where_called) if attr in _FILLS:
                    yield from self._use(container, FILLED, where_called, key, guarded)
                case ir.Name() | ir.Attribute() if not any(node is t for t in targets):
                    yield from self._use(node, READ, where, key, guarded)

    def _use(
        self, node: ir.Expression, kind: str, where: ir.Where, key: FunctionKey, guarded: bool
    ) -> Iterator[Access]:
        if isinstance(node, ir.Attribute):
            if (variable := self._member(node, key)) is not None:
                yield Access(variable, kind, where, is_guarded=guarded)
        elif isinstance(node, ir.Name):
            if (variable := self._name(node.id, key)) is not None:
                yield Access(variable, kind, where, is_guarded=guarded)
                if (original := self._original(variable)) is not None:
                    yield Access(original, kind, where, is_copy=True, is_guarded=guarded)

    def _name(self, name: str, key: FunctionKey) -> Variable | None:
        names = self._program.names[key[0]]
        if names.binding_scope(name, key[1]) != ir.MODULE_SCOPE:
            return None
        return Variable(key[0], "", name) if names.bindings(name, ir.MODULE_SCOPE) else None

    def _original(self, variable: Variable) -> Variable | None:
        """The variable of another module that `from … import` has taken the name from."""
        for binding in self._program.names[variable.module].bindings(variable.name, ir.MODULE_SCOPE):
            if binding.kind == "import":
                return self._in_module(binding.name, variable.module)
        return None

    def _in_module(self, dotted: str, importer: str) -> Variable | None:
        if models.is_known_package(dotted):
            return None
        found = self._program.find_module(dotted, importer)
        if found is None or len(found[1]) != 1:
            return None
        variable = Variable(found[0], "", found[1][0])
        return variable if self._program.names[found[0]].bindings(variable.name, ir.MODULE_SCOPE) else None

    def _member(self, node: ir.Attribute, key: FunctionKey) -> Variable | None:
        """The variable that `module.name` or `Class.name` is."""
        if not isinstance(node.value, (ir.Name, ir.Attribute)):
            return None
        for reference in self._program.names[key[0]].resolve(node.value, key[1]):
            if reference.kind == "library":
                return self._in_module(f"{reference.name}.{node.attr}", key[0])
            if reference.kind == "class":
                return self._of_class((reference.module, reference.name), node.attr)
            if reference.kind == "instance" and isinstance(node.value, ir.Name) and node.value.id == "cls":
                return self._of_class((reference.module, reference.name), node.attr)
        return None

    def _of_class(self, cls: tuple[str, str], attr: str) -> Variable | None:
        """The attribute, where it belongs to the class, by the class or base that has it."""
        for module, scope in (cls, *self._program.classes.bases(cls)):
            if f"{scope}.{attr}" in self._program.modules[module].functions:
                return None
            if (scope, attr) in self._program.names[module].attribute_values:
                return Variable(module, scope, attr)
        return None


def _targets(statement: ir.Statement) -> tuple[tuple[ir.Expression, ...], ir.Expression | None]:
    """What the statement binds, and the value where there is one for all."""
    match statement:
        case ir.Assign(targets=targets, value=value):
            return targets, value
        case ir.AugmentedAssign(target=target) | ir.For(target=target):
            return (target,), None
        case ir.Delete(targets=targets):
            return targets, None
        case ir.With(items=items):
            return tuple(i.target for i in items if i.target is not None), None
        case ir.Import(bindings=bindings):
            return tuple(ir.Name(local) for local, _ in bindings), None
        case ir.FunctionDef(function=function) if function.owner is None:
            return (ir.Name(function.name),), None
        case ir.ClassDef(cls=cls):
            return (ir.Name(cls.name),), None
    return (), None


def _header_nodes(statement: ir.Statement) -> Iterator[object]:
    """The nodes of a statement that run with it, without those of its blocks and of what it defines."""
    inside = {id(s) for _, block in blocks_of(statement) for s in block}
    stack: list[object] = [statement]
    while stack:
        node = stack.pop()
        yield node
        if isinstance(node, (ir.Function, ir.Class)):
            continue
        stack.extend(p for p in reversed(list(ir.parts(node))) if id(p) not in inside)
