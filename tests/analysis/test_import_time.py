"""Starts at import, by what the file is for."""

from __future__ import annotations

import pytest

from joinlint.pipeline import check_files
from joinlint.sources import SourceFile

STARTS = "import multiprocessing\np = multiprocessing.Process(target=print)\np.start()\np.join()\n"
TEST = "def test_it():\n    pass\n"


@pytest.mark.parametrize(
    ("filename", "source", "rows"),
    [
        ("app.py", STARTS, [3]),
        ("pkg/app.py", STARTS, [3]),
        ("pkg/__init__.py", STARTS, [3]),
        ("pkg/__main__.py", STARTS, []),  # a child does not import it again
        ("test_speed.py", STARTS, [3]),  # a script by its content
        ("test_speed.py", STARTS + TEST, []),  # pytest is the main module
        ("speed_test.py", STARTS + TEST, []),
        ("conftest.py", STARTS, []),
        ("contest.py", STARTS + TEST, [3]),
    ],
)
def test_files(filename: str, source: str, rows: list[int]) -> None:
    (result,) = check_files([SourceFile(filename, source)], {"JL201"})
    assert [finding.span.start.row for finding in result.findings] == rows


HEAD = """\
from multiprocessing import Pool, Process
from concurrent.futures import ProcessPoolExecutor


def launch(n=1):
    p = Process(target=print, args=(n,))
    p.start()
    p.join()


"""


def starting(source: str) -> list[str]:
    """The lines at which importing the source starts something."""
    text = HEAD + source
    (result,) = check_files([SourceFile("app.py", text)], {"JL201"})
    assert result.problem is None
    return [text.splitlines()[finding.span.start.row - 1].strip() for finding in result.findings]


