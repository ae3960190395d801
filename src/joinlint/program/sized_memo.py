"""What has been found out once, as long as there is room for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Member = TypeVar("Member")


class SizedMemo(Generic[Key, Member]):
    """Sets by key, of `most` members together: when there are more, all are forgotten and found anew."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._size = 0
        self._known: dict[Key, frozenset[Member]] = {}

    def get(self, key: Key, find: Callable[[Key], frozenset[Member]]) -> frozenset[Member]:
        known = self._known.get(key)
        if known is None:
            known = find(key)
            self._size += len(known)
            if self._size > self._most:
                self._known.clear()
                self._size = len(known)
            self._known[key] = known
        return known
