"""Which paths git would ignore: `.gitignore` files, nested ones too, and the repository's own `info/exclude`."""

from __future__ import annotations

import os
from dataclasses import dataclass

from joinlint.gitignore_patterns import Patterns
from joinlint.regular_files import read_regular

# Bytes: the time that a name takes grows with the size, and a file beyond it was not written to be read.
_MAX_SIZE = 1_000_000


@dataclass(frozen=True, slots=True)
class IgnoreFiles:
    """The ignore files that hold in a folder, outermost first: the patterns of each, and how far these have matched
    the way to the folder."""

    reached: tuple[tuple[Patterns, int], ...] = ()

    def with_file(self, path: str) -> IgnoreFiles:
        """These and the ignore file at `path`, if there is one, whose patterns begin in this folder."""
        patterns = _read(path)
        return self if patterns is None else IgnoreFiles((*self.reached, (patterns, patterns.start)))

    def with_own(self, folder: str) -> IgnoreFiles:
        """These and the folder's own `.gitignore`, if it has one."""
        path = os.path.join(folder, ".gitignore")
        # git does not follow a link there.
        return self if os.path.islink(path) else self.with_file(path)

    def below(self, name: str) -> IgnoreFiles:
        """Those that hold in the folder called `name`, without its own."""
        encoded = os.fsencode(name)
        reached = ((each, each.inside(each.past(state, encoded))) for each, state in self.reached)
        return IgnoreFiles(tuple((each, state) for each, state in reached if state))

    def covers(self, name: str, *, folder: bool) -> bool:
        """Is the folder or file called `name` ignored?  The innermost ignore file with a pattern for it decides."""
        encoded = os.fsencode(name)
        for patterns, state in reversed(self.reached):
            verdict = patterns.verdict(patterns.past(state, encoded), folder=folder)
            if verdict is not None:
                return verdict
        return False


def ignore_files_above(name: str) -> IgnoreFiles:
    """The ignore files of the git work tree around the folder, from its root down to, but not including, the folder.

    None outside of a work tree.  None, either, where they ignore the folder itself: whoever names an ignored folder
    wants it.
    """
    below: list[str] = []
    root = name
    while not os.path.exists(os.path.join(root, ".git")):
        root, last = os.path.split(root)
        if not last:
            return IgnoreFiles()
        below.append(last)
    found = IgnoreFiles().with_file(os.path.join(_git_folder(os.path.join(root, ".git")), "info", "exclude"))
    while below:
        found = found.with_own(root)
        if found.covers(below[-1], folder=True):
            return IgnoreFiles()
        found = found.below(below[-1])
        root = os.path.join(root, below.pop())
    return found


def _git_folder(dot_git: str) -> str:
    """Where the repository's own files lie: linked work trees and submodules have a file that says so instead of a
    folder."""
    if os.path.isdir(dot_git):
        return dot_git
    try:
        folder = os.path.join(os.path.dirname(dot_git), _text(dot_git).removeprefix("gitdir:").strip())
        common = os.path.join(folder, "commondir")
        return os.path.join(folder, _text(common).strip()) if os.path.exists(common) else folder
    except (OSError, ValueError):
        return dot_git


def _text(path: str) -> str:
    return os.fsdecode(read_regular(path, _MAX_SIZE))


def _read(path: str) -> Patterns | None:
    """The patterns of an ignore file, None where there is no such file or one that is too large."""
    try:
        return Patterns(read_regular(path, _MAX_SIZE))
    except (OSError, ValueError):
        return None
