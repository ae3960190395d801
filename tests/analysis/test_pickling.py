"""What can't be handed to processes, and what can't be part of a pool's task."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import pytest

PROGRAMS: dict[str, str | Mapping[str, str]] = {
    # --- where it is given
    "fork where there is such a thing": """
        import multiprocessing

        def main():
            def nested(): ...
            if hasattr(multiprocessing, "get_context"):
                context = multiprocessing.get_context("fork")
            else:
                context = multiprocessing
            context.Process(target=nested)
            multiprocessing.Process(target=nested)  # expect: JL203
        """,
    # --- what is given
    "functions": """
        import functools
        from multiprocessing import Process

        def work(): ...
        named = lambda: 1

        class Task:
            def run(self): ...
            @staticmethod
            def static(): ...
            def __call__(self): ...

        def main():
            def nested(): ...
            class Local:
                def run(self): ...
            Process(target=work)
            Process(target=named)  # expect: JL203
            Process(target=nested)  # expect: JL203
            Process(target=functools.partial(work, 1))
            Process(target=functools.partial(nested, 1))  # expect: JL203
            Process(target=functools.partial(work, lambda: 1))  # expect: JL203
            Process(target=Task().run)
            Process(target=Task.static)
            Process(target=Task())
            Process(target=Local().run)  # expect: JL203
            Process(target=print)
        """,
    "functions from elsewhere": """
        import functools
        from multiprocessing import Process
        from somewhere import decorate, unknown

        def make():
            def nested(): ...
            return nested

        def main(given):
            @decorate
            def nested(): ...
            @functools.wraps(unknown)
            def wrapped(): ...
            global public
            def public(): ...
            Process(target=nested)
            Process(target=wrapped)
            Process(target=public)
            Process(target=given)
            Process(target=unknown)
            Process(target=make())  # expect: JL203
            chosen = nested if given else print
            Process(target=chosen)
        """,
    "arguments": """
        import logging, queue, re, socket, sqlite3, sys, threading
        import multiprocessing as mp

        def work(*args): ...
        def numbers():
            yield 1

        def main(path):
            lock = threading.Lock()
            log = open(path)
            mine = mp.Lock()
            with open(path) as file:
                mp.Process(target=work, args=(file,))  # expect: JL203
            mp.Process(target=work, args=(lock,))  # expect: JL203
            mp.Process(target=work, args=[log])  # expect: JL203
            mp.Process(target=work, args=(1, [lock]))  # expect: JL203
            mp.Process(target=work, kwargs={"lock": lock})  # expect: JL203
            mp.Process(target=work, args=(numbers(),))  # expect: JL203
            mp.Process(target=work, args=(re,))  # expect: JL203
            mp.Process(target=work, args=(sys.stdout,))  # expect: JL203
            mp.Process(target=work, args=(queue.Queue(),))  # expect: JL203
            mp.Process(target=work, args=(sqlite3.connect(path),))  # expect: JL203
            mp.Process(target=work, args=(threading.Thread(),))  # expect: JL203
            mp.Process(target=work, args=(mp.Pool(),))  # expect: JL203
            mp.Process(target=work, args=(mine, mp.Pipe()[0], socket.socket(), logging.getLogger()))
            mp.Process(target=work, args=(re.compile("x"), iter([1]), mp.Process(), path))
            mp.Process(target=work, args=({}.keys,))
        """,
    "made in the arguments": """
        import multiprocessing as mp
        from functools import partial

        def work(*args): ...

        def main():
            mp.Process(target=work, args=(mp.Lock(),))  # expect: JL203
            mp.Process(target=work, args=([mp.Event() for _ in range(2)],))  # expect: JL203
            mp.Process(target=work, kwargs={"q": mp.Queue()})  # expect: JL203
            mp.Process(target=partial(work, mp.Value("i")))  # expect: JL203
            mp.Process(target=work, args=(mp.Value("i", lock=False), mp.RawValue("i"), mp.Pipe()))
            mp.Pool(2, work, (mp.Lock(),))
            locks = [mp.Lock()]
            mp.Process(target=work, args=locks)
            mp.get_context("fork").Process(target=work, args=(mp.Lock(),))
        """,
    "one that may be fine": """
        import threading
        import multiprocessing as mp

        def main(shared, given):
            lock = mp.Lock() if shared else threading.Lock()
            mp.Process(target=print, args=(lock, given))
            none_first = None
            none_first = threading.Lock()
            mp.Process(target=print, args=(none_first,))  # expect: JL203
        """,
    # --- start methods
    "fork": """
        import multiprocessing
        from multiprocessing.context import ForkProcess

        def main(method):
            def nested(): ...
            fork = multiprocessing.get_context("fork")
            fork.Process(target=nested)
            ForkProcess(target=nested)
            multiprocessing.get_context(method).Process(target=nested)  # expect: JL203
            multiprocessing.get_context("spawn").Process(target=nested)  # expect: JL203
            fork.Pool(2, nested)
            fork.Pool(2).map(nested, [1])  # expect: JL203

        class Forked(fork_context().Process):
            def __init__(self):
                super().__init__(target=lambda: 1)

        def fork_context():
            return multiprocessing.get_context("fork")
        """,
    "fork for the whole program": {
        "main.py": """
            import multiprocessing
            import work

            multiprocessing.set_start_method("fork")
            """,
        "work.py": """
            import multiprocessing

            def main():
                multiprocessing.Process(target=lambda: 1)
                multiprocessing.get_context("spawn").Process(target=lambda: 1)  # expect: JL203
            """,
    },
    "fork for a part of the program": """
        import multiprocessing

        def main(in_notebook):
            multiprocessing.set_start_method("fork" if in_notebook else "spawn")
            multiprocessing.Process(target=lambda: 1)  # expect: JL203
        """,
    "an executor's context": """
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor

        def main():
            fork = multiprocessing.get_context("fork")
            ProcessPoolExecutor(mp_context=fork, initializer=lambda: 1)
            ProcessPoolExecutor(2, fork, lambda: 1)
            ProcessPoolExecutor(initializer=lambda: 1)  # expect: JL203
        """,
    "a program that asks for the platform": """
        import multiprocessing
        import os
        import sys

        def main():
            if sys.platform == "linux":
                multiprocessing.Process(target=lambda: 1)
            if os.name == "nt":
                return
            multiprocessing.Process(target=lambda: 2)

        if sys.platform != "win32":
            def other():
                multiprocessing.Process(target=lambda: 3)

        def third():
            multiprocessing.Process(target=lambda: 3)  # expect: JL203
        """,
    "libraries that pickle by value": """
        import billiard
        import loky
        import multiprocess
        import torch.multiprocessing as mp
        from multiprocessing.dummy import Process as Thread

        def main():
            billiard.Process(target=lambda: 1)
            multiprocess.Process(target=lambda: 1)
            multiprocess.Pool(2).map(lambda x: x, [1])
            multiprocess.get_context("spawn").Process(target=lambda: 1)
            loky.ProcessPoolExecutor().submit(lambda: 1)
            mp.Process(target=lambda: 1)  # expect: JL203
            Thread(target=lambda: 1)
        """,
    # --- tasks
    "tasks": """
        import threading
        from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
        from multiprocessing import Pool
        from multiprocessing.pool import ThreadPool

        def work(*args): ...

        def main(items):
            lock = threading.Lock()
            with Pool() as pool:
                pool.map(lambda x: x, items)  # expect: JL203
                pool.apply_async(work, (lock,))  # expect: JL203
                pool.apply_async(work, callback=lambda x: x, error_callback=lambda x: x)
                pool.map(work, (x for x in items))
                pool.starmap(work, [(lock, 1)])  # expect: JL203
                pool.starmap(work, zip(items, [lock] * 3))  # expect: JL203
            with ProcessPoolExecutor() as executor:
                executor.submit(work, lambda: 1)  # expect: JL203
                executor.submit(work, key=lambda: 1)  # expect: JL203
                executor.map(work, items, (x for x in items))
            with ThreadPoolExecutor() as threads, ThreadPool() as others:
                threads.submit(lambda: lock)
                others.map(lambda x: lock, items)
        """,
    "either processes or threads": """
        from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

        def main(parallel):
            executor = ProcessPoolExecutor() if parallel else ThreadPoolExecutor()
            executor.submit(lambda: 1)
        """,
    "pools that are handed around": """
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import Pool

        class Farm:
            def __init__(self):
                self.pool = None
                self.pool = Pool()
            def go(self):
                self.pool.map(lambda x: x, [1])  # expect: JL203

        def annotated(executor: ProcessPoolExecutor):
            executor.submit(lambda: 1)  # expect: JL203

        def unknown(executor):
            executor.submit(lambda: 1)

        async def loops(loop, executor: ProcessPoolExecutor):
            await loop.run_in_executor(executor, lambda: 1)  # expect: JL203
            await loop.run_in_executor(None, lambda: 1)
        """,
    # --- objects
    "bound methods": """
        import threading
        import multiprocessing as mp

        class Locked:
            def __init__(self, path):
                self.lock = threading.Lock()
            def work(self): ...
            def go(self):
                mp.Process(target=self.work)  # expect: JL203

        class Later:
            def work(self): ...
            def go(self):
                process = mp.Process(target=self.work)
                process.start()
                self.lock = threading.Lock()
            def again(self):
                self.lock = threading.Lock()
                mp.Process(target=self.work)  # expect: JL203
            def dropped(self):
                self.lock = threading.Lock()
                self.lock = None
                mp.Process(target=self.work)

        class Sometimes:
            def __init__(self, flag):
                if flag:
                    self.lock = threading.Lock()
            def go(self):
                mp.Process(target=self.go)

        class Prepared:
            def __init__(self):
                self.prepare()
            def prepare(self):
                self.event = threading.Event()
            def go(self):
                mp.Process(target=self.go)  # expect: JL203

        class OfClass:
            lock = threading.Lock()
            def go(self):
                mp.Process(target=self.go)

        class Child(Locked):
            def __init__(self):
                super().__init__("x")
                self.n = 1
        """,
    "objects that say what is pickled of them": """
        import threading
        import multiprocessing as mp
        from somewhere import Base

        class A:
            def __init__(self): self.lock = threading.Lock()
            def __getstate__(self): return {}
            def go(self): mp.Process(target=self.go)

        class B:
            def __init__(self): self.lock = threading.Lock()
            def go(self): mp.Process(target=self.go)

        class C(B):
            def __reduce__(self): return C, ()

        class D(Base):
            def __init__(self): self.lock = threading.Lock()
            def go(self): mp.Process(target=self.go)
        """,
    "pools, managers and threads on self": """
        import threading
        import multiprocessing as mp

        class Farm:
            def __init__(self):
                self.pool = mp.Pool()
                self.proxy = mp.Manager().dict()
            def work(self, x): ...
            def go(self):
                self.pool.map(self.work, [1])  # expect: JL203

        class Managed:
            def __init__(self):
                self.manager = mp.Manager()
            def go(self): mp.Process(target=self.go)  # expect: JL203

        class Queued:
            def __init__(self):
                self.queue = mp.Queue()
            def work(self, x): ...
            def go(self):
                mp.Process(target=self.work)
                with mp.Pool() as pool:
                    pool.map(self.work, [1])  # expect: JL203

        class Itself(threading.Thread):
            def run(self):
                mp.Process(target=self.work)  # expect: JL203
            def work(self): ...
        """,
    "processes on self": """
        import multiprocessing as mp

        class One:
            def __init__(self):
                self.process = mp.Process(target=self.work)
            def work(self): ...

        class Many:
            def __init__(self):
                self.processes = []
                self.by_name = {}
            def work(self): ...
            def go(self):
                for n in range(3):
                    p = mp.Process(target=self.work)  # expect: JL203
                    p.start()
                    self.processes.append(p)
            def by_names(self):
                for n in range(3):
                    self.by_name[n] = mp.Process(target=self.work)  # expect: JL203
                    self.by_name[n].start()
            def listed(self):
                self.processes = [mp.Process(target=self.work) for _ in range(3)]  # expect: JL203
            def local(self):
                processes = [mp.Process(target=self.work) for _ in range(3)]
            def others(self):
                for n in range(3):
                    p = mp.Process(target=print)
                    self.processes.append(p)
        """,
    "process objects": """
        import threading
        from multiprocessing import Process, Lock

        class Worker(Process):
            def __init__(self, lock):
                super().__init__()
                self.lock = lock
            def run(self): ...

        class Loud(Process):
            def __init__(self, path):
                super().__init__(target=self.work)
                self.log = open(path)
            def work(self): ...

        def main():
            Worker(Lock()).start()
            Loud("x").start()  # expect: JL203
            print(Loud("y").name)  # which nothing starts

        class Other(Process):
            def __init__(self, lock):
                super().__init__()
                self.lock = lock

        def other():
            Other(threading.Lock()).start()  # expect: JL203
        """,
    "instances as arguments": """
        import threading
        from multiprocessing import Process

        class Locked:
            def __init__(self): self.lock = threading.Lock()

        class Holder:
            def __init__(self): self.locked = Locked()

        class Plain:
            def __init__(self): self.n = 1

        def main():
            class Local: ...
            Process(target=print, args=(Locked(),))  # expect: JL203
            Process(target=print, args=(Holder(),))  # expect: JL203
            Process(target=print, args=(Plain(),))
            Process(target=print, args=(Local(),))  # expect: JL203
        """,
    # --- where the child can't find it
    "in a package's __main__.py": {
        "pkg/__main__.py": """
            from multiprocessing import Process
            from pkg.work import work

            def here(): ...

            class Worker(Process):
                def run(self): ...

            if __name__ == "__main__":
                Process(target=here)  # expect: JL203
                Process(target=work)
                Worker().start()  # expect: JL203
            """,
        "pkg/work.py": """
            from multiprocessing import Process

            def work(): ...
            """,
    },
    "defined under the guard": """
        from multiprocessing import Process

        if __name__ == "__main__":
            def here(): ...
            Process(target=here)  # expect: JL203
        """,
    "the context that a variable has at the place": """
        import multiprocessing as mp

        def in_a_loop(n):
            c = mp.get_context("fork")
            for _ in range(n):
                p = c.Process(target=lambda: n)  # expect: JL203
                p.start()
                p.join()
                c = mp.get_context("spawn")

        def in_a_branch(n):
            c = mp.get_context("fork")
            if n:
                c = mp.get_context("spawn")
            p = c.Process(target=lambda: n)  # expect: JL203
            p.start()
            p.join()

        def in_a_handler(n):
            c = mp.get_context("fork")
            try:
                c = mp.get_context("spawn")
                print(n)
            except ValueError:
                p = c.Process(target=lambda: n)  # expect: JL203
                p.start()
                p.join()

        def with_pool(n):
            c = mp.get_context("spawn")
            print(c)
            c = mp.get_context("fork")
            with c.Pool(2, initializer=lambda: n) as pool:
                pool.map(print, [n])

        def the_other_way_round(n):
            c = mp.get_context("fork")
            print(c)
            c = mp.get_context("spawn")
            p = c.Process(target=lambda: n)  # expect: JL203
            p.start()
            p.join()

        def before(n):
            c = mp.get_context("spawn")
            p = c.Process(target=lambda: n)  # expect: JL203
            p.start()
            p.join()
            c = mp.get_context("fork")
            p = c.Process(target=lambda: n)
            p.start()
            p.join()
        """,
    "a context bound twice": """
        import multiprocessing as mp
        import os

        def main():
            ctx = mp.get_context("spawn")
            print(ctx.cpu_count())
            if hasattr(os, "fork"):
                ctx = mp.get_context("fork")
                p = ctx.Process(target=lambda: None)
                p.start()
                p.join()

        if __name__ == "__main__":
            main()
        """,
    "awaited in a comprehension": """
        import asyncio
        from concurrent.futures import ProcessPoolExecutor

        async def load(key):
            return [key]

        def prepare(shared):
            print(shared)

        async def main():
            shared = {key: await load(key) for key in "ab"}
            with ProcessPoolExecutor(initializer=prepare, initargs=(shared,)) as pool:
                pool.submit(print, 1).result()

        if __name__ == "__main__":
            asyncio.run(main())
        """,
    "awaited in displays": """
        import asyncio
        from multiprocessing import Process

        async def load(key):
            return [key]

        async def main():
            shared = [await load(key) for key in "ab"]
            p = Process(target=print, args=(shared,))
            p.start()
            p.join()
            one = await load("a")
            p = Process(target=print, args=(one, {"a": await load("a")}))
            p.start()
            p.join()

        if __name__ == "__main__":
            asyncio.run(main())
        """,
    "awaited in an expression": """
        import asyncio
        import multiprocessing as mp

        async def fetch(n):
            return [n]

        async def main(fast):
            one = await fetch(1) if fast else None
            two = await fetch(1) or await fetch(2)
            three, four = await fetch(3), await fetch(4)
            p = mp.Process(target=print, args=(one,))
            q = mp.Process(target=print, args=(two,))
            r = mp.Process(target=print, args=(three, four))
            for worker in (p, q, r):
                worker.start()
            for worker in (p, q, r):
                worker.join()

        asyncio.run(main(True)) if __name__ == "__main__" else None
        """,
    "a name that has stood for another kind of pool before": """
        from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
        from multiprocessing.pool import Pool, ThreadPool

        def compare(items):
            with ThreadPoolExecutor() as executor:
                print(list(executor.map(lambda x: x, items)))
            with ProcessPoolExecutor() as executor:
                print(list(executor.map(lambda x: x, items)))  # expect: JL203

        def one_after_the_other(items):
            pool = Pool()
            print(pool.map(lambda x: x, items))  # expect: JL203
            pool = ThreadPool()
            print(pool.map(lambda x: x, items))

        def either(items, threads):
            if threads:
                pool = ThreadPool()
            else:
                pool = Pool()
            print(pool.map(lambda x: x, items))

        def in_rounds(items):
            pool = ThreadPool()
            for _ in range(2):
                print(pool.map(lambda x: x, items))
                pool = Pool()

        def after_a_failure(items):
            pool = ThreadPool()
            try:
                pool = Pool()
                print(pool.map(lambda x: x, items))  # expect: JL203
            except OSError:
                print(pool.map(lambda x: x, items))
        """,
}

SHARED = {
    "the ways in": """
        import functools
        import itertools
        import multiprocessing as mp
        from concurrent.futures import ProcessPoolExecutor

        def work(*args): ...

        def main(items):
            queue, lock = mp.Queue(), mp.Lock()
            pool = mp.Pool(2, work, (queue,))
            pool.apply(work, (queue,))  # expect: JL206
            pool.apply_async(work, kwds={"q": queue})  # expect: JL206
            pool.map(work, [queue, queue])  # expect: JL206
            pool.map(work, [queue] * 2)  # expect: JL206
            pool.imap(work, [(i, queue) for i in items])  # expect: JL206
            pool.starmap(work, zip(items, itertools.repeat(queue)))  # expect: JL206
            pool.map(functools.partial(work, q=queue), items)  # expect: JL206
            pool.apply_async(work, (mp.Value("i", lock=False),))  # expect: JL206
            pool.apply_async(work, (pool,))  # expect: JL206
            pool.apply_async(work, (items, mp.Pipe()[1]))
            jobs = []
            for item in items:
                jobs.append((lock, item))
            pool.starmap(work, jobs)  # expect: JL206
            with ProcessPoolExecutor(initializer=work, initargs=(queue,)) as executor:
                executor.submit(work, queue)  # expect: JL206
                executor.submit(work, q=queue)  # expect: JL206
                executor.map(work, items, [lock] * 3)  # expect: JL206
        """,
    "what may be given": """
        import multiprocessing as mp
        import queue

        def work(*args): ...

        def main(given, flag):
            manager = mp.Manager()
            pool = mp.Pool(2)
            either = mp.Queue() if flag else manager.Queue()
            pool.apply_async(work, (manager.Queue(), manager.Lock(), given, either))
            pool.apply_async(work, callback=mp.Queue().put)
            mp.Process(target=work, args=(given, either))
            mp.pool.ThreadPool(2).apply_async(work, (mp.Queue(),))
        """,
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_pickling(
    program: str | Mapping[str, str], check_marks: Callable[[str | Mapping[str, str], Collection[str]], None]
) -> None:
    check_marks(program, {"JL203"})


@pytest.mark.parametrize("program", SHARED.values(), ids=SHARED.keys())
def test_shared_in_tasks(program: str, check_marks: Callable[[str, Collection[str]], None]) -> None:
    check_marks(program, {"JL203", "JL206"})
