"""Small programs and the joins that come before what the child sends is read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import pytest

PROGRAMS: dict[str, str | Mapping[str, str]] = {
    "what is put only when something has gone wrong": """
        import multiprocessing

        def told_in_the_handler(queue):
            try:
                print("work")
            except Exception as error:
                queue.put(str(error))

        def told_in_the_end(queue):
            failed = []
            try:
                print("work")
            except Exception as error:
                failed.append(error)
            finally:
                if failed:
                    queue.put(failed)

        def told_anyway(queue):
            try:
                queue.put("done")
            except Exception as error:
                queue.put(str(error))

        def main():
            queue = multiprocessing.Queue()
            a = multiprocessing.Process(target=told_in_the_handler, args=(queue,))
            a.start()
            a.join()
            print(queue.get())

        def second():
            queue = multiprocessing.Queue()
            b = multiprocessing.Process(target=told_in_the_end, args=(queue,))
            b.start()
            b.join()
            print(queue.get())

        def third():
            queue = multiprocessing.Queue()
            c = multiprocessing.Process(target=told_anyway, args=(queue,))
            c.start()
            c.join()  # expect: JL401
            print(queue.get())
        """,
    "a join with a timeout ends": """
        import multiprocessing

        def fill(queue):
            for n in range(100_000):
                queue.put(n)

        def main():
            queue = multiprocessing.Queue()
            p = multiprocessing.Process(target=fill, args=(queue,))
            p.start()
            p.join(timeout=3)
            while not queue.empty():
                print(queue.get())
            p.join()

        def without_end():
            queue = multiprocessing.Queue()
            p = multiprocessing.Process(target=fill, args=(queue,))
            p.start()
            p.join(timeout=None)  # expect: JL401
            print(queue.get())
        """,
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_early_joins(
    program: str | Mapping[str, str], check_marks: Callable[[str | Mapping[str, str], Collection[str]], None]
) -> None:
    check_marks(program, {"JL401"})
