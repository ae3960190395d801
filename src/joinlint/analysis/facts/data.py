"""Plain data: what of an expression's value is known without running it."""

from __future__ import annotations

from joinlint.analysis.facts.origins import Origin, Origins, is_wrapped
from joinlint.program import ir
from joinlint.program.index import Program
from joinlint.program.names import ClassKey, Reference
from joinlint.records import by_value

NONE = "none"
TEXT = "text"
NUMBER = "number"
CONTAINER = "container"
PAIRS = "pairs"
MAPPING = "mapping"
GENERATOR = "generator"
COROUTINE = "coroutine"
OBJECT = "object"
ARITHMETIC = "arithmetic"


@by_value
class Data:
    """What a value is: `kind` is one of the constants above, `words` name it in a message."""

    kind: str
    words: str

    @property
    def is_iterable(self) -> bool:
        return self.kind in {TEXT, CONTAINER, PAIRS, MAPPING, GENERATOR}


class DataTypes:
    """Tells what is plain data and what kind of it."""

    def __init__(self, program: Program, origins: Origins) -> None:
        self._program = program
        self._origins = origins
        self._active: set[ir.Function] = set()
        self._asked: set[Origin] = set()

    def of(self, place: Origin) -> Data | None:
        """What the value is, where all that it may come from is known and of one kind; None where it is not."""
        if place in self._asked:  # `total = total + 1`
            return None
        self._asked.add(place)
        try:
            return self._common([self._leaf(o) for o in self._origins.of(place.expression, place.module, place.scope)])
        finally:
            self._asked.discard(place)

    def _common(self, found: list[Data | None]) -> Data | None:
        known = [d for d in found if d is not None]
        if not known or len(known) != len(found):
            return None
        kinds = {d.kind for d in known}
        if len(kinds) == 1:
            return known[0]
        return Data(CONTAINER, "a container") if kinds <= {CONTAINER, PAIRS} else None

    def of_call(self, place: Origin) -> Data | None:
        """What a call gives that can't be called itself; None where it may give a callable."""
        call = place.expression
        assert isinstance(call, ir.Call)
        dotted = self._program.names[place.module].dotted(call.func, place.scope)
        if dotted:
            return self._leaf(place)
        functions = self._origins.functions(call.func, place.module, place.scope)
        known = [self._returned(module, function) for module, function in functions]
        return next(iter(known), None) if all(d is not None for d in known) else None

    def _returned(self, module: str, function: ir.Function, depth: int = 0) -> Data | None:
        if is_wrapped(function) or self._is_stub(module, function) or depth > 3 or function in self._active:
            return None
        if function.is_async:
            return Data(GENERATOR, "a generator") if function.is_generator else Data(COROUTINE, "a coroutine")
        if function.is_generator:
            return Data(GENERATOR, "a generator")
        if function.owner is not None:
            for other, scope in self._program.classes.subclasses((module, function.owner)):
                override = self._program.modules[other].functions.get(f"{scope}.{function.name}")
                if override is not None and self._returned(other, override, depth + 1) is None:
                    return None
        values = [n.value for n in ir.walk_own(function.body) if isinstance(n, ir.Return)]
        given = [v for v in values if v is not None]
        self._active.add(function)
        known = [self._any_data(Origin(v, module, function.scope)) for v in given]
        self._active.discard(function)
        if not all(d is not None for d in known):
            return None
        first = next((d for d in known if d is not None and d.kind != NONE), None)
        return first if first is not None else _NONE

    def _any_data(self, place: Origin) -> Data | None:
        """Some kind of data, whatever the path."""
        found = [self._leaf(o) for o in self._origins.of(place.expression, place.module, place.scope)]
        return found[0] if all(d is not None and d.kind != OBJECT for d in found) else None

    def _is_stub(self, module: str, function: ir.Function) -> bool:
        """Is it there to be overridden, or for its exception?"""
        if self._program.never_returns(module, function.scope) or self._program.is_abstract(module, function):
            return not any(isinstance(n, ir.Call) for n in ir.walk_own(function.body))
        return function.owner is not None and not any(
            isinstance(n, (ir.Call, ir.Assign, ir.AugmentedAssign, ir.Return)) for n in ir.walk_own(function.body)
        )

    # --- expressions
    # -----------------------------------------------------------------------------------------------------------

    def _leaf(self, origin: Origin) -> Data | None:
        match origin.expression:
            case ir.Constant(value=value):
                return _constant(value)
            case ir.Text():
                return _TEXT
            case ir.Display(kind=kind, items=items):
                pairs = all(isinstance(i, ir.Display) and len(i.items) == 2 for i in items) and kind != "set"
                return Data(PAIRS if pairs else CONTAINER, f"a {kind}")
            case ir.DictDisplay():
                return Data(MAPPING, "a dict")
            case ir.Comprehension(kind="generator"):
                return Data(GENERATOR, "a generator")
            case ir.Comprehension(kind=kind):
                return Data(MAPPING, "a dict") if kind == "dict" else Data(CONTAINER, f"a {kind}")
            case ir.Compare() | ir.Not():
                return _NUMBER
            case ir.BinaryOp():
                return self._binary(origin, origin.expression)
            case ir.Call():
                return self._call(origin, origin.expression)
        return None

    def _binary(self, origin: Origin, node: ir.BinaryOp) -> Data | None:
        sides = [self.of(Origin(side, origin.module, origin.scope)) for side in (node.left, node.right)]
        left, right = (None if side is None else side.kind for side in sides)
        if left == TEXT and node.op in {"Modulo", "Add", "Multiply"}:
            return _TEXT
        if right == TEXT and node.op == "Add":
            return _TEXT
        if NUMBER in (left, right) and node.op in {"Add", "Subtract", "Divide", "FloorDivide", "Power", "Modulo"}:
            return _NUMBER
        if left == right == NUMBER and node.op == "Multiply":
            return _NUMBER
        if node.op in {"Add", "Subtract", "Multiply", "Divide", "FloorDivide", "Power", "Modulo"}:
            return Data(ARITHMETIC, "the result of arithmetic")
        return None

    def _call(self, origin: Origin, call: ir.Call) -> Data | None:
        names = self._program.names[origin.module]
        dotted = names.dotted(call.func, origin.scope)
        if dotted:
            found = [_LIBRARY.get(d) for d in dotted]
            return found[0] if all(d is not None for d in found) else None
        if isinstance(call.func, ir.Attribute) and call.func.attr in _METHODS_OF_TEXT:
            base = self.of(Origin(call.func.value, origin.module, origin.scope))
            return _TEXT if base is not None and base.kind == TEXT else None
        references = names.resolve(call.func, origin.scope)
        if references and all(r.kind == "class" for r in references):
            return self._object(references)
        functions = [(r.module, f) for r in references if (f := self._program.function(r)) is not None]
        if not functions or len(functions) != len(references):
            return None
        return self._common([self._returned(module, function) for module, function in functions])

    def _object(self, references: tuple[Reference, ...]) -> Data | None:
        """An object of a project class that can be seen not to be iterable."""
        for reference in references:
            cls = (reference.module, reference.name)
            if self._is_iterable(cls):
                return None
        return Data(OBJECT, f"an object of {next(iter(references)).name.rpartition('.')[2]}")

    def _is_iterable(self, cls: ClassKey) -> bool:
        classes = self._program.classes
        known = classes.definition(cls)
        return (
            known is None
            or classes.has_unknown_base(cls)
            or bool(known.keywords)
            or any(classes.method(cls, name) is not None for name in ("__iter__", "__getitem__", "__new__"))
        )


