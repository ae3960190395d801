"""What a confirmation says to a reader: each finding with what every start method showed of it, then the rest."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from joinlint.confirmation.confirm import Confirmation, Confirmed
from joinlint.confirmation.observed import Observation
from joinlint.confirmation.runs import Run
from joinlint.confirmation.shown import Shown
from joinlint.confirmation.table import HOLDS
from joinlint.evidence import limits
from joinlint.paths import shown as shown_name
from joinlint.report.text import Paint, counted, painter, visible, width, wrapped

_NARROWEST = 40
_INDENT = "    "


def render(confirmation: Confirmation, columns: int, colour: bool) -> str:
    """The whole text; each line at most `columns` wide but for long words."""
    paint = painter(colour)
    columns = max(columns, _NARROWEST)
    lines: list[str] = []
    for confirmed in confirmation.findings:
        lines += [*_finding(confirmed, columns, paint), ""]
    if confirmation.observations:
        lines += [paint("word", "No rule reports, but the runs showed:"), ""]
        for observation in confirmation.observations:
            lines += [*_observation(observation, columns, paint), ""]
    lines += _runs(confirmation, columns, paint)
    lines += ["", *_summary(confirmation, columns, paint)]
    return "".join(f"{line}\n" for line in lines)


def _finding(confirmed: Confirmed, columns: int, paint: Paint) -> Iterator[str]:
    finding = confirmed.finding
    start = finding.span.start
    yield from _headline(
        f"{finding.filename}:{start.row}:{start.column}", finding.code, finding.message, columns, paint
    )
    said: dict[tuple[str, str, str], list[str]] = {}
    for verdict in confirmed.verdicts:
        if verdict.shown is not None:
            yield from _evidence(verdict.method, verdict.hold, verdict.shown, columns, paint)
        else:
            said.setdefault(("not observed", "gutter", verdict.why_not), []).append(verdict.method)
    for (word, kind, why), methods in said.items():
        yield from _entry(word, kind, f"under {_listed(methods)}: {why}", columns, paint)


def _observation(observation: Observation, columns: int, paint: Paint) -> Iterator[str]:
    place = f"{shown_name(observation.filename)}:{observation.row}"
    yield from _headline(place, "", observation.kind, columns, paint)
    for method, evidence in observation.evidence.items():
        yield from _evidence(method, "", evidence, columns, paint, "observed")


def _evidence(
    method: str, hold: str, evidence: Shown, columns: int, paint: Paint, word: str = "confirmed"
) -> Iterator[str]:
    yield from _entry(word, "code", f"under {_with(method, hold)}: {evidence.text}", columns, paint)


def _headline(place: str, code: str, message: str, columns: int, paint: Paint) -> Iterator[str]:
    before = f"{visible(place)}: {code} " if code else f"{visible(place)}: "
    first, *rest = wrapped(message, columns - len(_INDENT), width(before) - len(_INDENT))
    shown_code = f"{paint('code', code)} " if code else ""
    yield f"{paint('place', f'{visible(place)}:')} {shown_code}{first}"
    yield from (f"{_INDENT}{line}" for line in rest)


def _entry(word: str, kind: str, text: str, columns: int, paint: Paint) -> Iterator[str]:
    indent = 2 * _INDENT
    first, *rest = wrapped(text, columns - len(indent), len(word) + 1 - len(_INDENT))
    yield f"{_INDENT}{paint(kind, word)} {first}"
    yield from (f"{indent}{line}" for line in rest)


# --- the runs
# ---------------------------------------------------------------------------------------------------------------------


def _runs(confirmation: Confirmation, columns: int, paint: Paint) -> Iterator[str]:
    yield paint("word", "Runs:")
    for run in confirmation.runs:
        yield from _entry(f"{_with(run.method, run.hold)}:", "word", how_it_ended(run), columns, paint)
    for method, holds in confirmation.skipped.items():
        for hold in holds:
            yield from _entry(f"{_with(method, hold)}:", "word", "not run, as no time was left", columns, paint)


def _with(method: str, hold: str) -> str:
    return f"{method}, {HOLDS[hold]}" if hold else method


def how_it_ended(run: Run) -> str:
    """The end of a run, in words."""
    recording = run.recording
    ending = recording.ending
    status = recording.status
    if ending.why == "exit":
        said = f"exit status {status}" if status is not None and status >= 0 else f"ended by signal {-(status or 0)}"
        text = f"{said} after {ending.seconds:.1f} s"
    else:
        text = _CUT[ending.why].format(
            seconds=f"{ending.seconds:.0f} s", live=limits.LIVE_PROCESSES, started=limits.STARTED_PROCESSES
        )
        text += f": {ending.reason}" if ending.reason else ""
    notes = [text, *_notes(run)]
    return ". ".join(notes)


_CUT = {
    "seconds": "ended by joinlint after {seconds}",
    "processes": "ended by joinlint after {seconds}, with more than {live} processes at a time or {started} in all",
    "unguarded starts": "ended by joinlint after {seconds}: one child after the other was refused a start at import",
    "stopped": "ended by joinlint after {seconds}, as it would never have gone on",
    "stuck": "ended by joinlint after {seconds}, as it would never have gone on",
    "abandoned": "given up after {seconds}",
    "no supervisor": "lost, as the process between joinlint and the program was ended, by the program it seems",
    "not started": "could not be started",
}


def _notes(run: Run) -> Iterator[str]:
    recording = run.recording
    ending = recording.ending
    if ending.started:
        yield f"Processes: {ending.started}"
    if ending.left:
        yield f"Left running, and ended by joinlint: process {', '.join(map(str, ending.left))}"
    if not ending.all_ended:
        yield "Some of its processes could not be ended"
    waiting = waits_at(run)
    if waiting:
        yield f"By then it waited in {waiting}"
    if any(event["event"] in {"record full", "recorder failed"} for event in recording.events):
        yield "The record is not complete"
    elif not recording.events and ending.why != "not started":
        yield "Nothing was recorded"


def waits_at(run: Run) -> str:
    """The join in which the program was when it was ended, "" if there is none."""
    if run.recording.ending.why == "exit":
        return ""
    pending = [join for join in run.history.joins if not join.ended]
    own = [join for join in pending if run.history.events[join.index]["pid"] == run.recording.pid]
    if not own:
        return ""
    place = next(run.history.lines(run.history.events[own[-1].index]), None)
    # The interpreter's own join at exit has no line.
    if place is None or not os.path.isfile(place[0]):
        return "the joins that Python does at exit"
    return f"the join at {shown_name(place[0])}:{place[1]}"


def _summary(confirmation: Confirmation, columns: int, paint: Paint) -> Iterator[str]:
    found, seen = len(confirmation.findings), len(confirmation.observations)
    held = sum(confirmed.holds for confirmed in confirmation.findings)
    if not found and not seen:
        if confirmation.is_whole:
            yield paint("good", "Nothing found, and nothing seen in the runs.")
        else:
            yield from wrapped("Nothing found, but not every run came to its own end.", columns)
        return
    parts = []
    if found:
        parts.append(f"{held} of {counted(found, 'finding')} confirmed")
    if seen:
        parts.append(f"{counted(seen, 'thing')} observed that no rule reports")
    text = f"{', '.join(parts)}."
    first, *rest = wrapped(text, columns)
    yield paint("code", first)
    yield from rest


def _listed(words: Iterable[str]) -> str:
    words = list(words)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
