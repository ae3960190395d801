"""Which paths git would ignore: `.gitignore` files, nested ones too, and the repository's own `info/exclude`."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from joinlint.gitignore_patterns import IgnorePattern, ignore_patterns
from joinlint.regular_files import read_regular


@dataclass(frozen=True, slots=True)
class IgnoreFiles:
    """The ignore files that hold for a folder: (folder that their patterns are relative to, patterns), outermost
    first."""

    files: tuple[tuple[Path, tuple[IgnorePattern, ...]], ...] = ()

    def with_folder(self, folder: Path) -> IgnoreFiles:
        """These and the folder's own `.gitignore`, if it has one."""
        patterns = _read(folder / ".gitignore")
        return IgnoreFiles((*self.files, (folder, patterns))) if patterns else self

    def covers(self, path: str | Path, *, folder: bool) -> bool:
        """Is `path`, a folder or a file, ignored?  The innermost file that has a pattern for it decides."""
        for base, patterns in reversed(self.files):
            name = os.fsencode(os.path.relpath(path, base).replace(os.sep, "/"))
            for pattern in reversed(patterns):
                if pattern.matches(name, folder=folder):
                    return not pattern.negated
        return False


def ignore_files_above(folder: Path) -> IgnoreFiles:
    """The ignore files of the git work tree around `folder`, from its root down to, but not including, `folder`.

    None outside of a work tree.  None, either, where they ignore `folder` itself: whoever names an ignored folder wants
    it.
    """
    root = next((f for f in (folder, *folder.parents) if (f / ".git").exists()), None)
    if root is None:
        return IgnoreFiles()
    exclude = _read(_git_folder(root / ".git") / "info" / "exclude")
    found = IgnoreFiles(((root, exclude),) if exclude else ())
    for step in _between(root, folder):
        if step != root and found.covers(step, folder=True):
            return IgnoreFiles()
        if step != folder:
            found = found.with_folder(step)
    return found


def _between(root: Path, folder: Path) -> Iterator[Path]:
    yield root
    for part in folder.relative_to(root).parts:
        root = root / part
        yield root


def _git_folder(dot_git: Path) -> Path:
    """Where the repository's own files lie: linked work trees and submodules have a file that says so instead of a
    folder."""
    if dot_git.is_dir():
        return dot_git
    try:
        folder = dot_git.parent / _line(dot_git).removeprefix("gitdir:").strip()
        common = folder / "commondir"
        return folder / _line(common) if common.exists() else folder
    except (OSError, ValueError):
        return dot_git


def _line(path: Path) -> str:
    return os.fsdecode(read_regular(str(path))).strip()


def _read(path: Path) -> tuple[IgnorePattern, ...]:
    """The patterns of an ignore file, none where there is no such file."""
    try:
        return tuple(ignore_patterns(read_regular(str(path))))
    except (OSError, ValueError):
        return ()
