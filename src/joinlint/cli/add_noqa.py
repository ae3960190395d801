"""The part of `joinlint check` that silences what is found instead of reporting it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from joinlint.checking import Outcome
    from joinlint.sources import Problem


def silence_all(outcome: Outcome, paths: Sequence[str]) -> tuple[str, tuple[Problem, ...]]:
    """Write a `# noqa` for each finding of a run over `paths`: a sentence that says how many, and what went wrong."""
    from joinlint.silencing import silence

    silenced = silence(outcome.findings, outcome.lines, paths)
    said = f"Added {_count(silenced.comments, '`# noqa` comment')} to {_count(silenced.files, 'file')}.\n"
    return said, silenced.problems


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
