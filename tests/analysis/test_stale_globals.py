"""Globals that only the parent has assigned, filled, or made for itself."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import pytest

HEAD = """
import multiprocessing as mp
import sys
"""

PROGRAMS: dict[str, str] = {
    "in the function that starts": """
        limit = 0
        def work(): print(limit)
        def main():
            global limit
            limit = 5
            mp.Process(target=work)  # expect: JL205
        """,
    "after the start": """
        limit = 0
        def work(): print(limit)
        def main():
            global limit
            mp.Process(target=work)
            limit = 5
        """,
    "in a function that leads to the start": """
        limit = 0
        def work(): print(limit)
        def start(): mp.Process(target=work)  # expect: JL205
        def main():
            global limit
            limit = 5
            start()
        """,
    "after the call that leads to the start": """
        limit = 0
        def work(): print(limit)
        def start(): mp.Process(target=work)
        def main():
            global limit
            start()
            limit = 5
        """,
    "in a function that is called before": """
        limit = 0
        def work(): print(limit)
        def configure():
            global limit
            limit = 5
        def start(): mp.Process(target=work)  # expect: JL205
        if __name__ == "__main__":
            configure()
            start()
        """,
    "in a function that nobody calls before": """
        limit = 0
        def work(): print(limit)
        def configure():
            global limit
            limit = 5
        def main():
            mp.Process(target=work)
            configure()
        """,
    "in a function that is called at import": """
        limit = 0
        def work(): print(limit)
        def configure():
            global limit
            limit = 5
        configure()
        def main():
            mp.Process(target=work)
        """,
    "in the child itself": """
        limit = 0
        def configure():
            global limit
            limit = 5
        def work():
            configure()
            print(limit)
        def main():
            configure()
            mp.Process(target=work)
        """,
    "filled": """
        items, by_name, kept = [], {}, set()
        rules = []
        by_key = {}
        def work(): print(rules)
        def work_by_key(): print(by_key)
        def main():
            rules.append(1)
            mp.Process(target=work)  # expect: JL205
            by_key["a"] = 1
            mp.Process(target=work_by_key)  # expect: JL205
        """,
    "a method that fills nothing": """
        class Registry:
            def add(self, x): ...
        registry = Registry()
        def work(): print(registry)
        def main():
            registry.add(1)
            mp.Process(target=work)
        """,
    "handed over": """
        limit = 0
        def work(limit_of_mine): print(limit)
        def main():
            global limit
            limit = 5
            mp.Process(target=work, args=(limit,))
        """,
    "handed over, and read by a name that the child does not have": """
        def work(limit_of_mine): print(limit)
        if __name__ == "__main__":
            limit = 5
            mp.Process(target=work, args=(limit,))  # expect: JL205
        """,
    "local names": """
        limit = 0
        def work(limit=1): print(limit)
        def main():
            limit = 5
            mp.Process(target=work)
        """,
    "the same value": """
        limit = 0
        def work(): print(limit)
        def main():
            global limit
            limit = 0
            mp.Process(target=work)
        """,
    "what the child asks for and does without": """
        metrics = None
        log = None
        def work():
            if metrics is not None:
                metrics.add(1)
        def write(): log.write("x")
        def main():
            global metrics, log
            metrics, log = set(), open("x")
            mp.Process(target=work)
            mp.Process(target=write)  # expect: JL205
        """,
    "functions, modules and loggers": """
        import logging
        log = logging.getLogger("x")
        def hook(): ...
        def work():
            log.info("x")
            hook()
            sys.exit()
        def main():
            global log, hook
            log = logging.getLogger("y")
            hook = print
            mp.Process(target=work)
        """,
    "bound under the guard alone": """
        def work(): print(limit)
        def other(): print(os)
        if __name__ == "__main__":
            import os
            limit = 5
            mp.Process(target=work)  # expect: JL205
            mp.Process(target=other)  # expect: JL205
        """,
    "bound under the guard and at import": """
        try:
            import json as format
        except ImportError:
            format = None
        limit = None
        def work(): print(limit, format)
        if __name__ == "__main__":
            limit = None
            mp.Process(target=work)
        """,
    "class attributes": """
        class Config:
            depth = 1
            table = {}
            def method(self): ...
        def work(): print(Config.depth)
        def table(): print(Config.table)
        def method(): print(Config.method)
        def main():
            Config.depth = 2
            mp.Process(target=work)  # expect: JL205
            mp.Process(target=table)
            Config.table["a"] = 1
            mp.Process(target=table)  # expect: JL205
            Config.method = print
            mp.Process(target=method)
        """,
    "methods and run": """
        limit = 0
        class Worker(mp.Process):
            def run(self): self.step()
            def step(self): print(limit)
        class Other:
            def work(self): print(limit)
        def main():
            global limit
            limit = 5
            Worker()  # expect: JL205
            mp.Process(target=Other().work)  # expect: JL205
        """,
    "pools": """
        from functools import partial
        limit = 0
        def work(x): print(limit)
        def prepare(value):
            global limit
            limit = value
        def show(): print(limit)
        def main(items):
            global limit
            limit = 5
            mp.Pool().map(work, items)  # expect: JL205
            mp.Pool().map(partial(work, 1), items)  # expect: JL205
            mp.Pool().map(lambda x: print(limit), items)  # expect: JL205
            mp.Pool(2, prepare, (limit,)).map(work, items)
            mp.Pool(2, prepare).map(work, items)
            mp.Pool(2, show)  # expect: JL205
        """,
    "start methods": """
        limit = 0
        def work(): print(limit)
        def main():
            global limit
            limit = 5
            mp.get_context("fork").Process(target=work)
            if sys.platform == "linux":
                mp.Process(target=work)
        """,
    "threads": """
        import threading
        limit = 0
        def work(): print(limit)
        def main():
            global limit
            limit = 5
            threading.Thread(target=work)
        """,
    "objects that each process makes for itself": """
        queue = mp.Queue()
        lock = mp.Lock()
        end, other_end = mp.Pipe()
        handed = mp.Queue()
        def put(): queue.put(1)
        def hold():
            with lock: print()
        def send(): end.send(1)
        def give(handed): handed.put(1)
        def main():
            mp.Process(target=put)  # expect: JL205
            mp.Process(target=hold)
            mp.Process(target=send)  # expect: JL205
            mp.Process(target=give, args=(handed,))
            print(queue.get(), other_end.recv(), end, handed.get())
        """,
    "a manager's objects and threads' objects": """
        import queue
        tasks = queue.Queue()
        def work(): tasks.put(1)
        def main():
            mp.Process(target=work)
            tasks.get()
        """,
}

FILES: dict[str, Mapping[str, str]] = {
    "another module's attribute": {
        "config.py": "verbose = False\npaths = []\n# multiprocessing.Process\n",
        "app.py": """
            import config
            import multiprocessing
            from config import paths, verbose

            def work(): print(config.verbose)
            def copied(): print(verbose)
            def listed(): print(paths)

            def main():
                config.verbose = True
                multiprocessing.Process(target=work)  # expect: JL205
                multiprocessing.Process(target=copied)
                config.paths.append("x")
                multiprocessing.Process(target=listed)  # expect: JL205
            """,
    },
    "a target in another file": {
        "work.py": """
            import multiprocessing  # Process
            limit = 0
            def configure(value):
                global limit
                limit = value
            def work(): print(limit)
            """,
        "app.py": """
            import multiprocessing
            import work

            if __name__ == "__main__":
                work.configure(5)
                multiprocessing.Process(target=work.work)  # expect: JL205
            """,
    },
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_reports(program: str, check_marks: Callable[[str, Collection[str]], None]) -> None:
    indent = " " * 8
    check_marks("".join(indent + line + "\n" for line in HEAD.splitlines()) + program, {"JL205"})


@pytest.mark.parametrize("files", FILES.values(), ids=FILES.keys())
def test_several_files(
    files: Mapping[str, str], check_marks: Callable[[Mapping[str, str], Collection[str]], None]
) -> None:
    check_marks(files, {"JL205"})
