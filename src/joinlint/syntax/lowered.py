"""What a front end makes of a file's tree."""

from __future__ import annotations

from joinlint.program import ir
from joinlint.records import by_value


@by_value
class Lowered:
    """The statements of a file, the names that its own level binds, and its functions and classes by their scopes."""

    body: ir.Block
    bound: frozenset[str]
    functions: dict[str, ir.Function]
    classes: dict[str, ir.Class]
