"""The commands that are measured beside each other."""

from __future__ import annotations

import functools
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

_PYTHON = [sys.executable, "-m"]
_FLAKE8 = ["flake8", "--isolated", "--exit-zero", "--disable-noqa"]

# What each is for: `joinlint` all that there is; `ruff` a fast linter that parses every file; `pylint` the only rule
# elsewhere that has to do with pools left open; `grep` the least that a look at all files costs.
TOOLS = {
    "joinlint": [*_PYTHON, "joinlint", "check", "--isolated", "--exit-zero", "--output-format", "concise"],
    "ruff": [*_PYTHON, "ruff", "check", "--isolated", "--no-cache", "--exit-zero", "--select", "F,B,PLR", "-q"],
    "pylint": [*_PYTHON, "pylint", "-j2", "--disable=all", "--enable=consider-using-with", "--recursive=y"],
    "grep": ["grep", "-r", "--include=*.py", "-c", "multiprocessing"],
}
# flake8, and what is installed beside it: it runs whatever plugins there are, and the more packages there are, the
# longer it looks for some.
FLAKE8 = {"flake8": [], "flake8 with joinlint": [str(Path(__file__).parents[2])]}
NAMES = (*TOOLS, *FLAKE8)


def command(name: str) -> list[str]:
    """The command of the tool, but for what it is to look at; raises CalledProcessError where flake8 can't be
    installed."""
    return TOOLS[name] if name in TOOLS else [_python_with_flake8(name), "-m", *_FLAKE8]


@functools.cache
def _python_with_flake8(name: str) -> str:
    """A Python that has flake8, what is to be installed beside it, and nothing else."""
    folder = Path(tempfile.mkdtemp(prefix="joinlint-flake8-"))
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "flake8", *FLAKE8[name]], check=True, capture_output=True
    )
    return python
