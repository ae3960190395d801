"""Files that are written whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from joinlint.output_file import CannotWrite, write_file


def test_new_and_replaced(tmp_path: Path) -> None:
    file = tmp_path / "report.txt"
    write_file(str(file), "\u6f22\udcff\n")
    assert file.read_bytes() == "\u6f22\\udcff\n".encode()
    file.chmod(0o640)
    write_file(str(file), "new\n")
    assert file.read_text() == "new\n"
    write_file(str(file), b"\xff\r\n")
    assert file.read_bytes() == b"\xff\r\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["report.txt"]


def test_a_name_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_file("report.txt", "x")
    assert Path("report.txt").read_text() == "x"


def test_permissions_of_a_new_file_are_the_usual_ones(tmp_path: Path) -> None:
    (tmp_path / "other").touch()
    write_file(str(tmp_path / "report"), "")
    assert (tmp_path / "report").stat().st_mode == (tmp_path / "other").stat().st_mode


def test_a_link_stays(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "link").symlink_to("real")
    write_file(str(tmp_path / "link"), "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"


def test_a_link_that_leads_away_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("tree/reports", "trees"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "tree")
    for number, away in enumerate(("../trees/real", "../new", str(tmp_path / "real"), "reports/../../real")):
        Path(f"link{number}").symlink_to(away)
        with pytest.raises(
            CannotWrite, match=rf"^link{number}: cannot be written: it links to .*, outside of this folder"
        ):
            write_file(f"link{number}", "new")
    Path("reports/up").symlink_to("../real")
    write_file("reports/up", "new")
    assert Path("real").read_text() == "new"
    monkeypatch.chdir(tmp_path / "trees")
    (tmp_path / "trees" / "folder").symlink_to("../tree/reports")
    write_file("folder/report", "new")  # a folder that is named by a link is named
    assert (tmp_path / "tree" / "reports" / "report").read_text() == "new"
    assert sorted(os.listdir(tmp_path)) == ["tree", "trees"]


def test_what_is_no_file_is_left_alone(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, why in (("", "is a folder"), ("pipe", "is not a regular file"), ("no/where", "No such file")):
        with pytest.raises(CannotWrite, match=f"cannot be written: {why}"):
            write_file(str(tmp_path / name), "x")
    assert os.listdir(tmp_path) == ["pipe"]
    with pytest.raises(CannotWrite, match="null"):
        write_file("a\0b", "x")


def test_a_file_that_is_read_only_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.txt"
    file.write_text("old")
    file.chmod(0o400)
    monkeypatch.setattr(os, "access", lambda name, mode: name != str(file))  # root may write to it
    with pytest.raises(CannotWrite, match=r"report\.txt: cannot be written: is read-only"):
        write_file(str(file), "new")
    assert file.read_text() == "old"


def test_a_failure_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "report.txt"
    file.write_text("old")

    def fail(*names: str) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(CannotWrite, match="No space left on device"):
        write_file(str(file), "new")
    assert file.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.txt"]


def test_a_disk_that_fills_up_while_writing(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    file = tmp_path / "report.txt"
    file.write_text("old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        with pytest.raises(CannotWrite, match="File too large"):
            write_file(str(file), "x" * 2000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert file.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.txt"]


def test_a_hard_link_keeps_what_it_has(tmp_path: Path) -> None:
    (tmp_path / "report.txt").write_text("old")
    os.link(tmp_path / "report.txt", tmp_path / "other.txt")
    write_file(str(tmp_path / "report.txt"), "new")
    assert (tmp_path / "other.txt").read_text() == "old"
