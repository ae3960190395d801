"""What `--verbose` tells of a run: which rules, which projects, how long, and what could not be followed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

from joinlint import limits
from joinlint.report.text import counted, visible
from joinlint.runs import GivenUp, ProjectRun

_LIMIT = limits.SYNTAX_CHECKED // 1_000_000


def render(runs: Sequence[ProjectRun], codes: Collection[str], seconds: float) -> Iterator[str]:
    """The lines of it; `codes` are those of the rules that ran, `seconds` what the whole run took."""
    yield f"rules: {', '.join(sorted(codes)) or 'none'}"
    for run in runs:
        others = f", {counted(run.others, 'other')} of the project at hand" if run.others else ""
        yield (
            f"project {visible(run.root)}: {counted(run.files, 'file')} in {run.seconds:.2f} s, "
            f"{run.dismissed} of them dismissed at a glance{others}"
        )
        if run.unparsed:
            unparsed = counted(run.unparsed, "dismissed file")
            yield f"note: {unparsed} not parsed: there are more than {_LIMIT} MB of source"
        yield from _notes(run.given_up)
    yield f"{counted(sum(run.files for run in runs), 'file')} in {seconds:.2f} s"


def _notes(places: Iterable[GivenUp]) -> Iterator[str]:
    """A line for each file and reason, with the first of the places: generated code has thousands of them."""

    def kind(place: GivenUp) -> tuple[str, str]:
        return place.filename, place.reason

    for (filename, reason), same in groupby(sorted(places, key=kind), kind):
        first, *more = sorted(place.row for place in same)
        elsewhere = f" and in {counted(len(more), 'other line')}" if more else ""
        yield f"note: {visible(filename)}:{first}: gave up following what is made here{elsewhere}: {reason}"
