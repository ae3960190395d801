"""What the concurrency libraries promise: the one table of worker classes and of the functions that touch them.

Dotted names are those of the standard library; other libraries that copy its interface are mapped onto it by
`canonical`.
"""

from __future__ import annotations

# Packages with the interface of multiprocessing; their worker classes live the same life.
_FAMILY = (
    "torch.multiprocessing",
    "multiprocess",
    "billiard",
    "joblib.externals.loky.backend",
    "loky.backend",
    "multiprocessing",
)

_PROCESS = frozenset(
    {"Process", "BaseProcess", "ForkProcess", "SpawnProcess", "ForkServerProcess", "LokyProcess", "LokyInitMainProcess"}
)
_CONTEXTS = frozenset(
    {"get_context", "BaseContext", "DefaultContext", "ForkContext", "SpawnContext", "ForkServerContext", "LokyContext"}
)
_SUBMODULES = frozenset({"context", "process", "pool", "managers", "queues", "connection", "synchronize", "popen_fork"})

PROCESS_CLASS = "multiprocessing.Process"

PROCESS = "process"
THREAD = "thread"
POOL = "pool"
THREAD_POOL = "thread pool"
MANAGER = "manager"
EXECUTOR = "executor"
THREAD_EXECUTOR = "thread executor"
RESULT = "result"  # what a pool or executor gives for a task that it has not done yet

POOLS = frozenset({POOL, THREAD_POOL})
EXECUTORS = frozenset({EXECUTOR, THREAD_EXECUTOR})

# Where a call may make one or the other, the first of these is meant.
KINDS = (PROCESS, POOL, EXECUTOR, MANAGER, RESULT, THREAD, THREAD_POOL, THREAD_EXECUTOR)

_WORKERS = {
    "multiprocessing.Pool": POOL,
    "multiprocessing.pool.Pool": POOL,
    "multiprocessing.pool.ThreadPool": THREAD_POOL,
    "multiprocessing.Manager": MANAGER,
    "concurrent.futures.ProcessPoolExecutor": EXECUTOR,
    "concurrent.futures.process.ProcessPoolExecutor": EXECUTOR,
    "loky.ProcessPoolExecutor": EXECUTOR,
    "concurrent.futures.ThreadPoolExecutor": THREAD_EXECUTOR,
    "concurrent.futures.thread.ThreadPoolExecutor": THREAD_EXECUTOR,
    "threading.Thread": THREAD,
    "threading.Timer": THREAD,
}

# The methods of a process that end, start and watch its life.
LIFE = frozenset({"start", "join", "terminate", "kill", "is_alive", "close"})

# Calls after which nothing more of the path runs.  `exit` of argparse's parser and the like are found by inference.
EXITS_SILENTLY = frozenset(
    {
        "os._exit",
        "os.abort",
        "os.execl",
        "os.execle",
        "os.execlp",
        "os.execlpe",
        "os.execv",
        "os.execve",
        "os.execvp",
        "os.execvpe",
    }
)
EXITS_BY_SYSTEM_EXIT = frozenset(
    {"sys.exit", "builtins.exit", "builtins.quit", "pytest.exit", "pytest.fail", "pytest.skip"}
)

# Library calls that only look at what they are given: a handle passed to them stays with the caller.
LOOKS_ONLY = frozenset(
    f"builtins.{name}"
    for name in (
        "print",
        "len",
        "repr",
        "str",
        "id",
        "hash",
        "type",
        "isinstance",
        "issubclass",
        "bool",
        "hasattr",
        "getattr",
        "callable",
        "format",
        "vars",
        "dir",
        "ascii",
        "super",
        "range",
        "int",
        "float",
        "iter",
    )
) | {"pprint.pprint", "copy.copy", "gc.get_referrers", "sys.getrefcount"}

# Builtins that take a container and give another one with the same elements.
REARRANGES = frozenset(
    f"builtins.{name}" for name in ("list", "tuple", "set", "frozenset", "sorted", "reversed", "iter", "dict")
) | {
    "copy.copy",
    "collections.deque",
    "tqdm.tqdm",
    "tqdm.auto.tqdm",
    "rich.progress.track",
    "itertools.chain",
    "itertools.cycle",
}

# Library calls that run the functions they are given before they return.
RUNS_ITS_ARGUMENT = frozenset(
    {
        "fire.Fire",
        "typer.run",
        "plac.call",
        "argh.dispatch_command",
        "argh.dispatch_commands",
        "absl.app.run",
        "curses.wrapper",
        "tyro.cli",
        "defopt.run",
        "anyio.run",
        "trio.run",
        "timeit.timeit",
        "timeit.repeat",
        "cProfile.Profile.runcall",
    }
)
# The last names of calls that run a function, or make one ready to run, though they are not named after it.
RUNNER_WORDS = frozenset(name.rpartition(".")[2] for name in RUNS_ITS_ARGUMENT) | {"map", "Thread", "Timer"}

# Calls that go through what they are given at once, and those that give something to go through later.
ITERATES = frozenset(
    f"builtins.{name}"
    for name in ("list", "tuple", "set", "frozenset", "dict", "sorted", "sum", "min", "max", "any", "all", "next")
) | {"collections.deque", "collections.Counter", "functools.reduce"}
PASSES_ON_LAZILY = frozenset(f"builtins.{name}" for name in ("iter", "enumerate", "zip", "filter", "reversed")) | {
    "tqdm.tqdm",
    "tqdm.auto.tqdm",
    "itertools.chain",
    "itertools.islice",
}

