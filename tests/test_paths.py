"""Where files lie, whichever links lead to them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from joinlint.paths import RealPaths


def test_real_paths_are_those_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "real" / "inner").mkdir(parents=True)
    (tmp_path / "real" / "a.py").touch()
    for link, to in (("folder", "real"), ("real/round", ".."), ("file.py", "folder/a.py"), ("gone", "nowhere")):
        (tmp_path / link).symlink_to(to)
    (tmp_path / "loop").symlink_to("loop")
    real_paths = RealPaths()
    names = ["real/a.py", "folder/a.py", "folder/inner/b.py", "folder/round/folder/a.py", "file.py", "gone", "loop/x"]
    for name in [*names, "loop", ".", "/", "/nowhere/x.py", str(tmp_path / "folder" / "inner")]:
        assert real_paths.of(name) == os.path.realpath(name), name


def test_each_folder_is_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(os.path, "islink", lambda path: asked.append(path))
    real_paths = RealPaths()
    for depth in range(200):
        real_paths.of(str(tmp_path / ("d/" * depth) / "a.py"))
    assert len(asked) < 200 * 2 + 20
