"""A look at the bytes: can this file matter at all?"""

from __future__ import annotations

# Every module that can make a process worker has one of these in its dotted name (program/models.py lists them).
_LIBRARY_NAMES = (b"multiprocess", b"billiard", b"loky", b"ProcessPoolExecutor")


def may_matter(content: bytes) -> bool:
    """False when the file names no library of process workers, whatever its encoding (UTF-16 is no Python source)."""
    return any(name in content for name in _LIBRARY_NAMES)
