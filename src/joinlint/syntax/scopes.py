"""Which scope binds which name, kept while a tree is lowered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Frame:
    scope: str
    kind: str  # "module", "function" or "class"
    bound: set[str] = field(default_factory=set)
    outer: set[str] = field(default_factory=set)
    is_generator: bool = False


class ScopeStack:
    """The scopes around the node being lowered, innermost last; names that comprehensions bind are renamed."""

    def __init__(self) -> None:
        self._frames = [_Frame("", "module")]
        self._renamed: list[dict[str, str]] = []

    @property
    def function_scope(self) -> str | None:
        """The innermost enclosing function, None at module level."""
        return next((f.scope for f in reversed(self._frames) if f.kind == "function"), None)

    @property
    def class_scope(self) -> str | None:
        """The class directly around, None elsewhere."""
        return self._frames[-1].scope if self._frames[-1].kind == "class" else None

    def bind(self, name: str) -> None:
        """The innermost scope binds `name`."""
        frame = self._frames[-1]
        if name not in frame.outer:
            frame.bound.add(name)

    def declare_outer(self, name: str) -> None:
        """`global name` or `nonlocal name`."""
        self._frames[-1].outer.add(name)
        self._frames[-1].bound.discard(name)

    def mark_generator(self) -> None:
        self._frames[-1].is_generator = True

    def enter_function(self, name: str, row: int, taken: Mapping[str, object]) -> str:
        return self._enter(name, "function", row, taken)

    def enter_class(self, name: str, row: int, taken: Mapping[str, object]) -> str:
        return self._enter(name, "class", row, taken)

    def _enter(self, name: str, kind: str, row: int, taken: Mapping[str, object]) -> str:
        outside = self._frames[-1]
        prefix = (
            f"{outside.scope}.<locals>." if outside.kind == "function" else f"{outside.scope}." if outside.scope else ""
        )
        scope = f"{prefix}{name}"
        open_scopes = {f.scope for f in self._frames}
        if scope in taken or scope in open_scopes:
            scope = base = f"{scope}@{row}"
            count = 1
            while scope in taken or scope in open_scopes:
                count += 1
                scope = f"{base}.{count}"
        self._frames.append(_Frame(scope, kind))
        return scope

    def leave_function(self) -> tuple[frozenset[str], bool]:
        """The names that the function binds, and whether it yields."""
        frame = self._frames.pop()
        return frozenset(frame.bound), frame.is_generator

    def leave_class(self) -> None:
        self._frames.pop()

    def leave_module(self) -> frozenset[str]:
        return frozenset(self._frames[-1].bound)

    def enter_comprehension(self) -> None:
        self._renamed.append({})

    def bind_in_comprehension(self, name: str, row: int, column: int) -> None:
        """A comprehension's `for` binds `name`: it gets a name of its own, bound where the comprehension stands."""
        renamed = f"{name}@{row}:{column}"
        self._renamed[-1][name] = renamed
        self.bind(renamed)

    def leave_comprehension(self) -> None:
        self._renamed.pop()

    def rename(self, name: str) -> str:
        for names in reversed(self._renamed):
            if name in names:
                return names[name]
        return name
