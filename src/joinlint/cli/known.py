"""The part of `joinlint check` that has to do with known findings: held back by a baseline, written down as one, or
silenced by comments."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import click

from joinlint.report.text import visible

if TYPE_CHECKING:
    from joinlint.baseline.identity import Identity
    from joinlint.checking import Outcome


def read(filename: str) -> Counter[Identity]:
    """What the baseline knows.  Raises ClickException."""
    from joinlint.baseline.file import BadBaseline, read_baseline

    try:
        return read_baseline(filename)
    except BadBaseline as error:
        raise click.ClickException(str(error)) from None


def held_back(filename: str, known: Counter[Identity], outcome: Outcome, codes: Collection[str]) -> tuple[Outcome, str]:
    """The outcome without the findings that the baseline knows, and the lines that say what became of these.

    `codes` are those of the rules that ran.
    """
    from joinlint.baseline.comparison import compare

    folder, name = _folder(filename), visible(filename)
    compared = compare(outcome.findings, outcome.lines, known, folder, files=outcome.files, codes=codes)
    notes = ""
    if compared.held_back:
        notes += f"note: {_count(compared.held_back, 'finding')} of {name} held back\n"
    if compared.gone:
        verb = "is" if compared.gone == 1 else "are"
        gone = f"{_count(compared.gone, 'finding')} of {name} {verb} gone"
        notes += f"note: {gone}: write it anew with --write-baseline\n"
    return outcome._replace(findings=compared.new), notes


def written(filename: str, outcome: Outcome) -> tuple[Outcome, str]:
    """Write the baseline: the outcome with nothing left to report, and the sentence that says so.

    Raises ClickException.
    """
    from joinlint.baseline.comparison import counted
    from joinlint.baseline.file import write_baseline
    from joinlint.output_file import CannotWrite

    try:
        write_baseline(filename, counted(outcome.findings, outcome.lines, _folder(filename)))
    except CannotWrite as error:
        raise click.ClickException(str(error)) from None
    said = f"Wrote {_count(len(outcome.findings), 'finding')} to {visible(filename)}.\n"
    return outcome._replace(findings=()), said


def silenced(outcome: Outcome, paths: Sequence[str]) -> tuple[Outcome, str]:
    """Write a `# noqa` for each finding of a run over `paths`: the outcome with what went wrong as problems and nothing
    left to report, and the sentence that says how many."""
    from joinlint.silencing import silence

    result = silence(outcome.findings, outcome.lines, paths)
    said = f"Added {_count(result.comments, '`# noqa` comment')} to {_count(result.files, 'file')}.\n"
    return outcome._replace(findings=(), problems=(*outcome.problems, *result.problems)), said


def _folder(filename: str) -> str:
    return os.path.dirname(os.path.abspath(filename))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
