"""What is handed to workers: one view of the constructors of processes, threads and pools and of the calls that give
them work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from joinlint.analysis.facts.origins import Origin, Origins
from joinlint.program import ir, models
from joinlint.program.call_graph import is_super
from joinlint.program.index import Program
from joinlint.program.names import ClassKey
from joinlint.records import by_identity

CONSTRUCTOR = ""
INITIALIZER = "initializer"

PROCESS_WORKERS = frozenset({models.PROCESS, models.POOL, models.EXECUTOR})
_POOLS = frozenset({models.POOL, models.THREAD_POOL})
_EXECUTORS = frozenset({models.EXECUTOR, models.THREAD_EXECUTOR})
_MAPS = frozenset({"map", "map_async", "imap", "imap_unordered", "starmap", "starmap_async"})
_APPLIES = frozenset({"apply", "apply_async"})


@by_identity
class Submission:
    """A call that hands something to a worker.

    `kind` is the kind of worker; `method` CONSTRUCTOR for a process or thread, INITIALIZER for the constructor of a
    pool or executor that is given one, else the name of the method.  `function` is what the worker is to call, `args`
    and `kwargs` the expressions of its arguments where they are given as one, `single` the arguments that are given
    each by itself, `iterables` those whose elements are arguments.  `first` is what stands where a process or thread
    has its group.  `cls` is the project class that is constructed,
    `owner` the worker class whose __init__ calls its base's here, `makers` the constructors of the pool.
    """

    kind: str
    call: ir.Call
    module: str
    scope: str
    method: str = CONSTRUCTOR
    function: ir.Expression | None = None
    args: ir.Expression | None = None
    kwargs: ir.Expression | None = None
    single: tuple[ir.Expression, ...] = ()
    iterables: tuple[ir.Expression, ...] = ()
    first: ir.Expression | None = None
    is_timer: bool = False
    cls: ClassKey | None = None
    owner: ClassKey | None = None
    makers: tuple[Origin, ...] = ()

    @property
    def is_task(self) -> bool:
        """Is it work for a pool or executor, which is pickled whatever the start method?"""
        return self.method not in {CONSTRUCTOR, INITIALIZER}

    @property
    def is_for_process(self) -> bool:
        return self.kind in PROCESS_WORKERS

    def origin(self, expression: ir.Expression) -> Origin:
        """An expression of the call with the place that it stands in."""
        return Origin(expression, self.module, self.scope)


# Bases of which nothing is made.
_WITHOUT_INIT = frozenset({"builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol"})


class Submissions:
    """Finds them, by module."""

    def __init__(self, program: Program, origins: Origins) -> None:
        self._program = program
        self._origins = origins

    @cached_property
    def by_module(self) -> dict[str, list[Submission]]:
        table: dict[str, list[Submission]] = {}
        for module in self._program.modules.values():
            found = table[module.name] = []
            for scope, _ in self._program.blocks(module):
                for node in self._program.own_nodes(module, scope):
                    if isinstance(node, ir.Call):
                        found.extend(self._of_call(node, module.name, scope))
        return table

    def _of_call(self, call: ir.Call, module: str, scope: str) -> Iterator[Submission]:
        kinds = self._program.kinds_made(call, module, scope)
        if kinds and models.RESULT not in kinds:
            if len(kinds) == 1:
                (kind, cls), *_ = kinds.items()
                yield from self._constructed(call, module, scope, kind, cls)
            return
        if isinstance(call.func, ir.Attribute):
            if call.func.attr == "__init__":
                yield from self._base_init(call, call.func, module, scope)
            elif call.func.attr in _MAPS or call.func.attr in _APPLIES or call.func.attr == "submit":
                yield from self._task(call, call.func.attr, module, scope, call.func.value, call.args)
            elif call.func.attr == "run_in_executor" and len(call.args) > 1:
                yield from self._task(call, "submit", module, scope, call.args[0], call.args[1:])

    # --- constructors
    # --------------------------------------------------------------------------------------------------------

    def _constructed(
        self, call: ir.Call, module: str, scope: str, kind: str, cls: ClassKey | None
    ) -> Iterator[Submission]:
        if kind in {models.PROCESS, models.THREAD}:
            if cls is not None and self._has_own_parameters(cls):
                yield Submission(kind, call, module, scope, cls=cls)  # whose parameters are its own
            else:
                yield _construction(call, module, scope, kind, self._is_timer(call, module, scope, cls), cls)
        elif kind in _POOLS or kind in _EXECUTORS:
            at = 1 if kind in _POOLS else 2
            function, args = call.argument(at, "initializer"), call.argument(at + 1, "initargs")
            if function is not None:
                maker = (Origin(call, module, scope),)
                iterables = () if args is None else (args,)
                yield Submission(
                    kind, call, module, scope, INITIALIZER, function, args, iterables=iterables, makers=maker
                )

    def _has_own_parameters(self, cls: ClassKey) -> bool:
        """Has the class an __init__ of its own that does more than to pass all on, or may a decorator have given it
        one?"""
        classes = self._program.classes
        for module, scope in (cls, *classes.bases(cls)):
            definition = classes.definition((module, scope))
            if definition is not None and self._program.class_decorators.get(definition):
                return True
            init = self._program.modules[module].functions.get(f"{scope}.__init__")
            if init is not None and not _passes_all_on(init):
                return True
        return False

    def _is_timer(self, call: ir.Call, module: str, scope: str, cls: ClassKey | None) -> bool:
        if cls is not None:
            return "threading.Timer" in self._program.classes.library_bases(cls)
        return "threading.Timer" in self._program.names[module].dotted(call.func, scope)

    def _base_init(self, call: ir.Call, func: ir.Attribute, module: str, scope: str) -> Iterator[Submission]:
        """`super().__init__(…)` and `Process.__init__(self, …)` in a class of workers."""
        function = self._program.modules[module].functions.get(scope)
        if function is None or function.owner is None:
            return
        owner = (module, function.owner)
        bases = self._program.classes.library_bases(owner)
        kind = next((k for k in (models.PROCESS, models.THREAD) if k in map(models.worker_kind, bases)), None)
        if kind is None:
            return
        if is_super(func.value):
            if any(
                f"{s}.__init__" in self._program.modules[m].functions for m, s in self._program.classes.bases(owner)
            ):
                return  # those of a class of the project, which may have parameters of its own
            if self._may_have_other_init(owner):
                return
            given = call
        elif any(models.worker_kind(d) == kind for d in self._program.names[module].dotted(func.value, scope)):
            given = ir.Call(call.func, call.args[1:], call.keywords, call.where, call.bracketed)
        else:
            return
        made = _construction(given, module, scope, kind, "threading.Timer" in bases, None)
        yield replace(made, call=call, owner=owner)

    def _may_have_other_init(self, cls: ClassKey) -> bool:
        """Does a class that can't be seen come before that of the workers among the bases?"""
        return self._first_init(cls, {cls}) == "unknown"

    def _first_init(self, cls: ClassKey, seen: set[ClassKey]) -> str:
        """Whose __init__ the bases of the class have to offer first: "worker", "unknown", or nobody's."""
        for references in self._program.classes.declared_bases(cls):
            names = {models.canonical(r.name) for r in references if r.kind == "library"}
            if any(models.worker_kind(name) is not None for name in names):
                return "worker"
            if not references or not names <= _WITHOUT_INIT:
                return "unknown"
            for key in {(r.module, r.name) for r in references if r.kind == "class"} - seen:
                seen.add(key)
                if found := self._first_init(key, seen):
                    return found
        return ""

    # --- tasks
    # ---------------------------------------------------------------------------------------------------------------

    def _task(
        self,
        call: ir.Call,
        method: str,
        module: str,
        scope: str,
        receiver: ir.Expression,
        given: tuple[ir.Expression, ...],
    ) -> Iterator[Submission]:
        makers = self._makers(receiver, module, scope)
        kinds = {kind for _, kind in makers}
        if len(kinds) != 1:
            return
        kind = kinds.pop()
        origins = tuple(maker for maker, _ in makers)
        plain = ir.Call(call.func, given, call.keywords, call.where, call.bracketed)
        if kind in _POOLS and method in _APPLIES:
            function, args, kwargs = plain.argument(0, "func"), plain.argument(1, "args"), plain.argument(2, "kwds")
            iterables = tuple(e for e in (args, kwargs) if e is not None)
            yield Submission(
                kind, call, module, scope, method, function, args, kwargs, iterables=iterables, makers=origins
            )
        elif kind in _POOLS and method in _MAPS:
            iterable = plain.argument(1, "iterable")
            iterables = () if iterable is None else (iterable,)
            yield Submission(
                kind, call, module, scope, method, plain.argument(0, "func"), iterables=iterables, makers=origins
            )
        elif kind in _EXECUTORS and method == "map" and given:
            yield Submission(kind, call, module, scope, method, given[0], iterables=given[1:], makers=origins)
        elif kind in _EXECUTORS and method == "submit" and given:
            single = (*given[1:], *(k.value for k in call.keywords))
            yield Submission(kind, call, module, scope, method, given[0], single=single, makers=origins)

    def _makers(self, receiver: ir.Expression, module: str, scope: str) -> list[tuple[Origin, str]]:
        """The constructors of the pool or executor that the expression stands for, with its kind."""
        found = []
        for origin in self._origins.of(receiver, module, scope):
            if isinstance(origin.expression, ir.Call):
                kinds = self._program.kinds_made(origin.expression, origin.module, origin.scope)
            else:
                kinds = dict.fromkeys(self._annotated(origin))
            found += [(origin, kind) for kind in kinds if kind in _POOLS or kind in _EXECUTORS]
        return found

    def _annotated(self, origin: Origin) -> Iterator[str]:
        """The kinds of worker that a parameter is said to be."""
        function = self._program.modules[origin.module].functions.get(origin.scope)
        if function is None or not isinstance(origin.expression, ir.Name):
            return
        for parameter in function.parameters:
            if parameter.name == origin.expression.id and parameter.annotation is not None:
                names = self._program.names[origin.module]
                for dotted in sorted(names.dotted(parameter.annotation, function.parent or ir.MODULE_SCOPE)):
                    if (kind := models.worker_kind(dotted)) is not None:
                        yield kind


