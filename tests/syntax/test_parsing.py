"""Any bytes give a tree or a reason."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinlint import limits
from joinlint.pipeline import check_files
from joinlint.rules import all_rules
from joinlint.sources import FileResult, SourceFile
from joinlint.syntax.deep_stack import with_deep_stack
from joinlint.syntax.lower import lower
from joinlint.syntax.parsing import Unparsable, check_syntax, decode

HEAD = b"import multiprocessing\np = multiprocessing.Process(target=print)\np.start()\n"
WORDS = (
    b'p.join() if x: ( ) \' """ \\ \xff \xe2\x82\xac \0 lambda: async case [ f\'{p } * ** := try: finally: yield 1 p .'
    b" @p p= else: except: elif"
)
PIECES = [
    *WORDS.split(b" "),
    *(b"\n", b" ", b"\t", b"\r", b"\f", b"    ", b"# coding: latin-1", b"for p in q:", b"match p:", b"with p as q:"),
    *(b"def f(p):", b"return p", b"await p", b"class C(P):", b"global p", b"del p", b"import p", b"from . import *"),
]


def check(content: bytes) -> FileResult:
    (result,) = check_files([SourceFile("odd.py", content)], all_rules())
    return result


@given(st.binary(max_size=60))
def test_any_bytes_behind_a_program(content: bytes) -> None:
    check(HEAD + content)


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_any_tokens_behind_a_program(pieces: list[bytes]) -> None:
    check(HEAD + b"".join(pieces))


@given(st.binary(max_size=80))
def test_what_is_dismissed_has_its_syntax_checked_alike(content: bytes) -> None:
    try:
        lower(decode(content), "odd.py", "odd")
        reason = None
    except Unparsable as error:
        reason = error.reason
    if reason is not None:
        with pytest.raises(Unparsable, match=re.escape(reason)):
            check_syntax(content)


@pytest.mark.parametrize("depth", [limits.NESTING - 10, limits.NESTING + 10, 100 * limits.NESTING])
@pytest.mark.parametrize("link", [b"-", b"not ", b"lambda: ", b"q.", b"q if q else "])
def test_nests_are_followed_to_the_limit(link: bytes, depth: int) -> None:
    result = check(HEAD + b"x = " + link * depth + b"q\n")
    if depth < limits.NESTING:
        assert result.problem is None
        assert [finding.code for finding in result.findings] == ["JL101", "JL201"]
    else:
        assert result.problem is not None
        assert result.problem.reason == "nested too deeply to be checked"


@pytest.mark.parametrize("link", [b"q + ", b"q or "])
def test_chains_are_no_nests(link: bytes) -> None:
    result = check(HEAD + b"x = " + link * 2 * limits.NESTING + b"q\n")
    assert [finding.code for finding in result.findings] == ["JL101", "JL201"]


def test_deep_nests_with_an_error_elsewhere() -> None:
    result = check(HEAD + b"x = " + b"- " * 100 * limits.NESTING + b"1\nf(:\n")
    assert result.problem is not None


def test_syntax_newer_than_the_running_python() -> None:
    assert check(HEAD + b"type P = int\ndef f[T](p: T) -> T: ...\n").problem is None


def test_deep_stack_gives_result_and_error() -> None:
    def sink(depth: int) -> int:
        return 0 if depth == 0 else 1 + sink(depth - 1)

    assert with_deep_stack(lambda: sink(15_000)) == 15_000
    with pytest.raises(KeyError, match="p"):
        with_deep_stack(lambda: {}["p"])


@pytest.mark.parametrize("text", ["x = '\ud800'\n", "(\0", "f(\ud800", "x = 1\0\r"])
def test_text_that_no_file_can_hold(text: str) -> None:
    with pytest.raises(Unparsable):
        check_syntax(text)
    with pytest.raises(Unparsable):
        lower(text, "odd.py", "odd")
