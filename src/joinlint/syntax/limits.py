"""How deep the nodes of a file may nest."""

from __future__ import annotations

# LibCST's native parser recurses on the machine's stack without a check, and takes time by the square of the depth; all
# that comes after recurses as well.  (The deepest file of 940 from 55 packages has 46 levels.)
MAX_NESTING = 500


class TooDeep(Exception):
    """Something is nested deeper than MAX_NESTING; `row` is its 1-based row, None where it is not known."""

    def __init__(self, row: int | None = None) -> None:
        super().__init__(row)
        self.row = row
