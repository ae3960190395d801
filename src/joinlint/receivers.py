"""Files that name no library of workers, but have the functions that others hand a process to or have run by one, or
join what others keep on a field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from joinlint.import_graph import stem
from joinlint.program import container_methods, ir, models
from joinlint.sources import SourceFile, module_name
from joinlint.supply import Supply

_PROCESS = "Process"
_JOINS = rb"\.join\(\s*(?:\)|timeout\b|None\b|[\d.])"
_POOLS = frozenset({"Pool", "ProcessPoolExecutor"})
_TAKE_WORK = _POOLS | models.SUBMIT_NAMES | {models.BLOCKING_SUBMIT, "map", "starmap", "run_in_executor"}
_NOTABLE = frozenset({ir.Import, ir.Assign, ir.Call})


def receiving(rest: Sequence[SourceFile], loaded: Iterable[ir.Module]) -> list[SourceFile]:
    """Those of `rest` that the loaded modules import a function from which they call with a process, or something that
    they hand to a worker or set an attribute of.

    Modules are told by the parts of their names, so that there may be some too many.
    """
    wanted: set[bytes] = set()
    ends: set[str] = set()
    for module in loaded:
        blocks = _notable_nodes(module)
        imports = _imports_of(blocks)
        process_classes = _process_classes(module, imports)
        for nodes in blocks:
            wanted.update(part.encode("utf-8", "surrogatepass") for part in _receivers(imports, process_classes, nodes))
            for name in set(_handed_over(process_classes, nodes)) & imports.keys():
                ends.update(_ends_of_modules(imports[name]))
    return [file for file in rest if stem(file) in wanted or not ends.isdisjoint(_ends(module_name(file.filename)))]


def _ends_of_modules(dotted: str) -> Iterator[str]:
    """The last parts of what the name may be: a module, or something in one."""
    if dotted == "__main__":
        return
    yield ".".join(dotted.split(".")[-2:])
    yield ".".join(dotted.split(".")[-3:-1])


def _ends(module: str) -> tuple[str, str]:
    parts = module.split(".")
    return parts[-1], ".".join(parts[-2:])


def joining(rest: Sequence[SourceFile], loaded: Iterable[ir.Module], made: Supply) -> list[SourceFile]:
    """Those of `rest` that have an attribute of the name of a field in which a loaded module keeps a process, or what
    one of the functions in `made` gives, and join something, or ask whether what is there still runs."""
    functions = {name.decode("utf-8", "surrogatepass") for names in made.values() for name in names}
    fields = {field.encode("utf-8", "surrogatepass") for module in loaded for field in _fields(module, functions)}
    if not fields:
        return []
    names = b"|".join(sorted(map(re.escape, fields)))
    kept = re.compile(rb"\.(?:%s)\b" % names)
    waits = re.compile(rb"%s|\.(?:%s)\.(?:join|is_alive|exitcode)\b" % (_JOINS, names))
    return [file for file in rest if kept.search(file.data) and waits.search(file.data)]


def _fields(module: ir.Module, functions: set[str]) -> Iterator[str]:
    """The attributes that are given a process, something with one in it, or what a function makes that makes some."""
    words = re.compile("|".join(map(re.escape, (_PROCESS, *sorted(functions)))))
    if not any(map(words.search, module.lines)):
        return
    blocks = _notable_nodes(module)
    process_classes = _process_classes(module, _imports_of(blocks)) | functions
    for nodes in blocks:
        handles: set[str] = set()
        for node in nodes:
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


def _notable_nodes(module: ir.Module) -> list[list[object]]:
    """The imports, assignments and calls of the module's own level and of each function."""
    return [
        [node for node in ir.walk_own(block) if type(node) in _NOTABLE]
        for block in (module.body, *(function.body for function in module.functions.values()))
    ]


def _imports_of(blocks: Iterable[Sequence[object]]) -> dict[str, str]:
    return {
        local: dotted
        for nodes in blocks
        for node in nodes
        if isinstance(node, ir.Import)
        for local, dotted in node.bindings
    }


def _receivers(imports: Mapping[str, str], process_classes: set[str], nodes: Sequence[object]) -> Iterator[str]:
    """The parts of the dotted names of what is imported and called with a process."""
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


def _handed_over(process_classes: set[str], nodes: Sequence[object]) -> Iterator[str]:
    """The names in what workers are given, or is assigned to a variable that they are given; and of those of which an
    attribute is set."""
    values: dict[str, list[ir.Expression]] = {}
    for node in nodes:
        if isinstance(node, ir.Assign):
            for target in node.targets:
                if isinstance(target, ir.Name):
                    values.setdefault(target.id, []).append(node.value)
                elif isinstance(target, ir.Attribute) and isinstance(target.value, ir.Name):
                    yield target.value.id
    for call in nodes:
        if isinstance(call, ir.Call) and (_makes(process_classes, call) or _takes_work(call.func)):
            for name in _names(_given(call)):
                yield name
                yield from _names(values.get(name, ()))


def _takes_work(func: ir.Expression) -> bool:
    return ir.word(func) in (_TAKE_WORK if isinstance(func, ir.Attribute) else _POOLS)


def _names(expressions: Iterable[ir.Expression]) -> Iterator[str]:
    return (node.id for expression in expressions for node in ir.walk(expression) if isinstance(node, ir.Name))


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
