"""The walk that records positions against LibCST's own, which it stands in for."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest
from hypothesis import given
from hypothesis import strategies as st
from libcst.metadata import MetadataWrapper, PositionProvider

from joinlint.syntax.concrete.positions import positions

HERE = Path(__file__).parent


def agree(source: str) -> None:
    tree = cst.parse_module(source)
    expected = MetadataWrapper(tree, unsafe_skip_copy=True).resolve(PositionProvider)
    found = positions(tree)
    for node, place in expected.items():
        if node is not tree:  # LibCST gives the module the end of its last line, or not, by its version
            assert found[node] == ((place.start.line, place.start.column), (place.end.line, place.end.column)), node


@pytest.mark.parametrize("path", sorted(HERE.parent.rglob("*.py")), ids=lambda path: path.stem)
def test_real_files(path: Path) -> None:
    agree(path.read_text())


LINES = [
    "x = (1,\n     2)",
    "@decorated\ndef f(a, *, b=1): return a",
    "class C(B, metaclass=M):\n\tx: int = 1",
    'y = """a\nb"""',
    "z = f'{x!r:>{w}}'",
    "if x:\n    pass\nelif y: pass\nelse:\n    pass",
    "with (open(a) as f, g): f.read()",
    "a = b = [ i for i in c if i ]  # comment",
    "é = 'ß' ; p . start ( )",
    "try:\n  p.join()\nfinally:\n  q.join(  )",
    "match x:\n  case [1, *_]: pass",
    "w = a \\\n  + b",
    "",
    "# only a comment",
]


@given(st.lists(st.sampled_from(LINES)), st.sampled_from(["\n", "\r\n", "\r"]), st.sampled_from(["", "\f", "\ufeff"]))
def test_any_lines_and_newlines(lines: list[str], newline: str, start: str) -> None:
    agree(start + "".join(f"{line}\n" for line in lines).replace("\n", newline))
