"""How a run went, beside what it found."""

from __future__ import annotations

from typing import NamedTuple


class GivenUp(NamedTuple):
    """A place at which a worker is made that the analysis could not follow to the end, and says nothing about; `row` is
    1-based, `reason` says why."""

    filename: str
    row: int
    reason: str


class ProjectRun(NamedTuple):
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
