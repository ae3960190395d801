"""A look at the bytes: can this file matter at all?"""

from __future__ import annotations

# Every module that can make a process worker has one of these in its dotted name (program/models.py lists them).
_LIBRARY_NAMES = (b"multiprocess", b"billiard", b"loky", b"ProcessPoolExecutor")

# Every class of such a worker has one of these in its name, and so has every call that makes one.
_WORKER_NAMES = (b"Process", b"Pool", b"Manager")


def names_library(content: bytes) -> bool:
    """False when the file names no library of process workers, or not by itself: it may pass one on."""
    return any(name in content for name in _LIBRARY_NAMES)


def may_matter(content: bytes) -> bool:
    """False when the file names no library of process workers, or no worker; UTF-16 is no Python source."""
    return names_library(content) and any(name in content for name in _WORKER_NAMES)
