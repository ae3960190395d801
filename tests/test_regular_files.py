"""Files that are read whole, and those that had better not be."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from joinlint.regular_files import read_regular, read_start


def test_the_whole_or_its_start(tmp_path: Path) -> None:
    file = tmp_path / "file"
    for content in (b"", b"x", b"abc" * 50_000):
        file.write_bytes(content)
        assert read_regular(str(file)) == content
        assert read_start(str(file), 2) == content[:2]


def test_more_than_allowed(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    os.truncate(file, 1_000_000)
    assert len(read_regular(str(file), 1_000_000)) == 1_000_000
    os.truncate(file, 2**40)
    with pytest.raises(OSError, match="is larger than 1 MB"):
        read_regular(str(file), 1_000_000)
    with pytest.raises(OSError, match="is larger than 100 MB"):
        read_regular(str(file))


@pytest.mark.parametrize("size", [0, 3, 10])
def test_a_file_that_grows_or_shrinks_meanwhile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"12345")
    look = os.fstat

    def late(descriptor: int) -> os.stat_result:
        seen = look(descriptor)
        os.truncate(file, size)
        return seen

    monkeypatch.setattr(os, "fstat", late)
    assert read_regular(str(file)) == b"12345".ljust(size, b"\0")[:size]


def test_a_pipe_that_takes_the_place_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.touch()
    opening = os.open

    def late(path: str, flags: int) -> int:
        file.unlink()
        os.mkfifo(file)
        return opening(path, flags)

    monkeypatch.setattr(os, "open", late)
    with pytest.raises(OSError, match="is not a regular file"):
        read_regular(str(file))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc on this system")
def test_a_file_that_does_not_say_its_size() -> None:
    assert Path("/proc/self/status").stat().st_size == 0
    assert b"VmPeak" in read_regular("/proc/self/status")
