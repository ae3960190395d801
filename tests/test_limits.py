"""Programs that nobody writes and that generators do: bounded, without false findings, and told where given up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from joinlint import limits
from joinlint.analysis.interpreter import Interpreter
from joinlint.analysis.misuse import drain
from joinlint.analysis.spawning.stale_globals import StaleGlobals
from joinlint.cli import run
from joinlint.pipeline import check_files
from joinlint.program.budget import SPENT, TOO_DEEP, TOO_MANY_PATHS, Budget
from joinlint.program.cycles import cycles
from joinlint.program.index import Program
from joinlint.program.sized_memo import SizedMemo
from joinlint.rules import all_rules
from joinlint.sources import FileResult, SourceFile
from joinlint.syntax.lower import lower

T = TypeVar("T")

HEAD = "from multiprocessing import Pool, Process, Queue\n\n\ndef work(*items):\n    return items\n\n\n"
MAIN = "def main(x):\n    p = Process(target=work)\n    p.start()\n"
GUARD = "\n\nif __name__ == '__main__':\n    main(1)\n"
# Nothing of what is generated here looks at exit codes, and a call between start and join may fail.
CODES = set(all_rules()) - {"JL103", "JL109"}


def within(seconds: float, function: Callable[[], T]) -> T:
    """The result of the function, which has to be there in time: by the processor's clock, as others may be at work."""
    results: list[T] = []
    thread = threading.Thread(target=lambda: results.append(function()), daemon=True)
    began, late = time.process_time(), time.monotonic() + 20 * seconds
    thread.start()
    while thread.is_alive() and time.process_time() - began < seconds and time.monotonic() < late:
        thread.join(0.05)
    assert results, f"not done in {seconds} s"
    return results[0]


def check(program: str, seconds: float = 20) -> FileResult:
    (result,) = within(seconds, lambda: check_files([SourceFile("app.py", program)], all_rules()))
    return result


def codes(result: FileResult) -> list[str]:
    return [finding.code for finding in result.findings if finding.code in CODES]


def reasons(result: FileResult) -> set[str]:
    return {place.reason for place in result.given_up}


def repeated(text: str, times: int) -> str:
    """The text once for each number, with that for # and the next one for @."""
    return "".join(text.replace("#", str(n)).replace("@", str((n + 1) % times)) for n in range(times))


