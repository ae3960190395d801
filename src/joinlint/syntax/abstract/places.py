"""Where the nodes of CPython's syntax tree stand in the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from joinlint.program import ir

_GAP = r"(?:\s|\\\n)+"
_NAMED = re.compile(rf"(?:async{_GAP})?(?:def|class){_GAP}[^\s(:\[\\#]+")
_COMMENT = re.compile(r"#[^\n]*")


class Places:
    """Places of nodes, and what the tree does not tell of the source: `lines` are without their ends."""

    def __init__(self, lines: Sequence[str], module_name: str) -> None:
        self._lines = lines
        self._module_name = module_name
        # CPython counts columns in bytes of UTF-8 (ast, "col_offset").
        self._encoded = {row: line.encode("utf-8", "surrogatepass") for row, line in _not_ascii(lines)}

    def where(self, node: ast.expr | ast.stmt | ast.ExceptHandler | ast.pattern) -> ir.Where:
        row, column, end_row, end_column = node.lineno, node.col_offset, node.end_lineno, node.end_col_offset
        assert end_row is not None
        assert end_column is not None
        if self._encoded:
            column, end_column = self._column(row, column), self._column(end_row, end_column)
        return ir.Where(row, column + 1, end_row, end_column + 1, self._module_name)

    def _column(self, row: int, offset: int) -> int:
        line = self._encoded.get(row)
        return offset if line is None else len(line[:offset].decode("utf-8", "replace"))

    def header(self, first: ir.Where, last: ir.Where) -> ir.Where:
        """From the start of a compound statement to the end of `last`, the final part of its first line."""
        return first._replace(end_row=last.end_row, end_column=last.end_column)

    def definition(self, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> ir.Where:
        """From the first `@`, or where there is none from the `def` or `class`, to the end of the name."""
        place = self.where(node)
        first = self.before(self.where(node.decorator_list[0]), "@") if node.decorator_list else place
        text = self._lines[place.row - 1][place.column - 1 :]
        if (match := _NAMED.match(text)) is None:  # backslashes between the words
            match = _NAMED.match("\n".join([text, *self._lines[place.row : place.row + 5]]))
        words = "" if match is None else match[0]
        rows, newline = words.count("\n"), words.rfind("\n")
        end = len(words) - newline if rows else place.column + len(words)
        return first._replace(end_row=place.row + rows, end_column=end)

    def before(self, place: ir.Where, word: str) -> ir.Where:
        """The same place, begun at the last `word` before it."""
        column = self._lines[place.row - 1].rfind(word, 0, place.column - 1)
        row = place.row
        while column < 0 and row > 1:
            row -= 1
            column = self._lines[row - 1].rfind(word)
        return place if column < 0 else place._replace(row=row, column=column + 1)

    def brackets(self, row: int, column: int, place: ir.Where) -> int:
        """How many brackets are opened between the 1-based `row` and `column` and `place`."""
        if row == place.row:
            text = self._lines[row - 1][column - 1 : place.column - 1]
            if "#" not in text:
                return text.count("(")
        lines = [*self._lines[row - 1 : place.row - 1], self._lines[place.row - 1][: place.column - 1]]
        lines[0] = lines[0][column - 1 :]
        return sum(_COMMENT.sub("", line).count("(") for line in lines)


def _not_ascii(lines: Sequence[str]) -> list[tuple[int, str]]:
    return [(row, line) for row, line in enumerate(lines, start=1) if not line.isascii()]
