"""Small programs and the lines on which JL406 reports something, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import pytest

PROGRAMS = {
    "a branch that asks what is given": """
        from multiprocessing import Pool

        class Tester:
            def __init__(self, parallel):
                self.parallel = parallel

            def run(self, items):
                if not self.parallel:
                    return [abs(item) for item in items]
                else:
                    with Pool() as pool:
                        return pool.map(abs, items)

        def test(items):
            return Tester(False).run(items)

        def several(items, parallel=True):
            if parallel:
                pool = Pool()
                return pool.map(abs, items)

        def main(work):
            with Pool() as pool:
                pool.map(test, work)
                pool.starmap(several, [(items, False) for items in work])
        """,
    "branches that ask more": """
        import os
        from multiprocessing import Process

        class Tester:
            def next(self):
                return input()

            def test(self):
                if self.next() != "stop":
                    p = Process(target=print)
                    p.start()  # expect: JL406
                    p.join()

        def named(name):
            if os.name == "posix":
                p = Process(target=print)
                p.start()  # expect: JL406
                p.join()

        def main():
            a = Process(target=Tester().test, daemon=True)
            a.start()
            a.join()
            b = Process(target=named, args=("b",), daemon=True)
            b.start()
            b.join()
        """,
    "other branches": """
        import os
        from multiprocessing import Pool

        def test(items):
            if os.cpu_count() > 1:
                pool = Pool()  # expect: JL406
                return pool.map(abs, items)

        def main(work):
            with Pool() as pool:
                pool.map(test, work)
        """,
    "daemons that look first": """
        import multiprocessing

        def parse(n):
            print(n)

        def crawl(n):
            if multiprocessing.current_process().daemon:
                parse(n)
                return
            p = multiprocessing.Process(target=parse, args=(n,))
            p.start()
            p.join()

        def many(jobs):
            if jobs == 1:
                parse(jobs)
                return
            p = multiprocessing.Process(target=parse, args=(jobs,))
            p.start()
            p.join()

        def late(jobs):
            p = multiprocessing.Process(target=parse, args=(jobs,))
            p.start()  # expect: JL406
            p.join()
            if jobs == 1:
                return

        def main():
            p = multiprocessing.Process(target=crawl, args=(1,), daemon=True)
            q = multiprocessing.Process(target=many, args=(1,), daemon=True)
            r = multiprocessing.Process(target=late, args=(1,), daemon=True)
            for each in (p, q, r):
                each.start()
            for each in (p, q, r):
                each.join()
        """,
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_daemons(program: str, check_marks: Callable[[str | Mapping[str, str], Collection[str]], None]) -> None:
    check_marks(program, {"JL406"})
