"""How a rule names the start methods under which something fails."""

from __future__ import annotations

from collections.abc import Sequence

_WHICH = {
    "spawn": "spawn (macOS, Windows)",
    "forkserver": "forkserver (the default on Linux since Python 3.14)",
}


def not_fork(start_methods: Sequence[str]) -> str:
    """ "under spawn (macOS, Windows) and forkserver (…)": those of `start_methods` that import the program again."""
    return "under " + " and ".join(words for method, words in _WHICH.items() if method in start_methods)


def sentence(words: str) -> str:
    """`words` with a capital at the beginning."""
    return words[0].upper() + words[1:]
