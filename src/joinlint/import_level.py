"""Files that name no library of workers, but call at import level what starts some: found by their bytes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from joinlint.import_graph import imported_words, stem
from joinlint.program import ir
from joinlint.sources import SourceFile
from joinlint.syntax.prefilter import calls_at_import, has_odd_guard

_WORD = re.compile(rb"\w+")
_STATEMENT = re.compile(rb"^(?!from |import |def |class |async )[A-Za-z_@][^\n]*", re.MULTILINE)
_DEFINITION = re.compile(rb"^(?:async )?(?:def|class) +(\w+)", re.MULTILINE)
_WORKERS = ("Process", "Pool", "Manager")


def entering(rest: Sequence[SourceFile], loaded: Iterable[ir.Module]) -> list[SourceFile]:
    """Those of `rest` whose import may come to a worker by way of the loaded modules, with the files between."""
    supplied: dict[bytes, set[bytes]] = {}
    for module in loaded:
        if names := _starting_names(module):
            supplied.setdefault(_last_part(module.name), set()).update(names)
    if not supplied:
        return []
    files = [file for file in rest if _uses(file, supplied)]
    links = {stem(file): (file, set(_DEFINITION.findall(file.data))) for file in files}
    found: dict[str, SourceFile] = {}
    for file in files:
        own = links[stem(file)][1]
        if has_odd_guard(file.data) or _words_at_import(file) & (own | _all_names(file, supplied)):
            found[file.filename] = file
    for file in rest:
        if file.filename not in found and calls_at_import(file.data):
            called = _words_at_import(file)
            between = [links[word][0] for word in imported_words(file) & links.keys() if links[word][1] & called]
            found.update({f.filename: f for f in (file, *between) if between})
    return list(found.values())


def _uses(file: SourceFile, supplied: dict[bytes, set[bytes]]) -> bool:
    """Does the file import from one of the modules and mention what it gets there?"""
    names = _all_names(file, supplied)
    return bool(names) and not names.isdisjoint(_WORD.findall(file.data))


def _all_names(file: SourceFile, supplied: dict[bytes, set[bytes]]) -> set[bytes]:
    near = imported_words(file) & supplied.keys()
    return set().union(*(supplied[word] for word in near))


def _words_at_import(file: SourceFile) -> set[bytes]:
    """The words in statements at the left margin that call something."""
    return {
        word
        for line in _STATEMENT.findall(file.data)
        if b"(" in line or line[:1] == b"@"
        for word in _WORD.findall(line)
    }


def _starting_names(module: ir.Module) -> set[bytes]:
    """The functions and classes of the module that make workers, or mention one that does."""
    mentioned = {
        name: _mentioned(definition)
        for statement in module.body
        if (name := _defined(statement)) and (definition := statement)
    }
    found = {name for name, words in mentioned.items() if any(worker in word for word in words for worker in _WORKERS)}
    while new := {name for name, words in mentioned.items() if name not in found and words & found}:
        found |= new
    return {name.encode("utf-8", "surrogatepass") for name in found}


def _defined(statement: ir.Statement) -> str:
    if isinstance(statement, ir.FunctionDef):
        return statement.function.name
    return statement.cls.name if isinstance(statement, ir.ClassDef) else ""


def _mentioned(definition: object) -> set[str]:
    return {
        n.id if isinstance(n, ir.Name) else n.attr
        for n in ir.walk(definition)
        if isinstance(n, (ir.Name, ir.Attribute))
    }


def _last_part(name: str) -> bytes:
    return name.rpartition(".")[2].encode("utf-8", "surrogatepass")
