"""What is left to say of a file once its comments are heeded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from joinlint.findings import Finding
from joinlint.lines import source_lines
from joinlint.sources import Problem, SourceFile
from joinlint.syntax.prefilter import may_silence


class Reported(NamedTuple):
    """What is said of one file: the findings that no comment silences, and what is wrong with its comments."""

    findings: tuple[Finding, ...]
    warnings: tuple[Problem, ...] = ()


def after_comments(
    file: SourceFile, findings: Sequence[Finding], ran: Collection[str], report_unused: bool = False
) -> Reported:
    """What is left to say of a file in which the rules `ran` have found `findings`, once its comments are heeded.

    `report_unused`: the comments that silence nothing are findings themselves, which no comment silences.
    """
    if not (findings or report_unused or b"joinlint:" in file.data) or not may_silence(file.data):
        return Reported(tuple(findings))
    from joinlint.rules import all_rules
    from joinlint.stale_comments import malformed, unused
    from joinlint.syntax.suppression import unsuppressed

    lines = source_lines(file.content)
    stale = unused(file.filename, lines, findings, ran, all_rules()) if report_unused else ()
    return Reported((*unsuppressed(findings, lines), *stale), tuple(malformed(file.filename, lines, all_rules())))
