"""Writing `# noqa` comments into the text of a file."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Callable, Collection, Mapping, Sequence

from joinlint.lines import source_lines
from joinlint.records import by_value
from joinlint.syntax.comments import Layout, layout
from joinlint.syntax.suppression import NOQA, joined_text


@by_value
class Edited:
    """A text with `# noqa` comments: how many were added or extended, and the 1-based rows that could not have one."""

    text: str
    comments: int
    skipped: tuple[int, ...]


def add_noqa(
    text: str, wanted: Mapping[int, Collection[str]], as_python: Callable[[str], str] = lambda text: text
) -> Edited:
    """Silence the codes `wanted` by 1-based row, which no comment does yet.

    A row that shares a string or a continuation with others gets the comment at the end of them all, where flake8 looks
    for it.  A list of codes that is there is made longer.  Line ends stay as they are.  `as_python` makes the text
    Python, row by row, where it has more in it.
    """
    known = layout(source_lines(as_python(text)))
    if known is None:
        return Edited(text, 0, tuple(sorted(wanted)))
    groups: dict[range, set[str]] = {}
    for row, codes in wanted.items():
        groups.setdefault(known.rows(row), set()).update(codes)
    before = source_lines(text)
    lines = list(io.StringIO(text, newline=""))
    comments = 0
    skipped: list[int] = []
    for rows, codes in groups.items():
        last = rows.stop - 1
        new = _with_codes(lines[last - 1], joined_text(last, before, known), _comment_at(known, last), sorted(codes))
        if new is None:
            skipped += [row for row in wanted if row in rows]
        else:
            lines[last - 1] = new
            comments += 1
    edited = "".join(lines)
    if _code(as_python(edited)) != _code(as_python(text)):
        return Edited(text, 0, tuple(sorted(wanted)))
    return Edited(edited, comments, tuple(sorted(skipped)))


def _with_codes(line: str, joined: str, comment: int | None, codes: Sequence[str]) -> str | None:
    r"""The last of the `joined` rows with the codes in a comment, of which the one that is there begins at the 0-based
    column `comment`; None where the rows have a `# noqa` outside of a comment, the only one that flake8 would heed, or
    end in a "\"."""
    body = line.rstrip("\r\n")
    end = line[len(body) :]
    if comment is None and body.endswith("\\"):
        return None
    match = NOQA.search(joined)
    if match is None:
        return f"{body.rstrip()}  # noqa: {', '.join(codes)}{end}"
    start = match.start("codes") - (len(joined.rstrip("\n")) - len(body))
    if comment is None or start < comment or match["codes"] is None:
        return None
    at = start + len(match["codes"].rstrip(", \t\r\n"))
    return f"{body[:at]}, {', '.join(codes)}{body[at:]}{end}"


def _comment_at(known: Layout, row: int) -> int | None:
    return next((comment.column - 1 for comment in known.comments if comment.row == row), None)


def _code(text: str) -> list[tuple[int, str]] | None:
    """The tokens of a text without its comments; None where there are none."""
    try:
        tokens = list(tokenize.generate_tokens(iter(source_lines(text)).__next__))
    except (tokenize.TokenError, SyntaxError):
        return None
    return [(token.type, token.string) for token in tokens if token.type != tokenize.COMMENT]
