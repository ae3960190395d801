"""What the interpreter may still do for the workers that each module makes, and what it had to give up."""

from __future__ import annotations

from collections import Counter, defaultdict

from joinlint import limits

TOO_MANY_PATHS = "too many paths lead on from it"
TOO_MANY_PATHS_BEYOND_JOIN = "too many paths lead on beyond its join"
TOO_DEEP = "too many calls inside each other lead on from it"
SPENT = "the file has used up what a file may take"


class Budget:
    """The steps of all runs, by the module that makes what they follow."""

    def __init__(self) -> None:
        self._spent: Counter[str] = Counter()
        self._given_up: dict[str, dict[int, str]] = defaultdict(dict)

    def left(self, module: str) -> int:
        return max(0, limits.STEPS_PER_MODULE - self._spent[module])

    def spend(self, module: str, steps: int) -> None:
        self._spent[module] += steps

    def give_up(self, module: str, row: int, reason: str) -> None:
        """What is made in that row could not be followed; the first reason is the one that counts."""
        self._given_up[module].setdefault(row, reason)

    def given_up(self, module: str) -> list[tuple[int, str]]:
        """The rows in which workers are made that were too much to be followed, as far as anyone asked for them, each
        with the reason."""
        return sorted(self._given_up[module].items())
