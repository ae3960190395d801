"""A look at the bytes of a file with threads: can it misuse them?"""

from __future__ import annotations

import re
from collections.abc import Iterator

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


def may_go_wrong(content: bytes) -> bool:
    """False when nothing that a file with threads does with them can be wrong."""
    return bool(_MISUSED_THREADS.search(content)) or _has_odd_thread_class(content) or _handles_threads(content)


def _handles_threads(content: bytes) -> bool:
    """May a thread be started twice, joined too soon, run in place of a start, or its start() be kept; may the tasks of
    threads wait for each other?"""
    words = (b".run()", b".join()", b".join(timeout", b"ThreadPoolExecutor")
    starts = content.count(b".start(")
    return any(word in content for word in words) or starts > 1 or (starts > 0 and b"= " in content)


def has_thread_class(content: bytes) -> bool:
    """False when no class in the file is one of threads, by the name of its base."""
    return any(_THREAD_BASE.search(bases) for _, bases, _ in _classes(content))


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
