"""Reading files whose names were found, not given: they may be anything."""

from __future__ import annotations

import os
import stat


def read_regular(path: str, most: int = -1) -> bytes:
    """What the regular file at `path` holds, or its first bytes if `most` says how many.

    Raises OSError, and ValueError for a path that can't be one.  A pipe or device is an error, too: reading one might
    never end, and opening it might wait for a writer, even if it has taken the place of a file a moment ago.
    """
    _refuse_others(os.stat(path))
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:
        _refuse_others(os.fstat(descriptor))
        return file.read(most)


def _refuse_others(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OSError(0, "is not a regular file")
