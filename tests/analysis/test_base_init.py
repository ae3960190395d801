"""Worker classes whose __init__ never reaches that of Process or Thread."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import pytest

PROGRAMS: dict[str, str | Mapping[str, str]] = {
    "at the start of each object": """
        import threading

        class Worker(threading.Thread):
            def __init__(self, n):
                self.n = n

        def main():
            Worker(1).start()  # expect: JL409
            worker = Worker(2)
            worker.start()  # expect: JL409

        class Owner:
            def __init__(self):
                self.worker = Worker(3)
                self.workers = {}
                self.workers[4] = Worker(4)
            def go(self):
                self.worker.start()  # expect: JL409
                for worker in self.workers.values():
                    worker.start()  # expect: JL409
        """,
    "appended to a list": """
        import threading

        class Worker(threading.Thread):
            def __init__(self, n):
                self.n = n

        def main():
            workers = []
            for n in range(3):
                workers.append(Worker(n))
            for worker in workers:
                worker.start()  # expect: JL409
        """,
    "at the class where nothing starts it": """
        import threading

        class Worker(threading.Thread):  # expect: JL409
            def __init__(self, n):
                self.n = n
        """,
    "every way to call it": """
        import threading
        from multiprocessing import Process

        class A(threading.Thread):
            def __init__(self):
                super(A, self).__init__()

        class B(threading.Thread):
            def __init__(self):
                threading.Thread.__init__(self)

        class C(Process):
            def __init__(self, flag):
                if flag:
                    self.prepare()
            def prepare(self):
                Process.__init__(self)

        class D(Process):
            def __init__(self):
                def inner():
                    super(D, self).__init__()
                inner()

        class E(Process):
            __init__ = Process.__init__
        """,
    "mixins": """
        import threading

        class Quiet:
            def __init__(self, **kwargs):
                self.kwargs = kwargs

        class Passing:
            def __init__(self, **kwargs):
                super().__init__(**kwargs)

        class Bad(Quiet, threading.Thread):  # expect: JL409
            def __init__(self):
                super().__init__()

        class Good(Passing, threading.Thread):
            def __init__(self):
                super().__init__()

        class GoodByOrder(threading.Thread, Quiet):
            def __init__(self):
                super().__init__()

        class Inherited(Quiet, threading.Thread):
            pass

        Inherited().start()  # expect: JL409
        """,
    "a base that leaves it to those that derive from it": """
        import threading

        class Base(threading.Thread):
            def __init__(self, n):
                self.n = n

        class Good(Base):
            def __init__(self):
                threading.Thread.__init__(self)
                Base.__init__(self, 1)

        Good().start()
        """,
    "an __init__ that always raises": """
        import threading

        class Never(threading.Thread):
            def __init__(self):
                raise NotImplementedError
        """,
    "what can't be seen": """
        import threading
        from elsewhere import Base, Meta, decorated

        class A(Base, threading.Thread):
            def __init__(self): self.n = 1

        class B(threading.Thread, metaclass=Meta):
            def __init__(self): self.n = 1

        @decorated
        class C(threading.Thread):
            def __init__(self): self.n = 1

        class D(threading.Thread):
            @decorated
            def __init__(self): self.n = 1

        class F(threading.Thread):
            def __init__(self): self.n = 1
            def start(self): print()
        """,
    "bases that take no part": """
        import abc
        import threading
        from typing import Generic, TypeVar

        T = TypeVar("T")

        class A(threading.Thread, abc.ABC):  # expect: JL409
            def __init__(self): self.n = 1

        class B(Generic[T], threading.Thread, metaclass=abc.ABCMeta):  # expect: JL409
            def __init__(self): self.n = 1
        """,
    "dataclasses": """
        import threading
        from dataclasses import dataclass

        @dataclass
        class A(threading.Thread):  # expect: JL409
            n: int

        @dataclass
        class B(threading.Thread):
            n: int
            def __post_init__(self): super().__init__()

        @dataclass(init=False)
        class C(threading.Thread):
            n: int
        """,
    "in another file": {
        "workers.py": """
            import threading

            class Worker(threading.Thread):
                def __init__(self, n):
                    self.n = n
            """,
        "app.py": """
            from workers import Worker

            def main():
                worker = Worker(1)
                worker.start()  # expect: JL409
            """,
    },
    "derived from one in another file": {
        "base.py": """
            import threading

            class StoppableThread(threading.Thread):
                def __init__(self):
                    super().__init__()
            """,
        "app.py": """
            from base import StoppableThread

            class Worker(StoppableThread):  # expect: JL409
                def __init__(self, n):
                    self.n = n

            class Good(StoppableThread):
                def __init__(self, n):
                    super().__init__()
            """,
    },
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_reports(
    program: str | Mapping[str, str], check_marks: Callable[[str | Mapping[str, str], Collection[str]], None]
) -> None:
    check_marks(program, {"JL409"})
