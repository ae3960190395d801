"""What pickle refuses, and what multiprocessing hands over only while it starts a process."""

from __future__ import annotations

# What multiprocessing hands to a process while it starts it, and at no other time (RuntimeError: … objects should only
# be shared between processes through inheritance); a Pool not even then.
SHARED_BY_INHERITANCE = frozenset(
    {
        "Queue",
        "JoinableQueue",
        "SimpleQueue",
        "Lock",
        "RLock",
        "Event",
        "Condition",
        "Semaphore",
        "BoundedSemaphore",
        "Barrier",
        "Value",
        "Array",
        "RawValue",
        "RawArray",
        "Pool",
    }
)

# Calls whose result pickle refuses, with what the result is called.
UNPICKLABLE = {
    **{
        f"threading.{name}": f"a threading.{name}"
        for name in ("Lock", "RLock", "Condition", "Event", "Semaphore", "BoundedSemaphore", "Barrier", "local")
    },
    **{f"queue.{name}": f"a queue.{name}" for name in ("Queue", "LifoQueue", "PriorityQueue", "SimpleQueue")},
    **dict.fromkeys(
        (
            "builtins.open",
            "io.open",
            "os.fdopen",
            "codecs.open",
            "gzip.open",
            "bz2.open",
            "lzma.open",
            "tempfile.TemporaryFile",
            "tempfile.NamedTemporaryFile",
            "zipfile.ZipFile",
        ),
        "an open file",
    ),
    "sqlite3.connect": "a connection of sqlite3",
    "subprocess.Popen": "a subprocess.Popen",
    "weakref.ref": "a weak reference",
    "weakref.WeakSet": "a WeakSet",
    "weakref.WeakValueDictionary": "a WeakValueDictionary",
    "weakref.WeakKeyDictionary": "a WeakKeyDictionary",
    "asyncio.new_event_loop": "an event loop",
    "asyncio.get_event_loop": "an event loop",
    "asyncio.get_running_loop": "an event loop",
    "concurrent.futures.Future": "a Future",
    "contextvars.ContextVar": "a ContextVar",
    "mmap.mmap": "an mmap",
    "csv.writer": "a csv.writer",
    "csv.reader": "a csv.reader",
    "ssl.create_default_context": "an SSLContext",
    "selectors.DefaultSelector": "a selector",
}
