"""Classes of workers that never call the __init__ of Process or Thread, and where their objects are started."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from joinlint.analysis.facts.origins import Origins
from joinlint.program import ir, models
from joinlint.program.call_graph import is_super
from joinlint.program.index import Program
from joinlint.program.names import ClassKey, Reference
from joinlint.records import by_value

# Bases that take no part in the construction of an object.
_HARMLESS = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"})


@by_value
class MissingInit:
    """A class of workers that can't be started: `kind` is a thread or process, `blamed` the class whose __init__ stops
    short, `where` the start of an object or else the class itself."""

    cls: ir.Class
    kind: str
    blamed: ir.Class
    is_dataclass: bool
    where: ir.Where
    is_start: bool


def missing_inits(program: Program, origins: Origins) -> Iterator[MissingInit]:
    """The worker classes whose construction does not reach the library's class."""
    broken: dict[ClassKey, tuple[str, ClassKey, bool]] = {}
    checker = _Checker(program)
    for name, module in program.modules.items():
        for scope in module.classes:
            kind = program.class_kind(Reference("class", scope, name))
            if kind is not None and (blamed := checker.blamed((name, scope))) is not None:
                broken[(name, scope)] = (kind, *blamed)
    if not broken:
        return
    starts: dict[ClassKey, dict[ir.Where, None]] = {}
    for cls, where in _starts(program, origins):
        if cls in broken:
            starts.setdefault(cls, {})[where] = None
    for cls, (kind, blamed_key, is_dataclass) in broken.items():
        definition, blamed_class = program.classes.definition(cls), program.classes.definition(blamed_key)
        assert definition is not None
        assert blamed_class is not None
        for where in starts.get(cls, ()):
            yield MissingInit(definition, kind, blamed_class, is_dataclass, where, True)
        if cls not in starts and cls == blamed_key and not program.classes.subclasses(cls):
            yield MissingInit(definition, kind, blamed_class, is_dataclass, _class_line(definition), False)


def _class_line(cls: ir.Class) -> ir.Where:
    """The place of `class Name` alone, below its decorators."""
    where = cls.where
    return where._replace(row=where.end_row, column=max(1, where.end_column - len(f"class {cls.name}")))


def _starts(program: Program, origins: Origins) -> Iterator[tuple[ClassKey, ir.Where]]:
    """The calls of start() on an object whose project class is plain."""
    for module in program.modules.values():
        for scope, _ in program.blocks(module):
            for node in program.own_nodes(module, scope):
                if isinstance(node, ir.Call) and isinstance(node.func, ir.Attribute) and node.func.attr == "start":
                    for origin in origins.of(node.func.value, module.name, scope):
                        if isinstance(origin.expression, ir.Call):
                            made = program.kinds_made(origin.expression, origin.module, origin.scope)
                            for cls in made.values():
                                if cls is not None:
                                    yield cls, node.where


