"""The lines of a source file, counted as Python counts them."""

from __future__ import annotations

import io

from joinlint.syntax.parsing import Unparsable, decode


def source_lines(content: bytes | str) -> tuple[str, ...]:
    r"""The lines of a file from disk (bytes) or of text already decoded, each ending in "\n" but perhaps the last.

    Only "\n", "\r\n" and "\r" end a line, as in Python's grammar: str.splitlines also stops at form feeds and the like,
    and rows would no longer agree with the parser's.  Gives no lines for bytes that can't be decoded; raises nothing.
    """
    try:
        text = content if isinstance(content, str) else decode(content)
    except Unparsable:
        return ()
    return tuple(io.StringIO(text.removeprefix("\ufeff"), newline=None))
