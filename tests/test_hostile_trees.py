"""Trees that somebody else has made: whatever is in them, a check ends soon, says what it could not do, and does no
more than it was told to."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from joinlint.cli import run

NEVER_JOINED = """\
import multiprocessing


def main(work):
    p = multiprocessing.Process(target=work)
    p.start()
    print("on it goes")
"""
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
