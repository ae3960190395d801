"""Comments that silence findings: `# noqa` and `# joinlint: ignore` on a line, `# joinlint: skip-file` for a file.

The grammar of `# noqa` is flake8's to the letter, oddities included, so that a comment has one meaning under both
doors: exactly one space after the `#`, any case; codes are prefixes, of the case in which they are reported; what does
not look like a list of codes leaves a bare `# noqa`, which silences everything.

Either comment speaks for the row of the report; rows that share a multi-line string or a backslash continuation share
their comments, as they do in flake8.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from joinlint.findings import Finding
from joinlint.syntax.comments import Layout, layout, plain_layout
from joinlint.syntax.ignore_comments import IgnoreComment, ignore_comments

NOQA = re.compile(r"# noqa(?P<codes>:\s?(?:[A-Z]+[0-9]+[,\s]*)+)?", re.IGNORECASE)
_SEPARATOR = re.compile(r"[:,\s]+")
_SKIP_FILE = re.compile(r"#\s*joinlint:\s*skip-file\b")
_IGNORE = re.compile(r"joinlint:\s*ignore")


def unsuppressed(findings: Sequence[Finding], lines: Sequence[str]) -> tuple[Finding, ...]:
    """The findings of one file that no comment silences; `lines` are its lines with their ends."""
    left = unignored(findings, lines)
    if not left or not any("noqa" in line.lower() for line in lines):
        return left
    known = layout(lines)
    return tuple(f for f in left if not silenced(f.code, joined_text(f.span.start.row, lines, known)))


def unignored(findings: Sequence[Finding], lines: Sequence[str]) -> tuple[Finding, ...]:
    """The findings of one file that no comment of joinlint's own silences: what flake8, which reads `# noqa` itself, is
    to be told."""
    if skips_file(lines):
        return ()
    if not any(_IGNORE.search(line) for line in lines):
        return tuple(findings)
    known = layout(lines) or plain_layout(lines)
    ignores = [c for c in ignore_comments(known.comments) if isinstance(c, IgnoreComment)]
    return tuple(f for f in findings if not any(ignores_finding(comment, f, known) for comment in ignores))


def ignores_finding(comment: IgnoreComment, finding: Finding, known: Layout) -> bool:
    """Does the comment silence the finding?"""
    if finding.span.start.row not in known.rows(comment.row):
        return False
    return comment.codes is None or finding.code.startswith(comment.codes)


def skips_file(lines: Sequence[str]) -> bool:
    """Does a comment say `# joinlint: skip-file`?  The words in a string, such as a linter's own documentation, do not
    count."""
    if not any(_SKIP_FILE.search(line) for line in lines):
        return False
    known = layout(lines)
    # A newer Python's syntax that this one's tokenizer can't follow: take the line for what it looks like.
    return known is None or any(_SKIP_FILE.match(comment.text) for comment in known.comments)


def silenced(code: str, text: str) -> bool:
    """Does `text`, a line of a file, have a `# noqa` for `code`?"""
    match = NOQA.search(text)
    if match is None:
        return False
    return match["codes"] is None or code.startswith(noqa_codes(match))


def noqa_codes(match: re.Match[str]) -> tuple[str, ...]:
    """The codes of a `# noqa` that NOQA has matched, which silence what begins with them; none for a bare one."""
    return tuple(filter(None, _SEPARATOR.split(match["codes"] or "")))


def joined_text(row: int, lines: Sequence[str], known: Layout | None) -> str:
    """The text in which a `# noqa` counts for the 1-based `row`."""
    rows = range(row, row + 1) if known is None else known.rows(row)
    return "".join(lines[rows.start - 1 : rows.stop - 1])
