"""How a run went, beside what it found."""

from __future__ import annotations

from dataclasses import dataclass

# Bytes of source in a run beyond which files that can't hold a finding are no longer parsed to see that they are
# Python: CPython's parser takes a quarter of a second for a million of them.
MAX_SYNTAX_CHECKED = 20_000_000


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A place at which a worker is made that the analysis could not follow to the end, and says nothing about; `row` is
    1-based."""

    filename: str
    row: int


@dataclass(frozen=True, slots=True)
class ProjectRun:
    """How the check of one project went.

    `root` is its folder, `files` counts those that were named, `dismissed` those of them whose bytes were enough to see
    that they hold no finding, `unparsed` those of these that were not even parsed, since there are so many, `others`
    the files of the project that could be looked into besides.
    """

    root: str
    files: int
    dismissed: int
    others: int
    seconds: float
    unparsed: int = 0
    given_up: tuple[GivenUp, ...] = ()
