"""The part of `joinlint check` that writes a baseline or holds what is found against one."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from joinlint.baseline.identity import Identity
    from joinlint.checking import Outcome


def write(filename: str, outcome: Outcome) -> str:
    """Write the baseline of a run, and give the sentence that says so.  Raises ClickException."""
    from joinlint.baseline.comparison import counted
    from joinlint.baseline.file import write_baseline
    from joinlint.output_file import CannotWrite

    try:
        write_baseline(filename, counted(outcome.findings, outcome.lines, _folder(filename)))
    except CannotWrite as error:
        raise click.ClickException(str(error)) from None
    return f"Wrote {_count(len(outcome.findings))} to {filename}.\n"


def read(filename: str) -> Counter[Identity]:
    """What the baseline knows.  Raises ClickException."""
    from joinlint.baseline.file import BadBaseline, read_baseline

    try:
        return read_baseline(filename)
    except BadBaseline as error:
        raise click.ClickException(str(error)) from None


def hold_back(filename: str, known: Counter[Identity], outcome: Outcome, codes: Collection[str]) -> tuple[Outcome, str]:
    """The outcome without the findings that the baseline knows, and the lines that say what became of these.

    `codes` are the rules that were run.
    """
    from joinlint.baseline.comparison import compare

    compared = compare(outcome.findings, outcome.lines, known, _folder(filename), files=outcome.files, codes=codes)
    notes = ""
    if compared.held_back:
        notes += f"note: {_count(compared.held_back)} of {filename} held back\n"
    if compared.gone:
        verb = "is" if compared.gone == 1 else "are"
        notes += f"note: {_count(compared.gone)} of {filename} {verb} gone: write it anew with --write-baseline\n"
    return replace(outcome, findings=compared.new), notes


def _folder(filename: str) -> str:
    return os.path.dirname(os.path.abspath(filename))


def _count(number: int) -> str:
    return f"{number} finding" if number == 1 else f"{number} findings"
