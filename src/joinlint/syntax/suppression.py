"""Comments that silence findings: `# noqa` on a line, `# joinlint: skip-file` for a file.

The grammar of `# noqa` is flake8's to the letter, oddities included, so that a comment has one meaning under both
doors: exactly one space after the `#`, any case; codes are prefixes, of the case in which they are reported; what does
not look like a list of codes leaves a bare `# noqa`, which silences everything.
"""

from __future__ import annotations

import re
import tokenize
from collections.abc import Mapping, Sequence

from joinlint.findings import Finding

_NOQA = re.compile(r"# noqa(?P<codes>:\s?(?:[A-Z]+[0-9]+[,\s]*)+)?", re.IGNORECASE)
_SEPARATOR = re.compile(r"[:,\s]+")
_SKIP_FILE = re.compile(r"#\s*joinlint:\s*skip-file\b")


def unsuppressed(findings: Sequence[Finding], lines: Sequence[str]) -> tuple[Finding, ...]:
    """The findings of one file that no comment silences; `lines` are its lines with their ends."""
    if skips_file(lines):
        return ()
    if not any("noqa" in line.lower() for line in lines):
        return tuple(findings)
    text_of = _logical_texts(lines)
    return tuple(f for f in findings if not silenced(f.code, _text(f.span.start.row, lines, text_of)))


def skips_file(lines: Sequence[str]) -> bool:
    """Does a comment say `# joinlint: skip-file`?  The words in a string, such as a linter's own documentation, do not
    count."""
    if not any(_SKIP_FILE.search(line) for line in lines):
        return False
    try:
        tokens = list(tokenize.generate_tokens(iter(lines).__next__))
    except (tokenize.TokenError, SyntaxError):
        # A newer Python's syntax that this one's tokenizer can't follow: take the line for what it looks like.
        return True
    return any(token.type == tokenize.COMMENT and _SKIP_FILE.match(token.string) for token in tokens)


def silenced(code: str, text: str) -> bool:
    """Does `text`, a line of a file, have a `# noqa` for `code`?"""
    match = _NOQA.search(text)
    if match is None:
        return False
    if match["codes"] is None:
        return True
    return code.startswith(tuple(filter(None, _SEPARATOR.split(match["codes"]))))


def _text(row: int, lines: Sequence[str], text_of: Mapping[int, str]) -> str:
    """The text in which a `# noqa` counts for the 1-based `row`."""
    return text_of.get(row) or (lines[row - 1] if row <= len(lines) else "")


def _logical_texts(lines: Sequence[str]) -> dict[int, str]:
    """For each row that shares a multi-line string or backslash continuation with others: the text of all of them
    together.

    Brackets do not join rows here: inside of them each line break is a token, and the rows on its two sides stay apart.
    """
    texts: dict[int, str] = {}
    rows: list[int] = []
    try:
        for token in tokenize.generate_tokens(iter(lines).__next__):
            if token.type in (tokenize.ENDMARKER, tokenize.DEDENT):
                continue
            rows += (token.start[0], token.end[0])
            if token.type in (tokenize.NL, tokenize.NEWLINE):
                first, last = min(rows), max(rows)
                texts.update(dict.fromkeys(range(first, last + 1), "".join(lines[first - 1 : last])))
                rows = []
    except (tokenize.TokenError, SyntaxError):
        return {}
    return texts