class _Checker:
    """Follows the calls of `__init__` along the order in which Python looks for it."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._orders: dict[ClassKey, Sequence[ClassKey | str] | None] = {}

    def blamed(self, cls: ClassKey) -> tuple[ClassKey, bool] | None:
        """The class whose __init__ does not go on to the library's, and whether dataclass has written it; None where
        all is well or not all is known."""
        order = self._order(cls)
        if order is None or any(isinstance(c, tuple) and not self._is_plain(c) for c in order):
            return None
        return self._follow(order, 0, frozenset())

    def _is_plain(self, cls: ClassKey) -> bool:
        """Is its construction what its own code says?"""
        program = self._program
        definition = program.classes.definition(cls)
        if definition is None or any(
            k.name != "metaclass" or ir.word(k.value) != "ABCMeta" for k in definition.keywords
        ):
            return False
        names = program.names[cls[0]]
        for decorator in self._program.class_decorators.get(definition, ()):
            if not names.dotted(_undecorated(decorator), definition.parent or ir.MODULE_SCOPE) & {
                "dataclasses.dataclass"
            }:
                return False
        functions = program.modules[cls[0]].functions
        init = functions.get(f"{cls[1]}.__init__")
        if init is not None and (
            init.decorators or program.never_returns(cls[0], init.scope) or program.is_abstract(cls[0], init)
        ):
            return False
        return f"{cls[1]}.__new__" not in functions and f"{cls[1]}.start" not in functions

    def _order(self, cls: ClassKey) -> Sequence[ClassKey | str] | None:
        """The classes in the order of method resolution, library classes by name; None where a base is unknown."""
        if cls not in self._orders:
            self._orders[cls] = None  # a class that derives from itself has none
            self._orders[cls] = self._find_order(cls)
        return self._orders[cls]

    def _find_order(self, cls: ClassKey) -> Sequence[ClassKey | str] | None:
        definition = self._program.classes.definition(cls)
        if definition is None:
            return None
        lines: list[list[ClassKey | str]] = []
        direct: list[ClassKey | str] = []
        for base in definition.bases:
            if isinstance(base, ir.Subscript):
                base = base.value  # Generic[T]
            references = self._program.names[cls[0]].resolve(base, definition.parent or ir.MODULE_SCOPE)
            if len(references) != 1:
                return None
            (reference,) = references
            if reference.kind == "class" and (reference.module, reference.name) != cls:
                key = (reference.module, reference.name)
                order = self._order(key)
                if order is None:
                    return None
                lines.append(list(order))
                direct.append(key)
            elif reference.kind == "library":
                name = models.canonical(reference.name)
                if models.worker_kind(name) is None and name not in _HARMLESS:
                    return None
                lines.append([name])
                direct.append(name)
            else:
                return None
        return _merged(cls, [*lines, direct])

    def _follow(
        self, order: Sequence[ClassKey | str], start: int, seen: frozenset[int]
    ) -> tuple[ClassKey, bool] | None:
        """Run the first __init__ from `start` on; None where it reaches the library's."""
        for index in range(start, len(order)):
            cls = order[index]
            if isinstance(cls, str):
                if models.worker_kind(cls) is not None:
                    return None
                continue
            if index in seen:
                return None
            functions = self._program.modules[cls[0]].functions
            init = functions.get(f"{cls[1]}.__init__")
            if init is not None:
                return None if self._goes_on(order, index, init, seen | {index}) else (cls, False)
            if self._is_written(cls):
                hook = functions.get(f"{cls[1]}.__post_init__")
                if hook is None or not self._goes_on(order, index, hook, seen | {index}):
                    return cls, True
                return None
        return None

    def _is_written(self, cls: ClassKey) -> bool:
        """Does dataclass write the __init__ of the class?"""
        definition = self._program.classes.definition(cls)
        assert definition is not None
        for decorator in self._program.class_decorators.get(definition, ()):
            given = decorator.keyword("init") if isinstance(decorator, ir.Call) else None
            return given is None
        return False

    def _goes_on(self, order: Sequence[ClassKey | str], index: int, init: ir.Function, seen: frozenset[int]) -> bool:
        """Does the method, or one of the functions that it calls, call the __init__ of a base that goes on?"""
        cls = order[index]
        assert isinstance(cls, tuple)
        for module, scope in self._program.closure((cls[0], init.scope)):
            function = self._program.modules[module].functions.get(scope)
            if function is None or (function.name == "__init__" and function is not init):
                continue  # the __init__ of another class is followed where it is called for this object
            for node in ir.walk(function):
                if isinstance(node, ir.Call) and isinstance(node.func, ir.Attribute) and node.func.attr == "__init__":
                    if self._reaches(order, index, node.func.value, module, scope, seen):
                        return True
                elif isinstance(node, ir.Call) and _is_unclear(node):
                    return True
        return False

    def _reaches(
        self,
        order: Sequence[ClassKey | str],
        index: int,
        receiver: ir.Expression,
        module: str,
        scope: str,
        seen: frozenset[int],
    ) -> bool:
        """Does `receiver.__init__(…)` reach the library's?"""
        if is_super(receiver):
            function = self._program.modules[module].functions.get(scope)
            owner = None if function is None else self._owner(function, module)
            at = order.index((module, owner)) if owner is not None and (module, owner) in order else index
            return self._follow(order, at + 1, seen) is None
        references = self._program.names[module].resolve(receiver, scope)
        if not references:
            return True
        for reference in references:
            if reference.kind == "library":
                if models.worker_kind(models.canonical(reference.name)) is not None:
                    return True
                if models.canonical(reference.name) not in _HARMLESS:
                    return True
            elif reference.kind == "class":
                key = (reference.module, reference.name)
                if key in order and self._follow(order, order.index(key), seen) is None:
                    return True
            else:
                return True
        return False

    def _owner(self, function: ir.Function, module: str) -> str | None:
        """The class in whose method the function stands."""
        current: ir.Function | None = function
        while current is not None and current.owner is None:
            current = None if current.parent is None else self._program.modules[module].functions.get(current.parent)
        return None if current is None else current.owner


def _undecorated(decorator: ir.Expression) -> ir.Expression:
    return decorator.func if isinstance(decorator, ir.Call) else decorator


def _is_unclear(call: ir.Call) -> bool:
    """May it call the __init__ of a base in a way that can't be seen?"""
    texts = [a.value for a in call.args if isinstance(a, ir.Constant)]
    return isinstance(call.func, ir.Name) and call.func.id == "getattr" and "__init__" in texts


def _merged(cls: ClassKey, lines: list[list[ClassKey | str]]) -> Sequence[ClassKey | str] | None:
    """The C3 merge of the orders of the bases; None where there is none."""
    if len(lines) == 2:  # a single base, and the list of it
        return [cls, *lines[0]]
    order: list[ClassKey | str] = [cls]
    lines = [list(line) for line in lines if line]
    while lines:
        head = next((line[0] for line in lines if not any(line[0] in other[1:] for other in lines)), None)
        if head is None:
            return None
        order.append(head)
        lines = [rest for line in lines if (rest := [c for c in line if c != head])]
    return order
