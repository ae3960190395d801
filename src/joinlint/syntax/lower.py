"""Source text to the program representation.

Two front ends give the same: `abstract` goes by the syntax tree of the running Python, whose parser is written in C;
`concrete` by LibCST's, which also knows syntax that is newer than the running Python's.
"""

from __future__ import annotations

import io
import os

from joinlint.notebooks.cells import Cell
from joinlint.program import ir
from joinlint.syntax.abstract.statements import lower_abstract
from joinlint.syntax.lowered import Lowered
from joinlint.syntax.parsing import TOO_DEEP, Unparsable, concrete_tree, syntax_tree
from joinlint.syntax.too_deep import TooDeep


def lower(text: str, filename: str, module_name: str, cells: tuple[Cell, ...] | None = None) -> ir.Module:
    """The program in `text`; `module_name` is its dotted name, which relative imports are resolved against, `cells` are
    those of a notebook.

    Raises Unparsable.
    """
    is_package = os.path.basename(filename) == "__init__.py"
    lines = tuple([line.rstrip("\n") for line in io.StringIO(text, newline=None)])
    lowered = _lowered(text, lines, module_name, is_package)
    return ir.Module(
        name=module_name,
        filename=filename,
        is_package=is_package,
        body=lowered.body,
        bound=lowered.bound,
        functions=lowered.functions,
        classes=lowered.classes,
        lines=lines,
        cells=cells,
    )


def _lowered(text: str, lines: tuple[str, ...], module_name: str, is_package: bool) -> Lowered:
    try:
        tree = syntax_tree(text)
    except Exception as refusal:
        concrete = concrete_tree(text, refusal)
        # Few files need it, and it takes longer to import than most files to check.
        from joinlint.syntax.concrete.statements import lower_concrete

        return lower_concrete(concrete, module_name, is_package)
    try:
        return lower_abstract(tree, lines, module_name, is_package)
    except TooDeep as error:
        raise Unparsable(TOO_DEEP, error.row) from None
