"""What nests too deeply."""

from __future__ import annotations


class TooDeep(Exception):
    """Something is nested deeper than limits.NESTING; `row` is its 1-based row, None where it is not known."""

    def __init__(self, row: int | None = None) -> None:
        super().__init__(row)
        self.row = row
