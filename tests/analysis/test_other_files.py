"""What can only be seen in files that name no library of workers: they call what makes some, or have what is handed to
them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import pytest

from joinlint.rules import all_rules

PROGRAMS: dict[str, Mapping[str, str]] = {
    "a target that fills the queue": {
        "helper.py": """
            def work(q):
                q.put([0] * 100000)
            """,
        "main.py": """
            from multiprocessing import Process, Queue
            from helper import work

            def main():
                q = Queue()
                p = Process(target=work, args=(q,))
                p.start()
                p.join()  # expect: JL401
                print(q.get())
            """,
    },
    "a class that keeps a lock": {
        "helper.py": """
            import threading

            class Job:
                def __init__(self):
                    self.lock = threading.Lock()

                def work(self):
                    print(self.lock)
            """,
        "main.py": """
            from multiprocessing import Process
            from helper import Job

            def main():
                job = Job()
                p = Process(target=job.work)  # expect: JL203
                p.start()
                p.join()
            """,
    },
    "a closure of an imported function": {
        "helper.py": """
            def spawn(f):
                def fun(x):
                    print(f(x))
                return fun
            """,
        "main.py": """
            from multiprocessing import Process
            from helper import spawn

            def main(x):
                p = Process(target=spawn(str), args=(x,))  # expect: JL203
                p.start()
                p.join()
            """,
    },
    "an attribute of a settings module": {
        "helper.py": """
            debug = False
            """,
        "main.py": """
            from multiprocessing import Process
            import helper

            def f():
                print(helper.debug)

            def main():
                helper.debug = True
                p = Process(target=f)  # expect: JL205
                p.start()
                p.join()
            """,
    },
    "a target and its global": {
        "helper.py": """
            limit = 0

            def configure(v):
                global limit
                limit = v

            def work():
                print(limit)
            """,
        "main.py": """
            from multiprocessing import Process
            import helper

            def main():
                helper.configure(3)
                p = Process(target=helper.work)  # expect: JL205
                p.start()
                p.join()
            """,
    },
    "an imported target that is called": {
        "helper.py": """
            def work(x):
                print(x)
            """,
        "main.py": """
            from multiprocessing import Process
            from helper import work

            def main():
                p = Process(target=work(1))  # expect: JL304
                p.start()
                p.join()
            """,
    },
    "a pool in the loop of a caller": {
        "helper.py": """
            from multiprocessing import Pool

            def par(xs):
                with Pool(4) as pool:  # expect: JL306
                    return pool.map(abs, xs)
            """,
        "main.py": """
            from helper import par
            def main(xss):
                for xs in xss:
                    print(par(xs))
            """,
    },
    "a join in the loop of a caller": {
        "helper.py": """
            from multiprocessing import Process

            def run(f, x):
                p = Process(target=f, args=(x,))
                p.start()
                p.join()  # expect: JL301
            """,
        "main.py": """
            from helper import run
            def main(f, xs):
                for x in xs:
                    run(f, x)
            """,
    },
    "a handle that the caller drops": {
        "pkg/helper.py": """
            from multiprocessing import Process

            def launch(f):
                p = Process(target=f)
                p.start()  # expect: JL101
                return p
            """,
        "pkg/main.py": """
            from .helper import launch
            def main(f):
                launch(f)
                print("started")
            """,
    },
    "a script whose own function leads there": {
        "engine.py": """
            from multiprocessing import Process

            class Engine:
                def __init__(self):
                    self.p = Process(target=print)
                    self.p.start()
                def stop(self):
                    self.p.join()
            """,
        "script.py": """
            from engine import Engine

            def load():
                return Engine()

            e = load()  # expect: JL201
            e.stop()
            """,
    },
    "a pool of another name in the loop of a caller": {
        "helper.py": """
            from multiprocessing import Pool as Workers

            def par(xs):
                with Workers(4) as workers:  # expect: JL306
                    return workers.map(abs, xs)
            """,
        "main.py": """
            import helper

            def main(xss):
                for xs in xss:
                    print(helper.par(xs))
            """,
    },
    "a script that gets there by a third file": {
        "pools.py": """
            from multiprocessing import Pool

            def run(n):
                pool = Pool(n)
                pool.close()
                pool.join()
            """,
        "api.py": """
            from pools import run

            def go():
                run(3)
            """,
        "script.py": """
            from api import go

            go()  # expect: JL201
            """,
    },
    "a handle that one file joins and another drops": {
        "app/helper.py": """
            from multiprocessing import Process

            def launch(f):
                p = Process(target=f)
                p.start()
                return p
            """,
        "app/main.py": """
            from app.helper import launch

            def main(f):
                launch(f).join()
            """,
        "tests/test_helper.py": """
            from app.helper import launch

            def test_launch(mocker):
                launch(mocker.Mock())
            """,
    },
    "handles that a file joins and drops": {
        "app/helper.py": """
            from multiprocessing import Process

            def launch(f):
                p = Process(target=f)
                p.start()  # expect: JL101
                return p
            """,
        "app/main.py": """
            from app.helper import launch

            def main(f):
                launch(f).join()

            def other(f):
                launch(f)
            """,
    },
    "a third file joins what a field got from a helper": {
        "app/helper.py": """
            from multiprocessing import Process

            def launch(f):
                p = Process(target=f)
                p.start()
                return p
            """,
        "app/end.py": """
            def shutdown(owner):
                owner.child.join()
            """,
        "app/main.py": """
            from app.end import shutdown
            from app.helper import launch

            class Owner:
                def __init__(self):
                    self.child = launch(print)

                def close(self):
                    shutdown(self)
            """,
    },
}
# What these programs are not about.
CODES = set(all_rules()) - {"JL103", "JL109"}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_other_files(
    program: Mapping[str, str], check_marks: Callable[[Mapping[str, str], Collection[str]], None]
) -> None:
    check_marks(program, CODES)
