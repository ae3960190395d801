"""Small programs and the lines on which the rules on calls out of turn report something, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import pytest

PROGRAMS: dict[str, str | Mapping[str, str]] = {
    "a join before the start": """
        import threading

        def main():
            thread = threading.Thread(target=print)
            thread.join()  # expect: JL402
            thread.start()
        """,
    "a second start that is asked for by text": """
        import multiprocessing

        def main():
            process = multiprocessing.Process(target=print)
            process.start()
            process.join()
            getattr(process, "start")()  # expect: JL403
        """,
    "a second start under another name": """
        import multiprocessing

        def main():
            process = other = multiprocessing.Process(target=print)
            process.start()
            process.join()
            other.start()  # expect: JL403
        """,
    "a second start in the next round": """
        import multiprocessing

        def main(rounds):
            process = multiprocessing.Process(target=print)
            for _ in range(rounds):
                process.start()  # expect: JL403
                process.join()
        """,
    "a second start of all in the next round": """
        import multiprocessing

        def main(rounds):
            workers = [multiprocessing.Process(target=print) for _ in range(4)]
            for _ in range(rounds):
                for worker in workers:
                    worker.start()  # expect: JL403
                for worker in workers:
                    worker.join()
        """,
    "a second start in another function": """
        import multiprocessing

        def again(process):
            process.start()  # expect: JL403

        def main():
            process = multiprocessing.Process(target=print)
            process.start()
            process.join()
            again(process)
        """,
    "a second start of what lies in a list that the caller has": """
        import multiprocessing

        def go(out):
            workers = out
            worker = multiprocessing.Process(target=print)
            worker.start()
            worker.join()
            workers.append(worker)

        def main():
            workers = []
            go(workers)
            for worker in workers:
                worker.start()  # expect: JL403
        """,
    "a second start of what lies in a list that is a field, too": """
        import multiprocessing

        class Crew:
            def go(self):
                workers = self.workers = []
                worker = multiprocessing.Process(target=print)
                worker.start()
                worker.join()
                workers.append(worker)

            def again(self):
                for worker in self.workers:
                    worker.start()  # expect: JL403

        def main():
            crew = Crew()
            crew.go()
            crew.again()
        """,
    "a start in each round of what the round has made": """
        import multiprocessing

        def main(rounds):
            for _ in range(rounds):
                process = multiprocessing.Process(target=print)
                process.start()
                print("started")
                process.join()
        """,
    "a start in each round of what an earlier round has made": """
        import multiprocessing

        def main(rounds):
            process = None
            for number in range(rounds):
                if number % 2 == 0:
                    process = multiprocessing.Process(target=print)
                process.start()  # expect: JL403
                process.join()
        """,
    "a process on whose end another one waits": """
        import multiprocessing

        def watch(sentinel, other=None):
            print(sentinel, other)

        def main():
            worker = multiprocessing.Process(target=print)
            worker.start()
            watchers = [
                multiprocessing.Process(target=watch, args=(worker.sentinel,)),
                multiprocessing.Process(target=watch, args=(1,), kwargs={"other": worker.sentinel}),
            ]
            for watcher in watchers:
                watcher.start()
            for watcher in watchers:
                watcher.join()
            worker.join()
        """,
    "a start that is handed to somebody who may call it": {
        "app.py": """
        import threading

        import spawning

        def main():
            thread = threading.Thread(target=print)
            task = spawning.spawn(thread.start)
            thread.join()
            task.join()
        """,
        "spawning.py": """
        from multiprocessing import Process

        import loop

        class Task:
            def __init__(self, run=None):
                self._run = run

            def start(self):
                loop.run_callback(self._run)

        def spawn(*args):
            task = Task(*args)
            task.start()
            return task
        """,
    },
    "the last of a list that has grown by another": """
        import threading

        def added():
            threads = []
            while len(threads) < 4:
                threads += [threading.Thread(target=print)]
                threads[-1].start()
            for thread in threads:
                thread.join()

        def concatenated():
            threads = []
            while len(threads) < 4:
                threads = threads + [threading.Thread(target=print)]
                threads[-1].start()
            for thread in threads:
                thread.join()

        def extended():
            threads = []
            for _ in range(4):
                threads.extend([threading.Thread(target=print)])
                threads[-1].start()
            for thread in threads:
                thread.join()
        """,
    "run() that is meant": """
        import multiprocessing
        import threading

        class Coroutine(threading.Thread):
            async def run(self):
                print("later")

        def uses_coroutine(loop):
            worker = Coroutine()
            loop.create_task(worker.run())

        class Generator(threading.Thread):
            def run(self):
                yield "later"

        def uses_generator():
            worker = Generator()
            for word in worker.run():
                print(word)

        class OwnStart(threading.Thread):
            def start(self):
                self.run()

            def run(self):
                print("now")

        def uses_own_start():
            worker = OwnStart()
            worker.start()

        class Plain(threading.Thread):
            def run(self):
                print("now")

        def one():
            worker = Plain()
            worker.run()  # expect: JL305

        def helper(worker):
            worker.run()  # expect: JL305

        def two():
            helper(Plain())

        def three():
            helper(Plain())
        """,
    "an element that an index may or may not stand for": """
        from multiprocessing import Process

        def work():
            pass

        def main(n):
            ps = []
            for i in range(n):
                ps.append(Process(target=work))
                ps[i].start()
            for p in ps:
                while True:
                    p.join(timeout=0.25)
                    if not p.is_alive():
                        break
        """,
    "slices that may be others each time": """
        from multiprocessing import Process

        def work():
            pass

        def main(n):
            ps = [Process(target=work) for _ in range(n)]
            for start in range(0, n, 2):
                for p in ps[start:start + 2]:
                    p.start()
                for p in ps[start:start + 2]:
                    p.join()

        def whole(n):
            ps = [Process(target=work) for _ in range(n)]
            for _ in range(2):
                for p in ps[:]:
                    p.start()  # expect: JL403
            for p in ps:
                p.join()
        """,
    "what a context manager does behind its yield comes after the block": """
        from contextlib import contextmanager
        from multiprocessing import Process

        @contextmanager
        def joined(p):
            yield
            p.join()

        @contextmanager
        def started(p):
            p.start()
            yield

        def main():
            p = Process(target=print)
            with joined(p):
                p.start()

        def twice():
            p = Process(target=print)
            with started(p):
                p.start()  # expect: JL403
                p.join()
        """,
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_calls_out_of_turn(
    program: str | Mapping[str, str],
    check_marks: Callable[[str | Mapping[str, str], Collection[str]], None],
) -> None:
    check_marks(program, {"JL305", "JL402", "JL403", "JL404"})