def _passes_all_on(init: ir.Function) -> bool:
    """Is it `def __init__(self, *args, **kwargs)`, and are both passed to the __init__ of a base?"""
    match init.parameters:
        case (_, ir.Parameter(name=args, kind="args"), ir.Parameter(name=kwargs, kind="kwargs")):
            pass
        case _:
            return False
    for node in ir.walk_own(init.body):
        match node:
            case ir.Call(
                func=ir.Attribute(attr="__init__"),
                args=(*_, ir.Starred(value=ir.Name(id=given))),
                keywords=(ir.Keyword(name=None, value=ir.Name(id=named)),),
            ) if (given, named) == (args, kwargs):
                return True
    return False


def _construction(
    call: ir.Call, module: str, scope: str, kind: str, is_timer: bool, cls: ClassKey | None
) -> Submission:
    """Of a process or thread whose parameters are those of the library's class."""
    if is_timer:
        function, args, kwargs = call.argument(1, "function"), call.argument(2, "args"), call.argument(3, "kwargs")
        first = None
    else:
        function, args, kwargs = call.argument(1, "target"), call.argument(3, "args"), call.argument(4, "kwargs")
        first = call.argument(0, "group")
    iterables = tuple(e for e in (args, kwargs) if e is not None)
    made = Submission(kind, call, module, scope, CONSTRUCTOR, function, args, kwargs, iterables=iterables)
    return replace(made, first=first, is_timer=is_timer, cls=cls)
