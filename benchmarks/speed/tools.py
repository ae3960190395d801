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
    "flake8 with joinlint": [*_PYTHON, *_FLAKE8],
    "pylint": [*_PYTHON, "pylint", "-j2", "--disable=all", "--enable=consider-using-with", "--recursive=y"],
    "grep": ["grep", "-r", "--include=*.py", "-c", "multiprocessing"],
}
FLAKE8 = "flake8"
NAMES = (*TOOLS, FLAKE8)


def command(name: str) -> list[str]:
    """The command of the tool, but for what it is to look at; raises CalledProcessError where flake8 can't be
    installed."""
    return [_without_plugins(), "-m", *_FLAKE8] if name == FLAKE8 else TOOLS[name]


@functools.cache
def _without_plugins() -> str:
    """A Python that has flake8 and nothing else: what is installed, flake8 runs, whatever its options ignore."""
    folder = Path(tempfile.mkdtemp(prefix="joinlint-flake8-"))
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "flake8"], check=True, capture_output=True)
    return python
