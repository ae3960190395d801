"""Methods of containers, by what they do with an element."""

from __future__ import annotations

ADDS_ELEMENT = frozenset({"append", "add", "appendleft", "insert", "put", "put_nowait", "push"})
ADDS_ALL = frozenset({"extend", "update", "extendleft"})
TAKES_ELEMENT = frozenset({"pop", "popleft", "popitem", "get", "get_nowait", "setdefault", "__getitem__"})
VIEWS = frozenset({"values", "items", "keys", "copy", "__iter__"})
EMPTIES = frozenset({"clear"})
DROPS_ELEMENT = frozenset({"remove", "discard", "__delitem__"})

ALL = ADDS_ELEMENT | ADDS_ALL | TAKES_ELEMENT | VIEWS | EMPTIES | DROPS_ELEMENT
