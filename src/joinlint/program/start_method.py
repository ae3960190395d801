"""Where a program says by which start method its processes start."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.program import ir
from joinlint.program.index import Program
from joinlint.program.sites import Site


def is_plainly_fork(program: Program, site: Site) -> bool:
    """Do the processes of the site start by fork wherever the program runs, with nothing imported again?"""
    if set(program.options.start_methods) == {"fork"}:
        return True
    names = program.names[site.module]
    if any(_is_fork_call(call) for call in _contexts(program, site)):
        return True
    references = names.resolve(site.call.func, site.scope)
    if any(r.name.rpartition(".")[2] == "ForkProcess" for r in references if r.kind == "library"):
        return True
    return any((site.module, scope) in program.setting_fork for scope in (ir.MODULE_SCOPE, site.scope))


def _contexts(program: Program, site: Site) -> Iterator[ir.Call]:
    """The calls that give the object on which the site's class is looked up, or the executor's `mp_context`."""
    func = site.call.func
    pending = [func.value] if isinstance(func, ir.Attribute) else []
    given = site.call.keyword("mp_context")
    pending += [] if given is None else [given]
    for value in pending:
        if isinstance(value, ir.Call):
            yield value
        elif isinstance(value, ir.Name):
            names = program.names[site.module]
            home = names.binding_scope(value.id, site.scope)
            for node in program.own_nodes(names.module, home):
                if isinstance(node, ir.Assign) and isinstance(node.value, ir.Call):
                    if any(isinstance(t, ir.Name) and t.id == value.id for t in node.targets):
                        yield node.value


def _is_fork_call(call: ir.Call) -> bool:
    last = ir.word(call.func)
    return last == "ForkContext" or (last == "get_context" and ir.is_constant(call.argument(0, "method"), "fork"))
