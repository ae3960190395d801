"""Trees that somebody else has made: whatever is in them, a check ends soon, says what it could not do, and does no
more than it was told to."""

from __future__ import annotations

import json
import os
import re
import socket
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from joinlint.cli import run
from joinlint.report import FORMATS

NEVER_JOINED = """\
import multiprocessing


def main(work):
    p = multiprocessing.Process(target=work)
    p.start()
    print("on it goes")
"""
KNOWN = '{"path": "gone.py", "code": "JL101", "context": "main", "text": "p.start()", "count": 1}'
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(NEVER_JOINED)
    return tmp_path


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path.name)  # a path may have no more than some 100 characters


def make_sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 2**30)


MADE: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "socket": make_socket,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "folder": Path.mkdir,
    "loop": lambda path: path.symlink_to(path.name),
    "huge": make_sparse,
    "binary": lambda path: path.write_bytes(b"joinlint\n\xff\x00\xfe" * 1000),
}
REFUSED = {
    "loop": "Too many levels of symbolic links",
    "huge": "is larger than 1 MB",
    "binary": "2: is not UTF-8",
}


@pytest.mark.parametrize("kind", MADE)
class TestInPlaceOfFiles:
    @pytest.mark.parametrize("name", ["joinlint.toml", ".joinlint.toml", "pyproject.toml"])
    @pytest.mark.parametrize("arguments", [[], ["--config"]], ids=["found", "named"])
    def test_settings(self, folder: Path, capsys: Capture, kind: str, name: str, arguments: list[str]) -> None:
        MADE[kind](folder / name)
        assert run(["check", *arguments, *[name for _ in arguments]]) == 2
        told = capsys.readouterr()
        assert told.err in {
            f"error: {name}:{space}{REFUSED.get(kind, 'is not a regular file')}\n" for space in (" ", "")
        }
        assert told.out == ""

    def test_baseline(self, folder: Path, capsys: Capture, kind: str) -> None:
        MADE[kind](folder / "known.json")
        (folder / "joinlint.toml").write_text('baseline = "known.json"\n')
        assert run(["check"]) == 2
        refused = {**REFUSED, "huge": "is larger than 100 MB", "binary": "is no baseline: 'utf-8' codec can't decode"}
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"error: {folder / 'known.json'}: ")
        assert refused.get(kind, "is not a regular file") in err

    @pytest.mark.parametrize("name", ["x.py", "x.ipynb", "x"])
    def test_source(self, folder: Path, capsys: Capture, kind: str, name: str) -> None:
        MADE[kind](folder / name)
        found = name != "x" and kind in {"huge", "binary"}
        assert run(["check", "--output-format", "concise"]) == (2 if found else 1)
        out, err = capsys.readouterr()
        assert [line.split(":")[0] for line in out.splitlines()] == ["app.py"]
        assert err.count("\n") == found
        assert not found or err.startswith(f"error: {name}:")


ESCAPES = "\x1b[31m \x1b]0;t\x07 \r\x9b2J \u202e"
NAMES = [
    "\x1b[31mred.py",
    "a\nb.py",
    "a\tb\rc.py",
    "\udcff\udcfe.py",
    "\x9b31m.py",
    "\u202eyp.py",
    "-rf.py",
    "--jobs.py",
    "::warning::x.py",
    "a%0Ab.py",
    "<b>&\"'.py",
    "a,b:c.py",
    " .py",
    "n" * 252 + ".py",
]


class TestNames:
    """Names and quoted source with what a terminal would obey, or a format take for its own."""

    @pytest.fixture(autouse=True)
    def files(self, folder: Path) -> None:
        quoted = "'" + ESCAPES.replace("\r", "") + "'"  # a line ends there
        text = NEVER_JOINED.replace('"on it goes"', quoted).replace("=work", f"=work, name={quoted}")
        for name in NAMES:
            (folder / name).write_text(text)
        (folder / f"broken{ESCAPES}.py").write_text("def (:\n")

    @staticmethod
    def assert_harmless(text: str) -> None:
        assert not [c for c in text if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]

    @pytest.mark.parametrize("name", [*FORMATS, "--statistics"])
    def test_reports(self, capsys: Capture, name: str) -> None:
        form = [name] if name.startswith("--") else ["--output-format", name]
        assert run(["check", "--color", "never", "--verbose", *form]) == 2
        out, err = capsys.readouterr()
        self.assert_harmless(out)
        self.assert_harmless(err)
        assert len(re.findall("JL101", out)) >= (1 if form == [name] else len(NAMES))
        assert [line.split(":")[0] for line in err.splitlines()].count("error") == 1

    def test_audit(self, folder: Path) -> None:
        assert run(["audit"]) == 2
        self.assert_harmless((folder / "joinlint-audit.html").read_text())

    @pytest.mark.parametrize("arguments", [["check", "--write-baseline"], ["check", "--baseline"], ["audit", "-o"]])
    def test_files_to_write(self, folder: Path, capsys: Capture, arguments: list[str]) -> None:
        (folder / ESCAPES).write_text('{"version": 1, "findings": []}')
        for name in (ESCAPES, f"{ESCAPES}/x"):
            run([*arguments, name])
            self.assert_harmless("".join(capsys.readouterr()))

    def test_settings(self, folder: Path, capsys: Capture) -> None:
        escapes = json.dumps(ESCAPES)
        known = folder / ESCAPES
        known.write_text(f'{{"version": 1, "findings": [{KNOWN}]}}')
        for key in ("baseline", "select", "output-format", "exclude", "target-version", escapes):
            for value in (escapes, f"[{escapes}]", f"{{{escapes} = 1}}"):
                (folder / "joinlint.toml").write_text(f"{key} = {value}\n")
                run(["check"])
                self.assert_harmless("".join(capsys.readouterr()))
