"""Ignore files mean what they mean to git, and none of them takes long."""

from __future__ import annotations

import os
import random
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from joinlint.gitignore import IgnoreFiles
from joinlint.gitignore_patterns import Patterns

NAMES = ["a", "b", "ab", "abc", "x.py", "y.pyc", "build", "foo", "foo.o", "a b", "#x", "!y", "-", "é", "A", "a.b.c"]
NAMES += ["[", "]", "*", "x ", "\\"]
ORDINARY = [
    "**",
    "**",
    "*",
    "*.py",
    "*.pyc",
    "*o",
    "f*",
    "a*",
    "*.*",
    "*a*",
    "a*c",
    "?",
    "a?",
    "?.py",
    "[ab]",
    "[a-c]*",
]
ORDINARY += ["[!a]*", "[^b]?", "x.py[cod]", "[]a]", "[a-]", "\\*", "\\#x", "\\!y", "a\\ b"]
ODD = [
    "[[:alpha:]]",
    "[[:digit:]a]*",
    "[[::]]",
    "[[:nothing:]]",
    "[[:alpha]",
    "[[:]a]",
    "[\\]]",
    "[b-a]",
    "[a-\\c]",
    "[a",
    "[]",
    "\\",
]
ODD += ["***", "a**", "**b", "a**c", "**\\", "[/]", "a[!-a]", "x \\ ", "\t", "?" * 3, "a//b", "/", "\0a"]


def pattern(source: random.Random, parts: list[str]) -> str:
    text = "/".join(source.choice(parts) for _ in range(source.choice([1, 1, 1, 2, 2, 3, 4])))
    text = f"{source.choice(['', '', '', '/'])}{text}{source.choice(['', '', '', '/'])}"
    return (
        f"{source.choice(['', '', '', '!'])}{text}{source.choice(['', '', '', '', ' ', '  ', chr(92) + ' ', chr(9)])}"
    )


def some_tree(source: random.Random, top: Path) -> dict[str, bool]:
    """Makes folders and files: whether each is a folder, by its path."""
    found = {"": True}
    for _ in range(60):
        folder = source.choice([path for path, is_folder in found.items() if is_folder])
        path = f"{folder}/{source.choice(NAMES)}".lstrip("/")
        if path not in found:
            found[path] = source.random() < 0.4
            (top / path).mkdir() if found[path] else (top / path).touch()
    return found


def ignored_by_git(top: Path, paths: list[str]) -> set[str]:
    asked = "".join(f"{path}\0" for path in paths).encode()
    command = ["git", "check-ignore", "--no-index", "--stdin", "-z"]
    told = subprocess.run(command, input=asked, capture_output=True, check=False, cwd=top)
    assert told.returncode in {0, 1}, told.stderr
    return set(told.stdout.decode().split("\0")) - {""}


def ignored_by_us(top: Path, tree: Mapping[str, bool]) -> Iterator[str]:
    held = {"": IgnoreFiles().with_own(str(top))}
    for path, is_folder in tree.items():  # folders before what is in them
        above, _, name = path.rpartition("/")
        if not path:
            continue
        if above not in held or held[above].covers(name, folder=is_folder):
            yield path
        elif is_folder:
            held[path] = held[above].below(name).with_own(str(top / path))


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("parts", [ORDINARY + NAMES, ORDINARY + NAMES + ODD], ids=["ordinary", "odd"])
def test_as_git_has_it(tmp_path: Path, seed: int, parts: list[str]) -> None:
    source = random.Random(seed)
    subprocess.run(["git", "init", "-q"], check=True, cwd=tmp_path)
    tree = some_tree(source, tmp_path)
    folders = [path for path, is_folder in tree.items() if is_folder]
    for _ in range(8):
        written = source.sample(folders, min(len(folders), 3))
        for folder in written:
            text = "".join(f"{pattern(source, parts)}{source.choice(['', '', chr(13)])}\n" for _ in range(4))
            (tmp_path / folder / ".gitignore").write_bytes(text.encode())
        assert set(ignored_by_us(tmp_path, tree)) == ignored_by_git(tmp_path, [path for path in tree if path]), seed
        for folder in written:
            (tmp_path / folder / ".gitignore").unlink()


def test_a_link_is_no_ignore_file(tmp_path: Path) -> None:
    (tmp_path / "patterns").write_text("*.py\n")
    (tmp_path / ".gitignore").symlink_to("patterns")
    assert not IgnoreFiles().with_own(str(tmp_path)).covers("a.py", folder=False)


@pytest.mark.parametrize(
    "line",
    [
        "*a" * 5000 + "b",
        "**/a*a*a/" * 2000 + "b",
        "?*" * 5000 + "b",
        "[a-y]*[!b]*" * 2000 + "b",
        "**/" * 5000 + "b",
        "*" * 20_000 + "/b",
        " " * 100_000 + "b",
        "\\ " * 50_000 + " " * 1000,
        "[" * 100_000,
        "[[:" * 30_000,
    ],
    ids=lambda line: line[:8],
)
def test_no_pattern_takes_for_ever(line: str) -> None:
    patterns = Patterns(f"{line}\n".encode() * 3)
    reached = patterns.start
    for _ in range(16):
        reached = patterns.inside(patterns.past(reached, b"a" * 255))
    assert not patterns.verdict(patterns.past(reached, b"a" * 255), folder=False)


def test_the_bytes_of_a_name_count(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes(b"\xff*\n?\n")
    ignored = IgnoreFiles().with_own(str(tmp_path))
    assert ignored.covers(os.fsdecode(b"\xff.py"), folder=False)
    assert not ignored.covers("é", folder=False)
