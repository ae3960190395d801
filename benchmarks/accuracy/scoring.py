"""Precision and recall of a report against the labels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from labels import GROUPS, GUARD, LIFECYCLE, Expectation, Site, Verdict, expectations

# Every start of a process in the labelled files has its label, so reports of these that fall on none are mostly wrong.
_LABELLED_EVERYWHERE = LIFECYCLE | GUARD


@dataclass(frozen=True, slots=True)
class Finding:
    """One report of joinlint; `file` is relative to the folder that holds the packages."""

    file: str
    row: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Counts:
    """How many labels of a group were met (`right`), reported against (`wrong`), not met (`missing`) and left open
    (`free`)."""

    right: int = 0
    wrong: int = 0
    missing: int = 0
    free: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.right + other.right, self.wrong + other.wrong, self.missing + other.missing, self.free + other.free
        )

    @property
    def precision(self) -> float | None:
        """The share of wanted reports among those on labelled sites; None where there is no report."""
        return ratio(self.right, self.wrong)

    @property
    def recall(self) -> float | None:
        """The share of the reported among the labels that want a report; None where none does."""
        return ratio(self.right, self.missing)


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A label and the report against it, or the label whose report is missing."""

    group: str
    site: Site
    finding: Finding | None


@dataclass(frozen=True, slots=True)
class Score:
    """What comparing the findings with the labels gave.

    `unlabelled` are the findings of the groups lifecycle and guard that fall on no label; `unscored` are those of other
    rules that no expectation speaks of.
    """

    groups: dict[str, Counts]
    wrong: tuple[Disagreement, ...]
    missing: tuple[Disagreement, ...]
    unlabelled: tuple[Finding, ...]
    unscored: tuple[Finding, ...]

    @property
    def total(self) -> Counts:
        """The counts of all groups together."""
        return sum(self.groups.values(), Counts())

    @property
    def strict(self) -> float | None:
        """Precision if every finding of `unlabelled` is taken for wrong."""
        return ratio(self.total.right, self.total.wrong + len(self.unlabelled))


def ratio(part: int, rest: int) -> float | None:
    """The share of `part` in both, None where there is nothing to share."""
    return part / (part + rest) if part + rest else None


def score(sites: Iterable[Site], findings: Sequence[Finding]) -> Score:
    """Compare the findings with the labels of the sites.

    A finding speaks of a site when it is in its file, has one of the codes of an expectation, and is on one of its
    lines.
    """
    by_file = {file: tuple(group) for file, group in groupby(sorted(findings, key=_place), key=lambda f: f.file)}
    groups = dict.fromkeys(GROUPS, Counts())
    wrong: list[Disagreement] = []
    missing: list[Disagreement] = []
    spoken_of: set[Finding] = set()
    for site in sites:
        for expected in expectations(site):
            hits = [f for f in by_file.get(site.file, ()) if f.code in expected.codes and f.row in expected.lines]
            spoken_of.update(hits)
            groups[expected.group] += _counted(expected, reported=bool(hits))
            if expected.verdict is Verdict.REJECTED and hits:
                wrong.append(Disagreement(expected.group, site, hits[0]))
            elif expected.verdict is Verdict.WANTED and not hits:
                missing.append(Disagreement(expected.group, site, None))
    others = [finding for finding in sorted(findings, key=_place) if finding not in spoken_of]
    return Score(
        groups=groups,
        wrong=tuple(wrong),
        missing=tuple(missing),
        unlabelled=tuple(finding for finding in others if finding.code in _LABELLED_EVERYWHERE),
        unscored=tuple(finding for finding in others if finding.code not in _LABELLED_EVERYWHERE),
    )


def _counted(expected: Expectation, *, reported: bool) -> Counts:
    match expected.verdict, reported:
        case Verdict.WANTED, True:
            return Counts(right=1)
        case Verdict.WANTED, False:
            return Counts(missing=1)
        case Verdict.REJECTED, True:
            return Counts(wrong=1)
        case Verdict.FREE, _:
            return Counts(free=1)
        case _:
            return Counts()


def _place(finding: Finding) -> tuple[str, int, str, str]:
    return (finding.file, finding.row, finding.code, finding.message)
