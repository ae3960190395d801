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
