"""Where the output of `joinlint check` goes, and how much of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from joinlint.cli import run
from joinlint.report import FORMATS

FOUND = """\
import multiprocessing


def main(work):
    p = multiprocessing.Process(target=work)
    p.start()
    multiprocessing.Process(target=work).start()
    q = multiprocessing.Process(target=work)
    q.join()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "app.py").write_text(FOUND)
    return tmp_path


@pytest.mark.parametrize("name", FORMATS)
def test_file_holds_what_would_be_shown(folder: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run(["check", "--output-format", name]) == 1
    shown = capsys.readouterr().out
    assert run(["check", "--output-format", name, "--output-file", "report"]) == 1
    assert (folder / "report").read_text() == shown
    out, err = capsys.readouterr()
    assert err == ""
    assert out == (
        "Found 3 problems in 1 file (1 file checked).\nBy rule: 2 JL101, 1 JL402.\n"
        "`joinlint rule JL101` explains the rule and shows corrected code.\n"
    )


def test_quiet_shows_nothing_beside_the_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "-q", "-o", "report"]) == 1
    assert capsys.readouterr() == ("", "")
    assert "JL101" in (folder / "report").read_text()


def test_colours_are_for_the_terminal(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    run(["check", "-o", "report"])
    assert "\x1b" in capsys.readouterr().out
    assert "\x1b" not in (folder / "report").read_text()
    run(["check", "-o", "report", "--color", "always"])
    assert "\x1b" in (folder / "report").read_text()


@pytest.mark.parametrize(
    ("name", "error"),
    [
        (".", "error: .: cannot be written: is a folder\n"),
        ("no/where", "error: no/where: cannot be written: No such file or directory\n"),
    ],
)
def test_file_that_cannot_be_written(capsys: pytest.CaptureFixture[str], name: str, error: str) -> None:
    assert run(["check", "-o", name]) == 2
    assert capsys.readouterr() == ("", error)


@pytest.mark.parametrize("name", ["-", ""])
def test_file_without_a_name(capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert run(["check", "-o", name]) == 2
    assert "needs the name of a file" in capsys.readouterr().err


def test_statistics(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--statistics"]) == 1
    assert capsys.readouterr().out == (
        "2 JL101 never-joined\n1 JL402 join-before-start\n\n"
        "Found 3 problems in 1 file (1 file checked).\n"
        "`joinlint rule JL101` explains the rule and shows corrected code.\n"
    )
    assert run(["check", "--statistics", "--quiet", "--output-format", "grouped"]) == 1
    assert capsys.readouterr().out == "2 JL101 never-joined\n1 JL402 join-before-start\n"
    assert run(["check", "--statistics", "--output-format", "concise", "--ignore", "JL"]) == 0
    assert capsys.readouterr().out == ""


def test_statistics_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    counts = [
        {"code": "JL101", "name": "never-joined", "count": 2},
        {"code": "JL402", "name": "join-before-start", "count": 1},
    ]
    run(["check", "--statistics", "--output-format", "json"])
    assert json.loads(capsys.readouterr().out) == counts
    run(["check", "--statistics", "--output-format", "json-lines"])
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == counts


def test_statistics_in_a_format_without(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--statistics", "--output-format", "sarif"]) == 2
    assert "--statistics goes with the formats full, concise, grouped, json, json-lines" in capsys.readouterr().err


@pytest.mark.parametrize("name", FORMATS)
def test_a_reader_that_goes_away(name: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "joinlint", "check", "--output-format", name]
    result = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (result.returncode, result.stderr) == (1, "")
