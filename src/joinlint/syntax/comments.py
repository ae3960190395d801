"""The comments of a file, and the rows that a comment speaks for."""

from __future__ import annotations

import tokenize
from collections.abc import Mapping, Sequence

from joinlint.records import by_value


@by_value
class Comment:
    """A comment from its `#` to the end of its line; `row` and `column` are 1-based."""

    row: int
    column: int
    text: str


@by_value
class Layout:
    """The comments in order, and for each row that shares a multi-line string or backslash continuation with others
    all of these rows."""

    comments: tuple[Comment, ...]
    shared: Mapping[int, range]

    def rows(self, row: int) -> range:
        """The 1-based rows for which a comment in `row` speaks, that one among them."""
        return self.shared.get(row, range(row, row + 1))


def layout(lines: Sequence[str]) -> Layout | None:
    """The layout of the file with these lines; None where the running Python's tokenizer can't follow, as with a newer
    Python's syntax.

    Brackets do not join rows: inside of them each line break is a token, and the rows on its two sides stay apart.
    """
    comments: list[Comment] = []
    shared: dict[int, range] = {}
    rows: list[int] = []
    try:
        for token in tokenize.generate_tokens(iter(lines).__next__):
            if token.type in (tokenize.ENDMARKER, tokenize.DEDENT):
                continue
            if token.type == tokenize.COMMENT:
                comments.append(Comment(token.start[0], token.start[1] + 1, token.string))
            rows += (token.start[0], token.end[0])
            if token.type in (tokenize.NL, tokenize.NEWLINE):
                joined = range(min(rows), max(rows) + 1)
                if len(joined) > 1:
                    shared.update(dict.fromkeys(joined, joined))
                rows = []
    except (tokenize.TokenError, SyntaxError):
        return None
    return Layout(tuple(comments), shared)


def plain_layout(lines: Sequence[str]) -> Layout:
    """A layout for lines that no tokenizer can follow: what begins with `#` counts as a comment, and each row stands
    alone."""
    places = ((row, line.find("#"), line) for row, line in enumerate(lines, start=1))
    comments = (Comment(row, start + 1, line[start:].rstrip("\r\n")) for row, start, line in places if start >= 0)
    return Layout(tuple(comments), {})
