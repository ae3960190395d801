"""Our reading of `.gitignore` against git's own, and against the clock."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joinlint.gitignore import IgnoreFiles
from joinlint.gitignore_patterns import ignore_patterns

NAMES = ["a", "b", "ab", "a b", "a ", "[b]", "é", "a-b", "!a", "#a", "x\\", "a.py", "0", "\n"]
FOLDERS = ["", "a", "a/b", "a/b/ab", "a/a/a", "b", "é"]

SEGMENTS = [
    "a",
    "b",
    "ab",
    "a b",
    "é",
    "0",
    "*",
    "**",
    "***",
    "?",
    "??",
    "a*",
    "*b",
    "*a*",
    "*.py",
    "*a*b*",
    "!a",
    "#a",
]
SEGMENTS += ["[ab]", "[!a]", "[^a]b", "[a-c]", "[]a]", "[a-]", "[a", "[\\]]", "[/]", "[a-\\c]", "[z-a]", "[[:a]"]
SEGMENTS += ["[[:alpha:]]", "[[:digit:]x]", "[[:nope:]]", "\\a", "\\[b]", "x\\\\", "x\\", "\\!a", "\\#a"]
SEGMENTS += ["#a", "a ", "a\\ ", "a\t"]
LINES = st.builds(
    lambda negated, first, parts, last, end: negated + first + "/".join(parts) + last + end,
    st.sampled_from(["", "", "!"]),
    st.sampled_from(["", "", "/"]),
    st.lists(st.sampled_from(SEGMENTS), min_size=1, max_size=4),
    st.sampled_from(["", "", "/"]),
    st.sampled_from(["", "", " ", "\r", "  \r"]),
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("tree")
    subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    for folder in FOLDERS:
        (root / folder).mkdir(parents=True, exist_ok=True)
    for folder in FOLDERS:
        for name in NAMES:
            path = root / folder / name
            if not path.exists():
                path.touch()
    return root


@given(st.lists(LINES, max_size=5))
@settings(deadline=None)
def test_the_same_as_git(tree: Path, lines: list[str]) -> None:
    (tree / ".gitignore").write_bytes("\n".join(lines).encode())
    paths = sorted(str(path.relative_to(tree)) for path in tree.rglob("*") if ".git" not in path.parts[-1:])
    paths = [path for path in paths if not path.startswith(".git")]
    assert [path for path in paths if is_ignored(tree, path)] == ignored_by_git(tree, paths)


def is_ignored(root: Path, path: str) -> bool:
    """As discovery has it: what lies in an ignored folder is not even looked at."""
    files = IgnoreFiles().with_folder(root)
    above = [parent for parent in (root / path).parents if root in parent.parents]
    if any(files.covers(folder, folder=True) for folder in above):
        return True
    return files.covers(root / path, folder=(root / path).is_dir())


def ignored_by_git(root: Path, paths: list[str]) -> list[str]:
    command = ["git", "-c", "core.excludesFile=", "check-ignore", "--no-index", "--stdin", "-z"]
    given_paths = b"".join(os.fsencode(path) + b"\0" for path in paths)
    done = subprocess.run(command, cwd=root, input=given_paths, capture_output=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    return [os.fsdecode(path) for path in done.stdout.split(b"\0") if path]


@given(st.binary(max_size=40), st.binary(min_size=1, max_size=20))
def test_any_bytes(content: bytes, path: bytes) -> None:
    for pattern in ignore_patterns(content):
        pattern.matches(path, folder=True)


@pytest.mark.parametrize(
    ("pattern", "path"),
    [
        pytest.param("**/a/" * 100 + "**/b", "a/" * 1000 + "c", id="folders"),
        pytest.param("**/*a*a*a*a*a/" * 10 + "b", ("a" * 200 + "/") * 20 + "c", id="both"),
        pytest.param("*a" * 100 + "*b", "a" * 255, id="in a name"),
        pytest.param("x/" + "*a" * 100 + "*b", "x/" + "a" * 4000, id="in a path"),
        pytest.param("**/" * 1000 + "b", "a/" * 1000 + "c", id="folders only"),
        pytest.param("*" * 10000 + "b", "a" * 4000, id="stars only"),
    ],
)
def test_no_pattern_takes_long(pattern: str, path: str) -> None:
    began = time.monotonic()
    (read,) = ignore_patterns(pattern.encode())
    assert not read.matches(path.encode(), folder=False)
    assert time.monotonic() - began < 2