@pytest.fixture
def spent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The steps of each run, in turn; a module has few."""
    steps: list[int] = []
    original = Budget.spend

    def spend(self: Budget, module: str, number: int) -> None:
        steps.append(number)
        original(self, module, number)

    monkeypatch.setattr(Budget, "spend", spend)
    monkeypatch.setattr(limits, "STEPS_PER_MODULE", 3_000)
    return steps


# --- steps
# ---------------------------------------------------------------------------------------------------------------------

MANY = {
    "processes": "    p# = Process(target=work)\n    p#.start()\n    p#.join()\n",
    "pools": "    p# = Pool(2)\n    p#.map(work, [1])\n    p#.close()\n    p#.join()\n",
    "blocks": "    with Pool(2) as p:\n        p.map(work, [#])\n",
    "loops": "    for x in range(9):\n        p = Process(target=work)\n        p.start()\n        p.join()\n",
    "appended": "    ps.append(Process(target=work, args=(#,)))\n",
    "queues": "    q# = Queue()\n    p = Process(target=work, args=[q#])\n    p.start()\n    q#.get()\n    p.join()\n",
}


@pytest.mark.parametrize("body", MANY.values(), ids=MANY.keys())
def test_all_runs_of_a_module_share_its_steps(body: str, spent: list[int]) -> None:
    result = check(HEAD + "def main(x):\n    ps = []\n" + repeated(body, 100) + GUARD)
    assert sum(spent) <= 3_000 + max(spent)
    assert result.problem is None
    assert SPENT in reasons(result)
    assert not set(codes(result)) - {"JL301"}  # which the loops deserve


def test_what_is_given_up_shows(tmp_path: Path, capsys: pytest.CaptureFixture[str], spent: list[int]) -> None:
    (tmp_path / "app.py").write_text(HEAD + "def main(x):\n" + repeated(MANY["processes"], 100) + GUARD)
    assert run(["check", "--verbose", str(tmp_path)]) == 0
    notes = [line for line in capsys.readouterr().err.splitlines() if line.startswith("note: ")]
    assert len(notes) == 1
    assert "gave up following what is made here and in " in notes[0]
    assert notes[0].endswith(SPENT)


def test_steps_are_dearer_with_many_variables() -> None:
    result = check(HEAD + MAIN + repeated("    q# = p\n", 3_000) + "    p.join()\n" + GUARD)
    assert codes(result) == []
    assert TOO_MANY_PATHS in reasons(result)


def test_what_a_child_reads_takes_steps(monkeypatch: pytest.MonkeyPatch, spent: list[int]) -> None:
    looked: list[object] = []
    original = StaleGlobals._first
    monkeypatch.setattr(StaleGlobals, "_first", lambda *given: looked.append(given) or original(*given))
    functions = repeated("def f#():\n    Process(target=f#).start()\n    f@()\n    return flag\n\n\n", 150)
    main = "def main(x):\n    global flag\n    flag = 1\n    f0()\n"
    result = check(HEAD + "flag = 0\n\n\n" + functions + main + GUARD)
    assert len(looked) < 100
    assert SPENT in reasons(result)


def test_misuse_is_not_told_by_half() -> None:
    """What is made and run in one function may be started by one that is too long to be followed."""
    maker = "def make():\n    p = Process(target=work)\n    p.run()\n    return p\n\n\n"
    long = "def main(x):\n    p = make()\n" + repeated("    p.name = #\n", limits.STEPS_BEYOND_JOIN) + "    p.start()\n"
    assert codes(check(HEAD + maker + long + "    p.join()\n" + GUARD)) == []


# --- depth
# ---------------------------------------------------------------------------------------------------------------------

DEEP = {
    "brackets": "x = " + "f(" * 2_000 + ")" * 2_000 + "\n",
    "open brackets": "x = " + "f(" * 2_000 + "\n",
    "brackets behind newer syntax": "x = 1 match 2\nx = " + "[" * 300 + "]" * 300 + "\n",
    "indentation": "".join(" " * n + "if x:\n" for n in range(2_000)) + " " * 2_000 + "pass\n",
    "indentation behind newer syntax": "x = 1 match 2\n" + "".join(" " * n + "if x:\n" for n in range(150)),
    "attributes": "x = y" + ".z" * 2_000 + "\n",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
def test_deep_nests_are_refused(text: str) -> None:
    problem = check(HEAD + text).problem
    assert problem is not None
    assert problem.reason == "nested too deeply to be checked"


WIDE = {
    "brackets": "x = " + "f(" * 190 + ")" * 190 + "\n",
    "indentation": "".join(" " * n + "if x:\n" for n in range(95)) + " " * 95 + "pass\n",
    "table": "x = [\n" + repeated("    (#, 'a', [1, 2]),\n", 3_000) + "]\n",
    "lines": repeated("x# = #\n", 5_000),
    "conditions": "if x:\n    pass\n" + repeated("elif x == #:\n    pass\n", 2_000),
}


@pytest.mark.parametrize("text", WIDE.values(), ids=WIDE.keys())
def test_ordinary_nests_and_long_files_are_checked(text: str) -> None:
    result = check(HEAD + MAIN + GUARD + text)
    assert result.problem is None
    assert codes(result) == ["JL101"]


@pytest.mark.parametrize("end", ["p.join()", "p.terminate(); p.join()"])
def test_functions_in_functions_in_functions(end: str) -> None:
    inner = (
        repeated("    def f#():\n        f@()\n", 14).replace("f0()\n", f"{end}\n").replace("def " + end, "def f0()")
    )
    program = HEAD + MAIN + inner + "    f0()\n" + GUARD
    assert compile(program, "app.py", "exec")
    result = check(program)
    assert codes(result) == []
    assert reasons(result) == {TOO_DEEP}


def test_recursion_that_joins_in_the_end() -> None:
    finish = (
        "    def end(n):\n        if n:\n            end(n - 1)\n            return\n        p.join()\n    end(3)\n"
    )
    assert codes(check(HEAD + MAIN + finish + GUARD)) == []
    assert codes(check(HEAD + MAIN + finish.replace("p.join()", "print(p)") + GUARD)) == ["JL101"]


# --- what is found out once
# ---------------------------------------------------------------------------------------------------------------------


def program_of(text: str) -> Program:
    return Program([lower(text, "app.py", "app")])


def test_functions_of_a_cycle_share_what_they_call() -> None:
    program = program_of(repeated("def f#():\n    f@()\n", 2_000) + "def g():\n    f0()\n")
    assert program.closure(("app", "f1")) is program.closure(("app", "f2"))
    assert program.reaching(("app", "f1")) is program.reaching(("app", "f2"))
    assert program.mentions(("app", "f1")) is program.mentions(("app", "f2"))
    assert program.closure(("app", "g")) == program.closure(("app", "f1")) | {("app", "g")}
    assert program.reaching(("app", "f1")) == program.closure(("app", "g"))


def test_cycles() -> None:
    edges = {1: [2], 2: [3, 4], 3: [1], 4: [5], 5: [4, 6], 6: []}
    found = cycles(edges, edges.__getitem__)
    groups = [{node for node, one in found.items() if one == first} for first in dict.fromkeys(found.values())]
    assert sorted(map(sorted, groups)) == [[1, 2, 3], [4, 5], [6]]


def test_sets_are_forgotten_where_they_grow_too_many() -> None:
    memo: SizedMemo[int, int] = SizedMemo(10)
    found: list[int] = []

    def find(key: int) -> frozenset[int]:
        found.append(key)
        return frozenset(range(key))

    assert [len(memo.get(key, find)) for key in (4, 5, 4, 6, 4)] == [4, 5, 4, 6, 4]
    assert found == [4, 5, 6, 4]


def test_cycle_of_functions_that_make_processes(spent: list[int]) -> None:
    functions = repeated("def f#():\n    p = Process(target=work)\n    p.start()\n    f@()\n    p.join()\n\n\n", 400)
    result = check(HEAD + functions + "def main(x):\n    f0()\n" + GUARD)
    assert codes(result) == []
    assert sum(spent) <= 3_000 + max(spent)


def test_readers_of_queues_are_found_once(monkeypatch: pytest.MonkeyPatch, spent: list[int]) -> None:
    asked: list[object] = []
    original = drain._channels
    monkeypatch.setattr(drain, "_channels", lambda *given: asked.append(given) or original(*given))
    child = "def child(q):\n    q.put('x' * 1000)\n\n\n"
    check(HEAD + child + "def main(x):\n" + repeated(MANY["queues"].replace("work", "child"), 60) + GUARD)
    assert len(asked) < 10 * 60


def test_starts_of_daemons_are_not_looked_for_without_steps(monkeypatch: pytest.MonkeyPatch, spent: list[int]) -> None:
    runs: list[object] = []
    original = Interpreter.run

    def counted(self: Interpreter, *given: object) -> object:
        runs.append(given)
        return original(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Interpreter, "run", counted)
    made = "def f#():\n    p = Process(target=f@, daemon=True)\n    p.start()\n    p.join()\n    f@()\n\n\n"
    check(HEAD + repeated(made, 60) + "def main(x):\n    f0()\n" + GUARD)
    assert len(runs) < 30 * 60


def test_chain_of_classes() -> None:
    classes = "class C0(Process):\n    pass\n\n\n" + repeated("class D#(D#_):\n    pass\n\n\n", 400).replace(
        "D0_", "C0"
    )
    for number in range(1, 400):
        classes = classes.replace(f"(D{number}_)", f"(D{number - 1})")
    result = check(HEAD + classes + "def main(x):\n    p = D399()\n    p.start()\n    p.join()\n" + GUARD)
    assert codes(result) == []


def test_names_made_of_each_other() -> None:
    """Whether one worker depends on the other is asked of each name once, not for each way that leads to it."""
    pair = "    a = Process(target=work, args=(x,))\n    b = Process(target=print, args=(y,))\n"
    used = "    a.start()\n    a.join()\n    b.start()\n    b.join()\n"
    assigned = "    y = x\n" + repeated("    x = (x, y, x)\n    y = (y, x, y)\n", 100)
    assert codes(check(HEAD + "def main(x):\n" + assigned + pair + used + GUARD)) == []


def test_names_given_what_methods_of_each_other_return() -> None:
    """What a name stands for is not asked of each way through all of their assignments."""
    pairs = [(to, source) for to in range(6) for source in range(6) if to != source]
    once = "".join(f"    t{to} = t{source}.merge(#)\n" for to, source in pairs)
    tables = "    t0 = t1 = t2 = t3 = t4 = t5 = x\n" + repeated(once, 20)
    assert codes(check(HEAD + MAIN + tables + "    t0.start()\n" + GUARD)) == ["JL101"]


def test_work_that_may_depend_on_what_is_not_looked_at() -> None:
    """The file that both use is named in the last of many functions, or is the last of many names."""
    pair = "    a = Process(target={}, args=({},))\n    b = Process(target={}, args=({},))\n"
    used = "    a.start()\n    a.join()\n    b.start()\n    b.join()\n"
    steps = repeated("def g#(x):\n    g@(x)\n\n\n", 40).replace(
        "    g10(x)", "    open('data/shared.txt').write(x)\n    g10(x)"
    )
    ends = "def first(x):\n    g0(x)\n\n\ndef second(x):\n    g0(x) or x\n\n\n"
    body = "def main(x):\n" + pair.format("first", "1", "second", "2") + used
    assert codes(check(HEAD + steps + ends + body + GUARD)) == []
    names = "    u0 = v0 = open(x)\n" + "".join(f"    u{n + 1} = [u{n}]\n    v{n + 1} = [v{n}]\n" for n in range(8))
    body = "def main(x):\n" + names + pair.format("print", "u8", "work", "v8") + used
    assert codes(check(HEAD + body + GUARD)) == []


NUMBERS = {
    "test": "    if x > HUGE or x == HUGE:\n        p.join()\n",
    "index": "    ps = {HUGE: p}\n    ps[HUGE].start()\n    ps[HUGE].join()\n",
    "attribute": "    getattr(p, HUGE)\n",
}


@pytest.mark.parametrize("body", NUMBERS.values(), ids=NUMBERS.keys())
def test_numbers_with_more_digits_than_python_prints(body: str) -> None:
    """sys.get_int_max_str_digits() holds for decimal digits alone."""
    assert check(HEAD + MAIN + body.replace("HUGE", "0x" + "F" * 4_000)).problem is None


# --- many of all kinds
# ---------------------------------------------------------------------------------------------------------------------

ONE = {
    "branches": repeated("    if x == #:\n        y = #\n", 500),
    "branches with the process": repeated("    if x == #:\n        q# = p\n", 500),
    "joins in branches": repeated("    if x == #:\n        p.join()\n        return\n", 500),
    "tries": repeated("    try:\n        work(#)\n    finally:\n        work(1)\n", 300),
    "tests": "    if " + " or ".join(f"x == {n}" for n in range(400)) + ":\n        p.name = x\n",
    "cases": "    match x:\n" + repeated("        case #:\n            p.name = x\n", 300),
    "loops": repeated("    while x < #:\n        x += p.pid\n", 300),
    "list": "    x = [" + "p, " * 3_000 + "]\n",
    "lambdas": "    x = " + "lambda: " * 150 + "p\n",
}


@pytest.mark.parametrize("body", ONE.values(), ids=ONE.keys())
def test_one_process_among_many_things(body: str) -> None:
    result = check(HEAD + MAIN + body + "    p.join()\n" + GUARD)
    assert result.problem is None
    assert codes(result) == []


SET_AND_FORGOTTEN = "    y# = None\n    if x(#):\n        y# = #\n    if y#:\n        x(y#)\n"
SHOWN_TO_OTHERS = "    if x(#):\n        y# = [#]\n        x(y#)\n"


@pytest.mark.parametrize("text", [SET_AND_FORGOTTEN, SHOWN_TO_OTHERS])
def test_what_nothing_reads_again_keeps_no_paths_apart(text: str) -> None:
    made, started = MAIN.splitlines(keepends=True)[1:]
    result = check(HEAD + "def main(x):\n" + made + repeated(text, 12) + started + GUARD)
    assert reasons(result) == set()
    assert codes(result) == ["JL101"]


def test_an_executor_outside_of_loops_is_not_followed() -> None:
    """All that could be wrong with it is to be made and waited for in each round of a loop."""
    body = "    with ThreadPoolExecutor() as pool:\n" + repeated("        if x(#):\n            y# = [pool]\n", 12)
    loop = "    for item in x:\n        print(item, [y0, y1, y2, y3, y4, y5, y6, y7, y8, y9, y10, y11])\n"
    head = "from concurrent.futures import ThreadPoolExecutor\n\n\n"
    assert reasons(check(head + "def main(x):\n" + body + loop + GUARD)) == set()


def test_cycle_of_modules() -> None:
    texts = {
        f"m{n}.py": f"from multiprocessing import Process\nfrom m{(n + 1) % 80} import f as g\n\n\n"
        "def f():\n    p = Process(target=print)\n    p.start()\n    g()\n    p.join()\n"
        for n in range(80)
    }
    files = [SourceFile(name, text) for name, text in texts.items()]
    results = within(20, lambda: check_files(files, all_rules()))
    assert [codes(result) for result in results] == [[]] * 80
