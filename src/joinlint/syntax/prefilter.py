"""A look at the bytes: can this file matter at all?"""

from __future__ import annotations

import re
from collections.abc import Iterator

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

# Most files that use threads use them well, and what can be wrong with threads alone shows in a few words: a target or
# task that is called, arguments that are no tuple, a first argument where the group is.  These patterns are wider than
# the rules, never narrower.
_GAP = rb"[(,](?:\s|#[^\n]*)*+"
_NO_TUPLE = rb"(?:\((?=\s*[^\s)])(?:[^(),]|\([^()]*\))*\)|[rbfuRBFU]{0,2}[\"'\d])"
_NO_GROUP = rb"\s*+(?!\)|self\s*\)|\*|\.\.\.|None\b|(?:group|target|name|args|kwargs|daemon)\s*=)"
_MISUSED_THREADS = re.compile(
    b"|".join(
        (
            _GAP + rb"(?:target|initializer|function)\s*=\s*[\w.]+\s*\(",
            rb"\.(?:submit|map|apply|apply_async|imap|imap_unordered|map_async|starmap|starmap_async)\(\s*[\w.]+\(",
            rb"\brun_in_executor\([^,]*,\s*[\w.]+\(",
            rb"\bTimer\(\s*[^\n,]*,\s*(?:[\w.]+\(|[\w.]+\s*,\s*" + _NO_TUPLE + b")",
            _GAP + rb"(?:kw)?args\s*=\s*" + _NO_TUPLE,
            _GAP + rb"args\s*=\s*+(?!\w*arg|None|True|False|tuple|list|self\.\w*arg)[A-Za-z_][\w.]*\s*[,)(\[]",
            rb"\.apply(?:_async)?\(\s*[\w.]+\s*,\s*" + _NO_TUPLE,
            rb"target\s*=\s*[\w.]+,\s*args\s*=\s*None",
            rb"(?<!\w)Thread\(" + _NO_GROUP,
        )
    )
)
_CLASS = re.compile(rb"^([ \t]*)class\s+(\w+)\s*\(([^)]*)\)\s*:", re.MULTILINE)
_THREAD_BASE = re.compile(rb"\w*(?:Thread|Timer)\b")
_BASE_INIT = re.compile(rb"\.__init__\((?:\s*self\s*,)?+" + _NO_GROUP)


def may_misuse_threads(content: bytes) -> bool:
    """False when the file uses no threads, or nothing that it does with them can be wrong."""
    if not (b"Thread" in content or b"Timer" in content):
        return False
    return bool(_MISUSED_THREADS.search(content)) or _has_odd_thread_class(content) or _handles_threads(content)


def _handles_threads(content: bytes) -> bool:
    """May a thread be started twice, joined too soon, run in place of a start, or its start() be kept; may the tasks of
    threads wait for each other?"""
    words = (b".run()", b".join()", b".join(timeout", b"ThreadPoolExecutor")
    starts = content.count(b".start(")
    return any(word in content for word in words) or starts > 1 or (starts > 0 and b"= " in content)


def defines_threads(content: bytes) -> bool:
    """False when no class in the file is one of threads, by the name of its base."""
    return b"Thread" in content and any(_THREAD_BASE.search(bases) for _, bases, _ in _classes(content))


def _has_odd_thread_class(content: bytes) -> bool:
    """Is there a class of threads that calls no __init__ of its base, or one with something for the group?"""
    names: set[bytes] = set()
    for name, bases, body in _classes(content):
        if not _THREAD_BASE.search(bases) and not any(re.search(rb"\b%s\b" % known, bases) for known in names):
            continue
        names.add(name)
        if b"," in bases and b"metaclass" not in bases:
            return True  # another base may keep the call of __init__ to itself
        if b"def __init__" in body or b"__post_init__" in body:
            if b".__init__(" not in body or _BASE_INIT.search(body):
                return True
        elif b"dataclass" in content or re.search(rb"(?<!\w)(?<!class )%s\(" % name + _NO_GROUP, content):
            return True
    return False


def _classes(content: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """Name, bases and body of each class that has bases."""
    for match in _CLASS.finditer(content):
        end = re.compile(rb"^[ \t]{0,%d}[^\s#)]" % len(match[1]), re.MULTILINE).search(content, match.end())
        yield match[2], match[3], content[match.end() : end.start() if end is not None else len(content)]
