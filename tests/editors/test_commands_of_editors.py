"""flake8 and joinlint, called as editors call them, and their answers read as editors read them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

NEVER_JOINED = """\
import multiprocessing


def main(work):
    p = multiprocessing.Process(target=work)
    p.start()
    print("on it goes")
"""
JOINED = NEVER_JOINED.replace('print("on it goes")', "p.join()")

VSCODE = "--format='%(row)d,%(col)d,%(code).1s,%(code)s:%(text)s'"  # with these quotes, and without a shell
VSCODE_ANSWER = r"'(?P<row>\d+),(?P<column>-?\d+),\w+,(?P<code>\w+\d+):(?P<message>[^\r\n]*)'"
NVIM_LINT = ["--format=%(path)s:%(row)d:%(col)d:%(code)s:%(text)s", "--no-show-source"]
NVIM_LINT_ANSWER = r"[^:]+:(?P<row>\d+):(?P<column>\d+):(?P<code>\w+):(?P<message>.+)"
ALE_ANSWER = r"[a-zA-Z]?:?[^:]+:(?P<row>\d+):?(?P<column>\d+)?: (?P<code>[a-zA-Z0-9]+) (?P<message>.*)"
FLYMAKE_ANSWER = r"<?stdin>?:(?P<row>\d+):(?P<column>\d+):? (?P<code>\w+) (?P<message>.*)"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def answer(module: str, *arguments: str, stdin: str | None = None) -> tuple[int, list[str]]:
    """The exit status of a program and the lines that it prints; it may say nothing beside them."""
    command = [sys.executable, "-m", module, *arguments]
    result = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, check=False)
    assert result.stderr == ""
    return result.returncode, result.stdout.splitlines()


@pytest.mark.parametrize(
    ("arguments", "pattern"),
    [
        pytest.param([VSCODE, "--stdin-display-name", "app.py", "-"], VSCODE_ANSWER, id="VS Code"),
        pytest.param([VSCODE, "--stdin-display-name", "notes.ipynb", "-"], VSCODE_ANSWER, id="VS Code, a cell"),
        pytest.param([*NVIM_LINT, "--stdin-display-name", "app.py", "-"], NVIM_LINT_ANSWER, id="nvim-lint"),
        pytest.param(["--stdin-display-name", "src/app.py", "-"], ALE_ANSWER, id="ALE"),
        pytest.param(["--format=default", "--stdin-display-name", "app.py", "-"], ALE_ANSWER, id="Flycheck"),
        pytest.param(["-"], FLYMAKE_ANSWER, id="Flymake"),
    ],
)
def test_flake8_on_text_that_is_not_saved(folder: Path, arguments: list[str], pattern: str) -> None:
    (folder / "app.py").write_text(JOINED)
    status, lines = answer("flake8", *arguments, stdin=NEVER_JOINED)
    (match,) = [re.fullmatch(pattern, line) for line in lines]
    assert match is not None, lines
    assert (status, match["row"], match["column"], match["code"]) == (1, "6", "5", "JL101")
    assert match["message"] == "`p` is started and never joined"
    assert answer("flake8", *arguments, stdin=JOINED) == (0, [])


@pytest.mark.parametrize(("options", "pattern"), [([VSCODE], VSCODE_ANSWER), (NVIM_LINT, NVIM_LINT_ANSWER)])
def test_flake8_on_a_file_that_is_saved(folder: Path, options: list[str], pattern: str) -> None:
    (folder / "app.py").write_text(NEVER_JOINED)
    status, (line,) = answer("flake8", *options, str(folder / "app.py"))
    match = re.fullmatch(pattern, line)
    assert match is not None, line
    assert (status, match["row"], match["column"], match["code"]) == (1, "6", "5", "JL101")


@pytest.mark.parametrize("name", ["app.py", os.path.join("src", "app.py"), "/elsewhere/app.py", "odd name: 1.py"])
def test_joinlint_on_text_that_is_not_saved(folder: Path, name: str) -> None:
    (folder / "app.py").write_text(JOINED)
    arguments = ["check", "--quiet", "--output-format", "concise", "--stdin-filename", name, "-"]
    assert answer("joinlint", *arguments, stdin=NEVER_JOINED) == (
        1,
        [f"{name}:6:5: JL101 `p` is started and never joined"],
    )
    assert answer("joinlint", *arguments, stdin=JOINED) == (0, [])


def test_flake8_names_the_path_that_it_was_given(folder: Path) -> None:
    """PyCharm names an absolute path and can't follow any other in the output."""
    path = folder / "app.py"
    path.write_text(NEVER_JOINED)
    assert answer("flake8", "--select", "JL", str(path)) == (
        1,
        [f"{path}:6:5: JL101 `p` is started and never joined"],
    )
