"""What an object keeps on itself when its bound method, or the object itself, is handed to a process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from joinlint import limits
from joinlint.analysis.facts.handed_over import Reason
from joinlint.analysis.facts.nesting import Step, blocks_of, run_before, unconditional, way_to
from joinlint.analysis.facts.origins import Origin, Origins
from joinlint.analysis.facts.submissions import CONSTRUCTOR, Submission
from joinlint.program import ir, models
from joinlint.program.guards import guards
from joinlint.program.index import Program
from joinlint.program.names import ClassKey

_CUSTOM_PICKLING = ("__getstate__", "__reduce__", "__reduce_ex__", "__getnewargs__", "__getnewargs_ex__", "__copyreg__")
_PLAIN_BASES = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"})


Stored = tuple[ir.Statement, ir.Function, str]  # a statement, with the function and the module that it is in


class ObjectStates:
    """Asks for the fields of objects; `reason` says why a value can't be pickled, with a process or with a task."""

    def __init__(self, program: Program, origins: Origins, reason: Callable[[Origin, bool], Reason | None]) -> None:
        self._program = program
        self._origins = origins
        self._reason = reason
        self._depth = 0
        self._of_class: dict[tuple[ClassKey, bool], Reason | None] = {}

    # --- whole objects
    # -----------------------------------------------------------------------------------------------------------

    def of_class(self, cls: ClassKey, is_task: bool = False) -> Reason | None:
        """Why an object of the class can't be pickled once it is constructed."""
        key = (cls, is_task)
        if key not in self._of_class:
            if self._depth > limits.OBJECT_DEPTH:
                return None
            self._of_class[key] = None
            self._depth += 1
            try:
                self._of_class[key] = self._constructed(cls, is_task)
            finally:
                self._depth -= 1
        return self._of_class[key]

    def _constructed(self, cls: ClassKey, is_task: bool) -> Reason | None:
        init = self._program.classes.method(cls, "__init__")
        if init is None or not self._is_pickled_whole(cls):
            return None
        return self._first_bad(cls, self._statements(cls, *init), is_task)

    def _is_pickled_whole(self, cls: ClassKey) -> bool:
        """Is an object of the class pickled with all its fields?"""
        classes = self._program.classes
        if self._pickles_itself(cls):
            return False
        for current in (cls, *classes.bases(cls)):
            definition = classes.definition(current)
            if definition is None or definition.keywords:
                return False
            for base in definition.bases:
                plain = base.value if isinstance(base, ir.Subscript) else base  # Generic[T]
                references = self._program.names[current[0]].resolve(plain, definition.parent or ir.MODULE_SCOPE)
                names = {models.canonical(r.name) for r in references if r.kind == "library"}
                if not references or any(
                    n not in _PLAIN_BASES and models.worker_kind(n) != models.PROCESS for n in names
                ):
                    return False
        return True

    def _pickles_itself(self, cls: ClassKey) -> bool:
        """Does the class, a base or one derived from it say what is pickled of an object?"""
        classes = self._program.classes
        family = (cls, *classes.bases(cls), *classes.subclasses(cls))
        return any(f"{s}.{name}" in self._program.modules[m].functions for m, s in family for name in _CUSTOM_PICKLING)

    def is_thread(self, cls: ClassKey) -> bool:
        """Is an object of the class a thread, and pickled with all its fields?"""
        bases = self._program.classes.library_bases(cls)
        return any(models.worker_kind(b) == models.THREAD for b in bases) and not self._pickles_itself(cls)

    def _statements(self, cls: ClassKey, module: str, function: ir.Function, depth: int = 0) -> Iterator[Stored]:
        """The statements that run whenever the method does, those of its own methods that it calls included."""
        for statement in unconditional(function.body):
            yield from self._with_callees(cls, (statement, function, module), depth)

    def _with_callees(self, cls: ClassKey, stored: Stored, depth: int) -> Iterator[Stored]:
        statement, function, module = stored
        yield stored
        if depth > 1 or not isinstance(statement, ir.Evaluate) or not isinstance(statement.value, ir.Call):
            return
        names = self._program.names[module]
        for key in self._program.called(statement.value.func, module, function.scope, names):
            callee = self._program.modules[key[0]].functions[key[1]]
            if callee.owner is not None and (key[0], callee.owner) in {cls, *self._program.classes.bases(cls)}:
                yield from self._statements(cls, key[0], callee, depth + 1)

    def _first_bad(self, cls: ClassKey, statements: Iterable[Stored], is_task: bool) -> Reason | None:
        """The field that can't be pickled, of those that the statements leave behind."""
        kept: dict[str, Reason | None] = {}
        for statement, function, module in statements:
            for attr, value in _stored(statement, function):
                place = None if value is None else Origin(value, module, function.scope)
                kept[attr] = None if place is None else self._field_reason(cls, attr, place, is_task)
        return next((reason for reason in kept.values() if reason is not None), None)

    def _field_reason(self, cls: ClassKey, attr: str, value: Origin, is_task: bool) -> Reason | None:
        found = self._origins.of(value.expression, value.module, value.scope)
        reasons = [self._reason(o, is_task) for o in found]
        if not reasons or not all(r is not None for r in reasons):
            return None
        first = reasons[0]
        assert first is not None
        where = getattr(value.expression, "where", None) or first.where
        words = f"an object of `{cls[1].rpartition('.')[2]}`, which keeps {first.words} in `self.{attr}`"
        return Reason(words, where, first.kind)

    # --- bound methods
    # -----------------------------------------------------------------------------------------------------------

    def of_receiver(self, submission: Submission, place: Origin) -> Reason | None:
        """Why the object of a bound method can't be pickled when the method is submitted."""
        assert isinstance(place.expression, ir.Attribute)
        receiver = place.expression.value
        names = self._program.names[place.module]
        references = names.resolve(place.expression, place.scope)
        functions = [f for r in references if (f := self._program.function(r)) is not None]
        if not functions or any(f.owner is None or f.decorators for f in functions):
            return None  # a static or class method takes no object along
        objects = [r for r in names.resolve(receiver, place.scope) if r.kind == "instance"]
        if not objects or len(objects) != len(names.resolve(receiver, place.scope)):
            return None
        cls = (objects[0].module, objects[0].name)
        if not self._is_self(receiver, place):
            return self.of_class(cls, submission.is_task)
        if self.is_thread(cls):
            return Reason(f"an object of `{cls[1].rpartition('.')[2]}`, which is a thread")
        return self._of_self(submission, cls) if self._is_pickled_whole(cls) else None

    def _is_self(self, receiver: ir.Expression, place: Origin) -> bool:
        function = self._program.modules[place.module].functions.get(place.scope)
        while function is not None and function.owner is None:
            function = self._program.modules[place.module].functions.get(function.parent or "")
        if function is None or not function.parameters or not isinstance(receiver, ir.Name):
            return False
        return receiver.id == function.parameters[0].name

    def _of_self(self, submission: Submission, cls: ClassKey) -> Reason | None:
        """`self` as it is when the method comes to the submission."""
        here = self._program.modules[submission.module].functions.get(submission.scope)
        if here is None:
            return None
        statements: list[Stored] = []
        init = self._program.classes.method(cls, "__init__")
        is_init = init is not None and init[1] is here
        if init is not None and not (is_init and (submission.is_task or _starts_itself(here))):
            statements += self._statements(cls, *init)
        if not is_init or submission.is_task or _starts_itself(here):
            for statement in run_before(way_to(here.body, submission.call)):
                statements += self._with_callees(cls, (statement, here, submission.module), 0)
        return self._first_bad(cls, statements, submission.is_task)

    # --- processes kept on self
    # ---------------------------------------------------------------------------------------------------

    def of_started(self, submission: Submission, place: Origin) -> Reason | None:
        """Processes that `self` keeps and that are running when the next one is started with a method of it."""
        assert isinstance(place.expression, ir.Attribute)
        here = self._program.modules[submission.module].functions.get(submission.scope)
        if submission.kind != models.PROCESS or submission.method != CONSTRUCTOR or submission.owner is not None:
            return None
        if here is None or here.owner is None or not self._is_self(place.expression.value, place):
            return None
        cls = (submission.module, here.owner)
        if not self._is_pickled_whole(cls):
            return None
        attr = _kept_in_list(submission.call, here)
        if attr is None:
            return None
        owner = here.owner.rpartition(".")[2]
        return Reason(f"an object of `{owner}`, which keeps the processes started before in `self.{attr}`")


