"""Bytes to a LibCST tree, or to the reason why there is none."""

from __future__ import annotations

import ast
import codecs
import io
import re
import tokenize
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libcst

# LibCST's native parser recurses on the machine stack, and what it builds is walked recursively here: stop before
# either overflows. CPython itself allows 200 levels (Parser/tokenizer.h, MAXLEVEL).
MAX_NESTING = 200

_OPENING, _CLOSING = "([{", ")]}"
_BRACKETS = re.compile(r"[()\[\]{}]")


class Unparsable(Exception):
    """A file that can't be read as Python; `row` and `column` are 1-based or None."""

    def __init__(self, reason: str, row: int | None = None, column: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.row = row
        self.column = column


@dataclass(frozen=True, slots=True)
class Parsed:
    """A tree and the lines of text that its positions count in."""

    tree: libcst.Module
    lines: tuple[str, ...]


def decode(content: bytes) -> str:
    """The text of a source file, by its byte order mark or coding line, UTF-8 otherwise (language reference 2.1.4).

    Raises Unparsable.
    """
    if b"\0" in content:
        row = content.count(b"\n", 0, content.index(b"\0")) + 1
        raise Unparsable("source code cannot contain null bytes", row)
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        if encoding == "utf-8-sig":
            content, encoding = content.removeprefix(codecs.BOM_UTF8), "utf-8"
        return content.decode(encoding)
    except SyntaxError as error:
        raise Unparsable(f"cannot be decoded: {error.msg}", 1) from None
    except (UnicodeDecodeError, LookupError) as error:
        start = getattr(error, "start", 0)
        raise Unparsable(f"cannot be decoded: {error}", content.count(b"\n", 0, start) + 1) from None
    except Exception as error:  # a codec may raise anything
        raise Unparsable(f"cannot be decoded: {error}", 1) from None


def parse(text: str) -> Parsed:
    """Parse `text` with LibCST.  Raises Unparsable with place and reason."""
    import libcst

    if (row := _too_deep(text)) is not None:
        raise Unparsable("nested too deeply to be checked", row)
    try:
        tree = libcst.parse_module(text)
    except libcst.ParserSyntaxError as error:
        raise _syntax_error(text, error) from None
    except RecursionError:
        raise Unparsable("nested too deeply to be checked") from None
    except Exception as error:  # LibCST lets codec and tokenizer errors of odd input through
        raise Unparsable(f"cannot be parsed: {error}") from None
    return Parsed(tree, tuple(line.rstrip("\n") for line in io.StringIO(text, newline=None)))


def check_syntax(content: bytes) -> None:
    """Raises Unparsable for a file that is no Python, at the cost of CPython's own parser alone where it agrees."""
    if _compile_error(content) is not None:
        parse(decode(content))  # LibCST knows syntax newer than the running Python's


def _compile_error(source: bytes | str) -> SyntaxError | Exception | None:
    """What the running Python has against the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "<source>", "exec", flags=ast.PyCF_ONLY_AST, dont_inherit=True)
    except Exception as error:  # ValueError, OverflowError, MemoryError and RecursionError come beside SyntaxError
        return error
    return None


def _syntax_error(text: str, error: libcst.ParserSyntaxError) -> Unparsable:
    """The running Python's own words where it refuses the file too: people know them."""
    known = _compile_error(text)
    if isinstance(known, SyntaxError):
        return Unparsable(f"invalid syntax: {known.msg}", known.lineno, known.offset)
    return Unparsable("invalid syntax", error.raw_line, error.raw_column + 1)


def _too_deep(text: str) -> int | None:
    """The 1-based row at which brackets nest deeper than the limit, None where nothing does."""
    if not _deepest(text) > MAX_NESTING:
        return None
    # Brackets in strings and comments were counted too: only the tokenizer knows better, and it is slow.
    depth = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.OP and token.string in _OPENING:
                depth += 1
                if depth > MAX_NESTING:
                    return token.start[0]
            elif token.type == tokenize.OP and token.string in _CLOSING:
                depth -= 1
    except (tokenize.TokenError, SyntaxError):
        pass
    return None


def _deepest(text: str) -> int:
    depth = deepest = 0
    for match in _BRACKETS.finditer(text):
        depth = depth + 1 if match[0] in _OPENING else max(depth - 1, 0)
        deepest = max(deepest, depth)
    return deepest
