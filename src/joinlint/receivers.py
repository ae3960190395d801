"""Files that name no library of workers, but have the functions that others hand a process to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from joinlint.import_graph import stem
from joinlint.program import ir
from joinlint.sources import SourceFile


def receiving(rest: Sequence[SourceFile], loaded: Iterable[ir.Module]) -> list[SourceFile]:
    """Those of `rest` that the loaded modules import a function from which they call with a process.

    Modules are told by the parts of their names, so that there may be some too many.
    """
    wanted = {part.encode("utf-8", "surrogatepass") for module in loaded for part in _receivers(module)}
    return [file for file in rest if stem(file) in wanted]


def _receivers(module: ir.Module) -> Iterator[str]:
    """The parts of the dotted names of what is imported and called with a process."""
    blocks = [module.body, *(function.body for function in module.functions.values())]
    imports = {local: dotted for block in blocks for local, dotted in _imports(block)}
    for block in blocks:
        nodes = list(ir.walk_own(block))
        handles = {
            target.id
            for node in nodes
            if isinstance(node, ir.Assign) and any(map(_makes_process, ir.walk(node.value)))
            for target in node.targets
            if isinstance(target, ir.Name)
        }
        for call in nodes if handles else ():
            if isinstance(call, ir.Call) and any(isinstance(a, ir.Name) and a.id in handles for a in call.args):
                root, names = _dotted(call.func)
                if root in imports:
                    yield from (*imports[root].split("."), *names)


def _imports(block: ir.Block) -> Iterator[tuple[str, str]]:
    for node in ir.walk_own(block):
        if isinstance(node, ir.Import):
            yield from node.bindings


def _makes_process(node: object) -> bool:
    return isinstance(node, ir.Call) and (_dotted(node.func)[1] or [_dotted(node.func)[0]])[-1].endswith("Process")


def _dotted(func: ir.Expression) -> tuple[str, list[str]]:
    """The name that the expression begins with, "" where it begins with something else, and the attributes after it."""
    attributes: list[str] = []
    while isinstance(func, ir.Attribute):
        attributes.insert(0, func.attr)
        func = func.value
    return (func.id if isinstance(func, ir.Name) else ""), attributes
