"""Small programs and the joins that come before what the child sends is read."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Collection, Mapping

import pytest

from joinlint.pipeline import check_files
from joinlint.sources import SourceFile

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
    "another process reads": """
        import multiprocessing


        class Channel:
            def __init__(self, n):
                self.pipes = [multiprocessing.Pipe() for _ in range(n)]
                self.ends = [pipe[1] for pipe in self.pipes]

            def fill(self, number):
                while True:
                    self.pipes[number][0].send([1])

            def read(self):
                return [end.recv() for end in self.ends]


        class Reader:
            def run(self, channel):
                print(channel.read())


        def main():
            processes = []
            channel = Channel(2)
            reader = Reader()
            processes.extend([multiprocessing.Process(target=channel.fill, args=(n,)) for n in range(2)])
            processes.append(multiprocessing.Process(target=reader.run, args=(channel,)))
            for process in processes:
                process.start()
            for process in processes:
                process.join()
        """,
    "a method of the same object reads": """
        import multiprocessing

        class Service:
            def run(self):
                self.queue = multiprocessing.Queue()
                self.process = multiprocessing.Process(target=self.fill)
                self.process.start()
                self.process.join()  # expect: JL401

            def fill(self):
                self.queue.put([1])

            def read(self):
                return self.queue.get()
        """,
    "a method of a class derived from it reads": """
        import multiprocessing

        class Base:
            def run(self):
                self.queue = multiprocessing.Queue()
                self.process = multiprocessing.Process(target=self.fill)
                self.process.start()
                self.process.join()  # expect: JL401

            def fill(self):
                self.queue.put([1])

        class Service(Base):
            def read(self):
                return self.queue.get()
        """,
    "a join with a timeout waits in vain": """
        import multiprocessing

        def fill(queue):
            for n in range(100_000):
                queue.put(n)

        def main():
            queue = multiprocessing.Queue()
            p = multiprocessing.Process(target=fill, args=(queue,))
            p.start()
            p.join(timeout=3)  # expect: JL401
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
    "another child reads": """
        from multiprocessing import Process, Queue

        def produce(q):
            for n in range(100000):
                q.put(n)
            q.put(None)

        def consume(q):
            for item in iter(q.get, None):
                print(item)
            q.put("done")

        def main():
            q = Queue()
            c = Process(target=consume, args=(q,))
            p = Process(target=produce, args=(q,))
            c.start()
            p.start()
            p.join()
            c.join()
            print(q.get())
        """,
    "a thread is given the queue that it reads": """
        from multiprocessing import Process, Queue
        from threading import Thread

        def produce(q):
            for n in range(100000):
                q.put(n)

        def consume(q, stop):
            for item in iter(q.get, stop):
                print(item)

        def main():
            q = Queue()
            t = Thread(target=consume, args=(q, None))
            p = Process(target=produce, args=(q,))
            t.start()
            p.start()
            p.join()
            t.join()
            print(q.get())

        def other():
            q, r = Queue(), Queue()
            t = Thread(target=consume, args=(r, None))
            p = Process(target=produce, args=(q,))
            t.start()
            p.start()
            p.join()  # expect: JL401
            t.join()
            print(q.get())
        """,
    "a child that reads at its own end of a pipe": """
        from multiprocessing import Pipe, Process

        def child(conn):
            conn.send([conn.recv()] * 100000)

        def main():
            mine, theirs = Pipe()
            p = Process(target=child, args=(theirs,))
            p.start()
            mine.send(1)
            p.join()  # expect: JL401
            print(mine.recv())
        """,
    "who reads in time, who reads too late, and who has nothing to read": """
        from multiprocessing import Process, Queue

        def work(q, wanted):
            if wanted:
                q.put("x" * 100000)

        def launch(q, wanted):
            p = Process(target=work, args=(q, wanted))
            p.start()
            return p

        def shut_down(p):
            p.join()

        def test_answers():
            q = Queue()
            p = launch(q, True)
            assert q.get()
            shut_down(p)

        def test_silent():
            q = Queue()
            p = launch(q, False)
            shut_down(p)

        def finish(p):
            p.join()  # expect: JL401

        def too_late():
            q = Queue()
            p = launch(q, True)
            finish(p)
            assert q.get()

        def in_time():
            q = Queue()
            p = launch(q, True)
            assert q.get()
            finish(p)
        """,
    "only a failure comes to the join unread": """
        from multiprocessing import Process, Queue

        def fill(queue):
            for n in range(100_000):
                queue.put(n)

        def caught(batches, feed):
            queue = Queue()
            p = Process(target=fill, args=(queue,))
            p.start()
            try:
                for batch in batches:
                    feed(batch)
                for _ in range(100_000):
                    queue.get()
            except OSError:
                print("failed")
                raise
            finally:
                p.join()

        def not_caught(batches, feed):
            queue = Queue()
            p = Process(target=fill, args=(queue,))
            p.start()
            try:
                feed(batches)
                for _ in range(100_000):
                    queue.get()
            finally:
                p.join()

        def read_too_late(batches, feed):
            queue = Queue()
            p = Process(target=fill, args=(queue,))
            p.start()
            try:
                feed(batches)
            finally:
                p.join()  # expect: JL401
            for _ in range(100_000):
                queue.get()
        """,
    "a function that the parent calls as well, with another queue": """
        from multiprocessing import Process, Queue

        def fill(items, queue):
            for item in items:
                queue.put(item)

        def drain(queue):
            while not queue.empty():
                print(queue.get())

        def here(items):
            queue = Queue()
            fill(items, queue)
            drain(queue)

        def in_a_child(items):
            queue = Queue()
            p = Process(target=fill, args=(items, queue))
            p.start()
            p.join()  # expect: JL401
            drain(queue)
        """,
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_early_joins(
    program: str | Mapping[str, str], check_marks: Callable[[str | Mapping[str, str], Collection[str]], None]
) -> None:
    check_marks(program, {"JL401"})


def test_a_join_with_a_timeout_is_no_deadlock() -> None:
    source = textwrap.dedent(PROGRAMS["a join with a timeout waits in vain"])  # type: ignore[arg-type]
    (result,) = check_files([SourceFile("app.py", source)], {"JL401"})
    assert [f.message.rpartition(": ")[2] for f in result.findings] == [
        "this join waits in vain once the queue is full",
        "a deadlock once the queue is full",
    ]


def test_the_first_of_many_puts_is_named() -> None:
    """Whatever the hashes of strings are."""
    puts = "\n".join(f"def send_{n}(queue):\n    queue.put({n})\n" for n in range(8))
    calls = "\n".join(f"    send_{n}(queue)" for n in range(8))
    text = f"import multiprocessing\n{puts}\ndef work(queue):\n{calls}\n" + textwrap.dedent("""
        def main():
            queue = multiprocessing.Queue()
            process = multiprocessing.Process(target=work, args=(queue,))
            process.start()
            process.join()
            print(queue.get())
        """)
    (result,) = check_files([SourceFile("app.py", text)], {"JL401"})
    assert [f.message for f in result.findings] == [
        "`process` is joined before the queue that it fills in line 3 is read: a deadlock once the queue is full"
    ]
