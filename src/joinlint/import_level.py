"""Files that name no library of workers, but call at import level what starts some: found by their bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from joinlint.import_graph import import_lines, imported_words, stem
from joinlint.program import ir
from joinlint.sources import SourceFile
from joinlint.syntax.prefilter import calls_at_import, has_odd_guard

_WORD = re.compile(rb"\w+")
_CALLED = re.compile(rb"(?:(\w+)\.)?(\w+)\(")
# Both begin with a newline rather than `^`, which Python's regular expressions look for at every byte.
_STATEMENT = re.compile(rb"\n(?!from |import |def |class |async )([A-Za-z_@][^\n]*)")
_DEFINITION = re.compile(rb"\n(?:async )?(?:def|class) +(\w+)")
_WORKERS = ("Process", "Pool", "Manager")

_Supply = dict[bytes, set[bytes]]  # the last part of a module's name, and what of it leads to a worker


def entering(rest: Sequence[SourceFile], loaded: Iterable[ir.Module]) -> list[SourceFile]:
    """Those of `rest` whose import may come to a worker by way of the loaded modules, with the files between.

    Names are taken as they are written, so that there may be some too many, and one too few where a module or function
    has been given another name.
    """
    supplied: _Supply = {}
    for module in loaded:
        if names := _starting_names(module):
            supplied.setdefault(_last_part(module.name), set()).update(names)
    found: dict[str, SourceFile] = {}
    links: dict[bytes, SourceFile] = {}
    defined: _Supply = {}
    for file in rest:
        imported, modules = _imported(file, supplied)
        if not imported and not modules:
            continue
        own = set(_DEFINITION.findall(b"\n" + file.data))
        if has_odd_guard(file.data) or _calls(file, imported, modules, supplied) or _calls(file, own, set(), {}, True):
            found[file.filename] = file
        links[stem(file)] = file
        defined[stem(file)] = own
    for file in rest:
        if file.filename not in found and calls_at_import(file.data):
            imported, modules = _imported(file, defined)
            if _calls(file, imported, modules, defined, True):
                between = [links[word] for word in imported_words(file) & links.keys()]
                found.update({f.filename: f for f in (file, *between)})
    return list(found.values())


def _imported(file: SourceFile, supplied: _Supply) -> tuple[set[bytes], set[bytes]]:
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


def _calls(
    file: SourceFile, names: set[bytes], modules: set[bytes], supplied: _Supply, drops_result: bool = False
) -> bool:
    """Does a statement at the left margin call one of the names, or an attribute of one of the modules?

    `drops_result`: only statements count that begin with a call.
    """
    for line in _STATEMENT.findall(b"\n" + file.data):
        if drops_result and not calls_at_import(line):
            continue
        if line[:1] == b"@" and names & set(_WORD.findall(line)):
            return True
        for module, name in _CALLED.findall(line):
            if (name in names and not module) or (module in modules and name in supplied[module]):
                return True
    return False


def _starting_names(module: ir.Module) -> set[bytes]:
    """The functions and classes of the module that make workers, or mention one that does."""
    mentioned = {
        name: _mentioned(definition) for definition in ir.walk_own(module.body) if (name := _defined(definition))
    }
    found = {name for name, words in mentioned.items() if any(worker in word for word in words for worker in _WORKERS)}
    while new := {name for name, words in mentioned.items() if name not in found and words & found}:
        found |= new
    return {name.encode("utf-8", "surrogatepass") for name in found}


def _defined(node: object) -> str:
    if isinstance(node, ir.FunctionDef):
        return node.function.name
    return node.cls.name if isinstance(node, ir.ClassDef) else ""


def _mentioned(definition: object) -> set[str]:
    return set(ir.words(definition))


def _last_part(name: str) -> bytes:
    return name.rpartition(".")[2].encode("utf-8", "surrogatepass")
