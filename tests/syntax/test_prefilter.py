"""Which files are looked into for what they may do wrong with threads alone."""

from __future__ import annotations

import textwrap

import pytest

from joinlint.syntax.prefilter import may_misuse_threads

SUSPECT = [
    "Thread(target=work())",
    "Thread(\n    target = self.work(1),\n)",
    "Thread(daemon=True,  # why\n    target=work())",
    "Thread(work)",
    "Thread(\n    work, args=(1,))",
    "Thread(target=work, args=(x))",
    "Thread(target=work, args = (f(x)))",
    "Thread(target=work, args='x')",
    "Thread(target=work, args=f'{x}')",
    "Thread(target=work, args=5)",
    "Thread(target=work, args=queue)",
    "Thread(target=work, args=str(x))",
    "Thread(target=work, args=None)",
    "Thread(target=work, kwargs='x')",
    "Timer(5, work())",
    "Timer(5, work, 'x')",
    "ThreadPoolExecutor().submit(work(1))",
    "ThreadPool().map(work(1), items)",
    "ThreadPool().apply_async(work, (x))",
    "ThreadPoolExecutor(initializer=work())",
    "loop.run_in_executor(ThreadPoolExecutor(), work())",
    "class A(Thread):\n    def __init__(self):\n        self.n = 1",
    "class A(threading.Thread):\n    def __init__(self, f):\n        super().__init__(f)",
    "class A(threading.Thread):\n    def __init__(self, f):\n        Thread.__init__(self, f)",
    "class A(StoppableThread):\n    def __init__(self):\n        self.n = 1",
    "class A(Thread):\n    def run(self): ...\n\nclass B(A):\n    def __init__(self):\n        pass",
    "class A(Mixin, Thread):\n    def __init__(self):\n        super().__init__()",
    "class A(Thread):\n    pass\n\nA(work)",
    "@dataclass\nclass A(Thread):\n    n: int",
    "ThreadPoolExecutor().submit(work, f(x))",
    "Thread(target=work).run()",
    "Thread(target=work).join()",
    "thread = Thread(target=work).start()",
]
FINE = [
    "Thread(target=work)",
    "Thread(\n    target=work,\n    args=(1,),\n)",
    "Thread(None, work)",
    "Thread(group=None, target=work)",
    "Thread(name='x', target=self.work, daemon=True)",
    "Thread(target=work, args=(x, y))",
    "Thread(target=work, args=())",
    "Thread(target=work, args=args, kwargs=kwargs)",
    "Thread(target=work, args=[x])",
    "Thread(target=work, args=tuple(x))",
    "Thread(*args)",
    "Timer(5, work)",
    "Timer(5, work, [x])",
    "ThreadPool().apply_async(work, [f(x)])",
    "class A(Thread):\n    def __init__(self):\n        super().__init__(name='a')",
    "class A(Thread):\n    def __init__(self):\n        Thread.__init__(self)",
    "class A(Thread):\n    def run(self):\n        pass\n\nA().start()",
    "def f(args=None): pass",
    "args = parser.parse_args()",
    "class A(Base):\n    def __init__(self):\n        self.n = 1",
]


@pytest.mark.parametrize("code", SUSPECT)
def test_suspect(code: str) -> None:
    assert may_misuse_threads(f"from threading import Thread, Timer\n{textwrap.dedent(code)}\n".encode())


@pytest.mark.parametrize("code", FINE)
def test_fine(code: str) -> None:
    assert not may_misuse_threads(f"from threading import Thread, Timer\n{textwrap.dedent(code)}\n".encode())


def test_without_threads() -> None:
    assert not may_misuse_threads(b"process(target=work(), args=5)\n")
