"""Which paths git would ignore: `.gitignore` files, nested ones too, and the repository's own `info/exclude`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pathspec import GitIgnoreSpec

from joinlint.regular_files import read_regular

# pathspec's regular expressions go back over what each star has matched: the time grows by a power of their number,
# and their base is the length of a name and the depth of a path.  What goes beyond any of these is not ignored.
_MAX_STARS = 4
_MAX_NAME = 100
_MAX_DEPTH = 50


@dataclass(frozen=True, slots=True)
class IgnoreFiles:
    """The ignore files that hold for a folder: (folder that their patterns are relative to, patterns), outermost
    first."""

    specs: tuple[tuple[Path, GitIgnoreSpec], ...] = ()

    def with_folder(self, folder: Path) -> IgnoreFiles:
        """These and the folder's own `.gitignore`, if it has one."""
        spec = _read(folder / ".gitignore")
        return self if spec is None else IgnoreFiles((*self.specs, (folder, spec)))

    def covers(self, path: str | Path, *, folder: bool) -> bool:
        """Is `path`, a folder or a file, ignored?  The innermost file that has a pattern for it decides.

        A path below more folders, or with a longer name, than people make is not.
        """
        for base, spec in reversed(self.specs):
            names = os.path.relpath(path, base).split(os.sep)
            if len(names) > _MAX_DEPTH or max(map(len, names)) > _MAX_NAME:
                return False
            decided = spec.check_file("/".join(names) + ("/" if folder else "")).include
            if decided is not None:
                return decided
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
    found = IgnoreFiles() if exclude is None else IgnoreFiles(((root, exclude),))
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
        folder = dot_git.parent / dot_git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
        common = folder / "commondir"
        return folder / common.read_text(encoding="utf-8").strip() if common.exists() else folder
    except (OSError, ValueError):
        return dot_git


def _read(path: Path) -> GitIgnoreSpec | None:
    """The patterns of an ignore file, None where there is no such file; patterns that git could not use are left out,
    and those that could take for ever to match."""
    try:
        lines = read_regular(str(path)).decode("utf-8-sig", "surrogateescape").splitlines()
    except (OSError, ValueError):
        return None
    return GitIgnoreSpec.from_lines([line for line in lines if _is_pattern(line)])


def _is_pattern(line: str) -> bool:
    if len(re.findall(r"\*+", line)) > _MAX_STARS:
        return False
    try:
        GitIgnoreSpec.from_lines([line])
    except ValueError:
        return False
    return True
