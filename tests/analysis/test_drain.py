"""Small programs and the joins that come before what the child sends is read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import pytest

PROGRAMS: dict[str, str | Mapping[str, str]] = {
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
