"""What the tests of the rules' analysis share."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Collection, Mapping

import pytest

from joinlint.pipeline import check_files
from joinlint.sources import SourceFile

CheckMarks = Callable[[str | Mapping[str, str], Collection[str]], None]


@pytest.fixture
def check_marks() -> CheckMarks:
    """Checks a program, or several files by their names, with the rules given: what they report is what the marks
    `# expect: JL101` say, nothing else."""

    def check(program: str | Mapping[str, str], codes: Collection[str]) -> None:
        texts = {"app.py": program} if isinstance(program, str) else program
        files = [SourceFile(name, textwrap.dedent(text)) for name, text in texts.items()]
        results = check_files(files, codes)
        assert [result.problem for result in results] == [None] * len(files)
        reported = {(r.filename, f.span.start.row, f.code) for r in results for f in r.findings}
        assert reported == {mark for file in files for mark in _marks(file)}

    return check


def _marks(file: SourceFile) -> set[tuple[str, int, str]]:
    lines = str(file.content).splitlines()
    return {
        (file.filename, row, code)
        for row, line in enumerate(lines, start=1)
        if (match := re.search(r"# expect: (JL\d+(?:, JL\d+)*)", line))
        for code in match[1].split(", ")
    }
