"""Bytes to a tree, or to the reason why there is none."""

from __future__ import annotations

import ast
import codecs
import io
import keyword
import tokenize
import warnings
from typing import TYPE_CHECKING

from joinlint import limits
from joinlint.syntax.lone_backslashes import without_lone_backslashes

if TYPE_CHECKING:
    import libcst

TOO_DEEP = "nested too deeply to be checked"


class Unparsable(Exception):
    """A file that can't be read as Python; `row` and `column` are 1-based or None."""

    def __init__(self, reason: str, row: int | None = None, column: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.row = row
        self.column = column


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


def concrete_tree(text: str, refusal: Exception) -> libcst.Module:
    """LibCST's tree of what the running Python refuses to parse, which may be newer syntax.

    Raises Unparsable with place and reason.
    """
    if isinstance(refusal, (MemoryError, RecursionError)):
        raise Unparsable(TOO_DEEP)
    known = refusal if isinstance(refusal, SyntaxError) else None
    _look_at_depth(text, known or SyntaxError())
    import libcst

    try:
        return libcst.parse_module(without_lone_backslashes(text))
    except libcst.ParserSyntaxError as error:
        if known is not None:
            raise _refused(known) from None
        raise Unparsable("invalid syntax", error.raw_line, error.raw_column + 1) from None
    except RecursionError:
        raise Unparsable(TOO_DEEP) from None
    except Exception as error:  # LibCST lets codec and tokenizer errors of odd input through
        raise Unparsable(f"cannot be parsed: {error}") from None


def check_syntax(content: bytes | str) -> None:
    """Raises Unparsable for a file or text that is no Python, at the cost of CPython's own parser alone where it
    agrees."""
    try:
        syntax_tree(content)
    except Exception as refusal:
        concrete_tree(content if isinstance(content, str) else decode(content), refusal)
    else:
        if isinstance(content, bytes) and not content.isascii():
            decode(content)  # CPython's parser does not look into comments


def syntax_tree(source: bytes | str) -> ast.Module:
    """The running Python's own tree.

    Raises what compile() does: ValueError, OverflowError, MemoryError and RecursionError beside SyntaxError.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = compile(source, "<source>", "exec", flags=ast.PyCF_ONLY_AST, dont_inherit=True)
        assert isinstance(tree, ast.Module)
        return tree


def _look_at_depth(text: str, error: SyntaxError) -> None:
    """Raises Unparsable for a text without a syntax tree, because of `error`, that nests too deeply or may do so: it
    has many operators in one statement, or the tokenizer refuses it as well."""
    brackets = indentation = operators = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
            brackets += _BRACKETS.get(token.string, 0) if token.type == tokenize.OP else 0
            indentation += _INDENTATION.get(token.type, 0)
            if brackets > limits.BRACKETS or indentation > limits.INDENTATION:
                raise Unparsable(TOO_DEEP, token.start[0])
            if token.type == tokenize.NEWLINE:
                operators = 0
            elif (token.type == tokenize.OP and token.string not in _FLAT) or keyword.iskeyword(token.string):
                operators += 1
                if operators > 4 * limits.NESTING:
                    raise _refused(error)
    except (tokenize.TokenError, SyntaxError) as refusal:
        if any(words in str(refusal) for words in _TOKENIZER_LIMITS):
            raise Unparsable(TOO_DEEP, error.lineno if error.msg in _TOKENIZER_LIMITS else None) from None
        raise _refused(error) from None
    except ValueError:
        return  # lone surrogates: LibCST refuses them at once


# What CPython's tokenizer says at limits.BRACKETS and limits.INDENTATION.
_TOKENIZER_LIMITS = frozenset({"too many nested parentheses", "too many levels of indentation"})
_BRACKETS = {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}
_INDENTATION = {tokenize.INDENT: 1, tokenize.DEDENT: -1}
# Operators of which a statement may hold any number side by side.
_FLAT = frozenset(",:=)]}")


def _refused(error: SyntaxError) -> Unparsable:
    """The running Python's own words: people know them."""
    if not error.msg:
        return Unparsable("cannot be parsed")
    words = error.msg if error.msg.startswith("invalid syntax") else f"invalid syntax: {error.msg}"
    return Unparsable(words, error.lineno, error.offset)
