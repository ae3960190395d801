"""Which files belong together: the folder that holds the project a file is part of."""

from __future__ import annotations

import os

# What stands in the top folder of a repository or of what is built and installed as one.
_MARKERS = ("pyproject.toml", "setup.py", "setup.cfg", ".git", ".hg")


class ProjectRoots:
    """Finds the folder of a file's project, and remembers for the length of a run what it has seen of the disk."""

    def __init__(self) -> None:
        self._marked: dict[str, bool] = {}
        self._with_packages: dict[str, bool] = {}
        self._roots: dict[str, str] = {}
        # What people and programs put there has nothing in common.
        shared = ("~", "/tmp", "/var/tmp", *(os.environ.get(name, "") for name in ("TMPDIR", "TEMP", "TMP")))
        self._shared = {os.path.abspath(os.path.expanduser(folder)) for folder in shared if folder}

    def root_of(self, filename: str) -> str:
        """The absolute path of the project's folder.

        That is the nearest one above the file with a marker in it; where there is none, the nearest with a package in
        it, and for a script that has neither its own folder.
        """
        folder = os.path.dirname(os.path.abspath(filename))
        if folder not in self._roots:
            folders = _upwards(folder)
            self._roots[folder] = next(
                (above for above in folders if self._is_marked(above)),
                next((above for above in folders if self._holds_packages(above)), folder),
            )
        return self._roots[folder]

    def is_tree(self, root: str) -> bool:
        """Do files in folders below the root belong to its project?"""
        return self._is_marked(root) or self._holds_packages(root)

    def _is_marked(self, folder: str) -> bool:
        if folder not in self._marked:
            self._marked[folder] = any(os.path.exists(os.path.join(folder, marker)) for marker in _MARKERS)
        return self._marked[folder]

    def _holds_packages(self, folder: str) -> bool:
        """Is it a folder to import packages from?  Itself it is none, nor one that holds anything."""
        if folder not in self._with_packages:
            self._with_packages[folder] = (
                folder not in self._shared
                and os.path.dirname(folder) != folder
                and not os.path.exists(os.path.join(folder, "__init__.py"))
                and _has_package(folder)
            )
        return self._with_packages[folder]


def _has_package(folder: str) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(entry.is_dir() and os.path.exists(os.path.join(entry.path, "__init__.py")) for entry in entries)
    except OSError:
        return False


def _upwards(folder: str) -> list[str]:
    folders = [folder]
    while (above := os.path.dirname(folders[-1])) != folders[-1]:
        folders.append(above)
    return folders
