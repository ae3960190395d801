"""What a name stands for, in the order of the source: what is made of it must not depend on the hashes of strings."""

from __future__ import annotations

from joinlint.program import ir
from joinlint.program.index import Program
from joinlint.syntax.lower import lower

BASES = [f"Base{number}" for number in range(8)]


def program(text: str) -> Program:
    return Program([lower(text, "app.py", "app")])


def test_definitions_of_one_name_keep_their_order() -> None:
    known = program("def work():\n    pass\n" * 8)
    scopes = [reference.name for reference in known.names["app"].resolve(ir.Name("work"), ir.MODULE_SCOPE)]
    assert scopes == list(known.modules["app"].functions)


def test_a_family_of_classes_keeps_its_order() -> None:
    text = "".join(f"class {base}:\n    pass\n" for base in BASES) + f"class Worker({', '.join(BASES)}):\n    pass\n"
    assert program(text).classes.family(("app", "Worker")) == tuple(("app", name) for name in ["Worker", *BASES])
