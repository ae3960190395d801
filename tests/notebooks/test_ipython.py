"""IPython's own syntax, taken out of a cell without moving the rest."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joinlint.notebooks.ipython import as_python


@pytest.mark.parametrize(
    ("cell", "python"),
    [
        ("x = 1\n", "x = 1\n"),
        ("%matplotlib inline\nx = 1\n", "pass\nx = 1\n"),
        ("!pip install x\n", "pass\n"),
        ("!!ls\n", "pass\n"),
        ("?f\nf?\nf.g??\n", "pass\npass\npass\n"),
        (",f a b\n;f a\n/f a\n", "pass\npass\npass\n"),
        ("if x:\n    !ls\n", "if x:\n    pass\n"),
        ("files = !ls\n", "files = get_ipython()\n"),
        ("a.b, c[0] = %who\n", "a.b, c[0] = get_ipython()\n"),
        ("%lsmagic \\\n  more\nx\n", "pass\n\nx\n"),
        ("%time p.join()\n", "0;    p.join()\n"),
        ("    %timeit -n 10 -r3 f(x)\n", "    0;                f(x)\n"),
        ("r = %time f()\n", "r =       f()\n"),
        ("%time f(\n", "pass\n"),
        ("f();\n", "f();\n"),
        ("\n%%time\np.join()\n", "\n\np.join()\n"),
        ("%%capture out\n%%timeit -n 3 x = 1\n!ls\n", "\n\npass\n"),
        ("%%bash\nfor x in y; do\n", "\n\n"),
        ("%%timeit?\nf(\n", "\n\n"),
        ("%%timeitx\nf(\n", "\n\n"),
        ("%%time\n", "\n"),
        ("", ""),
    ],
)
def test_replaced(cell: str, python: str) -> None:
    assert as_python(cell) == python


@pytest.mark.parametrize(
    "cell",
    [
        "x = 'a?'\n",
        "x = (1\n  % y,\n  !z)\n",
        "text = '''\n%time f()\n!ls\nf?\n'''\n",
        "x = 1  # really?\n",
        "x = y \\\n  % z\n",
        "s = '\\'%s' % x\n",
        "x == 5 % 3\n",
        "f(a=%x)\n",
        "print(f'{x!r}')\n",
        "# %%time\n",
    ],
)
def test_python_is_left_alone(cell: str) -> None:
    assert as_python(cell) == cell


@pytest.mark.parametrize(
    "cell",
    ["'" * 200_001 + "\n?", '"\\"' * 60_000 + "\n?", "(" * 200_000 + "\n?", "?\n" * 50_000, "%%time\n" * 200_000],
)
def test_takes_no_time(cell: str) -> None:
    assert as_python(cell).count("\n") == cell.count("\n")


lines = st.sampled_from(
    [
        "%time f()",
        "!ls '",
        "x = !ls",
        "f?",
        "'''",
        "f(",
        ")",
        "x = '%' # ?",
        "%%time",
        "%%bash",
        "  \\",
        "if x:",
        "  !a",
        "",
    ]
)


@settings(deadline=None)  # a busy machine may take its time
@given(st.lists(lines | st.text(alphabet="%!?'\"\\(){}#=x \t;", max_size=8), max_size=6))
def test_rows_stay(parts: list[str]) -> None:
    cell = "".join(f"{part}\n" for part in parts)
    assert as_python(cell).count("\n") == len(parts)


@settings(deadline=None)  # a busy machine may take its time
@given(
    st.lists(st.sampled_from(["%time f()", "!ls", "x = !ls", "f?", "x = 1", "g('?')", "%pip install x"]), max_size=6)
)
def test_what_comes_out_is_python(parts: list[str]) -> None:
    tree = ast.parse(as_python("".join(f"{part}\n" for part in parts)))
    calls = [ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Call)]
    assert calls.count("f()") == parts.count("%time f()")
