"""Loops that start and join, told apart by what the rounds are for."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Collection

import pytest

from joinlint.pipeline import check_files
from joinlint.sources import SourceFile

HEAD = "import multiprocessing\n\ndef main(self, items, queue):\n"
START = "p = multiprocessing.Process(target=print, args=(item,))\np.start()\n"

ROUND = textwrap.indent(START + "p.join()\n", "    ")

SERIAL = {
    "for": f"for item in items:\n{textwrap.indent(START, '    ')}    p.join()\n",
    "while": f"while items:\n    item = items.pop()\n{textwrap.indent(START, '    ')}    p.join()\n",
    "with a look at the clock": f"for item in items:\n{textwrap.indent(START, '    ')}    print(item)\n    p.join()\n",
    "an early check": "for item in items:\n    if not item:\n        raise ValueError\n    assert item\n" + ROUND,
    "a skipped item": "for item in items:\n    if item in self.done:\n        continue\n" + ROUND,
    "a supply that ends": "while True:\n    item = queue.get()\n    if item is None:\n        break\n" + ROUND,
    "a walrus": "it = iter(items)\nwhile (item := next(it, None)) is not None:\n" + ROUND,
    "a counter": "i = 0\nwhile i < 9:\n    item = items[i]\n" + ROUND + "    i += 1\n",
    "days": "from datetime import timedelta\nwhile item < self.end:\n" + ROUND + "    item += timedelta(days=1)\n",
    "a counter that is assigned": "i = 0\nwhile i < 9:\n    item = items[i]\n" + ROUND + "    i = i + 1\n",
    "the first, which is taken out": "while items:\n    item = items[0]\n    del items[0]\n" + ROUND,
    "an iterator that ends": "it = iter(items)\nwhile True:\n    try:\n        item = next(it)\n"
    "    except StopIteration:\n        break\n" + ROUND,
    "filed by key": "out = {}\nfor item in items:\n" + ROUND + "    out[item] = queue.get()\n",
    "a short rest": "import time\nfor item in items:\n" + ROUND + "    time.sleep(0.1)\n",
    "progress": "for item in items:\n" + ROUND.replace("    p.join", "    bar.set_postfix(pid=p.pid)\n    p.join"),
    "a result queue for all": "for item in items:\n" + ROUND.replace("(item,)", "(item, queue)"),
    "the same queue alone": "for _ in range(4):\n" + ROUND.replace("(item,)", "(queue,)"),
    "nothing given": "for _ in range(4):\n" + ROUND.replace("args=(item,)", "name='x'"),
    "a waiting loop that breaks": "for item in items:\n"
    + ROUND.replace("    p.join()", "    while True:\n        if not p.is_alive():\n            break"),
}
MEANT = {
    "the first, which stays": "while items:\n    item = items[0]\n" + ROUND,
    "a service that another error ends": "while True:\n    try:\n        item = queue.get()\n"
    "    except KeyboardInterrupt:\n        break\n" + ROUND,
    "each round is checked": SERIAL["for"] + "    self.assertEqual(queue.get(), item)\n",
    "each round is asserted": SERIAL["for"] + "    assert not queue.empty()\n",
    "each round is a test": SERIAL["for"]
    .replace("    p", "        p")
    .replace(":\n", ":\n    with self.subTest(item=item):\n", 1),
    "attempts": SERIAL["for"].replace("item in items", "attempt in range(3)").replace("item", "attempt"),
    "a look at the exit code": SERIAL["for"] + "    print(p.exitcode)\n",
    "a way out": SERIAL["for"] + "    if queue.empty():\n        break\n",
    "the user goes on": SERIAL["for"] + "    input('next?')\n",
    "a schedule": SERIAL["for"].replace("    p =", "    time.sleep(max(0, item - time.time()))\n    p ="),
    "a back-off": SERIAL["for"] + "    time.sleep(item)\n",
    "a checkpoint": "last = None\n"
    + SERIAL["for"].replace("(item,)", "(item, last)")
    + "    last = f'epoch{item}.pt'\n",
    "state that grows": "known = []\n"
    + SERIAL["for"].replace("(item,)", "(item, known)")
    + "    known.extend(queue.get())\n",
    "a flag of the workers": "done = multiprocessing.Value('i', 0)\n"
    + SERIAL["for"]
    .replace("(item,)", "(done, item)")
    .replace("    p =", "    if done.value:\n        continue\n    p ="),
    "a flag of the rounds": "ok = False\ntries = 0\nwhile not ok and tries < 3:\n"
    + ROUND.replace("item", "items")
    + "    ok = queue.get()\n    tries += 1\n",
    "restarts": "n = 0\nwhile n < 5:\n" + ROUND.replace("args=(item,)", "name='x'") + "    n += 1\n",
    "for ever": "import itertools\nfor item in itertools.count():\n" + ROUND,
    "a service": "while True:\n    item = queue.get()\n" + ROUND,
    "rounds on one array": "grid = multiprocessing.Array('d', 9)\nfor _ in items:\n"
    + ROUND.replace("(item,)", "(grid,)").replace("target=print", "target=self.relax"),
    "one start method after the other": SERIAL["for"]
    .replace("for item", "for method")
    .replace("    p =", "    item = multiprocessing.get_context(method)\n    p =")
    .replace("p = multiprocessing.Process(target=print, args=(item,)", "p = item.Process(target=print"),
    "work meanwhile": SERIAL["for"].replace("    p.join", "    self.serve(item)\n    p.join"),
    "work while it runs": SERIAL["for"].replace(
        "    p.join", "    while p.is_alive():\n        self.draw()\n    p.join"
    ),
    "joined later": SERIAL["for"].replace("    p.join()", "    atexit.register(p.join)"),
    "another worker beside it": SERIAL["for"].replace("    p =", "    self.monitor.start()\n    p ="),
    "a search": "found = any(run(item) for item in items)\n",
}
HELPERS = """
def run(item):
    p = multiprocessing.Process(target=print, args=(item,))
    p.start()
    p.join()


