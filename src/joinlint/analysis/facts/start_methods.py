"""Which start method a worker has, as far as the program says, and which calls set it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from joinlint.analysis.facts.nesting import tests_around, way_to
from joinlint.analysis.facts.origins import Origin, Origins
from joinlint.analysis.facts.submissions import Submission
from joinlint.program import ir, models
from joinlint.program.index import Program
from joinlint.program.names import ClassKey

DEFAULT = "default"
UNKNOWN = "unknown"

_PLATFORM_WORDS = re.compile(
    r"platform|windows|win32|linux|darwin|mac_?os|posix|is_win|on_win|start_method|can_?fork|has_?fork|supports_?fork",
    re.IGNORECASE,
)
# Packages that pickle functions by value (dill, cloudpickle), or always fork.
_PICKLES_BY_VALUE = ("multiprocess.", "pathos.", "loky.", "joblib.")
_ALWAYS_FORKS = ("billiard.",)


class StartMethods:
    """Answers for the submissions of one program."""

    def __init__(self, program: Program, origins: Origins) -> None:
        self._program = program
        self._origins = origins

    def is_plainly_fork(self, submission: Submission) -> bool:
        """Is the child a copy of its parent, so that nothing has to be pickled or imported for it?"""
        if set(self._program.options.start_methods) == {"fork"}:
            return True
        if any(name.startswith(_ALWAYS_FORKS) for name in self._libraries(submission)):
            return True
        methods = set(self._methods(submission))
        if DEFAULT in methods and self._sets_fork & self._program.connected(submission.module):
            methods = methods - {DEFAULT} | {"fork"}
        # Whoever asks for fork, and does without where there is no such thing, means fork.
        return methods - {DEFAULT} == {"fork"} or self._is_for_some_platforms(submission)

    def pickles_by_value(self, submission: Submission) -> bool:
        """Does the library's pickler take functions, lambdas and classes wherever they are defined?"""
        return any(name.startswith(_PICKLES_BY_VALUE) for name in self._libraries(submission))

    # --- libraries
    # -----------------------------------------------------------------------------------------------------------

    def _libraries(self, submission: Submission) -> Iterator[str]:
        """The dotted names, not canonical, of what makes the worker."""
        for maker in submission.makers or (submission.origin(submission.call),):
            if isinstance(maker.expression, ir.Call):
                yield from self._names_of(Origin(maker.expression.func, maker.module, maker.scope))
        if submission.cls is not None:
            for cls in (submission.cls, *self._program.classes.bases(submission.cls)):
                yield from self._names_of_bases(cls)

    def _names_of(self, place: Origin) -> Iterator[str]:
        pending, seen = [place], {place}
        while pending:
            place = pending.pop()
            names = self._program.names[place.module]
            yield from (r.name for r in names.resolve(place.expression, place.scope) if r.kind == "library")
            if isinstance(place.expression, ir.Attribute):
                for origin in self._origins.of(place.expression.value, place.module, place.scope):
                    if isinstance(origin.expression, ir.Call):
                        maker = Origin(origin.expression.func, origin.module, origin.scope)
                        if maker not in seen:  # `pool = pool.with_more()` makes itself
                            seen.add(maker)
                            pending.append(maker)

    def _names_of_bases(self, cls: ClassKey) -> Iterator[str]:
        definition = self._program.classes.definition(cls)
        for base in definition.bases if definition is not None else ():
            assert definition is not None
            yield from self._names_of(Origin(base, cls[0], definition.parent or ir.MODULE_SCOPE))

    # --- contexts
    # ------------------------------------------------------------------------------------------------------------

    def _methods(self, submission: Submission) -> Iterator[str]:
        if submission.makers:
            for maker in submission.makers:
                if isinstance(maker.expression, ir.Call):
                    yield from self._of_pool(maker, maker.expression)
                else:
                    yield UNKNOWN
        elif submission.cls is not None or submission.owner is not None:
            yield from self._of_class(submission.cls or submission.owner or ("", ""))
        else:
            yield from self._of_constructor(submission.origin(submission.call.func))

    def _of_pool(self, maker: Origin, call: ir.Call) -> Iterator[str]:
        given = call.keyword("mp_context") or call.keyword("context")
        if given is None and self._program.worker_made(call, maker.module, maker.scope) == (models.EXECUTOR, None):
            given = call.argument(1, "mp_context")
            if given is None:
                yield DEFAULT
                return
        if given is not None:
            yield from self.of_context(Origin(given, maker.module, maker.scope))
        else:
            yield from self._of_constructor(Origin(call.func, maker.module, maker.scope))

    def _of_class(self, cls: ClassKey) -> Iterator[str]:
        found = False
        for current in (cls, *self._program.classes.bases(cls)):
            definition = self._program.classes.definition(current)
            for base in definition.bases if definition is not None else ():
                assert definition is not None
                place = Origin(base, current[0], definition.parent or ir.MODULE_SCOPE)
                dotted = self._program.names[place.module].dotted(base, place.scope)
                if any(models.worker_kind(d) is not None for d in dotted):
                    found = True
                    yield from self._of_constructor(place)
        if not found:
            yield UNKNOWN

    def _of_constructor(self, place: Origin) -> Iterator[str]:
        """Of a class of processes or pools, by the context that it is an attribute of."""
        names = self._program.names[place.module]
        for origin in self._origins.of(place.expression, place.module, place.scope):
            if isinstance(origin.expression, ir.Attribute):
                if (named := _method_in_name(origin.expression.attr)) is not None:
                    yield named
                else:
                    yield from self.of_context(Origin(origin.expression.value, origin.module, origin.scope))
            else:
                dotted = [r.name for r in names.resolve(origin.expression, origin.scope) if r.kind == "library"]
                yield next((m for d in dotted if (m := _method_in_name(d)) is not None), DEFAULT if dotted else UNKNOWN)

    def of_context(self, place: Origin) -> Iterator[str]:
        """The start methods of a context, DEFAULT for the package itself and the default context."""
        for origin in self._origins.of(place.expression, place.module, place.scope):
            names = self._program.names[origin.module]
            if isinstance(origin.expression, ir.Call):
                yield from self._of_context_call(origin, origin.expression)
                continue
            is_package = any(r.kind == "library" for r in names.resolve(origin.expression, origin.scope))
            is_none = isinstance(origin.expression, ir.Constant) and origin.expression.value is None
            yield DEFAULT if is_package or is_none else UNKNOWN

    def _of_context_call(self, origin: Origin, call: ir.Call) -> Iterator[str]:
        dotted = [r.name for r in self._program.names[origin.module].resolve(call.func, origin.scope)]
        named = next((m for d in dotted if (m := _method_in_name(d)) is not None), None)
        given = call.argument(0, "method")
        if named is not None:
            yield named
        elif not any(models.is_context_getter(d) for d in dotted):
            yield UNKNOWN
        elif given is None:
            yield DEFAULT
        else:
            yield from self.named(Origin(given, origin.module, origin.scope))

    def named(self, place: Origin) -> Iterator[str]:
        """The start methods that the expression may be the name of; None is the default."""
        for origin in self._origins.of(place.expression, place.module, place.scope):
            value = origin.expression.value if isinstance(origin.expression, ir.Constant) else UNKNOWN
            yield value if isinstance(value, str) else DEFAULT

    # --- calls
    # ---------------------------------------------------------------------------------------------------------------

    def setting_calls(self) -> Iterator[Origin]:
        """Every call of set_start_method, but for those on a context of one method, which has none to set."""
        for module in self._program.modules.values():
            for scope, _ in self._program.blocks(module):
                for node in self._program.own_nodes(module, scope):
                    if isinstance(node, ir.Call) and self.sets_method(node, module.name, scope):
                        yield Origin(node, module.name, scope)

    def sets_method(self, call: ir.Call, module: str, scope: str) -> bool:
        """Does the call set the start method of the default context?"""
        if "multiprocessing.set_start_method" not in self._program.names[module].dotted(call.func, scope):
            return False
        return not isinstance(call.func, ir.Attribute) or self.is_default(call.func.value, module, scope)

    def is_default(self, context: ir.Expression, module: str, scope: str) -> bool:
        """Is the expression the package or its default context, not one got by get_context()?"""
        return not any(isinstance(o.expression, ir.Call) for o in self._origins.of(context, module, scope))

    @cached_property
    def _sets_fork(self) -> frozenset[str]:
        """The modules that choose fork for the default context."""
        found = set()
        for place in self.setting_calls():
            assert isinstance(place.expression, ir.Call)
            given = place.expression.argument(0, "method")
            if given is not None and set(self.named(Origin(given, place.module, place.scope))) == {"fork"}:
                found.add(place.module)
        return frozenset(found)

    # --- platforms
    # -----------------------------------------------------------------------------------------------------------

    def _is_for_some_platforms(self, submission: Submission) -> bool:
        """Does the program ask for the platform, or for the start method, before it comes to the call?"""
        module = self._program.modules[submission.module]
        scope: str | None = submission.scope
        node: object = submission.call
        while node is not None:  # and the same for the place where the function is defined
            function = module.functions.get(scope or "")
            way = way_to(module.body if function is None else function.body, node)
            asked = [*tests_around(way), *(() if function is None else function.decorators)]
            if any(mentions(test, _PLATFORM_WORDS) for test in asked):
                return True
            node, scope = function, None if function is None else function.parent
        return False


def mentions(expression: ir.Expression, words: re.Pattern[str]) -> bool:
    """Does a name, attribute or string in the expression match?  `os.name` is known for what it means."""
    for node in ir.walk(expression):
        match node:
            case ir.Attribute(value=ir.Name(id="os"), attr="name"):
                if words.search("posix"):
                    return True
            case ir.Name(id=word) | ir.Attribute(attr=word) | ir.Constant(value=str() as word):
                if words.search(word):
                    return True
    return False


def _method_in_name(dotted: str) -> str | None:
    """The start method that ForkProcess, SpawnContext and the like are made for."""
    last = dotted.rpartition(".")[2]
    for method in ("ForkServer", "Fork", "Spawn"):
        if last in {f"{method}Process", f"{method}Context"}:
            return method.lower()
    return None
