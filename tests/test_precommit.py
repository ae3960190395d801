"""The hook under the real pre-commit, which clones this repository and installs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

NEVER_JOINED = """\
import multiprocessing


def main(work):
    p = multiprocessing.Process(target=work)
    p.start()
    print("on it goes")
"""

JOINED = NEVER_JOINED.replace('print("on it goes")', "p.join()")
# Joined, unless what comes between raises: only the opt-in JL103 speaks of it.
UNSAFE = NEVER_JOINED.replace('print("on it goes")', "work()\n    p.join()")
NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": "one",
            "metadata": {},
            "outputs": [],
            "source": NEVER_JOINED,
        }
    ],
    "metadata": {"language_info": {"name": "python"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}

pytestmark = pytest.mark.network

GIT = ("git", "-c", "user.name=Tester", "-c", "user.email=tester@example.com", "-c", "commit.gpgsign=false")
COMMIT = (*GIT, "commit", "--message", "A change")
PRE_COMMIT = (sys.executable, "-m", "pre_commit")

Result = subprocess.CompletedProcess[str]
Run = Callable[..., Result]
Repository = Callable[..., Path]


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run([*GIT, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def hook(tmp_path_factory: pytest.TempPathFactory, package_index: None) -> tuple[str, str]:
    """The address and revision of a clone of the files of this repository, committed or not."""
    clone = tmp_path_factory.mktemp("joinlint")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("the tests do not run from a clone of the repository")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            (clone / name).write_bytes((ROOT / name).read_bytes())
    git(clone, "init", "--quiet")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "A version to point at")
    return clone.as_uri(), git(clone, "rev-parse", "HEAD").strip()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps the environments that it has made: one for all tests."""
    return tmp_path_factory.mktemp("pre-commit-home")


@pytest.fixture
def repository(tmp_path: Path, hook: tuple[str, str]) -> Repository:
    """A function that makes a repository with files and with the hook, whose `args` it takes, in its configuration."""

    def make(args: str = "[]", **files: str) -> Path:
        address, revision = hook
        (tmp_path / ".pre-commit-config.yaml").write_text(
            f"repos:\n"
            f"  - repo: {address}\n"
            f"    rev: {revision}\n"
            f"    hooks:\n"
            f"      - id: joinlint\n"
            f"        args: {args}\n"
        )
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text)
        git(tmp_path, "init", "--quiet")
        git(tmp_path, "add", "--all")
        return tmp_path

    return make


@pytest.fixture
def run(home: Path) -> Run:
    """A function that runs a command in a repository."""

    def run_command(repository: Path, *command: str) -> Result:
        # pre-commit takes the git variables of a hook that may be running these tests for its own.
        environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        return subprocess.run(
            command,
            cwd=repository,
            env={**environment, "PRE_COMMIT_HOME": str(home), "PRE_COMMIT_COLOR": "never"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    return run_command


def test_clean_code_is_committed(repository: Repository, run: Run) -> None:
    folder = repository(**{"app.py": JOINED, "notes.txt": NEVER_JOINED})
    assert run(folder, *PRE_COMMIT, "install").returncode == 0
    result = run(folder, *COMMIT)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Passed" in result.stderr
    assert git(folder, "log", "--format=%s") == "A change\n"


def test_flagged_code_is_refused_with_our_report(repository: Repository, run: Run) -> None:
    folder = repository(**{"app.py": NEVER_JOINED, "notes.txt": NEVER_JOINED})
    assert run(folder, *PRE_COMMIT, "install").returncode == 0
    result = run(folder, *COMMIT)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "- hook id: joinlint\n- exit code: 1\n" in result.stderr
    assert "app.py:6:5: JL101 " in result.stderr
    assert "6 |     p.start()\n  |     ^^^^^^^^^ never-joined\n" in result.stderr
    assert "notes.txt" not in result.stderr
    assert git(folder, "rev-list", "--all") == ""


def test_all_files(repository: Repository, run: Run) -> None:
    """A notebook is among them, and a settings file says what is not, although pre-commit names each file."""
    folder = repository(
        **{
            "app.py": NEVER_JOINED,
            "notes.ipynb": json.dumps(NOTEBOOK),
            "vendor/copied.py": NEVER_JOINED,
            "joinlint.toml": 'exclude = ["vendor"]\nforce-exclude = true\n',
        }
    )
    result = run(folder, *PRE_COMMIT, "run", "--all-files")
    assert result.returncode == 1, result.stdout + result.stderr
    assert "app.py:6:5: JL101 " in result.stdout
    assert "notes.ipynb:cell 1:6:5: JL101 " in result.stdout
    assert "vendor" not in result.stdout
    (folder / "joinlint.toml").write_text('exclude = ["vendor"]\n')
    assert "vendor/copied.py:6:5: JL101 " in run(folder, *PRE_COMMIT, "run", "--all-files").stdout


@pytest.mark.parametrize(("args", "status"), [("[]", 0), ("[--extend-select, JL103]", 1)])
def test_arguments(repository: Repository, run: Run, args: str, status: int) -> None:
    folder = repository(args, **{"app.py": UNSAFE})
    result = run(folder, *PRE_COMMIT, "run")
    assert result.returncode == status, result.stdout + result.stderr
    assert ("app.py:6:5: JL103 " in result.stdout) == (status == 1)
