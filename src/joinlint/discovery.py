"""Which files to check: those named, and the Python files and notebooks of the folders named."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from joinlint.gitignore import ignore_files_above
from joinlint.project_roots import ProjectRoots
from joinlint.sources import NOTEBOOK_SUFFIX, Problem

# Folders that hold other people's code, copies or caches.
_NEVER_WALKED = frozenset(
    {
        ".bzr",
        ".direnv",
        ".eggs",
        ".git",
        ".hg",
        ".hypothesis",
        ".ipynb_checkpoints",
        ".jj",
        ".mypy_cache",
        ".nox",
        ".pants.d",
        ".pytest_cache",
        ".ruff_cache",
        ".svn",
        ".tox",
        ".venv",
        "__pycache__",
        "__pypackages__",
        "dist-packages",
        "node_modules",
        "site-packages",
    }
)
# Names that a build or an environment takes, but that a package may have as well (the standard library has a `venv`).
_WALKED_AS_PACKAGES = frozenset({"_build", "build", "buck-out", "dist", "venv"})

_SUFFIXES = (".py", ".pyw", NOTEBOOK_SUFFIX)
_SHEBANG = re.compile(rb"#!.*(\bpython|\bpypy|\buv run\b)")
_SHEBANG_LENGTH = 256


@dataclass(frozen=True, slots=True)
class Discovery:
    """The files to check, sorted by name, each once, and what stood in the way of finding more.

    Names are relative to the current folder where they lie below it, absolute otherwise.
    """

    files: tuple[str, ...]
    problems: tuple[Problem, ...]


def discover(arguments: Sequence[str]) -> Discovery:
    """Find the files that `arguments` (files and folders) stand for.

    A file is taken whatever its ending and a folder is walked whatever its name, for someone named them.  Raises
    nothing: an argument that does not exist or can't be read becomes a problem.
    """
    found: list[str] = []
    problems: list[Problem] = []
    for argument in arguments:
        try:
            mode = os.stat(argument).st_mode
        except (OSError, ValueError) as error:
            problems.append(Problem(argument, reason(error)))
            continue
        if stat.S_ISDIR(mode):
            found.extend(_walk(os.path.abspath(argument), problems))
        elif stat.S_ISREG(mode):
            found.append(os.path.abspath(argument))
        else:
            problems.append(Problem(argument, "is neither a regular file nor a folder"))
    return Discovery(tuple(sorted(shown(path) for path in _once(found))), tuple(dict.fromkeys(problems)))


def project_files(root: str, roots: ProjectRoots) -> list[str]:
    """The Python files of the project in the folder `root`, by the names to show; without notebooks, which nothing can
    import."""
    walked = _walk(root, [], recursive=roots.is_tree(root))
    return [shown(path) for path in walked if not path.endswith(NOTEBOOK_SUFFIX) and roots.root_of(path) == root]


def shown(path: str) -> str:
    """The name to show for an absolute path: relative to the current folder where it lies below it."""
    here = os.path.join(os.getcwd(), "")
    return path.removeprefix(here)


def reason(error: OSError | ValueError) -> str:
    """Why a file can't be opened, in the system's words without the number and the name."""
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _once(paths: Iterable[str]) -> Iterator[str]:
    """Each file once, by its own name rather than a symbolic link's where both were found."""
    by_file: dict[str, str] = {}
    for path in paths:
        real = os.path.realpath(path)
        known = by_file.get(real)
        if known is None or path == real or (known != real and path < known):
            by_file[real] = path
    yield from by_file.values()


def _walk(top: str, problems: list[Problem], recursive: bool = True) -> Iterator[str]:
    """The Python files in the folder `top` and those below it; a folder that can't be listed goes into `problems`."""
    pending = [(top, ignore_files_above(Path(top)))]
    while pending:
        folder, ignored = pending.pop()
        try:
            with os.scandir(folder) as listing:
                entries = list(listing)
        except OSError as error:
            problems.append(Problem(shown(folder), reason(error)))
            continue
        ignored = ignored.with_folder(Path(folder))
        for entry in entries:
            if _is_folder(entry):
                if recursive and not _is_skipped(entry) and not ignored.covers(entry.path, folder=True):
                    pending.append((entry.path, ignored))
            elif _is_python(entry) and not ignored.covers(entry.path, folder=False):
                yield entry.path


def _is_folder(entry: os.DirEntry[str]) -> bool:
    # A link to a folder may lead round in a circle, and what it leads to is found under its own name or lies elsewhere.
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _is_skipped(entry: os.DirEntry[str]) -> bool:
    if entry.name in _NEVER_WALKED or os.path.exists(os.path.join(entry.path, "pyvenv.cfg")):
        return True
    return entry.name in _WALKED_AS_PACKAGES and not os.path.exists(os.path.join(entry.path, "__init__.py"))


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
        with open(path, "rb") as file:
            return _SHEBANG.match(file.readline(_SHEBANG_LENGTH)) is not None
    except OSError:
        return False
