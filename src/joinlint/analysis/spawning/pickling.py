"""What can't be pickled of what is handed to processes, and what can't be shared with the tasks of a pool."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from joinlint.analysis.facts.handed_over import LOST, NOT_FOUND, SHARED, Handed, Reason, handed_over, partial_arguments
from joinlint.analysis.facts.origins import Origin, Origins
from joinlint.analysis.facts.start_methods import StartMethods
from joinlint.analysis.facts.submissions import CONSTRUCTOR, INITIALIZER, Submission
from joinlint.analysis.spawning.main_guards import is_main_of_package
from joinlint.analysis.spawning.object_state import ObjectStates, guarded_functions
from joinlint.program import ir, models, pickle_limits
from joinlint.program.index import Program
from joinlint.program.names import ClassKey, Reference
from joinlint.records import by_value


@by_value
class Unpicklable:
    """A submission with what can't be handed over, and in which role it is given: "target", "function", …"""

    submission: Submission
    role: str
    reason: Reason


class Pickling:
    """Looks at the submissions of one program."""

    def __init__(self, program: Program, origins: Origins, methods: StartMethods) -> None:
        self._program = program
        self._origins = origins
        self._methods = methods
        self._guarded_functions: dict[str, frozenset[str]] = {}
        self._states = ObjectStates(program, origins, self._field_reason)

    # --- JL203
    # ---------------------------------------------------------------------------------------------------------------

    def unpicklable(self, submission: Submission) -> Unpicklable | None:
        """The first thing in the submission that keeps it from reaching the child."""
        if not submission.is_for_process or self._methods.pickles_by_value(submission):
            return None
        found = next(self._problems(submission), None)
        if found is None or (not submission.is_task and self._methods.is_plainly_fork(submission)):
            return None
        if found.reason.kind == NOT_FOUND and self._methods.is_plainly_fork(submission):
            return None
        return found

    def _problems(self, submission: Submission) -> Iterator[Unpicklable]:
        if submission.function is not None:
            role = {CONSTRUCTOR: "target", INITIALIZER: "initializer"}.get(submission.method, "function")
            reason = self._function_reason(submission, submission.function)
            if reason is not None:
                yield Unpicklable(submission, role, reason)
        if submission.cls is not None and submission.method == CONSTRUCTOR:
            reason = self._states.of_class(submission.cls) or self._class_not_found(submission.cls)
            if reason is not None:
                yield Unpicklable(submission, "process", reason)
        for handed in handed_over(submission, self._program, self._origins):
            if submission.is_task and self._shared(handed.origins) is not None:
                continue  # JL206
            reason = self._common_reason(handed.origins)
            if reason is None and handed.is_inline and submission.method == CONSTRUCTOR:
                reason = self._lost(handed)
            if reason is not None:
                yield Unpicklable(submission, "argument", reason)

    def _function_reason(self, submission: Submission, function: ir.Expression) -> Reason | None:
        places = self._origins.of(function, submission.module, submission.scope)
        places = tuple(self._unwrapped(place) for place in places)
        reason = self._common_reason(places)
        if reason is not None:
            return reason
        for place in places:
            if isinstance(place.expression, ir.Attribute) and submission.owner is None:
                reason = self._states.of_receiver(submission, place) or self._states.of_started(submission, place)
                if reason is not None:
                    return reason
        return self._not_found(submission, places)

    def _unwrapped(self, place: Origin) -> Origin:
        """The function inside of a partial."""
        seen = {place}
        while inner := partial_arguments(place, self._program):
            place = self._origins.of(inner[0], place.module, place.scope)[0]
            if place in seen:  # `f = partial(f, 1)` in a loop
                break
            seen.add(place)
        return place

    def _common_reason(self, origins: tuple[Origin, ...]) -> Reason | None:
        """Why none of these can be pickled; None where one may be."""
        given = [o for o in origins if not (isinstance(o.expression, ir.Constant) and o.expression.value is None)]
        reasons = [self.reason(o) for o in given]
        return reasons[0] if reasons and all(r is not None for r in reasons) else None

    def _lost(self, handed: Handed) -> Reason | None:
        """A lock or queue that is made among the arguments and held by nothing else."""
        (origin,) = handed.origins
        name = self._shared_name(origin)
        if name is None or name in {"RawValue", "RawArray", "Pool"}:
            return None
        return Reason(f"this {name}, made in the arguments themselves", kind=LOST)

    def _not_found(self, submission: Submission, places: tuple[Origin, ...]) -> Reason | None:
        """A function that exists in the parent's main module alone."""
        for place in places:
            for reference in self._program.names[place.module].resolve(place.expression, place.scope):
                function = self._program.function(reference)
                if function is None:
                    continue
                if (main := self._main(reference.module)) is not None:
                    words = f"`{function.name}`, which is defined in {main}"
                    return Reason(words, function.where, NOT_FOUND)
                if function.scope in self._guarded(reference.module):
                    words = f"`{function.name}`, which is defined under the main guard"
                    return Reason(words, function.where, NOT_FOUND)
        return None

    def _class_not_found(self, cls: ClassKey) -> Reason | None:
        definition = self._program.classes.definition(cls)
        if definition is None or (main := self._main(cls[0])) is None:
            return None
        return Reason(f"`{definition.name}`, which is defined in {main}", definition.where, NOT_FOUND)

    def _main(self, module: str) -> str | None:
        """Words for a main module that the child does not import; None for any other module."""
        known = self._program.modules[module]
        if known.is_notebook:
            return "a notebook"
        return "`__main__.py`" if is_main_of_package(known) else None

    def _guarded(self, module: str) -> frozenset[str]:
        """The functions that are defined under the main guard alone."""
        if module not in self._guarded_functions:
            self._guarded_functions[module] = guarded_functions(self._program.modules[module])
        return self._guarded_functions[module]

    # --- JL206
    # ---------------------------------------------------------------------------------------------------------------

    def shared_in_task(self, submission: Submission) -> Reason | None:
        """A queue, lock or pool among the arguments of a task."""
        if not submission.is_for_process or not submission.is_task:
            return None
        found = (self._shared(h.origins) for h in handed_over(submission, self._program, self._origins))
        return next((reason for reason in found if reason is not None), None)

    def _shared(self, origins: tuple[Origin, ...]) -> Reason | None:
        """What all of these are, if it is something that is shared through inheritance only."""
        given = [o for o in origins if not isinstance(o.expression, ir.Constant)]
        names = [self._shared_name(o) for o in given]
        if not names or any(n is None for n in names):
            return None
        expression = given[0].expression
        where = expression.where if isinstance(expression, ir.Call) else None
        return Reason(f"a multiprocessing {names[0]}", where, SHARED)

    def _shared_name(self, origin: Origin) -> str | None:
        """The name of what multiprocessing only hands over while it starts a process."""
        call = origin.expression
        if not isinstance(call, ir.Call):
            return None
        for dotted in sorted(self._program.names[origin.module].dotted(call.func, origin.scope)):
            head, _, last = dotted.rpartition(".")
            if head.split(".")[0] == "multiprocessing" and last in pickle_limits.SHARED_BY_INHERITANCE:
                lock = call.keyword("lock")
                if last in {"Value", "Array"} and isinstance(lock, ir.Constant) and lock.value is False:
                    return f"Raw{last}"
                return last
        return None

    # --- single objects
    # ------------------------------------------------------------------------------------------------------

    def reason(self, origin: Origin) -> Reason | None:
        """Why the object can't be pickled; None where it may be."""
        match origin.expression:
            case ir.Lambda(function=function):
                return Reason("a lambda", function.where)
            case ir.Comprehension(kind="generator", where=where):
                return Reason("a generator", where)
            case ir.Name(id=name):
                return self._name_reason(origin, name)
            case ir.Attribute():
                return self._attribute_reason(origin, origin.expression)
            case ir.Call():
                return self._call_reason(origin, origin.expression)
        return None

    def _field_reason(self, origin: Origin, is_task: bool) -> Reason | None:
        """Why the object in a field can't be pickled, with a process or, if `is_task`, with a task."""
        return self.reason(origin) or (self._shared((origin,)) if is_task else None)

    def _name_reason(self, origin: Origin, name: str) -> Reason | None:
        names = self._program.names[origin.module]
        bindings = names.bindings(name, origin.scope)
        if bindings and all(b.kind == "import" and "." not in b.name and b.name for b in bindings):
            if not any(r.kind != "library" for r in names.resolve(origin.expression, origin.scope)):
                return Reason(f"the module `{name}`")
        references = names.resolve(origin.expression, origin.scope)
        reasons = [self._reference_reason(r, origin) for r in references]
        return reasons[0] if reasons and all(r is not None for r in reasons) else None

    def _reference_reason(self, reference: Reference, origin: Origin) -> Reason | None:
        if reference.kind == "function":
            function = self._program.function(reference)
            return None if function is None else self._nested_function(reference.module, function)
        if reference.kind == "class":
            return self._nested_class(reference)
        if reference.kind == "instance":
            return self._states.of_class((reference.module, reference.name))
        return None

    def _nested_function(self, module: str, function: ir.Function) -> Reason | None:
        if function.owner is not None:
            return self._nested_class(Reference("class", function.owner, module))
        outside = None if function.parent is None else self._program.modules[module].functions.get(function.parent)
        if outside is None or function.decorators or function.name not in outside.bound:
            return None
        return Reason(f"`{function.name}`, a function inside of `{outside.name}`", function.where)

    def _nested_class(self, reference: Reference) -> Reason | None:
        definition = self._program.classes.definition((reference.module, reference.name))
        if definition is None or definition.parent is None:
            return None
        outside = self._program.modules[reference.module].functions.get(definition.parent)
        if outside is None or self._program.class_decorators.get(definition) or definition.keywords:
            return None
        if definition.name not in outside.bound and "." not in definition.scope.rpartition("<locals>.")[2]:
            return None  # declared global
        return Reason(f"an object of `{definition.name}`, a class inside of `{outside.name}`", definition.where)

    def _attribute_reason(self, origin: Origin, node: ir.Attribute) -> Reason | None:
        names = self._program.names[origin.module]
        if names.dotted(node, origin.scope) & {"sys.stdout", "sys.stderr", "sys.stdin"}:
            return Reason(f"the open file sys.{node.attr}")
        references = names.resolve(node, origin.scope)
        functions = [(r.module, f) for r in references if (f := self._program.function(r)) is not None]
        reasons = [self._nested_function(m, f) for m, f in functions if f.owner is not None]
        if not reasons or len(reasons) != len(references) or not all(r is not None for r in reasons):
            return None
        first = reasons[0]
        return None if first is None else replace(first, words=first.words.replace("an object of", "a method of", 1))

    def _call_reason(self, origin: Origin, call: ir.Call) -> Reason | None:
        names = self._program.names[origin.module]
        kinds = self._program.kinds_made(call, origin.module, origin.scope)
        for kind in kinds:
            cls = kinds[kind]
            if kind in _WORKERS and (cls is None or (kind == models.THREAD and self._states.is_thread(cls))):
                return Reason(_WORKERS[kind], call.where)
        found = {
            pickle_limits.UNPICKLABLE[d]
            for d in names.dotted(call.func, origin.scope)
            if d in pickle_limits.UNPICKLABLE
        }
        if found:
            return Reason(min(found), call.where)
        references = names.resolve(call.func, origin.scope)
        if references and all(r.kind == "class" for r in references):
            reasons = [self._nested_class(r) or self._states.of_class((r.module, r.name)) for r in references]
            return reasons[0] if all(r is not None for r in reasons) else None
        functions = [f for r in references if (f := self._program.function(r)) is not None]
        if functions and len(functions) == len(references) and not any(f.decorators for f in functions):
            if all(f.is_generator for f in functions):
                return Reason(f"a generator of `{functions[0].name}`", functions[0].where)
            if all(f.is_async for f in functions):
                return Reason(f"a coroutine of `{functions[0].name}`", functions[0].where)
        return None


_WORKERS = {
    models.POOL: "a Pool",
    models.THREAD_POOL: "a ThreadPool",
    models.EXECUTOR: "an executor",
    models.THREAD_EXECUTOR: "an executor",
    models.MANAGER: "a Manager",
    models.THREAD: "a thread",
}
