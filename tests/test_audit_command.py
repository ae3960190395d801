"""`joinlint audit` as a command."""

from __future__ import annotations

from pathlib import Path

import pytest

from joinlint.cli import run

FOUND = """\
import multiprocessing


def main(work):
    p = multiprocessing.Process(target=work)
    p.start()
    work()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(FOUND)
    return tmp_path


def test_report_is_written_and_replaced(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["audit"], ["audit", "app.py", "--ignore", "JL2"]):
        assert run(arguments) == 0
        out, err = capsys.readouterr()
        assert out.startswith("Found 1 problem in 1 file (1 file checked).\n")
        assert out.endswith("\nThe report is in joinlint-audit.html.\n")
        assert err == ""
        text = (folder / "joinlint-audit.html").read_text(encoding="utf-8")
        assert f"joinlint {' '.join(arguments)}</code>" in text
        assert "app.py:6:5" in text


def test_selection_and_threads(folder: Path) -> None:
    (folder / "app.py").write_text(FOUND.replace("    work()\n", "    work()\n    p.join()\n"))
    run(["audit", "--extend-select", "JL103", "--output", "unsafe.html"])
    assert "JL103 join-not-exception-safe" in (folder / "unsafe.html").read_text(encoding="utf-8")
    (folder / "app.py").write_text(FOUND.replace("multiprocessing", "threading").replace("Process", "Thread"))
    run(["audit", "--threads", "-o", "threads.html"])
    assert "JL101 never-joined" in (folder / "threads.html").read_text(encoding="utf-8")


def test_nothing_found(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "app.py").write_text("print()\n")
    assert run(["audit"]) == 0
    assert capsys.readouterr().out == "All clear: 1 file checked.\nThe report is in joinlint-audit.html.\n"
    assert "Nothing was found." in (folder / "joinlint-audit.html").read_text(encoding="utf-8")


def test_no_files_at_all(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "app.py").unlink()
    assert run(["audit"]) == 0
    assert capsys.readouterr().err == "warning: no Python files found under the given paths\n"


def test_what_could_not_be_checked_is_in_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "broken.py").write_text(FOUND + "def f(:\n")
    assert run(["audit"]) == 2
    assert capsys.readouterr().err.startswith("error: broken.py:8:7: ")
    assert "broken.py:8:7</code>: " in (folder / "joinlint-audit.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["app.py", "page.html"])
def test_other_files_are_left_alone(folder: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    (folder / "page.html").write_text("<!DOCTYPE html><title>mine</title>")
    before = (folder / name).read_text()
    assert run(["audit", "--output", name]) == 2
    assert capsys.readouterr() == ("", f"error: {name}: is there already and is no report of joinlint audit\n")
    assert (folder / name).read_text() == before


def test_an_empty_file_is_filled(folder: Path) -> None:
    (folder / "page.html").touch()
    assert run(["audit", "--output", "page.html"]) == 0
    assert (folder / "page.html").stat().st_size > 5000


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (["--output", "."], "error: .: cannot be written: is a folder\n"),
        (["--output", "no/where.html"], "error: no/where.html: cannot be written: No such file or directory\n"),
        (["--select", "JL999"], "error: --select: unknown code 'JL999': did you mean 'JL409'?\n"),
    ],
)
def test_wrong_calls(capsys: pytest.CaptureFixture[str], arguments: list[str], error: str) -> None:
    assert run(["audit", *arguments]) == 2
    assert capsys.readouterr() == ("", error)
