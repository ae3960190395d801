r"""Lines that hold nothing but a backslash before a statement, which LibCST's tokenizer swallows.

`x = 1\n\\\ny = 2\n` comes back from it a line shorter (LibCST 1.9), so that every later row would be one too low, and
at the beginning of a block it takes such a line for a syntax error.
"""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator

_LONE = re.compile(r"(?:\A|[\r\n])[ \t\f]*+\\[\r\n]")
_INDENTATION = re.compile(r"[ \t\f]*")


def without_lone_backslashes(text: str) -> str:
    """The same program with a blank line for each such line, so that rows stay what they are.

    A statement behind some of them gets the indentation that Python takes it to have: that of the first which has any
    (language reference 2.1.8 says nothing of it; CPython's tokenizer calls it `cont_line_col`).  Text that can't be
    tokenized is left alone.
    """
    if _LONE.search(text) is None:
        return text
    lines = list(io.StringIO(text, newline=""))
    try:
        runs = list(_runs(text))
    except (tokenize.TokenError, SyntaxError):
        return text
    for first, last in runs:
        spaces = [_indentation(line) for line in lines[first - 1 : last]]
        lines[last - 1] = next(filter(None, spaces), "") + lines[last - 1].removeprefix(spaces[-1])
        for row in range(first, last):
            lines[row - 1] = lines[row - 1].strip(" \t\f\\")
    return "".join(lines)


def _runs(text: str) -> Iterator[tuple[int, int]]:
    """The 1-based rows of the first such line before a statement and of the statement itself."""
    row, between = 0, True  # the last row of what stands before, and whether no statement has begun since
    for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
        if token.type == tokenize.NEWLINE or (between and token.type in {tokenize.NL, tokenize.COMMENT}):
            row, between = token.start[0], True
        elif between and token.type not in {tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}:
            if token.start[0] - row > 1:
                yield row + 1, token.start[0]
            between = False


def _indentation(line: str) -> str:
    match = _INDENTATION.match(line)
    assert match is not None
    return match[0]
