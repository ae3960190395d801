"""What calls of the libraries do with what they are given, by their dotted names: end the program, look, run, pass on,
raise."""

from __future__ import annotations

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
EXITS = EXITS_SILENTLY | EXITS_BY_SYSTEM_EXIT

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

# Methods of loggers, which keep nothing of what they are given.
LOGGING = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log"})
# Methods that are not expected to raise: of loggers, of other workers, of str and os.path.
QUIET_METHODS = LOGGING | {"join"}

# Calls that make a container.
NEW_CONTAINERS = frozenset(
    {
        "builtins.list",
        "builtins.dict",
        "builtins.set",
        "collections.deque",
        "collections.defaultdict",
        "collections.OrderedDict",
        "queue.Queue",
        "queue.SimpleQueue",
        "queue.LifoQueue",
        "weakref.WeakSet",
        "weakref.WeakValueDictionary",
    }
)