_NONE, _TEXT, _NUMBER = Data(NONE, "None"), Data(TEXT, "a str"), Data(NUMBER, "a number")
_METHODS_OF_TEXT = frozenset({"format", "join", "strip", "lower", "upper", "replace", "rstrip", "lstrip", "title"})


def _constant(value: object) -> Data | None:
    if value is None:
        return _NONE
    if isinstance(value, str):
        return _TEXT
    if isinstance(value, bytes):
        return Data(TEXT, "a bytes object")
    return _NUMBER if isinstance(value, (bool, int, float, complex)) else None


def _table(data: Data, prefix: str, names: str) -> dict[str, Data]:
    return {f"{prefix}.{name}": data for name in names.split()}


_SYNCHRONISERS = "Queue JoinableQueue SimpleQueue Lock RLock Event Condition Semaphore BoundedSemaphore Barrier"

# What library calls give that is neither callable nor, but for the containers and texts, iterable.
_LIBRARY: dict[str, Data] = {
    **_table(_NUMBER, "builtins", "int float complex len abs round sum ord hash id bool isinstance issubclass"),
    **_table(_NUMBER, "builtins", "callable hasattr any all divmod pow"),
    **_table(_TEXT, "builtins", "str repr ascii input format chr hex bin oct"),
    **_table(_NONE, "builtins", "print setattr delattr"),
    **_table(Data(CONTAINER, "a list"), "builtins", "list sorted"),
    **_table(Data(CONTAINER, "a tuple"), "builtins", "tuple"),
    **_table(Data(CONTAINER, "a set"), "builtins", "set frozenset"),
    **_table(Data(MAPPING, "a dict"), "builtins", "dict"),
    **_table(Data(CONTAINER, "a range"), "builtins", "range"),
    **_table(Data(GENERATOR, "an iterator"), "builtins", "zip enumerate reversed"),
    **_table(_NONE, "time", "sleep"),
    **_table(_NUMBER, "time", "time monotonic perf_counter time_ns monotonic_ns perf_counter_ns"),
    **_table(_NUMBER, "random", "randint random uniform randrange gauss"),
    **_table(_NUMBER, "os", "getpid getppid cpu_count system"),
    **_table(_TEXT, "os", "getcwd"),
    **_table(_TEXT, "os.path", "join basename dirname abspath realpath expanduser normpath"),
    **_table(_NUMBER, "subprocess", "call check_call"),
    **_table(Data(OBJECT, "a CompletedProcess"), "subprocess", "run"),
    **_table(_NUMBER, "multiprocessing", "cpu_count"),
    **{f"multiprocessing.{n}": Data(OBJECT, f"a multiprocessing {n}") for n in _SYNCHRONISERS.split()},
    **{f"threading.{n}": Data(OBJECT, f"a threading {n}") for n in _SYNCHRONISERS.split()[3:]},
    **{f"queue.{n}": Data(OBJECT, f"a queue.{n}") for n in ("Queue", "LifoQueue", "PriorityQueue", "SimpleQueue")},
    **_table(Data(OBJECT, "a multiprocessing Value"), "multiprocessing", "Value"),
}  # fmt: skip
