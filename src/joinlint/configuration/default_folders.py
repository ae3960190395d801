"""The folders that are left out of a search unless the user says otherwise."""

from __future__ import annotations

# Folders that hold other people's code, copies or caches.
NEVER_SEARCHED = frozenset(
    {
        ".bzr",
        ".direnv",
        ".eggs",
        ".git",
        ".hg",
        ".hypothesis",
        ".ipynb_checkpoints",
        ".jj",
        ".mypy_cache",
        ".nox",
        ".pants.d",
        ".pytest_cache",
        ".ruff_cache",
        ".svn",
        ".tox",
        ".venv",
        "__pycache__",
        "__pypackages__",
        "dist-packages",
        "node_modules",
        "site-packages",
    }
)
# Names that a build or an environment takes, but that a package may have as well (the standard library has a `venv`).
SEARCHED_AS_PACKAGES = frozenset({"_build", "build", "buck-out", "dist", "venv"})
