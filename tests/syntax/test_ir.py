"""The walk over the program representation comes to every node that the fields hold."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from pathlib import Path

from joinlint.program import ir
from joinlint.syntax.lower import lower

FIXTURES = Path(__file__).parents[1] / "fixtures"
NOT_INSIDE = {"bracketed", "functions", "classes", "cells", "lines"}  # these nodes stand in other fields as well


def _inside(node: object) -> list[object]:
    found: list[object] = []
    for field in fields(node):  # type: ignore[arg-type]
        value = getattr(node, field.name)
        if field.name not in NOT_INSIDE and not isinstance(value, ir.Where):
            found += [item for item in (value if isinstance(value, tuple) else (value,)) if is_dataclass(item)]
    return found


def test_parts_are_what_the_fields_hold() -> None:
    kinds = set()
    for path in FIXTURES.rglob("*.py"):
        for node in ir.walk(lower(path.read_text(encoding="utf-8"), path.name, path.stem)):
            kinds.add(type(node))
            assert list(ir.parts(node)) == _inside(node), node
    assert len(kinds) > 40
