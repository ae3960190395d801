"""A look at the bytes: can this file matter at all?"""

from __future__ import annotations

import re

from joinlint.options import Options

# Every module that can make a process worker has one of these in its dotted name (program/models.py lists them).
_LIBRARY_NAMES = (b"multiprocess", b"billiard", b"loky", b"ProcessPoolExecutor")

# Every class of such a worker has one of these in its name, and so has every call that makes one or says how.
_WORKER_NAMES = (b"Process", b"Pool", b"Manager", b"set_start_method")

# What a file must hold to start or end a worker that it got from elsewhere; str.join always has an argument.
_OPERATIONS = (b".start(", b".join()", b".join(timeout", b".terminate(", b".kill(")

_MAY_SILENCE = re.compile(rb"noqa|joinlint:", re.IGNORECASE)

# A call that stands at the left margin, and a guard there other than the proper one.
# Both begin with a newline rather than `^`, which Python's regular expressions look for at every byte.
_CALL = re.compile(rb"\n[A-Za-z_][\w.]*+\(")
_GUARD = re.compile(rb"\n(if\b[^\n]*main[^\n]*)")
_PROPER_GUARD = re.compile(rb"if +__name__ *== *([\"'])__main__\1 *:")


def names_library(content: bytes) -> bool:
    """False when the file names no library of process workers, or not by itself: it may pass one on."""
    return any(name in content for name in _LIBRARY_NAMES)


def names_worker(content: bytes) -> bool:
    """False when nothing in the file can be a class of workers."""
    return any(name in content for name in _WORKER_NAMES)


def may_matter(content: bytes, options: Options) -> bool:
    """False when the file names no library of process workers, or no worker; UTF-16 is no Python source."""
    return (names_library(content) and names_worker(content)) or _names_declared(content, options)


def _names_declared(content: bytes, options: Options) -> bool:
    """False when the file names no class that the user says is one of processes."""
    return any(name.rpartition(".")[2].encode() in content for name in options.process_classes)


def needs_reading(content: bytes, options: Options) -> bool:
    """False when no rule can find anything in the file by itself."""
    return may_matter(content, options) or (
        may_start_threads(content) if options.threads else may_misuse_threads(content)
    )


def may_start_threads(content: bytes) -> bool:
    """False when the file uses no threads."""
    return b"Thread" in content or b"Timer" in content


def touches_workers(content: bytes) -> bool:
    """False when the file neither starts nor ends anything."""
    return any(operation in content for operation in _OPERATIONS)


def may_concern_workers(content: bytes) -> bool:
    """False when nothing in other files can make this one matter, nor the other way round."""
    return names_library(content) or touches_workers(content)


def calls_at_import(content: bytes) -> bool:
    """False when importing the file makes no call of which nothing is kept."""
    return _CALL.search(b"\n" + content) is not None


def imports(content: bytes) -> bool:
    """False when the file imports nothing."""
    return b"import" in content


def has_odd_guard(content: bytes) -> bool:
    """False when the file has no main guard but proper ones."""
    return any(_PROPER_GUARD.match(line) is None for line in _GUARD.findall(b"\n" + content))


def may_silence(content: bytes) -> bool:
    """False when no comment in the file silences anything."""
    return _MAY_SILENCE.search(content) is not None


# --- threads
# -------------------------------------------------------------------------------------------------------------------


def may_misuse_threads(content: bytes) -> bool:
    """False when the file uses no threads, or nothing that it does with them can be wrong."""
    if not may_start_threads(content):
        return False
    from joinlint.syntax.thread_prefilter import may_go_wrong  # its patterns take a while to compile

    return may_go_wrong(content)


def defines_threads(content: bytes) -> bool:
    """False when no class in the file is one of threads, by the name of its base."""
    if b"Thread" not in content:
        return False
    from joinlint.syntax.thread_prefilter import has_thread_class

    return has_thread_class(content)
