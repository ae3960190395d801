"""The main guards of a module that do not guard."""

from __future__ import annotations

import os
from collections.abc import Iterator

from joinlint.program import guards, ir
from joinlint.program.guards import NOT_CALLED, WRONG_WAY, Malformed, has_guard, malformed, truth
from joinlint.program.index import Program

Guard = ir.If | ir.Assert


def malformed_guards(program: Program, module: ir.Module) -> Iterator[tuple[Guard, Malformed]]:
    """Each statement that is meant as a main guard and is none, with what is wrong with it."""
    guarded = is_script(module)
    for node in _module_level_tests(module.body):
        if (problem := malformed(node)) is not None:
            if not _is_harmless(program, module, node, problem):
                yield node, problem
        elif isinstance(node, ir.If) and not guarded and _is_reversed(program, module, node):
            yield (
                node,
                Malformed(WRONG_WAY, "this guard is the wrong way round: it holds everywhere but in the script itself"),
            )
    for function in module.functions.values():
        found = [node for node in function.body if isinstance(node, ir.If) and has_guard(node.test)]
        if found and function.parent is None and function.owner is None:
            if not _is_mentioned(program, module, function.name):
                words = f"this guard stands in `{function.name}()`, which nothing calls: it is never run"
                yield from ((guard, Malformed(NOT_CALLED, words)) for guard in found)


def is_script(module: ir.Module) -> bool:
    """Is the module meant to be run, by its main guard?"""
    return any(isinstance(node, ir.If) and has_guard(node.test) for node in _module_level_tests(module.body))


def is_main_of_package(module: ir.Module) -> bool:
    """Is it a `__main__.py`, which multiprocessing does not import again in the child
    (multiprocessing.spawn._fixup_main_from_name)?"""
    return os.path.basename(module.filename) == "__main__.py"


def is_never_imported(module: ir.Module) -> bool:
    """Is it a main module that no child imports: a `__main__.py`, or a notebook, since a kernel's `__main__` has no
    file?"""
    return is_main_of_package(module) or module.is_notebook


def _is_harmless(program: Program, module: ir.Module, node: Guard, problem: Malformed) -> bool:
    """Does the child never come to the guard, or is it meant to pass it, and starts nothing there?"""
    if problem.kind in {guards.ENDS_CHILD, guards.ALWAYS_HOLDS} and is_never_imported(module):
        return True
    if problem.kind == guards.ALWAYS_HOLDS and guards.lists_child(node.test) and isinstance(node, ir.If):
        return not _starts_worker(program, module, node.body)
    return False


def _module_level_tests(block: ir.Block) -> Iterator[Guard]:
    for statement in block:
        if isinstance(statement, ir.If):
            yield statement
            yield from _module_level_tests(statement.body)
            yield from _module_level_tests(statement.orelse)
        elif isinstance(statement, ir.Assert):
            yield statement
        elif isinstance(statement, (ir.Try, ir.With, ir.For, ir.While)):
            yield from _module_level_tests(statement.body)


def _is_reversed(program: Program, module: ir.Module, node: ir.If) -> bool:
    """`if __name__ != "__main__": main()`, where main starts a worker."""
    if node.orelse or truth(node.test, guards.SCRIPT) is not False or truth(node.test, guards.CHILD) is not True:
        return False
    return not guards.lists_child(node.test) and _starts_worker(program, module, node.body)


def _starts_worker(program: Program, module: ir.Module, block: ir.Block) -> bool:
    """Does a block at module level make a worker, or call what may come to make one?"""
    names = program.names[module.name]
    starters = program.starters
    for inner in ir.walk_own(block):
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
