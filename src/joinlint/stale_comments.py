"""Comments about findings that do not do what they say: they silence nothing, or can't be read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from joinlint.findings import Finding, Position, Span
from joinlint.links import UNUSED_SUPPRESSION
from joinlint.selection import suggestion
from joinlint.sources import Problem
from joinlint.syntax.comments import Comment, Layout, layout, plain_layout
from joinlint.syntax.ignore_comments import IgnoreComment, Malformed, ignore_comments
from joinlint.syntax.suppression import NOQA, ignores_finding, noqa_codes, skips_file

if TYPE_CHECKING:
    from joinlint.rules import Rule

_OURS = "JL"


def malformed(filename: str, lines: Sequence[str], rules: Mapping[str, Rule]) -> Iterator[Problem]:
    """What is wrong with the `# joinlint: ignore` comments of a file; those with an unknown code still silence their
    other ones."""
    if not any("joinlint:" in line for line in lines):
        return
    for comment in ignore_comments((layout(lines) or plain_layout(lines)).comments):
        if isinstance(comment, Malformed):
            yield Problem(filename, comment.reason, comment.row, comment.column)
        else:
            for code in _unknown(comment.codes or (), rules):
                reason = f"`# joinlint: ignore` names the unknown code {code!r}: {suggestion(code, rules)}"
                yield Problem(filename, reason, comment.row, comment.column)


def unused(
    filename: str, lines: Sequence[str], findings: Sequence[Finding], ran: Collection[str], rules: Mapping[str, Rule]
) -> Iterator[Finding]:
    """A finding for each comment that silences none of the `findings`, with the codes of it that do not.

    `findings` are all of the file's, silenced or not; `ran` are the codes of the rules that were run.  A code is judged
    only if it was: if the rules that it stands for and that are on by default were run, or, where it stands for opt-in
    rules alone, those.  A bare `# noqa` speaks to other linters, too, and is never judged.
    """
    known = layout(lines)
    if known is None or skips_file(lines):
        return
    for comment in known.comments:
        yield from _unused_noqa(filename, comment, known, findings, ran, rules)
    for ignore in ignore_comments(known.comments):
        if isinstance(ignore, IgnoreComment):
            reported = tuple(f for f in findings if ignores_finding(ignore, f, known))
            yield from _unused_ignore(filename, ignore, reported, ran, rules)


def _unused_noqa(
    filename: str,
    comment: Comment,
    known: Layout,
    findings: Sequence[Finding],
    ran: Collection[str],
    rules: Mapping[str, Rule],
) -> Iterator[Finding]:
    rows = known.rows(comment.row)
    reported = [f.code for f in findings if f.span.start.row in rows]
    for number, match in enumerate(NOQA.finditer(comment.text)):
        heeded = reported if number == 0 else []  # flake8 looks no further than the first
        codes = [code for code in noqa_codes(match) if code.startswith(_OURS)]
        stale = [code for code in codes if _is_stale(code, heeded, ran, rules)]
        if stale:
            text = match[0].rstrip(", \t")
            start = comment.column + match.start()
            yield _finding(filename, text, stale, (comment.row, start, start + len(text)), len(noqa_codes(match)))


def _unused_ignore(
    filename: str,
    comment: IgnoreComment,
    reported: Sequence[Finding],
    ran: Collection[str],
    rules: Mapping[str, Rule],
) -> Iterator[Finding]:
    place = (comment.row, comment.column, comment.end_column)
    silenced = [finding.code for finding in reported]
    if comment.codes is None:
        if _is_stale("", silenced, ran, rules):
            yield _finding(filename, comment.text, [], place, 0)
        return
    stale = [code for code in comment.codes if _is_stale(code, silenced, ran, rules)]
    if stale:
        yield _finding(filename, comment.text, stale, place, len(comment.codes))


def _is_stale(code: str, reported: Sequence[str], ran: Collection[str], rules: Mapping[str, Rule]) -> bool:
    """Does `code`, of which "" is the beginning of all, silence nothing although it could have?"""
    if any(found.startswith(code) for found in reported):
        return False
    meant = [rule for rule in rules.values() if rule.code.startswith(code)]
    judged = [rule for rule in meant if rule.default] or meant
    return all(rule.code in ran for rule in judged)


def _finding(filename: str, text: str, stale: Sequence[str], place: tuple[int, int, int], total: int) -> Finding:
    row, start, end = place
    names = " or ".join(stale)
    whole = len(stale) == total
    return Finding(
        code=UNUSED_SUPPRESSION,
        name="unused-suppression",
        filename=filename,
        span=Span(Position(row, start), Position(row, end)),
        message=f"`{text}` silences {'nothing' if whole else f'no {names}'}",
        consequence="It would silence the next finding of that kind on its line, unseen.",
        advice="Delete the comment." if whole else f"Delete {', '.join(stale)} from the comment.",
    )


def _unknown(codes: Sequence[str], rules: Mapping[str, Rule]) -> Iterator[str]:
    yield from (code for code in codes if not any(known.startswith(code) for known in rules))
