"""Which files a run looks at."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from joinlint.configuration.lookup import SettingsLookup
from joinlint.discovery import Discovery
from joinlint.discovery import discover as discover_with

Tree = Callable[..., None]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    """A function that writes files, their text empty unless given, into an empty current folder."""
    monkeypatch.chdir(tmp_path)

    def write(*names: str, **texts: str) -> None:
        for name, text in {**dict.fromkeys(names, ""), **texts}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return write


def discover(arguments: Sequence[str]) -> Discovery:
    return discover_with(arguments, SettingsLookup.of_defaults())


def found(*arguments: str) -> list[str]:
    discovery = discover(arguments or (".",))
    assert discovery.problems == ()
    return list(discovery.files)


def test_python_files_in_sorted_order(tree: Tree) -> None:
    tree("b.py", "a.py", "pkg/sub/c.py", "gui.pyw", "stub.pyi", "notes.txt", "x.pyc", "py", ".py.swp", "n.ipynb")
    assert found() == ["a.py", "b.py", "gui.pyw", "n.ipynb", "pkg/sub/c.py"]


@pytest.mark.parametrize(
    ("first_line", "is_python"),
    [
        ("#!/usr/bin/python", True),
        ("#!/usr/bin/env python3", True),
        ("#!/usr/bin/env -S python3.13 -u", True),
        ("#! /opt/pypy/bin/pypy3", True),
        ("#!/usr/bin/env -S uv run --script", True),
        ("#!/bin/sh", False),
        ("# python", False),
        ("", False),
    ],
)
def test_shebang_of_files_without_an_ending(tree: Tree, first_line: str, is_python: bool) -> None:
    tree(script=f"{first_line}\npass\n")
    assert found() == (["script"] if is_python else [])


def test_shebang_does_not_count_with_another_ending(tree: Tree) -> None:
    tree(**{"script.sh": "#!/usr/bin/python\n", ".hidden": "#!/usr/bin/python\n"})
    assert found() == []


def test_shebang_of_a_binary_file(tree: Tree, tmp_path: Path) -> None:
    tree("a.py")
    (tmp_path / "data").write_bytes(b"\xff\xfe\x00" * 1000)
    assert found() == ["a.py"]


@pytest.mark.parametrize(
    "folder", [".git", ".hg", ".venv", "venv", "__pycache__", ".tox", ".nox", ".eggs", "build", "dist", "node_modules"]
)
def test_folders_that_are_not_walked_unless_named(tree: Tree, folder: str) -> None:
    tree("a.py", f"sub/{folder}/b.py")
    assert found() == ["a.py"]
    assert found(f"sub/{folder}") == [f"sub/{folder}/b.py"]


def test_any_environment_is_skipped(tree: Tree) -> None:
    tree("a.py", "my_env/pyvenv.cfg", "my_env/lib/python3.11/b.py")
    assert found() == ["a.py"]


def test_a_package_called_build_is_walked(tree: Tree) -> None:
    tree("src/build/__init__.py", "src/build/env.py")
    assert found() == ["src/build/__init__.py", "src/build/env.py"]


def test_named_files_whatever_their_ending(tree: Tree) -> None:
    tree("notes.txt", ".venv/c.py", **{".gitignore": "*.txt\n"})
    assert found("notes.txt", ".venv/c.py") == [".venv/c.py", "notes.txt"]


def test_each_file_once(tree: Tree, tmp_path: Path) -> None:
    tree("pkg/a.py", "pkg/b.py")
    assert found("pkg/a.py", "pkg", ".", "pkg/../pkg/b.py", str(tmp_path / "pkg")) == ["pkg/a.py", "pkg/b.py"]


def test_order_of_arguments_does_not_matter(tree: Tree) -> None:
    tree("one/a.py", "two/b.py")
    assert found("two", "one") == found("one", "two") == ["one/a.py", "two/b.py"]


def test_names_outside_the_current_folder_are_absolute(
    tree: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree("a.py", "sub/b.py")
    monkeypatch.chdir(tmp_path / "sub")
    assert found("..") == [str(tmp_path / "a.py"), "b.py"]


def test_links_to_folders_are_not_followed(tree: Tree, tmp_path: Path) -> None:
    tree("pkg/a.py")
    (tmp_path / "pkg" / "round").symlink_to(tmp_path, target_is_directory=True)
    assert found() == ["pkg/a.py"]
    assert found("pkg/round") == ["pkg/round/pkg/a.py"]


def test_links_to_files(tree: Tree, tmp_path: Path) -> None:
    tree("z.py", "elsewhere/real.txt")
    (tmp_path / "a.py").symlink_to("z.py")
    (tmp_path / "b.py").symlink_to("elsewhere/real.txt")
    (tmp_path / "broken.py").symlink_to("nowhere.py")
    assert found() == ["b.py", "z.py"]


def test_pipes_are_left_alone(tree: Tree, tmp_path: Path) -> None:
    tree("a.py")
    os.mkfifo(tmp_path / "pipe.py")
    os.mkfifo(tmp_path / "pipe")
    assert found() == ["a.py"]
    (problem,) = discover(["pipe.py"]).problems
    assert (problem.filename, problem.reason) == ("pipe.py", "is neither a regular file nor a folder")


def test_what_does_not_exist_is_a_problem_and_the_rest_is_found(tree: Tree) -> None:
    tree("a.py")
    discovery = discover(["nowhere", "a.py", "no\0where"])
    assert discovery.files == ("a.py",)
    assert [(p.filename, p.reason) for p in discovery.problems] == [
        ("nowhere", "No such file or directory"),
        ("no\0where", "embedded null byte"),
    ]


def test_a_folder_that_cannot_be_listed_is_a_problem(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree("a.py", "locked/b.py")
    listing = os.scandir

    def refuse(path: str) -> object:
        if path.endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return listing(path)

    monkeypatch.setattr(os, "scandir", refuse)
    discovery = discover(["."])
    assert discovery.files == ("a.py",)
    assert [(p.filename, p.reason) for p in discovery.problems] == [("locked", "Permission denied")]


def test_trees_deeper_than_the_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    depth = 1200
    folder = os.open(tmp_path, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir("d", dir_fd=folder)
        inner = os.open("d", os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = inner
    os.close(os.open("a.py", os.O_CREAT | os.O_WRONLY, dir_fd=folder))
    os.close(folder)
    try:
        assert found() == ["d/" * depth + "a.py"]
    finally:
        subprocess.run(["rm", "-r", "d"], check=True)  # pytest's own cleaning recurses


class TestGitignore:
    def test_in_the_folder_itself(self, tree: Tree) -> None:
        tree("a.py", "gen_b.py", "out/c.py", "sub/out/d.py", **{".gitignore": "gen_*\n/out/\n"})
        assert found() == ["a.py", "sub/out/d.py"]

    def test_nested_files_win(self, tree: Tree) -> None:
        tree("x.py", "sub/x.py", "sub/y.py", **{".gitignore": "x.py\n", "sub/.gitignore": "!x.py\ny.py\n"})
        assert found() == ["sub/x.py"]

    def test_negation_within_a_file(self, tree: Tree) -> None:
        tree("a.py", "b.py", "keep/c.py", **{".gitignore": "/*\n!b.py\n!keep\n"})
        assert found() == ["b.py", "keep/c.py"]

    def test_from_the_repository_root_down(self, tree: Tree) -> None:
        tree("pkg/a.py", "pkg/gen/b.py", "c.py", **{".git/HEAD": "", ".gitignore": "gen/\n", "pkg/.gitignore": ""})
        assert found("pkg") == ["pkg/a.py"]

    def test_not_from_above_without_a_repository(self, tree: Tree) -> None:
        tree("pkg/a.py", **{".gitignore": "a.py\n"})
        assert found("pkg") == ["pkg/a.py"]

    def test_an_ignored_folder_is_walked_when_named(self, tree: Tree) -> None:
        tree("out/a.py", "out/deep/b.py", **{".git/HEAD": "", ".gitignore": "out/\n"})
        assert found() == []
        assert found("out") == ["out/a.py", "out/deep/b.py"]
        assert found("out/deep") == ["out/deep/b.py"]

    def test_info_exclude(self, tree: Tree) -> None:
        tree("a.py", "private.py", "sub/private.py", **{".git/info/exclude": "private.py\n"})
        assert found() == ["a.py"]
        assert found("sub") == []

    def test_info_exclude_of_a_linked_work_tree(self, tree: Tree) -> None:
        tree(
            "work/a.py",
            "work/private.py",
            **{
                "work/.git": "gitdir: ../main/.git/worktrees/work\n",
                "main/.git/worktrees/work/commondir": "../..\n",
                "main/.git/info/exclude": "private.py\n",
            },
        )
        assert found("work") == ["work/a.py"]

    def test_patterns_that_mean_nothing(self, tree: Tree, tmp_path: Path) -> None:
        tree("a.py", "b.py")
        (tmp_path / ".gitignore").write_bytes(b"!\n\\\n[\n\xff\n# b.py is on the next line\nb.py\n")
        assert found() == ["a.py"]

    def test_a_folder_that_is_not_ignored_says_nothing_of_its_files(self, tree: Tree) -> None:
        tree("sub/deep/x.py", **{".gitignore": "*.py\n", "sub/.gitignore": "!deep/\n"})
        assert found() == []

    def test_patterns_that_could_take_for_ever(self, tree: Tree) -> None:
        hostile = ("*a*a*a/**/*a*a*a/**/*a*a*ab", "a*a*a*a*" * 20 + "b", "**/a/" * 10 + "**/b", "?*[a-y]*" * 20 + "b")
        deep = "a/" * 60 + "a" * 200 + ".py"
        tree("x.py", deep, **{".git/HEAD": "", ".gitignore": "".join(f"{each}\n" for each in hostile * 250) + "x.py\n"})
        assert found() == [deep]

    def test_an_ignore_file_that_is_too_large_to_be_one(self, tree: Tree, tmp_path: Path) -> None:
        tree("a.py")
        with (tmp_path / ".gitignore").open("wb") as file:
            file.write(b"*.py\n")
            file.truncate(2**30)
        assert found() == ["a.py"]

    @pytest.mark.parametrize("name", [".git", ".git/info/exclude", ".git/commondir"])
    def test_pipes_in_place_of_git_files(self, tree: Tree, tmp_path: Path, name: str) -> None:
        tree("a.py", "b.py", **{".gitignore": "b.py\n"})
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(tmp_path / name)
        assert found() == ["a.py"]

    def test_a_pipe_in_place_of_the_file_that_names_the_repository(self, tree: Tree, tmp_path: Path) -> None:
        tree("work/a.py", "main/x", **{"work/.git": "gitdir: ../main\n"})
        os.mkfifo(tmp_path / "main" / "commondir")
        assert found("work") == ["work/a.py"]

    def test_an_ignore_file_that_is_a_pipe(self, tree: Tree, tmp_path: Path) -> None:
        tree("x.py", ".git/HEAD")
        os.mkfifo(tmp_path / ".gitignore")
        assert found() == ["x.py"]

    def test_agrees_with_git(self, tree: Tree, tmp_path: Path) -> None:
        patterns = {
            ".gitignore": "*.gen.py\n!keep.gen.py\n/top.py\nlogs/\n**/deep/*.py\n!/a/deep/yes.py\n",
            "a/.gitignore": "local.py\n!logs/\n",
            "a/b/.gitignore": "*\n!c.py\n",
        }
        names = [
            "x.gen.py",
            "keep.gen.py",
            "top.py",
            "a/top.py",
            "logs/l.py",
            "a/logs/l.py",
            "a/deep/no.py",
            "a/deep/yes.py",
        ]
        names += ["a/local.py", "local.py", "a/b/c.py", "a/b/d.py", "a/b/e/c.py"]
        tree(*names, **patterns)
        subprocess.run(["git", "init", "-q"], check=True, cwd=tmp_path)
        listed = subprocess.run(
            ["git", "ls-files", "--others", "--exclude-standard"],
            check=True,
            capture_output=True,
            text=True,
            cwd=tmp_path,
        )
        assert found() == sorted(name for name in listed.stdout.split() if name.endswith(".py"))
        assert found(), "nothing left to compare"
