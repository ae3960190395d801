"""Targets that are called, arguments that are none, targets in the place of the group."""

from __future__ import annotations

from collections.abc import Callable, Collection

import pytest

CODES = {"JL304", "JL407", "JL408"}

PROGRAMS = {
    # --- JL304
    "a function without a return": """
        from multiprocessing import Process

        def work(): print()

        Process(target=work())  # expect: JL304
        """,
    "a builtin that gives None": """
        import threading, time

        threading.Thread(target=print("x"))  # expect: JL304
        threading.Thread(target=time.sleep(5))  # expect: JL304
        threading.Timer(5, print("x"))  # expect: JL304
        threading.Timer(float("5"), print)
        """,
    "a builtin that may give a callable": """
        import threading

        threading.Thread(target=getattr(object(), "run"))
        threading.Thread(target=max([print, len], key=id))
        """,
    "containers, arithmetic and counters": """
        from multiprocessing import Pool

        def squares(n):
            found = []
            for i in range(n):
                found.append(i * i)
            return found

        def count(n):
            total = 0
            for i in range(n):
                total += i
            return total

        def main():
            with Pool() as pool:
                pool.map(squares(3), range(3))  # expect: JL304
                pool.apply_async(count(3))  # expect: JL304
                pool.map(squares, range(3))
        """,
    "generators and coroutines are not callable": """
        from multiprocessing import Process

        def numbers():
            yield 1

        async def fetch():
            return 1

        Process(target=numbers())  # expect: JL304
        Process(target=fetch())  # expect: JL304
        """,
    "a function that may return one": """
        from multiprocessing import Process

        def work(): pass

        def choose(fast):
            if fast:
                return work
            return None

        def wrap():
            def inner(): pass
            return inner

        def partly(unknown):
            return unknown

        Process(target=choose(True))
        Process(target=wrap())
        Process(target=partly(work))
        """,
    "a function that a decorator has replaced": """
        from multiprocessing import Process
        from somewhere import task

        @task
        def work(): print()

        Process(target=work())
        """,
    "a parameter with a default": """
        from multiprocessing import Process

        def work(): print()

        def start(make=work):
            Process(target=make())
        """,
    "a method that a subclass overrides": """
        from multiprocessing import Process

        class Base:
            def target(self): print()
            def start(self):
                Process(target=self.target())

        class Other(Base):
            def target(self): return print
        """,
    "a stub that is there to be overridden": """
        from multiprocessing import Process

        class Base:
            def target(self):
                raise NotImplementedError
            def hook(self): ...
            def start(self):
                Process(target=self.target())
                Process(target=self.hook())
        """,
    "an initializer": """
        from multiprocessing import Pool

        def prepare(): print()

        Pool(2, initializer=prepare())  # expect: JL304
        Pool(2, prepare())  # expect: JL304
        Pool(2, prepare)
        """,
    "threads in an event loop's executor": """
        import asyncio
        from concurrent.futures import ThreadPoolExecutor

        def work(): print()

        async def main():
            loop = asyncio.get_running_loop()
            with ThreadPoolExecutor() as threads:
                await loop.run_in_executor(threads, work())  # expect: JL304
                await loop.run_in_executor(threads, work)
        """,
    "a look-alike": """
        import subprocess, threading

        class Pool:
            def map(self, function, items): ...

        def work(): print()

        Pool().map(work(), [])
        threading.Event()
        """,
    # --- JL407
    "constants": """
        from multiprocessing import Process, Pool
        from threading import Thread, Timer

        def work(*args, **kwargs): ...

        Process(target=work, args="text")  # expect: JL407
        Process(target=work, args=(5))  # expect: JL407
        Process(target=work, args=b"text")  # expect: JL407
        Thread(target=work, args=f"{work}")  # expect: JL407
        Thread(target=work, args=None)  # expect: JL407
        Timer(1, work, None, None)
        Timer(1, work, "text")  # expect: JL407
        Process(None, work, "name", "text")  # expect: JL407
        Process(target=work, args="x")
        Process(target=work, args="")
        Process(target=work, args=("text",))
        Process(target=work, args={"text"})
        Process(target=work, args=["text"])
        """,
    "keyword arguments": """
        from multiprocessing import Process
        from threading import Thread

        def work(**kwargs): ...

        def main(options, flag=None):
            Process(target=work, kwargs="text")  # expect: JL407
            Process(target=work, kwargs=None)  # expect: JL407
            Process(target=work, kwargs={1})  # expect: JL407
            Process(target=work, kwargs=[("a", 1)])
            Thread(target=work, kwargs=[("a", 1)])  # expect: JL407
            Thread(target=work, kwargs=None)
            Process(target=work, kwargs=flag)
            Process(target=work, kwargs=(options))
            Process(target=work, kwargs={"a": 1})
            Process(target=work, kwargs=dict(a=1))
        """,
    "results of calls": """
        import os.path
        from multiprocessing import Process

        def main(n, parts):
            Process(target=print, args=str(n))  # expect: JL407
            Process(target=print, args=len(parts))  # expect: JL407
            Process(target=print, args=os.path.join("a", "b"))  # expect: JL407
            Process(target=print, args="{}".format(n))  # expect: JL407
            Process(target=print, args="%s" % n)  # expect: JL407
            Process(target=print, args=tuple(parts))
            Process(target=print, args=parts.copy())
            Process(target=print, args=n * 2)
        """,
    "objects that can't be iterated over": """
        import multiprocessing as mp

        class Plain:
            pass

        class Pair:
            def __iter__(self): ...

        class Unknown(mp.spam.Base):
            pass

        def work(x): ...

        def main():
            queue = mp.Queue()
            mp.Process(target=work, args=queue)  # expect: JL407
            mp.Process(target=work, args=mp.Array("i", 3))
            mp.Process(target=work, args=Plain())  # expect: JL407
            mp.Process(target=work, args=Pair())
            mp.Process(target=work, args=Unknown())
        """,
    "names in parentheses": """
        from multiprocessing import Process

        def one(x): ...
        def one_or_two(x, y=1): ...
        def two(x, y): ...
        def any_number(*x): ...

        def main(item, items, call_args, pair, target, *rest):
            listed = [1]
            Process(target=one, args=(target))  # expect: JL407
            Process(target=one, args=(item))  # expect: JL407
            Process(target=one_or_two, args=(item))  # expect: JL407
            Process(target=one, args=(items[0]))  # expect: JL407
            Process(target=two, args=(item))
            Process(target=any_number, args=(item))
            Process(target=unknown, args=(item))
            Process(target=one, args=item)
            Process(target=one, args=(call_args))
            Process(target=one, args=(pair))
            Process(target=one, args=(rest))
            Process(target=one, args=(listed))
            Process(target=one, args=(items[1:]))
            Process(target=one, args=(item,))
        """,
    "annotated as a tuple": """
        from multiprocessing import Process
        from typing import Tuple

        def one(x): ...

        def main(item: Tuple[int], other: int):
            Process(target=one, args=(item))
            Process(target=one, args=(other))  # expect: JL407
        """,
    "the number of a loop": """
        from threading import Thread

        for i in range(3):
            Thread(target=print, args=(i))  # expect: JL407
            Thread(target=print, args=(i,))
        for i, name in enumerate("abc"):
            Thread(target=print, args=(i))  # expect: JL407
        """,
    "a bound method": """
        from multiprocessing import Process

        class Server:
            def serve(self, port): ...
            def start(self, port):
                Process(target=self.serve, args=(port))  # expect: JL407
                Process(target=Server.serve, args=(port))
        """,
    "pools": """
        from multiprocessing import Pool

        def one(x): ...

        def main(item):
            pool = Pool()
            pool.apply(one, "text")  # expect: JL407
            pool.apply_async(one, (item))  # expect: JL407
            pool.apply_async(one, args=(item))  # expect: JL407
            pool.apply_async(one, (item,))
            pool.map(one, "text")
        """,
    "one that is a tuple on another path": """
        from multiprocessing import Process

        def main(many):
            arguments = (1, 2) if many else 5
            Process(target=print, args=arguments)
        """,
    # --- JL408
    "another class may have the __init__ that super() finds": """
        import threading
        from abc import ABC
        from typing import Generic, TypeVar

        from elsewhere import Unseen

        T = TypeVar("T")

        class Base(ABC, Generic[T]):
            def __init__(self, work: T) -> None:
                self.work = work

        class Generated(Base[int], threading.Thread, Generic[T]):
            def __init__(self, work):
                super().__init__(work)

        class Mixed(Unseen, threading.Thread):
            def __init__(self, work):
                super().__init__(work)

        class Subscripted(Unseen[int], threading.Thread):
            def __init__(self, work):
                super().__init__(work)

        class Plain(ABC, Generic[T], threading.Thread, Unseen):
            def __init__(self, work):
                super().__init__(work)  # expect: JL408
        """,
    "a target as the group": """
        import multiprocessing as mp
        import threading

        def work(): ...

        mp.Process(work)  # expect: JL408
        mp.get_context("spawn").Process(work, args=(1,))  # expect: JL408
        threading.Thread(work, "name")  # expect: JL408
        threading.Thread(lambda: 1)  # expect: JL408
        mp.Process(None, work)
        mp.Process(group=None, target=work)
        threading.Timer(1, work)
        """,
    "what may be None": """
        import threading

        class Named(threading.Thread):
            def __init__(self, group=None, target=None, *args):
                threading.Thread.__init__(self, group, target, *args)

        def start(function, nothing=None, *rest):
            threading.Thread(function)  # expect: JL408
            threading.Thread(nothing)
            threading.Thread(*rest)
        """,
    "subclasses": """
        import threading

        class Plain(threading.Thread):
            pass

        class Own(threading.Thread):
            def __init__(self, function):
                super().__init__(function)  # expect: JL408

        class Between(Own):
            def __init__(self, function):
                super().__init__(function)

        def work(): ...

        Plain(work)  # expect: JL408
        Own(work)
        Between(work)
        """,
    "look-alikes": """
        import multiprocessing
        import psutil
        from PySide6.QtCore import QThread

        def work(): ...

        psutil.Process(work)
        QThread(work)
        """,
    "the number is under another key": """
        import multiprocessing

        def main(config: dict):
            config["n"] = 1
            p = multiprocessing.Process(target=print, args=config["args"], kwargs=config["kwargs"])
            p.start()
            p.join()
        """,
    "an __init__ that passes all on": """
        import multiprocessing as mp

        class Forwarding(mp.Process):
            def __init__(self, *args, **kwargs):
                mp.Process.__init__(self, *args, **kwargs)
                self.error = None

        class Further(Forwarding):
            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)

        class Own(mp.Process):
            def __init__(self, *args, **kwargs):
                super().__init__()
                self.work = args, kwargs

        class Below(Own):
            def __init__(self, *args, **kwargs):
                super().__init__(*args, **kwargs)

        def child():
            print(1)

        def main():
            for made in (
                Forwarding(target=child()),  # expect: JL304
                Further(target=child, args=(5)),  # expect: JL407
                Further(child),  # expect: JL408
                Own(target=child()),
                Own(child, args=(5)),
                Below(child, args=(5)),
            ):
                print(made)
        """,
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_reports(program: str, check_marks: Callable[[str, Collection[str]], None]) -> None:
    check_marks(program, CODES)
