"""Reading files whose names were found, not given: they may be anything."""

from __future__ import annotations

import os
import stat

# Bytes: no program is that long, and a file may say that it is and hold nothing but zeros.
_MAX_SIZE = 100_000_000


def read_regular(path: str, max_size: int = _MAX_SIZE) -> bytes:
    """What the regular file at `path` holds.

    Raises OSError, and ValueError for a path that can't be one.  A pipe or device is an error, too: reading one might
    never end, and opening it might wait for a writer, even if it has taken the place of a file a moment ago.  So is a
    file of more than `max_size` bytes, which must be whole millions.
    """
    content = read_start(path, max_size + 1)
    if len(content) > max_size:
        raise OSError(0, f"is larger than {max_size // 1_000_000} MB")
    return content


def read_start(path: str, most: int) -> bytes:
    """The first bytes of the regular file at `path`, `most` of them or what it holds; raises what read_regular()
    does."""
    _refuse_others(os.stat(path))
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with open(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        _refuse_others(status)
        # To ask for the most at once would make room for it.  A file that grows, or has no size of its own, has more.
        expected = min(most, status.st_size + 1)
        content = file.read(expected)
        return content if len(content) < expected else content + file.read(most - len(content))


def _refuse_others(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise OSError(0, "is not a regular file")
