"""Which files to check: those named, and the Python files and notebooks of the folders named."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from joinlint.configuration.exclusion import exclusion_below, is_excluded_though_named
from joinlint.configuration.lookup import SettingsLookup
from joinlint.paths import RealPaths, reason, shown
from joinlint.project_roots import ProjectRoots
from joinlint.regular_files import read_start
from joinlint.sources import NOTEBOOK_SUFFIX, Problem

_SUFFIXES = (".py", ".pyw", NOTEBOOK_SUFFIX)
_SHEBANG = re.compile(rb"#!.*(\bpython|\bpypy|\buv run\b)")
_SHEBANG_LENGTH = 256


class Discovery(NamedTuple):
    """The files to check, sorted by name, each once, and what stood in the way of finding more.

    Names are relative to the current folder where they lie below it, absolute otherwise.
    """

    files: tuple[str, ...]
    problems: tuple[Problem, ...]


def discover(arguments: Sequence[str], lookup: SettingsLookup) -> Discovery:
    """Find the files that `arguments` (files and folders) stand for, with the settings that `lookup` gives.

    A file is taken whatever its ending and a folder is walked whatever its name, for someone named them, unless the
    settings force their exclusion.  An argument that does not exist or can't be read becomes a problem.  Raises
    SettingsError for a settings file that can't be used.
    """
    found: list[str] = []
    problems: list[Problem] = []
    for argument in arguments:
        try:
            mode = os.stat(argument).st_mode
        except (OSError, ValueError) as error:
            problems.append(Problem(argument, reason(error)))
            continue
        path = os.path.abspath(argument)
        if is_excluded_though_named(path, lookup.of_file(path)):
            continue
        if stat.S_ISDIR(mode):
            found.extend(_walk(path, problems, lookup))
        elif stat.S_ISREG(mode):
            found.append(path)
        else:
            problems.append(Problem(argument, "is neither a regular file nor a folder"))
    return Discovery(tuple(sorted(shown(path) for path in _once(found))), tuple(dict.fromkeys(problems)))


def project_files(root: str, roots: ProjectRoots) -> list[str]:
    """The Python files of the project in the folder `root`, by the names to show; without notebooks, which nothing can
    import.

    They are there to be known, not to be checked, so that what the settings exclude is among them.
    """
    is_tree = roots.is_tree(root)
    walked = _walk(root, [], SettingsLookup.of_defaults(), recursive=is_tree)
    # What lies in the folder itself belongs to it.
    return [
        shown(path)
        for path in walked
        if not path.endswith(NOTEBOOK_SUFFIX) and (not is_tree or roots.root_of(path) == root)
    ]


def _once(paths: Iterable[str]) -> Iterator[str]:
    """Each file once, by its own name rather than a symbolic link's where both were found."""
    by_file: dict[str, str] = {}
    real_paths = RealPaths()
    for path in paths:
        real = real_paths.of(path)
        known = by_file.get(real)
        if known is None or path == real or (known != real and path < known):
            by_file[real] = path
    yield from by_file.values()


def _walk(top: str, problems: list[Problem], lookup: SettingsLookup, recursive: bool = True) -> Iterator[str]:
    """The Python files in the folder `top` and those below it; a folder that can't be listed goes into `problems`."""
    from joinlint.gitignore import IgnoreFiles, ignore_files_above  # files that are named need none

    # A folder whose subfolders are not of its project is in none, and so in no repository, either.
    pending = [(top, ignore_files_above(top) if recursive else IgnoreFiles())]
    while pending:
        folder, ignored = pending.pop()
        try:
            with os.scandir(folder) as listing:
                entries = list(listing)
        except OSError as error:
            problems.append(Problem(shown(folder), reason(error)))
            continue
        settings = lookup.of_folder(folder).settings
        excluded = exclusion_below(top, settings)
        ignored = ignored.with_own(folder)
        for entry in entries:
            is_folder = _is_folder(entry)
            if not (recursive if is_folder else _is_python(entry)):
                continue
            if excluded.covers(entry.path, folder=is_folder):
                continue
            if settings.respect_gitignore and ignored.covers(entry.name, folder=is_folder):
                continue
            if is_folder:
                pending.append((entry.path, ignored.below(entry.name)))
            else:
                yield entry.path


def _is_folder(entry: os.DirEntry[str]) -> bool:
    # A link to a folder may lead round in a circle, and what it leads to is found under its own name or lies elsewhere.
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _is_python(entry: os.DirEntry[str]) -> bool:
    """A regular file (a pipe would block whoever reads it) with the ending of Python or of a notebook, or without one
    but with a Python shebang."""
    if entry.name.endswith(_SUFFIXES):
        return _is_regular(entry)
    return "." not in entry.name and _is_regular(entry) and _has_shebang(entry.path)


def _is_regular(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_file()
    except OSError:
        return False


def _has_shebang(path: str) -> bool:
    try:
        return _SHEBANG.match(read_start(path, _SHEBANG_LENGTH)) is not None
    except OSError:
        return False
