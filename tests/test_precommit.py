"""The hook under the real pre-commit, which clones this repository and installs it."""

from __future__ import annotations

import os
import subprocess
import sys
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

pytestmark = pytest.mark.network


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=Tester", "-c", "user.email=tester@example.com", "-c", "commit.gpgsign=false"]
    return subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory, package_index: None) -> Path:
    """A repository whose pre-commit configuration points at a clone of the files of this one, committed or not."""
    hook, scratch = tmp_path_factory.mktemp("joinlint"), tmp_path_factory.mktemp("scratch")
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
            (hook / name).parent.mkdir(parents=True, exist_ok=True)
            (hook / name).write_bytes((ROOT / name).read_bytes())
    git(hook, "init", "--quiet")
    git(hook, "add", "--all")
    git(hook, "commit", "--quiet", "--message", "A version to point at")
    revision = git(hook, "rev-parse", "HEAD").strip()
    (scratch / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {hook.as_uri()}\n    rev: {revision}\n    hooks:\n      - id: joinlint\n"
    )
    git(scratch, "init", "--quiet")
    return scratch


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pre-commit-home")


def run_hooks(repository: Path, home: Path) -> subprocess.CompletedProcess[str]:
    git(repository, "add", "--all")
    # pre-commit takes the git variables of a hook that may be running these tests for its own.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return subprocess.run(
        [sys.executable, "-m", "pre_commit", "run", "--color", "never"],
        cwd=repository,
        env={**environment, "PRE_COMMIT_HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def test_clean_code_passes(repository: Path, home: Path) -> None:
    (repository / "app.py").write_text(NEVER_JOINED.replace('print("on it goes")', "p.join()"))
    (repository / "notes.txt").write_text(NEVER_JOINED)
    result = run_hooks(repository, home)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Passed" in result.stdout


def test_flagged_code_is_refused_with_our_report(repository: Path, home: Path) -> None:
    (repository / "app.py").write_text(NEVER_JOINED)
    result = run_hooks(repository, home)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "- hook id: joinlint\n- exit code: 1\n" in result.stdout
    assert "app.py:6:5: JL101 " in result.stdout
    assert "6 |     p.start()\n  |     ^^^^^^^^^ never-joined\n" in result.stdout
    assert "notes.txt" not in result.stdout
