"""What the tests of settings share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from joinlint.cli import run

Write = Callable[[str, str], None]
Check = Callable[..., list[str]]

# JL101 in line 6.
NEVER_JOINED = """\
import multiprocessing


def main(work):
    p = multiprocessing.Process(target=work)
    p.start()
    print("on it goes")
"""


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """A function that writes a file into an empty current folder; what ends in .py needs no text to be flagged."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def write_file(name: str, text: str = NEVER_JOINED) -> None:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    return write_file


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Check:
    """A function that checks and gives `file CODE` for each finding."""

    def check_files(*arguments: str) -> list[str]:
        run(["check", "--quiet", "--output-format", "concise", *arguments])
        out, err = capsys.readouterr()
        assert err.replace("warning: no Python files found under the given paths\n", "") == ""
        return [f"{line.split(':')[0]} {line.split(' ')[1]}" for line in out.splitlines()]

    return check_files


@pytest.fixture
def refusal(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """A function that checks with settings that can't be used, and gives the one line that says so."""

    def check_files(*arguments: str) -> str:
        status = run(["check", *arguments])
        out, err = capsys.readouterr()
        assert (status, out) == (2, "")
        assert err.startswith("error: ")
        assert err.count("\n") == 1
        return err.removeprefix("error: ").removesuffix("\n")

    return check_files
