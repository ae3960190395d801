"""Whether both front ends make the same program of a text: the one on CPython's syntax tree and the one on LibCST's."""

from __future__ import annotations

import io
import sys
import unicodedata
from dataclasses import fields, is_dataclass

from joinlint.syntax.abstract.statements import lower_abstract
from joinlint.syntax.concrete.statements import lower_concrete
from joinlint.syntax.parsing import Unparsable, concrete_tree, syntax_tree
from joinlint.syntax.too_deep import TooDeep


def difference(text: str) -> str | None:
    """The first place at which the two differ, and how.

    None where there is none, or where one of the parsers refuses the text.
    """
    try:
        tree = syntax_tree(text)
        concrete = concrete_tree(text, ValueError())
    except (SyntaxError, ValueError, OverflowError, MemoryError, RecursionError, Unparsable):
        return None
    lines = tuple(line.rstrip("\n") for line in io.StringIO(text, newline=None))
    try:
        return _difference(lower_abstract(tree, lines, "m", False), lower_concrete(concrete, "m", False), "")
    except TooDeep:
        return None


def _difference(left: object, right: object, path: str) -> str | None:
    if type(left) is not type(right):
        return f"{path}: {left!r:.100} / {right!r:.100}"
    if is_dataclass(left):
        path = f"{path}.{type(left).__name__}"
        pairs = [(getattr(left, f.name), getattr(right, f.name), f"{path}.{f.name}") for f in fields(left)]
        return _first_difference(pairs)
    if isinstance(left, dict) and isinstance(right, dict):
        return _difference(list(left.items()), list(right.items()), path)
    if isinstance(left, (tuple, list)) and isinstance(right, (tuple, list)) and not hasattr(left, "_fields"):
        if len(left) != len(right):
            return f"{path}: {len(left)} / {len(right)} parts"
        return _first_difference([(a, b, f"{path}[{i}]") for i, (a, b) in enumerate(zip(left, right, strict=True))])
    return None if _alike(left, right, path) else f"{path}: {left!r:.100} / {right!r:.100}"


def _alike(left: object, right: object, path: str) -> bool:
    if isinstance(left, str) and isinstance(right, str):
        # CPython brings names into this form (language reference, 2.3), LibCST leaves them as they are written.
        return left == unicodedata.normalize("NFKC", right) or left == right
    if path.endswith(".where") and ".Text." in path and sys.version_info < (3, 12):
        return True  # until then CPython parsed what is in an f-string by itself, with brackets of its own around it
    return left == right or left != left


def _first_difference(pairs: list[tuple[object, object, str]]) -> str | None:
    return next((found for a, b, path in pairs if (found := _difference(a, b, path)) is not None), None)
