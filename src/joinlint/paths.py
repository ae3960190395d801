"""Files in words: their names as shown, and why one can't be opened."""

from __future__ import annotations

import os

from joinlint.links import STDIN_NAME


def shown(path: str) -> str:
    """The name to show for an absolute path: relative to the current folder where it lies below it."""
    here = os.path.join(os.getcwd(), "")
    return path.removeprefix(here)


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
