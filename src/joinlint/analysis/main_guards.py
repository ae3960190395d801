"""The main guards of a module that do not guard."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.program import ir
from joinlint.program.guards import NOT_CALLED, WRONG_WAY, Malformed, has_guard, main_guard, malformed
from joinlint.program.index import Program


def malformed_guards(program: Program, module: ir.Module) -> Iterator[tuple[ir.If, Malformed]]:
    """Each `if` that is meant as a main guard and is none, with what is wrong with it."""
    guarded = is_script(module)
    for node in _module_level_ifs(module.body):
        if (problem := malformed(node)) is not None:
            yield node, problem
        elif not guarded and _is_reversed(program, module, node):
            yield (
                node,
                Malformed(WRONG_WAY, "this guard is the wrong way round: it holds everywhere but in the script itself"),
            )
    for function in module.functions.values():
        guards = [node for node in function.body if isinstance(node, ir.If) and has_guard(node.test)]
        if guards and function.parent is None and function.owner is None:
            if not _is_mentioned(program, module, function.name):
                words = f"this guard stands in `{function.name}()`, which nothing calls: it is never run"
                yield from ((guard, Malformed(NOT_CALLED, words)) for guard in guards)


def is_script(module: ir.Module) -> bool:
    """Is the module meant to be run, by its main guard?"""
    return any(has_guard(node.test) for node in _module_level_ifs(module.body))


def _module_level_ifs(block: ir.Block) -> Iterator[ir.If]:
    for statement in block:
        if isinstance(statement, ir.If):
            yield statement
            yield from _module_level_ifs(statement.body)
            yield from _module_level_ifs(statement.orelse)
        elif isinstance(statement, (ir.Try, ir.With, ir.For, ir.While)):
            yield from _module_level_ifs(statement.body)


def _is_reversed(program: Program, module: ir.Module, node: ir.If) -> bool:
    """`if __name__ != "__main__": main()`, where main starts a worker."""
    if not isinstance(node.test, ir.Compare) or main_guard(node.test) is not False or node.orelse:
        return False
    names = program.names[module.name]
    starters = {key for site in program.sites for key in program.reaching((site.module, site.scope))}
    for inner in ir.walk_own(node.body):
        if isinstance(inner, ir.Call):
            if program.worker_made(inner, module.name, ir.MODULE_SCOPE) is not None:
                return True
            if any(key in starters for key in program.called(inner.func, module.name, ir.MODULE_SCOPE, names)):
                return True
    return False


def _is_mentioned(program: Program, module: ir.Module, name: str) -> bool:
    """Is the function called or passed on anywhere in its module?"""
    return any(
        isinstance(node, ir.Name) and node.id == name
        for scope, _ in program.blocks(module)
        for node in program.own_nodes(module, scope)
    )
