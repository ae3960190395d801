"""Which program is meant: a script or a module, the file that it is in, and what of its project it imports."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, PathFinder

from joinlint.checking import Outcome, check_paths
from joinlint.configuration.lookup import SettingsLookup
from joinlint.discovery import project_files
from joinlint.import_graph import connected
from joinlint.paths import shown
from joinlint.project_roots import ProjectRoots
from joinlint.sources import NOTEBOOK_SUFFIX, SourceFile


class NoProgram(Exception):
    """There is nothing to run; its text says why."""


def script_file(name: str) -> str:
    """The file of a script; what Python runs of a folder is the `__main__.py` in it."""
    path = os.path.join(name, "__main__.py") if os.path.isdir(name) else name
    if not os.path.exists(path):
        raise NoProgram(f"{path}: No such file or directory")
    if not os.path.isfile(path):
        raise NoProgram(f"{path}: is not a regular file")
    if path.endswith(NOTEBOOK_SUFFIX):
        raise NoProgram(f"{path}: is a notebook, which Python can't run by itself")
    return shown(os.path.abspath(path))


def module_file(name: str) -> str:
    """The file that `python -m NAME` runs, found without importing anything."""
    path = [os.getcwd(), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)), *sys.path[1:]]
    spec = _find(name, path)
    if spec is not None and spec.submodule_search_locations is not None:
        spec = _find_in("__main__", name, list(spec.submodule_search_locations))
        if spec is None:
            raise NoProgram(f"{name} is a package without a __main__ module")
    if spec is None:
        raise NoProgram(f"no module named {name!r} in the current folder or on the path of Python")
    if spec.origin is None or not os.path.isfile(spec.origin) or not spec.origin.endswith((".py", ".pyw")):
        raise NoProgram(f"module {name!r} is not written in Python")
    return shown(os.path.abspath(spec.origin))


def _find(name: str, path: Sequence[str]) -> ModuleSpec | None:
    """The module's specification; that of a package's member by looking into the package, which is not imported."""
    package, _, last = name.rpartition(".")
    if package:
        spec = _find(package, path)
        if spec is None or spec.submodule_search_locations is None:
            return None
        path = list(spec.submodule_search_locations)
    return _find_in(last, package, path)


def _find_in(last: str, package: str, path: Sequence[str]) -> ModuleSpec | None:
    return PathFinder.find_spec(f"{package}.{last}" if package else last, path)


def check_program(script: str, lookup: SettingsLookup) -> Outcome:
    """Check the script and the files of its project that it imports; raises SettingsError."""
    return check_paths([script, *_imported(script)], None, lookup)


def _imported(script: str) -> list[str]:
    """The files of the script's project that it imports, over any number of files."""
    start = _read(script)
    if start is None:
        return []
    roots = ProjectRoots()
    names = project_files(roots.root_of(script), roots)
    real = os.path.realpath(script)
    others = [file for name in names if os.path.realpath(name) != real and (file := _read(name)) is not None]
    return [file.filename for file in connected([start], others, importers=False)]


def _read(name: str) -> SourceFile | None:
    try:
        with open(name, "rb") as file:
            return SourceFile(name, file.read())
    except OSError:
        return None
