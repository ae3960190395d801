"""A process that is stored on an object of which only a parameter is known, for a door that knows a file alone."""

from __future__ import annotations

import pytest

from joinlint.pipeline import check_files
from joinlint.sources import SourceFile

STORED = """\
from multiprocessing import Process
def begin(owner):
    owner.process = Process(target=print)
    owner.process.start()
"""


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        pytest.param(STORED, [], id="a module"),
        pytest.param(STORED + 'if __name__ == "__main__":\n    begin(object())\n', ["JL101"], id="a script"),
    ],
)
def test_a_file_alone(text: str, codes: list[str]) -> None:
    (result,) = check_files([SourceFile("app.py", text)], ["JL101"], context=None)
    assert [finding.code for finding in result.findings] == codes


RECORDER = """\
import multiprocessing

class Recorder:
    def begin(self):
        self.process = multiprocessing.Process(target=print)
        self.process.start()
"""
MAIN = """\
from ending import shut_down
from recorder import Recorder

if __name__ == "__main__":
    recorder = Recorder()
    recorder.begin()
    shut_down(recorder)
"""


@pytest.mark.parametrize(
    ("ending", "codes"),
    [
        pytest.param("def shut_down(recorder):\n    recorder.process.join()\n", [], id="joins"),
        pytest.param("def shut_down(recorder):\n    print(recorder.process)\n", ["JL101"], id="does not"),
        pytest.param(
            "class Other:\n    def __init__(self):\n        self.process = open('x')\n"
            "    def shut_down(self):\n        self.process.join()\n",
            ["JL101"],
            id="joins its own",
        ),
    ],
)
def test_a_field_that_a_file_joins_which_names_no_library(ending: str, codes: list[str]) -> None:
    files = [
        SourceFile(f"{name}.py", text) for name, text in {"recorder": RECORDER, "main": MAIN, "ending": ending}.items()
    ]
    results = check_files(files, ["JL101"])
    assert [finding.code for result in results for finding in result.findings] == codes
