"""What the command says: as text, as JSON, and as the tables in the documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from checker import Run
from labels import DRAIN, GROUPS, GUARD, LIFECYCLE, SERIAL
from scoring import Counts, Disagreement, Finding, Score

_CODES = {"lifecycle": LIFECYCLE, "guard": GUARD, "serial": SERIAL, "drain": DRAIN}
_FIGURES = re.compile(r"(?<=<!-- figures -->\n).*?(?=<!-- end of figures -->)", re.DOTALL)


class NoFigures(Exception):
    """A page without the markers between which the figures stand."""


def as_text(score: Score, run: Run) -> str:
    """Every disagreement, then the figures."""
    return "\n".join([*_listing(score), *_table(score), "", *_extent(run), ""])


def _listing(score: Score) -> Iterator[str]:
    sections = (
        ("Wrong: reported, and the label says it should not be", [*map(_disagreement, score.wrong)]),
        ("Missing: the label wants a report", [*map(_disagreement, score.missing)]),
        ("On no label", [*map(_finding, score.unlabelled)]),
        ("Of rules and lines that the labels do not speak of", [*map(_finding, score.unscored)]),
    )
    for title, entries in sections:
        yield f"{title}: {len(entries)}"
        yield from (f"  {entry}" for entry in entries)
        yield ""


def _disagreement(entry: Disagreement) -> str:
    got = f"{entry.finding.code} in line {entry.finding.row}; " if entry.finding else ""
    return f"{entry.group} {entry.site.file}:{entry.site.start}: {got}{entry.site.fate}: {entry.site.why}"


def _finding(finding: Finding) -> str:
    return f"{finding.file}:{finding.row}: {finding.code} {finding.message}"


def _table(score: Score) -> Iterator[str]:
    form = "{:<10} {:>9} {:>7} {:>6} {:>6} {:>8} {:>6}"
    yield form.format("group", "precision", "recall", "right", "wrong", "missing", "free")
    for name, counts in (*score.groups.items(), ("all", score.total)):
        shares = (_share(counts.precision), _share(counts.recall))
        yield form.format(name, *shares, counts.right, counts.wrong, counts.missing, counts.free)
    yield f"strict precision (what falls on no label is wrong): {_share(score.strict)}"


def _extent(run: Run) -> Iterator[str]:
    yield (
        f"{run.packages} packages, {run.files} files, {run.lines} lines in {run.seconds:.0f} s; "
        f"{len(run.findings)} findings, {len(run.problems)} files not checked, {len(run.crashes)} crashes"
    )
    yield from (f"  {problem}" for problem in run.problems)


def as_json(score: Score, run: Run) -> dict[str, object]:
    """The same as plain data."""
    return {
        "groups": {name: _counts(counts) for name, counts in (*score.groups.items(), ("all", score.total))},
        "strict": _rounded(score.strict),
        "wrong": [_plain_disagreement(entry) for entry in score.wrong],
        "missing": [_plain_disagreement(entry) for entry in score.missing],
        "unlabelled": [_plain_finding(finding) for finding in score.unlabelled],
        "unscored": [_plain_finding(finding) for finding in score.unscored],
        "run": {
            "packages": run.packages,
            "files": run.files,
            "lines": run.lines,
            "seconds": round(run.seconds, 1),
            "findings": len(run.findings),
            "problems": list(run.problems),
            "crashes": len(run.crashes),
        },
    }


def _counts(counts: Counts) -> dict[str, object]:
    return {
        "precision": _rounded(counts.precision),
        "recall": _rounded(counts.recall),
        "right": counts.right,
        "wrong": counts.wrong,
        "missing": counts.missing,
        "free": counts.free,
    }


def _plain_disagreement(entry: Disagreement) -> dict[str, object]:
    return {
        "group": entry.group,
        "file": entry.site.file,
        "start": entry.site.start,
        "fate": entry.site.fate,
        "why": entry.site.why,
        "finding": None if entry.finding is None else _plain_finding(entry.finding),
    }


def _plain_finding(finding: Finding) -> dict[str, object]:
    return {"file": finding.file, "row": finding.row, "code": finding.code, "message": finding.message}


def with_figures(page: str, score: Score, run: Run) -> str:
    """The page with the figures between its markers brought up to date; raises NoFigures."""
    text, count = _FIGURES.subn(lambda _: _figures(score, run), page, count=1)
    if not count:
        raise NoFigures("the page has no markers <!-- figures --> and <!-- end of figures -->")
    return text


def _figures(score: Score, run: Run) -> str:
    rows = [
        "| group | rules | labels that want a report | reported | missing | wrong | precision | recall |",
        "| --- | --- | --: | --: | --: | --: | --: | --: |",
        *(_row(name, ", ".join(sorted(_CODES[name])), score.groups[name]) for name in GROUPS),
        _row("all", "", score.total),
        "",
        f"Findings of the groups lifecycle and guard that fall on no label: {len(score.unlabelled)}.",
        f"Precision if all of these are wrong: {_share(score.strict)}.",
        "",
        f"joinlint checked {run.files:,} files with {run.lines:,} lines in {run.packages} packages.",
        f"It gave {len(run.findings)} findings.",
        f"Files that it could not check: {len(run.problems)}, crashes among them: {len(run.crashes)}.",
    ]
    return "".join(f"{row}\n" for row in rows)


def _row(name: str, codes: str, counts: Counts) -> str:
    numbers = (counts.right + counts.missing, counts.right, counts.missing, counts.wrong)
    return f"| {' | '.join([name, codes, *map(str, numbers), _share(counts.precision), _share(counts.recall)])} |"


def _share(value: float | None) -> str:
    return "none" if value is None else f"{value:.4f}"


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
