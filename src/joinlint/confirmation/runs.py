"""Runs a program under one start method, plainly and then with holds where those may show more, and judges the
findings."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from joinlint.confirmation.history import History, Site
from joinlint.confirmation.shown import Shown
from joinlint.confirmation.table import TABLE, UNKNOWN, Check
from joinlint.evidence.run import Recording, Watch, record
from joinlint.findings import Finding

# A hold needs a moment to show something.
_SHORTEST_RUN = 1.0
# These events prove that the program will never go on by itself.
_HOPELESS = ("waits in vain", "released")
_HOLD_SECONDS = {"tasks-gate": 5.0, "tasks-meet": 0.2}
_CUT_SHORT = {
    "seconds": "the run was ended when its time was over",
    "processes": "the run was ended for its many processes",
    "unguarded starts": "the run was ended, as children failed again and again",
    "stopped": "the run was ended, as the program would never have gone on",
    "stuck": "the run was ended, as the program would never have gone on",
    "no supervisor": "the run was lost, as the program killed its parent",
}


@dataclass(frozen=True, slots=True)
class Program:
    """What is run: Python, its arguments, where, and what it reads."""

    command: tuple[str, ...]
    script: str
    folder: str
    stdin: str = os.devnull
    pass_on: bool = False


@dataclass(frozen=True, slots=True)
class Run:
    """One run, under a start method and with what was held, "" if nothing was."""

    method: str
    hold: str
    history: History

    @property
    def recording(self) -> Recording:
        return self.history.recording


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a start method has shown of a finding: the evidence and the hold that it took, or why there is none."""

    method: str
    shown: Shown | None = None
    hold: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class UnderMethod:
    """What came of one start method: its runs, the plain one first, and a verdict for each finding, in their order."""

    method: str
    runs: tuple[Run, ...]
    verdicts: tuple[Verdict, ...]
    skipped: tuple[str, ...] = ()


def start_methods() -> tuple[str, ...]:
    """The start methods that this platform has."""
    import multiprocessing

    known = multiprocessing.get_all_start_methods()
    return tuple(method for method in ("fork", "forkserver", "spawn") if method in known)


def site_of(finding: Finding, lines: Sequence[str]) -> Site:
    """The place of a finding, to be looked for in recordings."""
    span = finding.span
    return Site(os.path.realpath(finding.filename), span.start.row, max(span.end.row, span.start.row), tuple(lines))


def run_under(method: str, program: Program, places: Sequence[tuple[str, Site]], seconds: float) -> UnderMethod:
    """Run the program under a start method for at most `seconds` in all, and judge the findings, each a code and a
    place."""
    checks = [TABLE.get(code, UNKNOWN) for code, _ in places]
    trace = next((site.filename for check, (_, site) in zip(checks, places, strict=True) if check.trace), "")
    plain = _run(method, program, "", seconds, trace)
    runs = [plain]
    found: dict[int, tuple[str, Shown]] = {}
    _look(plain, checks, places, found)
    left = seconds - plain.recording.ending.seconds
    skipped = []
    for hold in dict.fromkeys(check.hold for check in checks if check.hold):
        open_ones = [n for n, check in enumerate(checks) if check.hold == hold and n not in found]
        if not open_ones or plain.recording.ending.why in {"not started", "processes", "no supervisor"}:
            continue
        if not any(plain.history.through(places[n][1]) for n in open_ones) or left < _SHORTEST_RUN:
            if left < _SHORTEST_RUN:
                skipped.append(hold)
            continue
        held = _run(method, program, hold, left, trace)
        left -= held.recording.ending.seconds
        runs.append(held)
        _look(held, checks, places, found)
    verdicts = [
        Verdict(method, found[n][1], found[n][0])
        if n in found
        else Verdict(method, why_not=_why_not(check, places[n][1], runs, method))
        for n, check in enumerate(checks)
    ]
    return UnderMethod(method, tuple(runs), tuple(verdicts), tuple(skipped))


def _run(method: str, program: Program, hold: str, seconds: float, trace: str) -> Run:
    watch = Watch(
        method,
        hold,
        _HOLD_SECONDS.get(hold, 1.0),
        also=("pools", "joins"),
        trace=trace,
        seconds=seconds,
        stop_on_events=_HOPELESS,
    )
    recording = record(
        program.command, watch, folder=program.folder, stdin=program.stdin, pass_on=program.pass_on and not hold
    )
    return Run(method, hold, History(recording, hold))


def _look(
    run: Run, checks: Sequence[Check], places: Sequence[tuple[str, Site]], found: dict[int, tuple[str, Shown]]
) -> None:
    """Add to `found` what this run shows of those that are open."""
    for number, (check, (_, site)) in enumerate(zip(checks, places, strict=True)):
        # What a run shows that holds other things may come from that.
        if number not in found and run.hold in {"", check.hold}:
            evidence = check.shows(site, run.history)
            if evidence is not None:
                found[number] = (run.hold, evidence)


def _why_not(check: Check, site: Site, runs: Sequence[Run], method: str) -> str:
    """Words for what was not observed."""
    history = runs[0].history
    if not history.events:
        return "nothing was recorded: the program keeps Python from reading its environment"
    cut_short = _CUT_SHORT.get(runs[0].recording.ending.why, "")
    came = any(run.history.through(site) for run in runs)
    if check is UNKNOWN:
        reason = "a run shows nothing of this rule"
    elif method == "fork" and check.not_under_fork and (came or not check.has_events):
        reason = check.not_under_fork
    elif check.has_events and not came:
        reason = "that line did not run"
    else:
        reason = check.harmless(site, history) or "it ran and came to no harm"
    return f"{reason} ({cut_short})" if cut_short else reason


def python_command(python: str | None, module: bool, target: str, arguments: Sequence[str]) -> tuple[str, ...]:
    """The command that runs a script or a module."""
    return (python or sys.executable, *(("-m",) if module else ()), target, *arguments)