LEADS = {
    "as many as a decorator says": """def doubled(function):
    return lambda n: 2 * function(n)


@doubled
def number(n):
    return 0


if number(1) > 0:
    launch(1)  # here
""",
    "as many as the last of its definitions says": """def number(n):
    return 0


if True:
    def number(n):
        return 1


n = number(1)
if n:
    launch(1)  # here
""",
    "as many as a file says": """def number(n):
    with open("n") as n:
        pass
    return n


n = number(0)
if n:
    launch(1)  # here
""",
    "as many as was counted before": """count = 0


def number(n):
    global count
    if count:
        return count
    count = n
    return 0


number(1)
n = number(1)
if n:
    launch(1)  # here
""",
    "two, as another function says": """def twice(n):
    return 2 if n == 1 else n


def several(n):
    n = twice(n)
    if n > 1:
        launch(n)


several(1)  # here
""",
    "click command": """import click
@click.command()
@click.option("--n", default=1)
def main(n):
    launch(n)
main()  # here
""",
    "click group": """import click
@click.group()
def cli():
    pass
@cli.group()
def admin():
    pass
@admin.command()
def run():
    launch()
cli()  # here
""",
    "typer app": """import typer
app = typer.Typer()
@app.command()
def run(n: int = 1):
    launch(n)
app()  # here
""",
    "typer run": "import typer\ntyper.run(launch)  # here\n",
    "fire": "import fire\nfire.Fire(launch)  # here\n",
    "fire with a table": "import fire\nfire.Fire({'launch': launch})  # here\n",
    "fire with the module": "import fire\nfire.Fire()  # here\n",
    "map": "for _ in map(launch, range(2)):  # here\n    pass\n",
    "map of a lambda": "ps = [Process(target=print)]\nlist(map(lambda p: p.start(), ps))  # here\n",
    "table": "TABLE = {'go': launch}\nTABLE['go']()  # here\n",
    "table by get": "TABLE = {'go': launch}\nTABLE.get('go')()  # here\n",
    "partial": "from functools import partial\njob = partial(launch, 3)\njob()  # here\n",
    "partial of a class": """import functools
make = functools.partial(Process, target=print)
make().start()  # here
""",
    "thread": "import threading\nt = threading.Thread(target=launch)\nt.start()  # here\n",
    "property": """class Engine:
    @property
    def pool(self):
        return Pool(2)
engine = Engine()
print(engine.pool.map(len, []))  # here
""",
    "__new__": """class Registry:
    def __new__(cls):
        launch()
        return super().__new__(cls)
registry = Registry()  # here
""",
    "executor of a class": """class Loader:
    executor = ProcessPoolExecutor()
    def run(self, xs):
        return list(self.executor.map(len, xs))
loader = Loader()
print(loader.run([]))  # here
""",
    "executor of a loop": """import asyncio
executor = ProcessPoolExecutor()
async def main():
    await asyncio.get_running_loop().run_in_executor(executor, len, [])
asyncio.run(main())  # here
""",
    "gathered coroutines": """import asyncio
async def one(n):
    launch(n)
async def main():
    await asyncio.gather(*(one(n) for n in range(2)))
asyncio.run(main())  # here
""",
    "coroutine kept in a list": """import asyncio
async def one(n):
    launch(n)
async def main():
    jobs = [one(1)]
    await asyncio.gather(*jobs)
asyncio.run(main())  # here
""",
    "generator gone through": """def rows():
    yield launch()
for row in rows():  # here
    pass
""",
    "generator in a generator": """def rows():
    yield launch()
def both():
    yield from rows()
print(list(both()))  # here
""",
    "context manager": """from contextlib import contextmanager
@contextmanager
def running():
    launch()
    yield
with running():  # here
    pass
""",
    "coroutine under a decorator": """import helpers
@helpers.run_at_once
async def main():
    launch()
main()  # here
""",
    "decorators": """import functools
import multiprocessing

def in_process(name):
    def decorate(func):
        @functools.wraps(func)
        def wrapper(*args):
            p = multiprocessing.Process(target=print, args=args)
            p.start()
            p.join()
            return func(*args)
        return wrapper
    return decorate

def beside(func):
    def wrapper(*args):
        with multiprocessing.Pool(2) as pool:
            return pool.map(abs, args)
    return wrapper

def timed(func):
    def wrapper(*args):
        return func(*args)
    return wrapper

class Shown:
    @in_process("method")
    def show(self, x):
        return x

@in_process("call")
def call(x):
    return x

@beside
def run(x):
    return x

@timed
def harmless(x):
    return x

@timed
def starts(x):
    with multiprocessing.Pool(2) as pool:
        pool.map(abs, x)

harmless(3)
call("x")  # here
run("x")  # here
Shown().show(3)  # here
starts([1])  # here
if __name__ == "__main__":
    call("y")
""",
}
DETERMINE = """def determine(n):
    if n is None:
        return 1
    try:
        if n < 0:
            return max(1, os.cpu_count() + n)
    except NotImplementedError:
        pass
    return n


def several(n=1):
    n = determine(n)
    if n > 1:
        launch(n)


several({})
"""
LATER = {
    "as many as given by default": DETERMINE.format(""),
    "one, as another function says": DETERMINE.format("n=1"),
    "generator": "def rows():\n    yield launch()\nlazy = rows()\nlazy = enumerate(lazy)\n",
    "coroutine": "async def main():\n    launch()\njob = main()\n",
    "context manager": """from contextlib import contextmanager
@contextmanager
def running():
    launch()
    yield
manager = running()
""",
    "map": "lazy = map(launch, range(2))\n",
    "thread": "import threading\nt = threading.Thread(target=launch)\n",
    "callback": "import atexit, signal\natexit.register(launch)\nsignal.signal(signal.SIGINT, launch)\n",
    "table": "TABLE = {'go': launch}\n",
    # In the child, unittest looks for tests in the `__main__` that is not this module yet, and finds none.
    "unittest": """import unittest
class T(unittest.TestCase):
    def test_it(self):
        launch()
unittest.main()
""",
    "registered": "import typer\napp = typer.Typer()\n@app.command()\ndef run():\n    launch()\n",
    "fork": "import multiprocessing\nctx = multiprocessing.get_context('fork')\nctx.Process(target=print).start()\n",
    "partial of a thread class": """import functools
from multiprocessing.dummy import Process as Thread
class Threads:
    def __init__(self):
        self.Process = functools.partial(Thread, name="x")
        self.Process(target=print).start()
threads = Threads()
""",
    "fork in the function": """import multiprocessing
def go():
    multiprocessing.set_start_method("fork")
    with Pool() as pool:
        pool.map(len, [])
go()
""",
    "fork for all": "import multiprocessing\nmultiprocessing.set_start_method('fork')\nlaunch()\n",
}


@pytest.mark.parametrize("source", LEADS.values(), ids=LEADS.keys())
def test_leads_to_a_start(source: str) -> None:
    expected = [line.strip() for line in source.splitlines() if line.endswith("# here")]
    assert starting(source) == expected


@pytest.mark.parametrize("source", LATER.values(), ids=LATER.keys())
def test_runs_later(source: str) -> None:
    assert starting(source) == []
