"""What stands in `if True:` or `try:` at the left margin is at import level as well."""

from __future__ import annotations

import textwrap

import pytest

from joinlint.pipeline import check_files
from joinlint.rules import all_rules
from joinlint.sources import SourceFile

GUARDED = """\
from multiprocessing import Pool
if __name__ == "__main__":
    def shout(word): return word.upper()
if __name__ == "__main__":
    with Pool() as pool:
        print(pool.map(shout, ["hip"]))
"""
COMMANDS = """\
import sys
from multiprocessing import Process
def run():
    process = Process(target=print)
    process.start()
    process.join()
COMMANDS = {"run": run}
COMMANDS[sys.argv[1]]()
"""
MAKER = """\
from multiprocessing import Process
def make(): return Process(target=print)
"""
USER = """\
from maker import make
process = make()
process.start()
"""
WRAPPINGS = [
    pytest.param("{}", id="alone"),
    pytest.param("if True:\n{}", id="in if"),
    pytest.param("try:\n{}except OSError:\n    raise\n", id="in try"),
]


def wrapped(text: str, wrapping: str) -> str:
    return wrapping.format(text if wrapping == "{}" else textwrap.indent(text, "    "))


def codes(files: dict[str, str]) -> set[str]:
    results = check_files([SourceFile(name, text) for name, text in files.items()], all_rules())
    return {finding.code for result in results for finding in result.findings}


@pytest.mark.parametrize("wrapping", WRAPPINGS)
@pytest.mark.parametrize(("text", "code"), [(GUARDED, "JL203"), (COMMANDS, "JL201")], ids=["guarded", "commands"])
def test_a_file_alone(text: str, code: str, wrapping: str) -> None:
    assert code in codes({"app.py": wrapped(text, wrapping)})


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_a_function_defined_outside_the_guard_as_well(wrapping: str) -> None:
    text = GUARDED.replace("if __name__", "def shout(word): return word\nif __name__", 1)
    assert "JL203" not in codes({"app.py": wrapped(text, wrapping)})


@pytest.mark.parametrize("wrapping", WRAPPINGS)
def test_what_another_file_defines(wrapping: str) -> None:
    assert {"JL101", "JL201"} <= codes({"maker.py": wrapped(MAKER, wrapping), "user.py": USER})


ONE_LINE = """\
import multiprocessing
multiprocessing.set_start_method("spawn")
def work(number): print(workers, number)
if __name__ == "__main__":
    workers = [multiprocessing.Process(target=work, args=(number,)) for number in (1, 2)]
    for worker in workers: worker.start()
    for worker in workers: worker.join()
"""


def test_how_many_lines_a_statement_takes() -> None:
    several = ONE_LINE.replace("= [", "= [\n        ").replace(
        " for number in (1, 2)]", "\n        for number in (1, 2)\n    ]"
    )
    assert codes({"app.py": ONE_LINE}) == codes({"app.py": several})
