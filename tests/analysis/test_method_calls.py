"""Calls of set_start_method that fail in a child or at once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import pytest

PROGRAMS: dict[str, str | Mapping[str, str]] = {
    "at import": """
        import multiprocessing as mp
        from multiprocessing import set_start_method

        mp.set_start_method("spawn")  # expect: JL204
        """,
    "at import, in order": """
        import multiprocessing as mp

        mp.set_start_method("fork")
        mp.set_start_method("spawn", force=True)
        if __name__ == "__main__":
            mp.set_start_method("spawn", True)
        """,
    "a method that is not known": """
        import multiprocessing as mp
        import os

        mp.set_start_method(os.environ["METHOD"])  # expect: JL204
        """,
    "in a function that is called at import": """
        import multiprocessing as mp

        def configure():
            mp.set_start_method("spawn")  # expect: JL204

        configure()
        """,
    "in a function of another file": {
        "config.py": """
            import multiprocessing as mp

            def configure():
                mp.set_start_method("spawn")  # expect: JL204
            """,
        "app.py": """
            import multiprocessing
            from config import configure

            configure()

            def main():
                multiprocessing.Process(target=print)
            """,
    },
    "in a function that the guard calls": """
        import multiprocessing as mp

        def main():
            mp.set_start_method("spawn")

        if __name__ == "__main__":
            main()
        """,
    "expected to fail": """
        import contextlib
        import multiprocessing as mp

        def configure():
            mp.set_start_method("spawn")

        try:
            configure()
        except RuntimeError:
            pass
        try:
            mp.set_start_method("spawn")
        except (ValueError, RuntimeError):
            pass
        try:
            mp.set_start_method("spawn")
        except:
            pass
        """,
    "asked for before": """
        import multiprocessing as mp

        if mp.get_start_method(allow_none=True) is None:
            mp.set_start_method("spawn")
        method = mp.get_start_method(allow_none=True)
        if method != "spawn" and mp.parent_process() is None:
            mp.set_start_method("spawn")
        if mp.current_process().name == "MainProcess":
            mp.set_start_method("spawn")
        """,
    "the main module of a package": {
        "pkg/__main__.py": """
            import multiprocessing as mp

            mp.set_start_method("spawn")
            """,
    },
    "contexts of one method": """
        import multiprocessing as mp

        context = mp.get_context("spawn")
        context.set_start_method("spawn")
        """,
    "twice": """
        import multiprocessing as mp

        def main(fast):
            mp.set_start_method("spawn")
            if fast:
                mp.set_start_method("forkserver")  # expect: JL204

        def forced():
            mp.set_start_method("spawn")
            mp.set_start_method("forkserver", force=True)

        def reset():
            mp.set_start_method("spawn")
            mp.set_start_method(None, force=True)
            mp.set_start_method("forkserver")

        def either(fast):
            if fast:
                mp.set_start_method("forkserver")
            else:
                mp.set_start_method("spawn")

        def maybe(fast):
            if fast:
                mp.set_start_method("forkserver")
            mp.set_start_method("spawn")

        def leaves(fast):
            if fast:
                mp.set_start_method("forkserver")
                return
            mp.set_start_method("spawn")
        """,
    "twice by a function": """
        import multiprocessing as mp

        def configure():
            mp.set_start_method("spawn")  # expect: JL204

        def main():
            mp.set_start_method("spawn")
            configure()
        """,
    "in a loop": """
        import multiprocessing as mp

        def all_of_them(methods):
            for method in methods:
                mp.set_start_method(method)  # expect: JL204

        def the_first(methods):
            for method in methods:
                mp.set_start_method(method)
                break

        def by_force(methods):
            for method in methods:
                mp.set_start_method(method, force=True)
        """,
    "after what settles it": """
        import multiprocessing as mp
        from concurrent.futures import ProcessPoolExecutor

        def after_lock():
            mp.Lock()
            mp.set_start_method("spawn")  # expect: JL204

        def after_start():
            process = mp.Process(target=print)
            process.start()
            mp.set_start_method("spawn")  # expect: JL204

        def after_executor():
            ProcessPoolExecutor()
            mp.set_start_method("spawn")  # expect: JL204

        def after_asking():
            if mp.get_start_method() != "spawn":
                mp.set_start_method("spawn")  # expect: JL204

        def handled():
            mp.Lock()
            try:
                mp.set_start_method("spawn")
            except RuntimeError:
                pass
        """,
    "after what settles nothing": """
        import multiprocessing as mp
        import threading

        def main():
            mp.cpu_count()
            mp.Process(target=print)
            mp.RawValue("i")
            threading.Lock()
            threading.Thread(target=print).start()
            context = mp.get_context("spawn")
            context.Queue()
            context.Process(target=print).start()
            mp.get_start_method(allow_none=True)
            mp.set_start_method("spawn")
        """,
    "after what the import settles": """
        import multiprocessing as mp

        queue = mp.Queue()

        if __name__ == "__main__":
            mp.set_start_method("spawn")  # expect: JL204
        """,
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_reports(
    program: str | Mapping[str, str], check_marks: Callable[[str | Mapping[str, str], Collection[str]], None]
) -> None:
    check_marks(program, {"JL204"})
