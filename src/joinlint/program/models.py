"""What the concurrency libraries promise: the one table of worker classes and of the methods that give them work.

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
# What tells whether a process still runs.
LOOKS = frozenset({"is_alive", "exitcode"})
# The public attributes of processes and threads, and what waits for one in private (Lib/multiprocessing/process.py,
# Lib/threading.py).
ATTRIBUTES = LIFE | {
    *("run", "interrupt", "name", "daemon", "ident", "pid", "native_id", "exitcode", "authkey", "sentinel"),
    *("getName", "setName", "isDaemon", "setDaemon", "isAlive", "_popen", "_started", "_stop", "_tstate_lock"),
}

# Methods that hand many tasks to a pool at once, which overlap each other, and return before they are done.
SUBMITS_MANY = frozenset({"map_async", "starmap_async", "imap", "imap_unordered"})
# Methods that hand a task to a pool or executor and return before it is done.
_POOL_SUBMITS = SUBMITS_MANY | {"apply_async"}
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

# Parameter and attribute names that people give to a multiprocessing context.
CONTEXT_NAMES = frozenset(
    {"ctx", "context", "mp_ctx", "mp_context", "multiprocessing_context", "mpctx", "mp", "multiprocessing"}
)


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


def is_active_children(dotted: str) -> bool:
    return canonical(dotted) == "multiprocessing.active_children"
