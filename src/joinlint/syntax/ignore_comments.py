"""The grammar of `# joinlint: ignore` and `# joinlint: ignore[JL101, JL3]`.

It is the one that mypy, pyright and ruff share: anywhere in a comment, several in one comment, codes in brackets.  Text
may follow the brackets; after a bare `ignore` it may not, for what was meant as codes would silence everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from joinlint.records import by_value
from joinlint.syntax.comments import Comment

_IGNORE = re.compile(r"#\s*joinlint:\s*ignore\b(?P<rest>[^#]*)")
_BRACKETS = re.compile(r"\s*\[(?P<codes>[^\]]*)\]")
_CODE = re.compile(r"JL[0-9]{0,3}")


@by_value
class IgnoreComment:
    """A comment that silences findings on its row: those of `codes` (full ones or the beginning of some), or all where
    that is None; `row`, `column` and the exclusive `end_column` are 1-based."""

    row: int
    column: int
    end_column: int
    text: str
    codes: tuple[str, ...] | None


@by_value
class Malformed:
    """A comment that looks like one that silences, and silences nothing; `row` and `column` are 1-based."""

    row: int
    column: int
    reason: str


def ignore_comments(comments: Iterable[Comment]) -> Iterator[IgnoreComment | Malformed]:
    """What the comments hold of either kind, in their order."""
    for comment in comments:
        for match in _IGNORE.finditer(comment.text):
            yield _read(comment, match)


def _read(comment: Comment, match: re.Match[str]) -> IgnoreComment | Malformed:
    column = comment.column + match.start()
    rest = match["rest"]
    brackets = _BRACKETS.match(rest)
    if brackets is None:
        if rest.strip():
            reason = "`# joinlint: ignore` takes codes in brackets, such as `# joinlint: ignore[JL101]`"
            return Malformed(comment.row, column, reason)
        text = match[0].rstrip()
        return IgnoreComment(comment.row, column, column + len(text), text, None)
    codes = tuple(filter(None, (code.strip() for code in brackets["codes"].split(","))))
    if not codes:
        return Malformed(comment.row, column, "`# joinlint: ignore[]` names no code")
    wrong = next((code for code in codes if not _CODE.fullmatch(code)), None)
    if wrong is not None:
        return Malformed(
            comment.row, column, f"`# joinlint: ignore` can't take {wrong!r}, which is no code of joinlint"
        )
    text = match[0][: match.start("rest") - match.start() + brackets.end()]
    return IgnoreComment(comment.row, column, column + len(text), text, codes)