# Calls that can't raise in practice once they are reached.
NEVER_RAISES = frozenset(
    f"builtins.{name}"
    for name in (
        "print",
        "len",
        "repr",
        "str",
        "id",
        "isinstance",
        "hasattr",
        "range",
        "enumerate",
        "list",
        "dict",
        "set",
        "tuple",
        "zip",
        "bool",
        "type",
        "callable",
        "super",
    )
) | {
    "time.sleep",
    "time.time",
    "time.monotonic",
    "time.perf_counter",
    "os.getpid",
    "os.getppid",
    "gc.collect",
    "multiprocessing.active_children",
    "multiprocessing.current_process",
    "multiprocessing.cpu_count",
    "threading.current_thread",
}

# A callable handed to one of these runs later, at the latest when the program or the scope it belongs to ends.
_WAITS_ON_SENTINELS = frozenset({"multiprocessing.connection.wait", "select.select"})
_ACTIVE_CHILDREN = "multiprocessing.active_children"


def canonical(dotted: str) -> str:
    """`dotted` as a name of the standard library, where it belongs to a package of multiprocessing's family."""
    for package in _FAMILY:
        if dotted == package or dotted.startswith(package + "."):
            rest = dotted[len(package) + 1 :]
            break
    else:
        return dotted
    if rest == "dummy" or rest.startswith("dummy."):
        rest = rest.removeprefix("dummy").removeprefix(".")
        # multiprocessing.dummy has multiprocessing's names for threads.
        return {"Process": "threading.Thread", "Pool": "multiprocessing.pool.ThreadPool"}.get(rest, f"threading.{rest}")
    parts = rest.split(".") if rest else []
    if parts and parts[0] in {"context", "process", "get_context", "managers"} and len(parts) > 1:
        parts = parts[1:]
    if parts and parts[0] in _CONTEXTS:
        parts = parts[1:]
    return ".".join(["multiprocessing", *parts])


def is_known_package(dotted: str) -> bool:
    """Does the table here describe the package, so that its own source need not be looked at?"""
    return canonical(dotted) != dotted or dotted.partition(".")[0] in {
        "multiprocessing",
        "threading",
        "concurrent",
        "os",
        "sys",
    }


def worker_kind(dotted: str) -> str | None:
    """The kind of worker that calling `dotted` (canonical) makes, None for anything else."""
    if dotted in _WORKERS:
        return _WORKERS[dotted]
    head, _, last = dotted.rpartition(".")
    holder = _WORKERS.get(head, "")
    if last in SUBMITS.get(holder, ()) or (holder in POOLS and last == BLOCKING_SUBMIT):
        return RESULT
    if head in {"multiprocessing", "multiprocessing.process", "multiprocessing.context"} and last in _PROCESS:
        return PROCESS
    return None


def has_methods(dotted: str) -> bool:
    """Does calling `dotted` (canonical) make an object whose methods hand work to others?"""
    return _WORKERS.get(dotted) in SUBMITS


def is_context_getter(dotted: str) -> bool:
    """Does calling `dotted` (not canonical) give a context, an object with multiprocessing's own functions?"""
    return dotted.rpartition(".")[2] in _CONTEXTS and canonical(dotted).startswith("multiprocessing")


def exported_by_star(module: str, name: str) -> bool:
    """Does `from module import *` bind `name` to something that matters here?"""
    known = _PROCESS | {"Pool", "Manager", "Queue", "JoinableQueue", "get_context", "active_children", "ThreadPool"}
    known |= {
        "ProcessPoolExecutor",
        "Thread",
        "Lock",
        "Event",
        "Value",
        "Array",
        "Pipe",
        "cpu_count",
        "set_start_method",
    }
    return name in known and canonical(module).split(".")[0] in {"multiprocessing", "concurrent", "threading"}


def is_sentinel_wait(dotted: str) -> bool:
    return canonical(dotted) in _WAITS_ON_SENTINELS


def is_active_children(dotted: str) -> bool:
    return canonical(dotted) == _ACTIVE_CHILDREN


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

# Methods of a process, by what they do to its life.
PROCESS_LOOKS = frozenset(
    {
        "is_alive",
        "exitcode",
        "pid",
        "ident",
        "name",
        "daemon",
        "sentinel",
        "authkey",
        "returncode",
        "_popen",
        "_target",
        "_args",
    }
)

# Methods that hand a task to a pool or executor and return before it is done.
_POOL_SUBMITS = frozenset({"apply_async", "map_async", "starmap_async", "imap", "imap_unordered"})
SUBMITS = {
    POOL: _POOL_SUBMITS,
    THREAD_POOL: _POOL_SUBMITS,
    EXECUTOR: frozenset({"submit"}),
    THREAD_EXECUTOR: frozenset({"submit"}),
}

SUBMIT_NAMES = frozenset().union(*SUBMITS.values())

# The method that hands one task to a pool and waits for it.
BLOCKING_SUBMIT = "apply"

# Methods of what those return: asking for it, and only looking.
RESULT_COLLECTS = frozenset({"get", "wait", "result", "exception", "next", "__next__", "cancel"})
RESULT_LOOKS = frozenset({"ready", "successful", "done", "running", "cancelled"})

# Methods of containers, by what they do with an element.
ADDS_ELEMENT = frozenset({"append", "add", "appendleft", "insert", "put", "put_nowait", "push"})
ADDS_ALL = frozenset({"extend", "update", "extendleft"})
TAKES_ELEMENT = frozenset({"pop", "popleft", "popitem", "get", "get_nowait", "setdefault", "__getitem__"})
VIEWS = frozenset({"values", "items", "keys", "copy", "__iter__"})
EMPTIES = frozenset({"clear"})
DROPS_ELEMENT = frozenset({"remove", "discard", "__delitem__"})

# Parameter and attribute names that people give to a multiprocessing context.
CONTEXT_NAMES = frozenset(
    {"ctx", "context", "mp_ctx", "mp_context", "multiprocessing_context", "mpctx", "mp", "multiprocessing"}
)
