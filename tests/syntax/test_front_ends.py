"""What the running Python's syntax tree and LibCST's tree are made into is the same."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from pathlib import Path

import libcst
import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinlint.syntax.parsing import concrete_tree, syntax_tree

HERE = Path(__file__).parents[1]

with pytest.MonkeyPatch.context() as patch:
    patch.syspath_prepend(HERE.parent / "benchmarks")
    front_ends = importlib.import_module("fuzzing.front_ends")

ODD = r"""
a[1,]; a[*b]; a[*b, 1]; a[(1,2)]; a[(1,2),3]; a[1:2, 3]; a[::-1]; a[()]; a[(x for x in y)]
match (x):
    case (1 | 2): pass
    case (
        a, b): pass
    case [*_, {"k": v, **rest}] as whole if v > 1: pass
    case C(x=1, y=z): pass
    case None | -1 | 1+2j: pass
    case x.y: pass
@ (deco
   )
@other
async   def \
  naïve(a, /, b: int=1, *c: 'é', d, e=2, **f) -> int:
    'é' ; x = (yield), (await y) ; return "é" f"{a!r:>{b}}" 'x'
class \
   Größe(*bases, metaclass=M, **kw): ü: int; ö: int = f((x)); ä = f(é, (b), *(c), k=((d)), **(e))
f((x) # (
  , ( # (
   y), (z for z in w))
(f)(x for x in (y))
f (x for x in y)
x = lambda a, *b, c=1, **d: (a, b)
try: pass
except (A, B) as e: pass
del (a, b); del a, b; del (a), b; del [a]
with (open(a)) as f, (g): pass
with (open(a) as f, g as h,): pass
async def q():
    async with a as b: pass
    async for i in x: pass
    return [i async for i in x if i if not i], {**a, 'b': 1}, {*a}
global_ = not -1, -x, ~1, a < b < c, a and b or c and d and (e or f), x if y else z, (w := 1)
for x, *y in a, b: pass
for (x, [y]) in (a, b): pass
"doc" f"x"
f"{1} {'text'} {...:{2}} {f'{a:{b}}'}"
b"by" b"tes"
1_000; 0x1f; 1j; ...
x[a:b, c] += 1
print(*a, sep="", *b, **c)
x: (int)
if (yield): pass
elif (a, b): pass
else:
    if c: pass
while (x := f()): pass
else: pass
"""
NEWER = {
    (3, 12): "def f[T: int = str](x: T) -> T: ...\ntype A[T] = list[T]\nclass C[T](B): pass\nf'{x + f\"{y}\"}'",
    (3, 14): "t'{x!r:>{w}} {y}'\ntry: pass\nexcept A, B: pass",
}
WORDS = "x y f(a) ( ) [ ] { } , : = == + - ** not and or lambda if else for in async await yield * @ . := 'é' f'{x}' 1"


@pytest.mark.parametrize("path", [*HERE.rglob("*.py")], ids=lambda path: str(path.relative_to(HERE)))
def test_files(path: Path) -> None:
    assert front_ends.difference(path.read_text(encoding="utf-8")) is None


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("name", ["a", "ä"])
def test_odd_ways_to_write(name: str, newline: str) -> None:
    text = re.sub(r"\ba\b", name, ODD).replace("\n", newline)
    assert isinstance(syntax_tree(text), ast.Module)
    assert isinstance(concrete_tree(text, ValueError()), libcst.Module)
    assert front_ends.difference(text) is None


@pytest.mark.parametrize("version", NEWER)
def test_newer_syntax(version: tuple[int, int]) -> None:
    if sys.version_info < version:
        pytest.skip("the running Python does not know it")
    assert front_ends.difference(NEWER[version]) is None


@given(st.lists(st.sampled_from([*WORDS.split(), " ", "\n", "\n  ", "\\\n", "# (\n"]), max_size=20).map(" ".join))
def test_any_words(text: str) -> None:
    assert front_ends.difference(text) is None


def test_a_difference_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    concrete = front_ends.lower_concrete
    monkeypatch.setattr(front_ends, "lower_concrete", lambda tree, *rest: concrete(tree.with_changes(body=[]), *rest))
    assert front_ends.difference("x = 1\n") == ".Lowered.body: 1 / 0 parts"