def checked(item):
    p = multiprocessing.Process(target=print, args=(item,))
    p.start()
    p.join()
    if p.exitcode:
        raise RuntimeError


async def arun(item):
    p = multiprocessing.Process(target=print, args=(item,))
    p.start()
    p.join()
"""
SEQUENCE = (
    "a = multiprocessing.Process({})\na.start()\na.join()\n{}b = multiprocessing.Process({})\nb.start()\nb.join()\n"
)


def codes(body: str) -> list[str]:
    return found(HEAD + textwrap.indent(body, "    "))


def found(source: str) -> list[str]:
    (result,) = check_files([SourceFile("app.py", source)], {"JL301", "JL302"})
    assert result.problem is None, source
    return [finding.code for finding in result.findings]


@pytest.mark.parametrize("body", SERIAL.values(), ids=SERIAL.keys())
def test_serial(body: str) -> None:
    assert codes(body) == ["JL301"]


@pytest.mark.parametrize("body", MEANT.values(), ids=MEANT.keys())
def test_meant(body: str) -> None:
    assert codes(body) == []


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("def main(items):\n    for item in items:\n        run(item)\n", 1),
        ("def main(items):\n    return [run(item) for item in items]\n", 1),
        ("def main(items):\n    for item in items:\n        checked(item)\n", 0),
        ("async def main(items):\n    for item in items:\n        await arun(item)\n", 1),
        ("def main(items):\n    for item in items:\n        asyncio.run(arun(item))\n", 1),
        ("async def main(items):\n    await asyncio.gather(*(arun(item) for item in items))\n", 0),
        ("async def main(items):\n    for item in items:\n        asyncio.create_task(arun(item))\n", 0),
    ],
)
def test_helpers(body: str, expected: int) -> None:
    head = "import asyncio\nimport multiprocessing\n" + HELPERS
    assert found(head + body) == ["JL301"] * expected


LAUNCH = """
def launch(item):
    t = threading.Thread(target=work, args=(item,))
    t.start()
    return t


"""
RUN = LAUNCH.replace("launch", "run").replace("    return t\n", "    t.join()\n")


@pytest.mark.parametrize(
    "body",
    [
        "for item in items:\n    t = threading.Thread(target=work, args=(item,))\n    t.start()\n    t.join()\n",
        "for t in [threading.Thread(target=work, args=(item,)) for item in items]:\n    t.start()\n    t.join()\n",
        LAUNCH + "for item in items:\n    launch(item).join()\n",
        LAUNCH + "start = launch\nfor item in items:\n    start(item).join()\n",
        RUN + "for item in items:\n    run(item)\n",
        RUN + "go = functools.partial(run, 1)\nfor item in items:\n    go()\n",
        RUN + "[run(item) for item in items]\n",
    ],
)
@pytest.mark.parametrize("has_own_functions", [True, False])
def test_threads(body: str, has_own_functions: bool) -> None:
    """A thread is followed no further than to where it can't matter any more, unless a caller has a loop around it."""
    definitions, separator, main = body.rpartition("\n\n\n") if not has_own_functions else ("", "", body)
    source = f"import functools\nimport threading\n\n\ndef work(item):\n    return item\n\n{definitions}{separator}"
    assert found(source + "\ndef main(items):\n" + textwrap.indent(main, "    ")) == ["JL301"]


def test_a_constructor_called_in_a_loop_of_another() -> None:
    """Where the only one that is named is called outside of the loop."""
    source = """import threading

def work(item):
    return item

class Step:
    def __init__(self, item):
        t = threading.Thread(target=work, args=(item,))
        t.start()
        t.join()

class All(list):
    def __init__(self, items):
        super().__init__(items)
        for item in items:
            Step(item)
"""
    assert found(source) == ["JL301"]


