"""A look at the bytes: can this file matter at all?"""

from __future__ import annotations

import re

# Every module that can make a process worker has one of these in its dotted name (program/models.py lists them).
_LIBRARY_NAMES = (b"multiprocess", b"billiard", b"loky", b"ProcessPoolExecutor")

# Every class of such a worker has one of these in its name, and so has every call that makes one.
_WORKER_NAMES = (b"Process", b"Pool", b"Manager")

# What a file must hold to start or end a worker that it got from elsewhere; str.join always has an argument.
_OPERATIONS = (b".start(", b".join()", b".join(timeout", b".terminate(", b".kill(")

# A call that stands at the left margin, and a guard there other than the proper one.
_CALL = re.compile(rb"^[A-Za-z_][\w.]*\(", re.MULTILINE)
_GUARD = re.compile(rb"^if\b[^\n]*main[^\n]*", re.MULTILINE)
_PROPER_GUARD = re.compile(rb"if +__name__ *== *([\"'])__main__\1 *:")


def names_library(content: bytes) -> bool:
    """False when the file names no library of process workers, or not by itself: it may pass one on."""
    return any(name in content for name in _LIBRARY_NAMES)


def names_worker(content: bytes) -> bool:
    """False when nothing in the file can be a class of workers."""
    return any(name in content for name in _WORKER_NAMES)


def may_matter(content: bytes) -> bool:
    """False when the file names no library of process workers, or no worker; UTF-16 is no Python source."""
    return names_library(content) and names_worker(content)


def touches_workers(content: bytes) -> bool:
    """False when the file neither starts nor ends anything."""
    return any(operation in content for operation in _OPERATIONS)


def may_concern_workers(content: bytes) -> bool:
    """False when nothing in other files can make this one matter, nor the other way round."""
    return names_library(content) or touches_workers(content)


def calls_at_import(content: bytes) -> bool:
    """False when importing the file makes no call of which nothing is kept."""
    return _CALL.search(content) is not None


def has_odd_guard(content: bytes) -> bool:
    """False when the file has no main guard but proper ones."""
    return any(_PROPER_GUARD.match(line) is None for line in _GUARD.findall(content))
