"""What the messages say of a path, and the places that they name."""

from __future__ import annotations

import textwrap

import pytest

from joinlint.findings import Finding
from joinlint.pipeline import check_files
from joinlint.sources import SourceFile


def only_finding(source: str, code: str) -> Finding:
    (result,) = check_files([SourceFile("app.py", textwrap.dedent(source))], {code})
    (finding,) = result.findings
    return finding


def test_a_handler_that_ends_by_an_exception_does_not_go_on() -> None:
    finding = only_finding(
        """
        import multiprocessing
        import sys

        def give_up(message):
            print(message)
            sys.exit(1)

        def main():
            p = multiprocessing.Process(target=print)
            p.start()
            try:
                open("list")
            except OSError as error:
                give_up(error)
            p.join()
        """,
        "JL102",
    )
    assert finding.message == "`p` is not joined when the handler in line 14 is entered and ends by an exception"


def test_a_pool_that_a_handler_leaves_open() -> None:
    finding = only_finding(
        """
        import multiprocessing

        def main(jobs):
            try:
                pool = multiprocessing.Pool(4)
                results = pool.map(abs, jobs)
                pool.close()
            except ValueError:
                results = []
            if not results:
                return 1
            return 0
        """,
        "JL107",
    )
    assert finding.message == "`pool` is not closed or terminated on every path: not on the handler in line 9"


def test_a_range_of_constants_has_rounds() -> None:
    finding = only_finding(
        """
        import multiprocessing

        def main(ready):
            p = multiprocessing.Process(target=print)
            p.start()
            pid = None
            for seconds in range(5, 40, 5):
                pid = ready(seconds)
                if pid:
                    break
            if not pid:
                return
            p.join()
        """,
        "JL102",
    )
    assert not any("no rounds" in related.message for related in finding.related)


def test_the_read_that_comes_after_the_join() -> None:
    (result,) = check_files(
        [
            SourceFile(
                "app.py",
                textwrap.dedent(
                    """
                    import multiprocessing

                    def work(rows, queue):
                        queue.put([str(row) for row in rows])

                    def main(rows):
                        queue = multiprocessing.Queue()
                        p = multiprocessing.Process(target=work, args=(rows, queue))
                        p.start()
                        p.join()
                        before = queue.get()
                        p = multiprocessing.Process(target=work, args=(rows, queue))
                        p.start()
                        p.join()
                        return before == queue.get()
                    """
                ),
            )
        ],
        {"JL401"},
    )
    reads = [
        [related.span.start.row for related in finding.related if related.message == "read only here"]
        for finding in result.findings
    ]
    assert reads == [[12], [16]]


def test_a_daemon_is_not_waited_for_at_exit() -> None:
    finding = only_finding(
        """
        import multiprocessing

        def main(load):
            p = multiprocessing.Process(target=print, daemon=True)
            p.start()
            load()
            p.join()
        """,
        "JL103",
    )
    assert "ends the child in the middle of its work" in finding.consequence


def test_a_thread_has_no_process_id() -> None:
    finding = only_finding(
        """
        import threading

        class Exporter(threading.Thread):
            def run(self):
                print("exported")

        def main():
            exporter = Exporter()
            exporter.run()
        """,
        "JL305",
    )
    assert "pid" not in finding.consequence


STOPPED = """
    from multiprocessing import Process

    class Owner:
        def start(self, work):
            self.process = Process(target=work)
            self.process.start()

        def stop(self):
            self.process.terminate()
    """
HANDLER = """
    from multiprocessing import Process

    def main(work):
        p = Process(target=work)
        try:
            p.start()
            p.join()
        except KeyboardInterrupt:
            p.terminate()
    """


@pytest.mark.parametrize(("source", "code"), [(STOPPED, "JL101"), (HANDLER, "JL102")])
def test_what_is_ended_does_not_hang_the_exit(source: str, code: str) -> None:
    assert only_finding(source, code).consequence == (
        "terminate() and kill() only send the signal; the ended child stays a zombie until the next start or exit "
        "(fork, spawn)."
    )


def test_what_is_lost_is_lost_to_those_that_have_not_opened_it() -> None:
    finding = only_finding(
        """
        from multiprocessing import Event, Process

        event = Event()
        worker = Process(target=print, args=(event,))
        worker.start()
        """,
        "JL101",
    )
    assert "a child that has not opened it by then dies with FileNotFoundError" in finding.consequence


def test_only_one_of_those_that_are_started_is_joined() -> None:
    finding = only_finding(
        """
        from multiprocessing import Process

        def main():
            workers = []
            for n in range(2):
                worker = Process(target=print, args=(n,))
                worker.start()
                workers.append(worker)
            for process in workers:
                worker.join()
        """,
        "JL102",
    )
    assert finding.message == "not every process that is started here is joined"


@pytest.mark.parametrize(
    ("given", "consequence"),
    [
        ("Pool().map(work, [1])", "map() or its result raises NameError."),
        ("Process(target=work).start()", "the child dies with NameError."),
    ],
)
def test_who_notices_a_name_that_is_missing(given: str, consequence: str) -> None:
    source = f"""
        from multiprocessing import Pool, Process

        def work(n):
            return n * FACTOR

        if __name__ == "__main__":
            FACTOR = 3
            {given}
        """
    assert only_finding(source, "JL205").consequence.endswith(consequence)


def test_a_pool_whose_method_is_kept_has_no_name() -> None:
    finding = only_finding(
        """
        import multiprocessing

        if __name__ == "__main__":
            pool = multiprocessing.Pool()
            apply_async = pool.apply_async

            def test():
                return apply_async(print, (1,))

            test().wait()
        """,
        "JL107",
    )
    assert finding.message == "`pool` is never closed or terminated"


def test_where_a_queue_is_read_by_a_method_that_is_handed_on() -> None:
    finding = only_finding(
        """
        import multiprocessing

        def job(queue):
            queue.put("x" * 100000)

        if __name__ == "__main__":
            q = multiprocessing.Queue()
            p = multiprocessing.Process(target=job, args=(q,))
            p.start()
            p.join()
            for item in iter(q.get_nowait, None):
                print(item)
        """,
        "JL401",
    )
    assert [related.span.start.row for related in finding.related] == [5, 12]
