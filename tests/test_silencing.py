"""`check --add-noqa`: what is written to disk, and what is left as it is."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from joinlint.cli import run

START = "import multiprocessing\n\n\ndef main():\n    multiprocessing.Process(target=print).start()\n"
SILENCED = START.replace("start()", "start()  # noqa: JL101")

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_added_and_added_once(folder: Path, capsys: Capture) -> None:
    (folder / "app.py").write_text(START)
    (folder / "other.py").write_text(START)
    assert run(["check", "--add-noqa"]) == 0
    assert capsys.readouterr() == ("Added 2 `# noqa` comments to 2 files.\n", "")
    assert (folder / "app.py").read_text() == SILENCED
    assert run(["check", "--add-noqa"]) == 0
    assert capsys.readouterr().out == "Added 0 `# noqa` comments to 0 files.\n"
    assert (folder / "app.py").read_text() == SILENCED
    assert run(["check", "--report-unused-noqa"]) == 0
    result = subprocess.run([sys.executable, "-m", "flake8", "--select", "JL", "."], capture_output=True, check=False)
    assert result.stdout == b""


def test_only_for_the_rules_that_are_run(folder: Path) -> None:
    (folder / "app.py").write_text(START)
    assert run(["check", "--add-noqa", "--select", "JL2"]) == 0
    assert (folder / "app.py").read_text() == START


@pytest.mark.parametrize("encoding", ["utf-8-sig", "latin-1", "cp1252", "utf-8"])
def test_encoding_line_ends_and_mode_stay(folder: Path, encoding: str) -> None:
    cookie = "" if encoding == "utf-8-sig" else f"# coding: {encoding}\n"
    text = f"{cookie}# é\n{START}".replace("\n", "\r\n")
    app = folder / "app.py"
    app.write_bytes(text.encode(encoding))
    app.chmod(0o640)
    assert run(["check", "--add-noqa", "app.py"]) == 0
    assert app.read_bytes() == text.replace("start()", "start()  # noqa: JL101").encode(encoding)
    assert stat.S_IMODE(app.stat().st_mode) == 0o640
    assert os.listdir(folder) == ["app.py"]


def test_no_place(folder: Path, capsys: Capture) -> None:
    text = START.replace("print", "print, name='# noqa: E501'")
    (folder / "app.py").write_text(text)
    assert run(["check", "--add-noqa"]) == 2
    out, err = capsys.readouterr()
    assert out == "Added 0 `# noqa` comments to 0 files.\n"
    assert err == "error: app.py:5: no `# noqa` can be put here that flake8 would heed\n"
    assert (folder / "app.py").read_text() == text


def test_links(folder: Path, capsys: Capture) -> None:
    (folder / "named").mkdir()
    (folder / "elsewhere.py").write_text(START)
    (folder / "named" / "link.py").symlink_to("../elsewhere.py")
    assert run(["check", "--add-noqa", "named"]) == 2
    assert "link.py: is left as it is: it links to " in capsys.readouterr().err
    assert (folder / "elsewhere.py").read_text() == START
    (folder / "named" / "inside").write_text(START)
    (folder / "named" / "link.py").unlink()
    (folder / "named" / "link.py").symlink_to("inside")
    assert run(["check", "--add-noqa", "named"]) == 0
    assert (folder / "named" / "inside").read_text() == SILENCED
    assert (folder / "named" / "link.py").is_symlink()


def test_a_link_from_one_named_folder_to_another(
    folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "two", "here"):
        (folder / name).mkdir()
    (folder / "two" / "real").write_text(START)
    (folder / "one" / "link.py").symlink_to("../two/real")
    monkeypatch.chdir(folder / "here")
    assert run(["check", "--add-noqa", "../one", "../two"]) == 0
    assert (folder / "two" / "real").read_text() == SILENCED


def test_a_file_that_must_not_be_written(folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "app.py").write_text(START)
    monkeypatch.setattr(os, "access", lambda path, mode: False)  # root may write everything
    assert run(["check", "--add-noqa"]) == 2
    assert capsys.readouterr().err == "error: app.py: cannot be written: is read-only\n"
    assert (folder / "app.py").read_text() == START


def test_a_file_that_changes_meanwhile(folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    from joinlint import silencing

    app = folder / "app.py"
    app.write_text(START)
    silence = silencing.silence

    def late(*arguments: object) -> object:
        app.write_text(f"\n{START}")
        return silence(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(silencing, "silence", late)
    assert run(["check", "--add-noqa"]) == 2
    assert capsys.readouterr().err == "error: app.py: is left as it is: it has changed since it was checked\n"
    assert app.read_text() == f"\n{START}"


@pytest.mark.parametrize(
    "options", [["-"], ["--report-unused-noqa"], ["--write-baseline", "b.json"], ["--stdin-filename", "a.py"]]
)
def test_what_it_does_not_go_with(options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setattr(sys, "stdin", open(os.devnull))  # noqa: SIM115
    assert run(["check", "--add-noqa", *options]) == 2
    assert "--add-noqa" in capsys.readouterr().err
