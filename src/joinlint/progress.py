"""How far a run is, for whoever waits for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """What the parts of a run go through their items with, to let it be seen."""

    def __call__(self, doing: str, items: Sequence[T]) -> Iterable[T]:
        """The `items` one after the other; `doing` says what is done to them, as "reading"."""


def unseen(doing: str, items: Sequence[T]) -> Iterable[T]:  # noqa: ARG001
    """The items, and nothing to see."""
    return items
