"""Sites: the calls that make workers."""

from __future__ import annotations

from functools import cached_property

from joinlint.program import ir, models
from joinlint.program.classes import is_named
from joinlint.program.modules import Modules
from joinlint.program.names import Reference
from joinlint.records import by_value


@by_value
class Site:
    """A call that makes a worker.

    `kind` is one of models' kinds; `cls` the project class that is instantiated (module, scope), None for a library
    class.
    """

    kind: str
    call: ir.Call
    module: str
    scope: str
    cls: tuple[str, str] | None = None


def is_of_executor(result: Site) -> bool:
    """Does the result come from an executor rather than from a pool?"""
    return ir.word(result.call.func) == "submit"


def pool_of(result: Site) -> ir.Expression | None:
    """The pool or executor that the result is to come from; None where its method has got a name of its own, as in
    `submit = pool.apply_async`."""
    func = result.call.func
    return func.value if isinstance(func, ir.Attribute) else None


class Sites(Modules):
    """Adds what each call and class of the program makes."""

    @cached_property
    def sites(self) -> tuple[Site, ...]:
        """Every call in the program that makes a worker."""
        found = []
        for module in self.modules.values():
            for scope, _ in self.blocks(module):
                for node in self.own_nodes_of(ir.Call, module, scope):
                    if (made := self.worker_made(node, module.name, scope)) is not None:
                        found.append(Site(made[0], node, module.name, scope, made[1]))
        return tuple(found)

    @cached_property
    def process_calls(self) -> frozenset[ir.Call]:
        """The calls that make a process."""
        return frozenset(site.call for site in self.sites if site.kind == models.PROCESS)

    def only_signals(self, call: ir.Call, module: str, scope: str) -> bool:
        """Does the call end a process, by the name of a variable that is nothing else?  It fails only by chance, and
        takes no time in which a Ctrl-C could come."""
        match call.func:
            case ir.Attribute(value=ir.Name(id=name), attr="terminate" | "kill"):
                bindings = self.names[module].bindings(name, scope)
                return bool(bindings) and all(b.kind == "assign" and b.value in self.process_calls for b in bindings)
            case _:
                return False

    def worker_made(self, call: ir.Call, module: str, scope: str) -> tuple[str, tuple[str, str] | None] | None:
        """The kind of worker that `call` makes and the project class it is an instance of."""
        # A process may have a fallback (a thread, a dummy): where one is possible at all, it has to be waited for.
        kinds = self.kinds_made(call, module, scope)
        return min(kinds.items(), key=lambda made: models.KINDS.index(made[0]), default=None)

    def kinds_made(self, call: ir.Call, module: str, scope: str) -> dict[str, tuple[str, str] | None]:
        """The kinds of worker that `call` may make, each with the project class it is an instance of."""
        references = self.names[module].resolve(call.func, scope)
        kinds: dict[str, tuple[str, str] | None] = {}
        for reference in references:
            if reference.kind == "library":
                if (kind := models.worker_kind(models.canonical(reference.name))) is not None:
                    kinds.setdefault(kind)
            elif reference.kind == "class" and (kind := self.class_kind(reference)) is not None:
                kinds[kind] = (reference.module, reference.name)
        if not kinds and not any(r.kind != "instance" for r in references) and _looks_like_context_process(call):
            kinds[models.PROCESS] = None
        return kinds

    def class_kind(self, reference: Reference) -> str | None:
        """The kind of worker that instances of a project class are."""
        kinds = {models.worker_kind(base) for base in self.classes.library_bases((reference.module, reference.name))}
        return next((k for k in (models.PROCESS, models.THREAD) if k in kinds), None)

    @cached_property
    def class_decorators(self) -> dict[ir.Class, tuple[ir.Expression, ...]]:
        """The decorators of each class."""
        return {
            node.cls: node.decorators
            for module in self.modules.values()
            for scope, _ in self.blocks(module)
            for node in self.own_nodes_of(ir.ClassDef, module, scope)
        }

    def joins_its_arguments(self, call: ir.Call, module: str, scope: str) -> bool:
        """Is it a call of a function that the user says joins the processes it is given?"""
        if not self.options.join_functions:
            return False
        last = ir.word(call.func)
        if not any(name.rpartition(".")[2] == last for name in self.options.join_functions):
            return False
        for reference in self.names[module].resolve(call.func, scope):
            dotted = reference.name if reference.kind == "library" else f"{reference.module}.{reference.name}"
            if any(is_named(dotted, name) for name in self.options.join_functions):
                return True
        return False


def _looks_like_context_process(call: ir.Call) -> bool:
    """`ctx.Process(target=…)` on something unknown: a context under one of its usual names, or called as only a context
    is."""
    func = call.func
    if not isinstance(func, ir.Attribute) or func.attr != "Process":
        return False
    last = (
        func.value.id
        if isinstance(func.value, ir.Name)
        else func.value.attr
        if isinstance(func.value, ir.Attribute)
        else ""
    )
    return call.keyword("target") is not None or last.lower().lstrip("_") in models.CONTEXT_NAMES