def guarded_functions(module: ir.Module) -> frozenset[str]:
    """The functions of the module that are defined under the main guard alone."""
    defined = list(_defined(module.body, False))
    elsewhere = {function.name for function, is_guarded in defined if not is_guarded}
    return frozenset(f.scope for f, is_guarded in defined if is_guarded and f.name not in elsewhere)


def _defined(block: ir.Block, is_guarded: bool) -> Iterator[tuple[ir.Function, bool]]:
    """The functions that the block defines, each with whether that is under the guard."""
    for statement in block:
        if isinstance(statement, ir.FunctionDef):
            yield statement.function, is_guarded
        is_guard = isinstance(statement, ir.If) and guards(statement.test)
        for branch, inner in blocks_of(statement):
            if branch != "class":
                yield from _defined(inner, is_guarded or (is_guard and branch == "body"))


def _stored(statement: ir.Statement, function: ir.Function) -> Iterator[tuple[str, ir.Expression | None]]:
    """The fields of `self` that the statement sets, with their values; None for one that is deleted."""
    if not function.parameters:
        return
    me = function.parameters[0].name
    if isinstance(statement, ir.Assign):
        for target in statement.targets:
            if _is_field(target, me):
                assert isinstance(target, ir.Attribute)
                yield target.attr, statement.value
    elif isinstance(statement, ir.Delete):
        for target in statement.targets:
            if _is_field(target, me):
                assert isinstance(target, ir.Attribute)
                yield target.attr, None


