"""Files in words: their names as shown, and why one can't be opened."""

from __future__ import annotations

import os

from joinlint.links import STDIN_NAME


def shown(path: str) -> str:
    """The name to show for an absolute path: relative to the current folder where it lies below it."""
    here = os.path.join(os.getcwd(), "")
    return path.removeprefix(here)


class RealPaths:
    """Finds where files lie when links are followed, and remembers the folders that it has seen.

    os.path.realpath() asks of each folder above each file: in a deep tree that takes minutes.
    """

    def __init__(self) -> None:
        self._folders: dict[str, str] = {}

    def of(self, filename: str) -> str:
        """The path of the file without links, as os.path.realpath() gives it."""
        path = os.path.abspath(filename)
        if os.name == "nt":  # where a path also has other spellings
            return os.path.realpath(path)
        return _followed(os.path.join(self._folder(os.path.dirname(path)), os.path.basename(path)))

    def _folder(self, folder: str) -> str:
        passed = []
        while folder not in self._folders and (above := os.path.dirname(folder)) != folder:
            passed.append(folder)
            folder = above
        real = self._folders.get(folder, folder)
        for each in reversed(passed):
            real = self._folders[each] = _followed(os.path.join(real, os.path.basename(each)))
        return real


def _followed(path: str) -> str:
    return os.path.realpath(path) if os.path.islink(path) else path


def reason(error: OSError | ValueError) -> str:
    """Why a file can't be opened, in the system's words without the number and the name.

    For a null byte in the name each version of Python has other words: those of the oldest are taken.
    """
    words = (error.strerror if isinstance(error, OSError) else None) or str(error)
    return "embedded null byte" if isinstance(error, ValueError) and "null" in words else words


def relative_path(filename: str, folder: str) -> str:
    """The path with slashes, as every platform can have it; absolute where a drive of its own leaves no other way."""
    if filename == STDIN_NAME:
        return filename
    try:
        path = os.path.relpath(filename, folder)
    except ValueError:
        path = os.path.abspath(filename)
    return path.replace(os.sep, "/")
