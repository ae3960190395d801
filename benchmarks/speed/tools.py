"""The commands that are measured beside each other."""

from __future__ import annotations

import sys

_PYTHON = [sys.executable, "-m"]

# What each is for: `joinlint` all that there is; `ruff` a fast linter that parses every file; `pylint` the only rule
# elsewhere that has to do with pools left open; `grep` the least that a look at all files costs.
TOOLS = {
    "joinlint": [*_PYTHON, "joinlint", "check", "--isolated", "--exit-zero", "--output-format", "concise"],
    "ruff": [
        *_PYTHON, "ruff", "check", "--isolated", "--no-cache", "--exit-zero", "--select", "F,B,PLR", "--output-format",
        "concise", "-q",
    ],
    "flake8": [*_PYTHON, "flake8", "--isolated", "--exit-zero", "--disable-noqa", "--extend-ignore", "JL"],
    "flake8 with joinlint": [*_PYTHON, "flake8", "--isolated", "--exit-zero", "--disable-noqa"],
    "pylint": [
        *_PYTHON, "pylint", "-j2", "--disable=all", "--enable=consider-using-with", "--recursive=y", "--exit-zero",
    ],
    "grep": ["grep", "-r", "--include=*.py", "-c", "multiprocessing"],
}  # fmt: skip