REPEATED = {
    "a scenario": "for _ in range(3):\n" + ROUND.replace("args=(item,)", "name='x'"),
    "like workers": "ps = [multiprocessing.Process(target=print) for _ in range(9)]\n"
    "for p in ps:\n    p.start()\n    p.join()\n",
}
WORK_IN_A_TEST = {
    "on items": SERIAL["for"],
    "unlike workers": "ps = [multiprocessing.Process(target=print, args=(i,)) for i in range(9)]\n"
    "for p in ps:\n    p.start()\n    p.join()\n",
}


@pytest.mark.parametrize("body", REPEATED.values(), ids=REPEATED.keys())
def test_a_test_may_repeat_what_a_program_may_not(body: str) -> None:
    source = HEAD + textwrap.indent(body, "    ")
    assert found(source) == ["JL301"]
    assert found(source.replace("def main", "def test_leaves_nothing")) == []


@pytest.mark.parametrize("body", WORK_IN_A_TEST.values(), ids=WORK_IN_A_TEST.keys())
def test_work_in_a_test_is_work(body: str) -> None:
    assert found((HEAD + textwrap.indent(body, "    ")).replace("def main", "def test_all")) == ["JL301"]


def test_the_message_counts_the_loop_alone() -> None:
    (result,) = check_files([SourceFile("app.py", HEAD + textwrap.indent(SERIAL["for"], "    "))], {"JL301"})
    assert result.findings[0].message.endswith("of the loop in line 4: no two of them run at the same time")


@pytest.mark.parametrize(
    ("first", "between", "second", "expected"),
    [
        ("target=len, args=(1,)", "", "target=len, args=(2,)", 1),
        ("target=len, args=(n,)", "", "target=max, args=(n,)", 1),  # a number: nothing is changed through it
        ("target=len, args=(queue,)", "", "target=max, args=(queue,)", 0),
        ("target=len, args=one", "", "target=max, args=other", 0),
        ("target=len, args=(left,)", "", "target=max, args=(right,)", 0),
        ("target=len, args=(queue,)", "n2 = queue.size\n", "target=max, args=(n2,)", 0),
        ("target=len, args=(queue,)", "n2 = 7\n", "target=max, args=(n2,)", 1),
        ("target=len, args=('a.txt',)", "", "target=max, args=('a.txt',)", 0),
        ("target=len, kwargs={'to': 'a.txt'}", "", "target=max, kwargs={'to': 'b.txt'}", 1),
        ("target=partial(len, queue)", "", "target=partial(max, queue)", 0),
        ("target=lambda: queue.put(1)", "", "target=lambda: queue.get()", 0),
        ("target=lambda: print(1)", "", "target=lambda: print(2)", 1),
        ("target=fill", "", "target=look", 0),
        ("target=fill", "", "target=other_work", 1),
        ("target=queue.run", "", "target=queue.stop", 0),
        ("target=len, args=(1,)", "a.close()\n", "target=len, args=(2,)", 1),
        ("target=len, args=(1,)", "queue.get()\n", "target=len, args=(2,)", 0),
        ("target=len, args=(1,)", "", "target=len, args=(1,)", 0),
    ],
)
def test_sequence(first: str, between: str, second: str, expected: int) -> None:
    head = """\
import logging, multiprocessing
from functools import partial
log = logging.getLogger(__name__)
SHELF = {}
def fill():
    log.info("fill")
    SHELF["jam"] = 1
def look():
    log.info("look")
    print(SHELF)
def other_work():
    log.info("work")
def main(queue):
    n = 5
    one, other = (queue, 1), (queue,)
    left, right = multiprocessing.Pipe()
"""
    assert found(head + textwrap.indent(SEQUENCE.format(first, between, second), "    ")) == ["JL302"] * expected


def test_a_different_class_for_the_same_work() -> None:
    body = SEQUENCE.format("target=len, args=(1,)", "", "target=len, args=(1,)")
    body = body.replace("a = multiprocessing.Process", "a = threading.Thread")
    assert found("import multiprocessing, threading\n" + body) == []


SUBMITTED_TOGETHER = """
    import multiprocessing

    def work(x):
        return x

    def helper(regions):
        pool = multiprocessing.Pool(4)  # expect: JL306
        res = pool.map_async(work, regions).get(999)
        pool.close()
        pool.join()
        return res

    def main(files):
        out = []
        with multiprocessing.Pool(4) as pool:
            for regions in files:
                out.append(pool.map_async(work, regions).get(999))
        return out

    def other(files):
        return [helper(regions) for regions in files]

    def one_by_one(files):
        out = []
        with multiprocessing.Pool(4) as pool:
            for file in files:
                out.append(pool.apply_async(work, (file,)).get(999))  # expect: JL303
        return out
    """


def test_tasks_that_are_submitted_together_overlap(
    check_marks: Callable[[str, Collection[str]], None],
) -> None:
    check_marks(SUBMITTED_TOGETHER, {"JL303", "JL306"})
