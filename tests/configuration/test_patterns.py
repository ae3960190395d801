"""What a glob pattern covers."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinlint.configuration.patterns import Pattern


@pytest.mark.parametrize(
    ("text", "path", "covers"),
    [
        ("vendor", "/p/vendor", True),
        ("vendor", "/p/src/vendor", True),
        ("vendor", "/p/src/vendor/deep/x.py", True),
        ("vendor", "/p/vendored/x.py", False),
        ("vendor/", "/p/src/vendor/x.py", True),
        ("/p/vendor", "/p/vendor/x.py", True),
        ("/p/vendor", "/p/src/vendor/x.py", False),
        ("./vendor", "/p/vendor/x.py", True),
        ("./vendor", "/p/src/vendor/x.py", False),
        ("src/vendor", "/p/src/vendor/x.py", True),
        ("src/vendor", "/p/lib/src/vendor/x.py", False),
        ("../q/x.py", "/q/x.py", True),
        ("*.py", "/p/a/x.py", True),
        ("*.py", "/p/a/x.pyw", False),
        ("src/*.py", "/p/src/x.py", True),
        ("src/*.py", "/p/src/deep/x.py", True),
        ("src/*.py", "/p/lib/x.py", False),
        ("src/**/x.py", "/p/src/x.py", True),
        ("src/**/x.py", "/p/src/a/b/x.py", True),
        ("src/**/x.py", "/p/src/ax.py", False),
        ("**/tests/**", "/p/a/tests/x.py", True),
        ("**/tests/**", "/p/tests", True),
        ("x?.py", "/p/x1.py", True),
        ("x[0-9].py", "/p/xa.py", False),
        ("x[!0-9].py", "/p/xa.py", True),
        ("X.py", "/p/x.py", False),
        # Outside of the pattern's folder.
        ("x.py", "/q/x.py", True),
        ("q", "/q/x.py", False),
        ("p", "/p/x.py", False),
        ("*", "/q", True),
        # The pattern's folder and those above it.
        ("*", "/p", False),
        ("p", "/p", False),
        ("p", "/p/p", True),
        ("*", "/", False),
    ],
)
def test_covers(text: str, path: str, covers: bool) -> None:
    assert Pattern(text, "/p").covers(path) is covers


def test_the_names_of_folders_above_are_no_patterns() -> None:
    assert Pattern("src/x.py", "/p [a]*").covers("/p [a]*/src/x.py")
    assert not Pattern("src/x.py", "/p*").covers("/pq/src/x.py")
    assert Pattern("p/x.py", "/").covers("/p/x.py")


@pytest.mark.parametrize("text", ["**/a/" * 40 + "b", "*a" * 40 + "b", "a*" * 40 + "/b", "[*" * 200, "**/" * 200 + "b"])
def test_no_pattern_takes_long(text: str) -> None:
    began = time.monotonic()
    assert not Pattern(text, "/").covers("/" + "a/" * 1000 + "a" * 250)
    assert time.monotonic() - began < 5


PARTS = st.lists(st.text("ab*?[]!.-", min_size=1, max_size=4), min_size=1, max_size=4)


@given(PARTS, PARTS)
def test_what_covers_a_folder_covers_what_is_in_it(pattern: list[str], path: list[str]) -> None:
    each = Pattern("/".join(pattern), "/p")
    name = "/p/" + "/".join(path)
    if each.covers(name):
        assert each.covers(f"{name}/inside.py")
