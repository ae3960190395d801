"""What a run tells of itself on standard error."""

from __future__ import annotations

import io
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from joinlint import limits
from joinlint.checking import check_paths
from joinlint.cli import progress_line, run
from joinlint.cli.progress_line import progress_on_terminal
from joinlint.configuration.lookup import SettingsLookup
from joinlint.progress import unseen

FOUND = """\
import multiprocessing


def main(work):
    p = multiprocessing.Process(target=work)
    p.start()
"""
# More paths than are followed: which of the names has the process matters to the end.
TANGLE = "".join(f"    if w({n}):\n        y{n} = p\n    else:\n        x{n} = p\n" for n in range(40))
TANGLE += "".join(f"    print(x{n} is y{n})\n" for n in range(40))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(FOUND)
    (tmp_path / "plain.py").write_text("print()\n")
    return tmp_path


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal in the place of standard error, for someone without patience."""
    stream = Terminal()
    # pytest puts its own in the place of sys.stderr when a test begins.
    monkeypatch.setattr(progress_line, "sys", SimpleNamespace(stderr=stream))
    monkeypatch.setattr(progress_line, "_PATIENCE", 0.0)
    monkeypatch.setattr(progress_line, "_INTERVAL", 0.0)
    monkeypatch.setenv("COLUMNS", "24")
    monkeypatch.setenv("TERM", "xterm")
    return stream


def test_verbose(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--verbose", "--select", "JL101,JL102"]) == 1
    out, err = capsys.readouterr()
    assert "Found 1 problem in 1 file" in out
    rules, *projects, total = err.splitlines()
    assert rules == "rules: JL101, JL102"
    assert len(projects) == 1
    seconds = r"in \d+\.\d\d s"
    assert re.fullmatch(
        rf"project {re.escape(str(folder))}: 2 files {seconds}, 1 of them dismissed at a glance", projects[0]
    )
    assert re.fullmatch(rf"2 files {seconds}", total)


def test_verbose_counts_the_rest_of_the_project(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pyproject.toml").touch()
    run(["check", "--verbose", "app.py"])
    assert "0 of them dismissed at a glance, 1 other of the project at hand\n" in capsys.readouterr().err


def test_verbose_says_what_could_not_be_followed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "tangle.py").write_text(FOUND.replace("work", "w") + TANGLE)
    run(["check", "--verbose"])
    err = capsys.readouterr().err
    assert "\nnote: tangle.py:5: gave up following what is made here: " in err
    assert err.count("note:") == 1


def test_verbose_says_what_was_not_parsed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "broken.py").write_text("def f(:\n")
    assert run(["check", "--verbose"]) == 2
    assert "not parsed" not in capsys.readouterr().err
    monkeypatch.setattr(limits, "SYNTAX_CHECKED", 10)
    assert run(["check", "--verbose", "--exit-zero"]) == 0
    err = capsys.readouterr().err
    assert "note: 2 dismissed files not parsed: there are more than 20 MB of source\n" in err
    assert "broken.py" not in err


def test_silent_without_being_asked(capsys: pytest.CaptureFixture[str]) -> None:
    run(["check"])
    assert capsys.readouterr().err == ""


def test_progress_goes_through_all_that_is_done(folder: Path) -> None:
    seen = []

    def note(doing, items, count):  # type: ignore[no-untyped-def]
        seen.append((doing, count))
        return items

    check_paths(["."], None, SettingsLookup.of_defaults(), progress=note)
    assert seen == [("reading file", 2), ("checking file", 1)]


def test_line_is_shown_and_taken_away(terminal: Terminal) -> None:
    assert run(["check"]) == 1
    shown = terminal.getvalue().split("\r\x1b[K")
    assert shown == ["", "reading file 1 of 2", "reading file 2 of 2", "checking file 1 of 1", ""]


def test_line_fits(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "10")
    run(["check"])
    assert "reading f\r" in terminal.getvalue()


def test_line_goes_when_the_run_is_interrupted(terminal: Terminal) -> None:
    def interrupted() -> None:
        with progress_on_terminal(quiet=False) as progress:
            for _ in progress("reading file", [1, 2], 2):
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert terminal.getvalue().endswith("reading file 1 of 2\r\x1b[K")


def test_no_line_for_quiet_pipes_and_short_runs(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    run(["check", "--quiet"])
    assert terminal.getvalue() == ""
    monkeypatch.setenv("TERM", "dumb")
    run(["check"])
    assert terminal.getvalue() == ""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(progress_line, "_PATIENCE", 60.0)
    run(["check"])
    assert terminal.getvalue() == ""
    monkeypatch.setattr(progress_line, "sys", SimpleNamespace(stderr=io.StringIO()))
    with progress_on_terminal(quiet=False) as progress:
        assert progress is unseen
