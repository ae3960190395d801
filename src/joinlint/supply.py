"""Files that name no library of workers, but call what makes some in others: found by their bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from joinlint.import_graph import import_lines
from joinlint.program import ir
from joinlint.sources import SourceFile

_WORD = re.compile(rb"\w+")
_WORKERS = ("Process", "Pool", "Manager")

# The last part of a module's name, and what of it leads to a worker.
Supply = dict[bytes, set[bytes]]


def supply(loaded: Iterable[ir.Module]) -> Supply:
    """What the modules have that makes workers."""
    supplied: Supply = {}
    for module in loaded:
        _add(supplied, module, _starting_names(module, _is_worker))
    return supplied


def passed_on(supplied: Supply, callers: Iterable[ir.Module]) -> Supply:
    """What is supplied, with the functions and classes of `callers` that make use of it."""
    names = {name.decode("utf-8", "surrogatepass") for of_module in supplied.values() for name in of_module}
    more = {module: set(of_module) for module, of_module in supplied.items()}
    for caller in callers:
        imported = _imported_as(caller, names.__contains__)
        _add(more, caller, _starting_names(caller, imported.__contains__))
    return more


def _imported_as(module: ir.Module, is_wanted: Callable[[str], bool]) -> frozenset[str]:
    """The names, at the module's own level, of the imports whose last part is wanted."""
    imports = (node for node in ir.walk_own(module.body) if isinstance(node, ir.Import))
    bindings = (binding for node in imports for binding in node.bindings)
    return frozenset(local for local, dotted in bindings if is_wanted(dotted.rpartition(".")[2]))


def _add(supplied: Supply, module: ir.Module, names: set[bytes]) -> None:
    if names:
        supplied.setdefault(_last_part(module.name), set()).update(names)


def _is_worker(word: str) -> bool:
    return any(worker in word for worker in _WORKERS)


def makers(loaded: Iterable[ir.Module]) -> Supply:
    """The functions of the modules that make processes or pools themselves."""
    made: Supply = {}
    for module in loaded:
        known = _imported_as(module, _is_process_or_pool)
        functions = (node.function for node in ir.walk_own(module.body) if isinstance(node, ir.FunctionDef))
        names = {f.name for f in functions if any(w in known or _is_process_or_pool(w) for w in ir.words(f))}
        _add(made, module, {name.encode("utf-8", "surrogatepass") for name in names})
    return made


def _is_process_or_pool(word: str) -> bool:
    return word.endswith("Process") or word in {"Pool", "ProcessPoolExecutor"}


def calling(rest: Sequence[SourceFile], supplied: Mapping[bytes, set[bytes]]) -> list[SourceFile]:
    """Those of `rest` that import what makes workers, or a module that has such, and call it.

    Names are taken as they are written, so that there may be some too many, and one too few where a module or function
    has been given another name.
    """
    found = []
    for file in rest:
        names, modules = imported_from(file, supplied)
        names = names.union(*(supplied[module] for module in modules))
        if names and re.search(rb"\b(?:%s)\(" % b"|".join(sorted(map(re.escape, names))), file.data):
            found.append(file)
    return found


def imported_from(file: SourceFile, supplied: Mapping[bytes, set[bytes]]) -> tuple[set[bytes], set[bytes]]:
    """The names that the file imports from the modules, and those modules that it imports as a whole."""
    names: set[bytes] = set()
    modules: set[bytes] = set()
    for line in import_lines(file):
        source, _, imported = line.partition(b"import")
        given = set(_WORD.findall(imported))
        modules |= given & supplied.keys()
        for word in set(_WORD.findall(source)) & supplied.keys():
            names |= given & supplied[word]
    return names, modules


def _starting_names(module: ir.Module, leads_there: Callable[[str], bool]) -> set[bytes]:
    """The functions and classes of the module that mention such a word, or one that does."""
    mentioned = {
        name: set(ir.words(definition)) for definition in ir.walk_own(module.body) if (name := _defined(definition))
    }
    found = {name for name, words in mentioned.items() if any(map(leads_there, words))}
    while new := {name for name, words in mentioned.items() if name not in found and words & found}:
        found |= new
    return {name.encode("utf-8", "surrogatepass") for name in found}


def _defined(node: object) -> str:
    if isinstance(node, ir.FunctionDef):
        return node.function.name
    return node.cls.name if isinstance(node, ir.ClassDef) else ""


def _last_part(name: str) -> bytes:
    return name.rpartition(".")[2].encode("utf-8", "surrogatepass")
