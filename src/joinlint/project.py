"""Which files of a run are parsed: those that make workers, and those that get them from a module that does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from joinlint import limits
from joinlint.import_level import entering
from joinlint.options import DEFAULT, Options
from joinlint.program import ir
from joinlint.receivers import joining, receiving
from joinlint.sources import FileResult, Problem, SourceFile, module_name
from joinlint.supply import calling, makers, passed_on, supply
from joinlint.syntax.lower import lower
from joinlint.syntax.parsing import Unparsable, decode
from joinlint.syntax.prefilter import (
    defines_threads,
    may_concern_workers,
    may_matter,
    names_library,
    names_worker,
    needs_reading,
    touches_workers,
)


@dataclass(slots=True)
class LoadedProject:
    """The parsed modules, and the results of those files that could not be parsed."""

    modules: list[ir.Module] = field(default_factory=list)
    problems: dict[str, FileResult] = field(default_factory=dict)


def load_project(
    files: Sequence[SourceFile], context: Sequence[SourceFile] = (), options: Options = DEFAULT
) -> LoadedProject:
    """Parse what matters of `files`, and of `context`, which has to do with them.

    What matters are the files that make workers, those that pass a library on to them (`context =
    multiprocessing.get_context()`), those that import from either and start or end something, those that join what
    these keep on fields, those that call what makes workers elsewhere, and those that have what is handed to workers;
    also those that may misuse threads, or use some where `options` say that threads are to be joined like processes,
    with the classes that they derive from.
    """
    project = LoadedProject()
    files = [*files, *context]
    pending = [file for file in files if may_matter(file.data, options)]
    names = {file.filename for file in pending}
    others = [file for file in files if file.filename not in names and may_concern_workers(file.data)]
    named = [file for file in others if names_library(file.data)]
    passing_on = _imported_by(named, [*pending, *(f for f in others if names_worker(f.data))])
    pending += passing_on
    names.update(file.filename for file in passing_on)
    threaded = [file for file in files if file.filename not in names and needs_reading(file.data, options)]
    if threaded:
        names.update(file.filename for file in threaded)
        unread = [file for file in files if file.filename not in names and defines_threads(file.data)]
        threaded += _imported_by(unread, threaded)
        names.update(file.filename for file in threaded)
        pending += threaded
    candidates = [f for f in others if f.filename not in names and touches_workers(f.data)]
    for _ in range(limits.IMPORT_ROUNDS):
        loaded = _load_all(pending, project)
        providers = [(module, exports) for module in loaded if (exports := _exports(module, passing_on))]
        if not providers or not candidates:
            break
        imports = _import_of({_stem(module.filename) for module, _ in providers})
        words = {name for _, exports in providers for name in exports}
        used = re.compile(rb"\b(?:%s)\b" % b"|".join(sorted(map(re.escape, words))))
        pending = [f for f in candidates if imports.search(b"\n" + f.data) and used.search(f.data)]
        taken = {f.filename for f in pending}
        candidates = [f for f in candidates if f.filename not in taken]
    supplied, made = supply(project.modules), makers(project.modules)
    callers = _load_all(calling(_unread(files, project), made), project)
    _load_all(receiving(_unread(files, project), project.modules), project)
    _load_all(joining(_unread(files, project), project.modules, made), project)
    _load_all(entering(_unread(files, project), passed_on(supplied, callers)), project)
    return project


def _load_all(files: Sequence[SourceFile], project: LoadedProject) -> list[ir.Module]:
    """Add the files to the project; gives the modules that could be parsed."""
    loaded = [module for file in files if (module := _load(file, project)) is not None]
    project.modules += loaded
    return loaded


def _unread(files: Sequence[SourceFile], project: LoadedProject) -> list[SourceFile]:
    known = {module.filename for module in project.modules} | project.problems.keys()
    return [file for file in files if file.filename not in known]


def _imported_by(files: Sequence[SourceFile], relevant: Sequence[SourceFile]) -> list[SourceFile]:
    """Those of the files that are imported by one of the `relevant`."""
    if not files:
        return []
    imports = _import_of({_stem(file.filename) for file in files})
    lines = b"\n".join(match[0] for file in relevant for match in imports.finditer(b"\n" + file.data))
    return [file for file in files if re.search(rb"\b%s\b" % re.escape(_stem(file.filename)), lines)]


def _import_of(stems: set[bytes]) -> re.Pattern[bytes]:
    """The lines that import from a module with one of these names."""
    words = b"|".join(sorted(map(re.escape, stems)))
    return re.compile(rb"\n[ \t]*+(?:from|import)\b[^\n]*\b(?:%s)\b" % words)


def _stem(filename: str) -> bytes:
    """The last part of the name by which the file is imported."""
    return _encoded(module_name(filename).rpartition(".")[2])


def _exports(module: ir.Module, passing_on: Sequence[SourceFile]) -> set[bytes]:
    """The names by which other modules get workers from this one: its classes and functions that make or are some, and
    the library's own that it passes on."""
    if any(file.filename == module.filename for file in passing_on):
        return {_encoded(name) for name in module.bound}
    names = {name for name in module.bound if any(worker in name for worker in _WORKERS)}
    for node in ir.walk_own(module.body):
        if isinstance(node, ir.ClassDef) and _mentions_worker(node.cls):
            names.add(node.cls.name)
        elif isinstance(node, ir.FunctionDef) and _mentions_worker(node.function):
            names.add(node.function.name)
    return {_encoded(name) for name in names}


_WORKERS = ("Process", "Pool", "Manager", "Thread")


def _mentions_worker(definition: ir.Class | ir.Function) -> bool:
    return any(worker in word for word in set(ir.words(definition)) for worker in _WORKERS)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _load(file: SourceFile, project: LoadedProject) -> ir.Module | None:
    try:
        text = decode(file.content) if isinstance(file.content, bytes) else file.content
        return lower(text, file.filename, module_name(file.filename), file.cells)
    except Unparsable as error:
        problem = Problem(file.filename, error.reason, error.row, error.column)
    except RecursionError:
        problem = Problem(file.filename, "nested too deeply to be checked")
    project.problems[file.filename] = FileResult(file.filename, problem=problem)
    return None
