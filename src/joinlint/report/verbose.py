"""What `--verbose` tells of a run: which rules, which projects, how long, and what could not be followed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from joinlint.report.text import counted, visible
from joinlint.runs import MAX_SYNTAX_CHECKED, ProjectRun

_LIMIT = MAX_SYNTAX_CHECKED // 1_000_000


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
        for place in run.given_up:
            where = f"{visible(place.filename)}:{place.row}"
            yield f"note: {where}: gave up following what is made here: too many paths lead on from it"
    yield f"{counted(sum(run.files for run in runs), 'file')} in {seconds:.2f} s"