def _is_field(target: ir.Expression, me: str) -> bool:
    return isinstance(target, ir.Attribute) and isinstance(target.value, ir.Name) and target.value.id == me


def _starts_itself(function: ir.Function) -> bool:
    """Is there a start() in the function?"""
    return any(
        isinstance(n, ir.Call) and isinstance(n.func, ir.Attribute) and n.func.attr == "start"
        for n in ir.walk_own(function.body)
    )


def _kept_in_list(call: ir.Call, function: ir.Function) -> str | None:
    """The field of `self` in whose container a loop, or a comprehension, puts the process that the call makes."""
    me = function.parameters[0].name if function.parameters else ""
    way = way_to(function.body, call)
    names = {
        t.id
        for statement in (s.statement for s in way)
        if isinstance(statement, ir.Assign) and statement.value is call
        for t in statement.targets
        if isinstance(t, ir.Name)
    }
    last: Step | None = way[-1] if way else None
    if last is not None and isinstance(last.statement, ir.Assign):
        value = last.statement.value
        if isinstance(value, ir.Comprehension) and value.element is call:
            return next(
                (t.attr for t in last.statement.targets if _is_field(t, me) and isinstance(t, ir.Attribute)), None
            )
    loop = next((s.statement for s in reversed(way) if isinstance(s.statement, (ir.For, ir.While)) and s.branch), None)
    if loop is None:
        return None
    for node in ir.walk_own(loop.body):
        match node:
            case ir.Call(func=ir.Attribute(value=ir.Attribute() as field, attr="append"), args=(value,)):
                if _is_field(field, me) and (value is call or (isinstance(value, ir.Name) and value.id in names)):
                    return field.attr
            case ir.Assign(targets=(ir.Subscript(value=ir.Attribute() as field),), value=value):
                if _is_field(field, me) and (value is call or (isinstance(value, ir.Name) and value.id in names)):
                    return field.attr
    return None
