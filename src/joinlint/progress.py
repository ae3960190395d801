"""How far a run is, for whoever waits for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """What the parts of a run go through their items with, to let it be seen."""

    def __call__(self, doing: str, items: Iterable[T], count: int) -> Iterable[T]:
        """The `items`, `count` of them, one after the other; `doing` says what is done, as "reading file"."""


def unseen(doing: str, items: Iterable[T], count: int) -> Iterable[T]:  # noqa: ARG001
    """The items, and nothing to see."""
    return items
