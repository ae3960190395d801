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
