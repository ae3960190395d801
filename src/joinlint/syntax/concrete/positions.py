"""Where the nodes of a LibCST tree stand in the source.

LibCST's own PositionProvider gives the same places, but takes longer than the parser: each node gets three objects and
a search by regular expression. This walk is the same one, through the hooks that LibCST's code generator has for it
(libcst/_nodes/internal.py, CodegenState), and writes down plain numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

import libcst as cst
from libcst._nodes.internal import CodegenState

# 1-based line, 0-based column.
Position = tuple[int, int]


def positions(tree: cst.Module) -> Mapping[cst.CSTNode, tuple[Position, Position]]:
    """Start and end of every node without the white space around it, as LibCST's PositionProvider has them."""
    walk = _Walk(tree.default_indent, tree.default_newline)
    tree._codegen(walk)
    return walk.found


class _Walk(CodegenState):
    def __init__(self, default_indent: str, default_newline: str) -> None:
        super().__init__(default_indent=default_indent, default_newline=default_newline)
        self.line = 1
        self.column = 0
        self.found: dict[cst.CSTNode, tuple[Position, Position]] = {}
        self._starts: list[Position] = []

    def add_indent_tokens(self) -> None:
        self.column += sum(map(len, self.indent_tokens))

    def add_token(self, value: str) -> None:
        if value.isalnum():  # most tokens by far
            self.column += len(value)
            return
        newlines = value.count("\n")
        if "\r" in value:
            newlines += value.count("\r") - value.count("\r\n")
        if newlines:
            self.line += newlines
            self.column = len(value) - 1 - max(value.rfind("\n"), value.rfind("\r"))
        else:
            self.column += len(value)

    def before_codegen(self, node: cst.CSTNode) -> None:
        self._starts.append((self.line, self.column))

    def after_codegen(self, node: cst.CSTNode) -> None:
        start = self._starts.pop()
        if node not in self.found:  # what a node says of itself stands
            self.found[node] = start, (self.line, self.column)

    def record_syntactic_position(  # type: ignore[override]  # LibCST's is a generator, which takes longer
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> AbstractContextManager[None]:
        return _Syntactic(self, node, start_node, end_node)


class _Syntactic(AbstractContextManager[None]):
    """Records what is generated inside as the place of `node`, or from the start of one node to the end of another."""

    __slots__ = ("_first", "_last", "_node", "_start", "_walk")

    def __init__(self, walk: _Walk, node: cst.CSTNode, first: cst.CSTNode | None, last: cst.CSTNode | None) -> None:
        self._walk = walk
        self._node = node
        self._first = first
        self._last = last

    def __enter__(self) -> None:
        self._start = self._walk.line, self._walk.column

    def __exit__(self, *_: object) -> None:
        walk = self._walk
        start = self._start if self._first is None else walk.found[self._first][0]
        end = (walk.line, walk.column) if self._last is None else walk.found[self._last][1]
        walk.found[self._node] = start, end
