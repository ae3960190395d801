"""Which files belong together: the folder that holds the project a file is part of."""

from __future__ import annotations

import os

# What stands in the top folder of a repository or of what is built and installed as one.
_MARKERS = ("pyproject.toml", "setup.py", "setup.cfg", ".git", ".hg")


class ProjectRoots:
    """Finds the folder of a file's project, and remembers for the length of a run what it has seen of the disk."""

    def __init__(self) -> None:
        self._marked: dict[str, bool] = {}
        self._roots: dict[str, str] = {}

    def root_of(self, filename: str) -> str:
        """The absolute path of the project's folder.

        That is the nearest one above the file with a marker in it; where there is none, the folder from which the file
        is imported: the one above the outermost package, or the script's own.
        """
        folder = os.path.dirname(os.path.abspath(filename))
        if folder not in self._roots:
            folders = _upwards(folder)
            not_packages = (above for above in folders if not os.path.exists(os.path.join(above, "__init__.py")))
            self._roots[folder] = next(filter(self.is_marked, folders), None) or next(not_packages, folders[-1])
        return self._roots[folder]

    def is_marked(self, folder: str) -> bool:
        """Does the folder say that a project is in it?"""
        if folder not in self._marked:
            self._marked[folder] = any(os.path.exists(os.path.join(folder, marker)) for marker in _MARKERS)
        return self._marked[folder]


def _upwards(folder: str) -> list[str]:
    folders = [folder]
    while (above := os.path.dirname(folders[-1])) != folders[-1]:
        folders.append(above)
    return folders
