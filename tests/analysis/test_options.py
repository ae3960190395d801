"""What the user says of a project, and what joinlint makes of it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

import pytest

from joinlint.options import DEFAULT, Options
from joinlint.pipeline import check_files
from joinlint.sources import SourceFile

LIFECYCLE = {"JL101", "JL102", "JL105", "JL106"}


def reported(texts: Mapping[str, str], options: Options, codes: set[str]) -> set[tuple[str, int, str]]:
    files = [SourceFile(name, textwrap.dedent(text)) for name, text in texts.items()]
    results = check_files(files, codes, options=options)
    assert [result.problem for result in results] == [None] * len(files)
    return {(r.filename, f.span.start.row, f.code) for r in results for f in r.findings}


LIBRARY_CLASS = {
    "app.py": """
        import cluster
        from cluster import Job as Task

        def main():
            job = cluster.Job(print)
            job.start()

        def joined():
            job = Task(print)
            job.start()
            job.join()
        """
}
PROJECT_CLASS = {
    "app/workers.py": """
        import ctypes

        class Job:
            def start(self):
                self.handle = ctypes.CDLL(None).fork()

            def join(self):
                self.handle.wait()
        """,
    "app/main.py": """
        from app.workers import Job

        class Special(Job):
            pass

        def main():
            job = Job()
            job.start()

        def special():
            job = Special()
            job.start()

        def joined():
            job = Job()
            job.start()
            job.join()
        """,
}


def test_a_class_of_a_library_is_a_process_where_the_user_says_so() -> None:
    assert reported(LIBRARY_CLASS, DEFAULT, LIFECYCLE) == set()
    options = Options(process_classes=("cluster.Job",))
    assert reported(LIBRARY_CLASS, options, LIFECYCLE) == {("app.py", 7, "JL101")}


def test_a_class_of_the_project_and_its_subclasses_are_processes_where_the_user_says_so() -> None:
    assert reported(PROJECT_CLASS, DEFAULT, LIFECYCLE) == set()
    options = Options(process_classes=("app.workers.Job",))
    assert reported(PROJECT_CLASS, options, LIFECYCLE) == {("app/main.py", 9, "JL101"), ("app/main.py", 13, "JL101")}


def test_other_classes_of_that_name_are_not_meant() -> None:
    assert reported(PROJECT_CLASS, Options(process_classes=("cluster.Job",)), LIFECYCLE) == set()


JOINED_BY_FUNCTION = {
    "app.py": """
        import multiprocessing

        import reaper
        from helpers import Cleaner, reap

        def by_library():
            p = multiprocessing.Process(target=print)
            p.start()
            reaper.wait_for(p)

        def by_project():
            ps = [multiprocessing.Process(target=print) for _ in range(3)]
            for p in ps:
                p.start()
            reap(ps)

        def by_method():
            p = multiprocessing.Process(target=print)
            p.start()
            Cleaner().reap(process=p)

        def on_one_path(well):
            p = multiprocessing.Process(target=print)
            p.start()  # expect
            if well:
                reap(p)

        def of_another():
            p = multiprocessing.Process(target=print)
            p.start()  # expect
            reap(3)
        """,
    "helpers.py": """
        import multiprocessing

        def reap(what):
            print(len(what))

        class Cleaner:
            def reap(self, process):
                print(process.name)

        def make():
            return multiprocessing.Process(target=print)
        """,
}


def test_functions_that_join_are_taken_at_the_word_of_the_user() -> None:
    marked = [n for n, text in enumerate(JOINED_BY_FUNCTION["app.py"].splitlines(), 1) if "# expect" in text]
    before = {row for _, row, _ in reported(JOINED_BY_FUNCTION, DEFAULT, LIFECYCLE)}
    assert before > set(marked)
    options = Options(join_functions=("reaper.wait_for", "helpers.reap", "helpers.Cleaner.reap"))
    assert reported(JOINED_BY_FUNCTION, options, LIFECYCLE) == {
        ("app.py", marked[0], "JL102"),
        ("app.py", marked[1], "JL101"),
    }


NOT_UNDER_SPAWN = {
    "JL201": "import multiprocessing\nmultiprocessing.Process(target=print).start()\n",
    "JL203": "import multiprocessing\n\ndef main():\n"
    "    p = multiprocessing.Process(target=lambda: 1)\n    p.start()\n",
    "JL205": "import multiprocessing\nn = 0\n\ndef work():\n    print(n)\n\ndef main():\n    global n\n    n = 1\n"
    "    p = multiprocessing.Process(target=work)\n    p.start()\n",
}


@pytest.mark.parametrize("code", NOT_UNDER_SPAWN)
@pytest.mark.parametrize(
    ("methods", "named"),
    [
        (("fork",), None),
        (("fork", "spawn"), "nder spawn (macOS, Windows)"),
        (("forkserver",), "nder forkserver (the default on Linux since Python 3.14)"),
        (
            ("spawn", "forkserver", "fork"),
            "nder spawn (macOS, Windows) and forkserver (the default on Linux since Python 3.14)",
        ),
    ],
)
def test_only_start_methods_under_which_the_project_runs_count(
    code: str, methods: tuple[str, ...], named: str | None
) -> None:
    file = SourceFile("app.py", NOT_UNDER_SPAWN[code])
    (result,) = check_files([file], {code}, options=Options(start_methods=methods))
    if named is None:
        assert result.findings == ()
    else:
        (finding,) = result.findings
        assert named in finding.consequence
        assert [m for m in ("spawn", "forkserver") if m in finding.consequence] == [
            m for m in ("spawn", "forkserver") if m in methods
        ]


THREADS = {
    "app.py": """
        import threading

        def set_afterwards():
            thread = threading.Thread(target=print)
            thread.setDaemon(True)
            thread.start()

        def daemon():
            thread = threading.Thread(target=print, daemon=True)
            thread.start()

        def for_a_while():
            thread = threading.Thread(target=print)
            thread.start()
            thread.join(1)

        def not_safely(load):
            thread = threading.Thread(target=print)
            thread.start()
            load()
            thread.join()

        def until_the_main_thread_is_alone():
            threads = [threading.Thread(target=print) for _ in range(3)]
            for thread in threads:
                thread.start()
            while threading.active_count() > 1:
                print("waiting")

        def counted():
            thread = threading.Thread(target=print)
            thread.start()
            print(threading.active_count())
        """
}


def test_of_threads_no_more_is_asked_than_a_join() -> None:
    codes = LIFECYCLE | {"JL103", "JL104"}
    assert reported(THREADS, Options(threads=True), codes) == {("app.py", 33, "JL101")}
