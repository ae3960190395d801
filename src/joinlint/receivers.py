"""Files that name no library of workers, but have the functions that others hand a process to, or join what others keep
on a field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from joinlint.import_graph import stem
from joinlint.program import container_methods, ir
from joinlint.sources import SourceFile

_PROCESS = "Process"
_JOINS = rb"\.join\(\s*(?:\)|timeout\b|None\b|[\d.])"
_NOTABLE = frozenset({ir.Import, ir.Assign, ir.Call})


def receiving(rest: Sequence[SourceFile], loaded: Iterable[ir.Module]) -> list[SourceFile]:
    """Those of `rest` that the loaded modules import a function from which they call with a process.

    Modules are told by the parts of their names, so that there may be some too many.
    """
    wanted = {part.encode("utf-8", "surrogatepass") for module in loaded for part in _receivers(module)}
    return [file for file in rest if stem(file) in wanted]


def joining(rest: Sequence[SourceFile], loaded: Iterable[ir.Module]) -> list[SourceFile]:
    """Those of `rest` that have an attribute of the name of a field in which a loaded module keeps a process, and join
    something, or ask whether what is there still runs."""
    fields = {field.encode("utf-8", "surrogatepass") for module in loaded for field in _fields(module)}
    if not fields:
        return []
    names = b"|".join(sorted(map(re.escape, fields)))
    kept = re.compile(rb"\.(?:%s)\b" % names)
    waits = re.compile(rb"%s|\.(?:%s)\.(?:join|is_alive|exitcode)\b" % (_JOINS, names))
    return [file for file in rest if kept.search(file.data) and waits.search(file.data)]


def _fields(module: ir.Module) -> Iterator[str]:
    """The attributes that are given a process, or something with one in it."""
    if not any(_PROCESS in line for line in module.lines):
        return
    blocks = (module.body, *(function.body for function in module.functions.values()))
    imports = {local: dotted for block in blocks for local, dotted in _imports(block)}
    process_classes = _process_classes(module, imports)
    for block in blocks:
        handles: set[str] = set()
        for node in ir.walk_own(block):
            match node:
                case ir.Assign(targets=targets, value=value):
                    if any(_is_or_makes(process_classes, handles, inner) for inner in ir.walk(value)):
                        handles.update(target.id for target in targets if isinstance(target, ir.Name))
                        yield from (field for target in targets if (field := _field(target)))
                case ir.Call(func=ir.Attribute(value=ir.Attribute(attr=field), attr=method), args=(*_, given)):
                    if method in container_methods.ADDS_ELEMENT and _is_or_makes(process_classes, handles, given):
                        yield field
                case _:
                    pass


def _is_or_makes(process_classes: set[str], handles: set[str], node: object) -> bool:
    return _makes(process_classes, node) or (isinstance(node, ir.Name) and node.id in handles)


def _field(target: ir.Expression) -> str:
    while isinstance(target, ir.Subscript):
        target = target.value
    return target.attr if isinstance(target, ir.Attribute) else ""


def _imports(block: ir.Block) -> Iterator[tuple[str, str]]:
    for node in ir.walk_own(block):
        if isinstance(node, ir.Import):
            yield from node.bindings


def _receivers(module: ir.Module) -> Iterator[str]:
    """The parts of the dotted names of what is imported and called with a process."""
    blocks = [
        [node for node in ir.walk_own(block) if type(node) in _NOTABLE]
        for block in (module.body, *(function.body for function in module.functions.values()))
    ]
    imports = {
        local: dotted
        for nodes in blocks
        for node in nodes
        if isinstance(node, ir.Import)
        for local, dotted in node.bindings
    }
    process_classes = _process_classes(module, imports)
    for nodes in blocks:
        handles = {
            target.id
            for node in nodes
            if isinstance(node, ir.Assign) and _can_hold(node.value)
            if any(_makes(process_classes, inner) for inner in ir.walk(node.value))
            for target in node.targets
            if isinstance(target, ir.Name)
        }
        for call in nodes if handles else ():
            if isinstance(call, ir.Call) and any(
                isinstance(value, ir.Name) and value.id in handles for value in _given(call)
            ):
                root, names = _dotted(call.func)
                if root in imports:
                    yield from (*imports[root].split("."), *names)


def _can_hold(value: ir.Expression) -> bool:
    return not isinstance(value, (ir.Name, ir.Attribute, ir.Constant))


def _process_classes(module: ir.Module, imports: Mapping[str, str]) -> set[str]:
    """The names under which the module knows classes of processes: imported under another name, or derived."""
    found = {local for local, dotted in imports.items() if dotted.endswith(_PROCESS)}
    for cls in module.classes.values():
        if any(_is_process_class(found, base) for base in cls.bases):
            found.add(cls.name)
    return found


def _is_process_class(process_classes: set[str], node: ir.Expression) -> bool:
    name = ir.word(node)
    return name in process_classes or name.endswith(_PROCESS)


def _makes(process_classes: set[str], node: object) -> bool:
    return isinstance(node, ir.Call) and _is_process_class(process_classes, node.func)


def _given(call: ir.Call) -> tuple[ir.Expression, ...]:
    return (*call.args, *(keyword.value for keyword in call.keywords))


def _dotted(func: ir.Expression) -> tuple[str, list[str]]:
    """The name that the expression begins with, "" where it begins with something else, and the attributes after it."""
    attributes: list[str] = []
    while isinstance(func, ir.Attribute):
        attributes.insert(0, func.attr)
        func = func.value
    return ir.word(func), attributes
