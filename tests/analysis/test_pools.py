"""Small programs and the lines on which the rules on pools report something, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import pytest

PROGRAMS: dict[str, str | Mapping[str, str]] = {
    "results asked by number until all are there": """
        import multiprocessing
        import time

        def main(work, keys):
            results = []
            with multiprocessing.Pool(4) as pool:
                for key in keys:
                    results.append(pool.starmap_async(work, ((key, 1),)))
                remaining = list(range(len(keys)))
                while len(remaining) > 0:
                    done = [i for i in remaining if results[i].ready()]
                    remaining = [i for i in remaining if i not in done]
                    time.sleep(0.1)
            return [result.get() for result in results]
        """,
    "results got by number": """
        import multiprocessing

        def main(work, keys):
            results = []
            with multiprocessing.Pool(4) as pool:
                for key in keys:
                    results.append(pool.apply_async(work, (key,)))
                for i in range(len(keys)):
                    results[i].get()
        """,
    "a method of a pool under a name of its own": """
        import multiprocessing

        def read(work, keys, ordered):
            with multiprocessing.Pool() as pool:
                if ordered:
                    results = pool.imap
                else:
                    results = pool.imap_unordered
                yield from results(work, keys)

        def lose(work):
            pool = multiprocessing.Pool()  # expect: JL107
            submit = pool.apply_async
            submit(work)
            pool.close()

        class Keeper:
            def __init__(self):
                self.pool = multiprocessing.Pool()
                self.submit = self.pool.apply_async

            def run(self, work):
                self.result = self.submit(work)

            def close(self):
                self.pool.close()
                self.pool.join()
        """,
    "only the first is got": """
        import multiprocessing

        def main(work, keys):
            results = []
            with multiprocessing.Pool(4) as pool:
                for key in keys:
                    results.append(pool.apply_async(work, (key,)))  # expect: JL108
                results[0].get()
            return [result.get() for result in results]
        """,
    "terminated in so many words": """
        import multiprocessing

        def work(key):
            return key

        class Archive:
            def __init__(self):
                self.pool = multiprocessing.Pool(2)
                self.waiting = []

            def done(self, key):
                self.waiting.remove(key)

            def run(self, keys):
                try:
                    for key in keys:
                        self.waiting.append(key)
                        self.pool.apply_async(work, (key,), callback=self.done)
                except OSError:
                    self.pool.terminate()
                    raise
                finally:
                    self.pool.close()
                    while self.waiting:
                        pass
                    self.pool.terminate()
        """,
    "results are asked for until there are enough": """
        from multiprocessing import Pool

        def main(items):
            failed = False
            with Pool() as pool:
                running = [pool.apply_async(abs, (item,)) for item in items]
                while running and not failed:
                    result = running.pop()
                    failed = result.get() is None
            return failed

        def enough(need):
            done = 0
            active = []
            with Pool() as pool:
                while done < need:
                    while done + len(active) < need:
                        active.append(pool.apply_async(abs, (done,)))
                    for result in active[:]:
                        if result.ready():
                            active.remove(result)
                            done += bool(result.get())
        """,
    "a result that is asked for in a branch": """
        from multiprocessing import Pool

        def in_a_branch(items, wanted):
            with Pool() as pool:
                result = pool.apply_async(abs, (items,))  # expect: JL108
                if wanted:
                    print(result.get())

        def in_the_loop_of_the_submission(items, wanted):
            with Pool() as pool:
                for item in items:
                    result = pool.apply_async(abs, (item,))  # expect: JL108
                    if wanted:
                        print(result.get())
        """,
    "results that an object of the project asks for": """
        from multiprocessing import Pool

        class Bar:
            def __init__(self, iterable):
                self.iterable = iterable

            def __iter__(self):
                for item in self.iterable:
                    yield item

        def collected():
            pool = Pool()
            print(list(Bar(pool.imap(abs, range(9)))))
            pool.close()

        def gone_through():
            with Pool() as pool:
                for item in Bar(pool.imap(abs, range(9))):
                    print(item)

        def dropped():
            with Pool() as pool:
                Bar(pool.imap(abs, range(9)))  # expect: JL108
        """,
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_pools(
    program: str | Mapping[str, str], check_marks: Callable[[str | Mapping[str, str], Collection[str]], None]
) -> None:
    check_marks(program, {"JL107", "JL108"})
