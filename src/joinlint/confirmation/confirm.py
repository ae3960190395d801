"""Confirm a program: check it, run it, and put together what both have said."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from joinlint.checking import Outcome
from joinlint.configuration.file_rules import selection_for
from joinlint.configuration.lookup import SettingsLookup
from joinlint.confirmation.observed import Observation, observed
from joinlint.confirmation.runs import Program, Run, Verdict, run_under, site_of
from joinlint.findings import Finding, Position, Span
from joinlint.lines import source_lines
from joinlint.project_roots import ProjectRoots
from joinlint.selection import is_concerned
from joinlint.syntax.suppression import unsuppressed

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A finding, and what each start method has shown of it."""

    finding: Finding
    verdicts: tuple[Verdict, ...]

    @property
    def holds(self) -> bool:
        """Has any start method shown it?"""
        return any(verdict.shown is not None for verdict in self.verdicts)


@dataclass(frozen=True, slots=True)
class Confirmation:
    """All that is to be said of a program."""

    program: Program
    findings: tuple[Confirmed, ...]
    observations: tuple[Observation, ...]
    runs: tuple[Run, ...]
    skipped: Mapping[str, tuple[str, ...]]
    lines: Mapping[str, Sequence[str]]

    @property
    def not_run(self) -> str:
        """Why the program could not be started, "" if it could."""
        endings = (run.recording.ending for run in self.runs)
        return next((ending.reason for ending in endings if ending.why == "not started"), "")

    @property
    def is_whole(self) -> bool:
        """Has every run come to the program's own end?"""
        return all(run.recording.ending.why == "exit" and run.recording.ending.all_ended for run in self.runs)


def confirm(
    program: Program, outcome: Outcome, methods: Sequence[str], seconds: float, lookup: SettingsLookup, tell: Tell
) -> Confirmation:
    """Run the program under each of the start methods, for `seconds` at most each, and judge what was found in it."""
    places = [(f.code, site_of(f, outcome.lines.get(f.filename, ()))) for f in outcome.findings]
    under = []
    for method in methods:
        tell(f"running under {method} ...")
        under.append(run_under(method, program, places, seconds))
        if under[-1].runs[0].recording.ending.why == "not started":
            break
    wanted = _Wanted(lookup)
    return Confirmation(
        program,
        tuple(
            Confirmed(finding, tuple(each.verdicts[number] for each in under))
            for number, finding in enumerate(outcome.findings)
        ),
        observed(under, _Own(program).has, lambda each: wanted.has(each, outcome.findings)),
        tuple(run for each in under for run in each.runs),
        {each.method: each.skipped for each in under if each.skipped},
        outcome.lines,
    )


class _Own:
    """The files of the program's project."""

    def __init__(self, program: Program) -> None:
        self._roots = ProjectRoots()
        self._root = os.path.realpath(self._roots.root_of(os.path.realpath(program.script)))

    def has(self, filename: str) -> bool:
        inside = filename.startswith(os.path.join(self._root, "")) and "site-packages" not in filename
        return inside and os.path.isfile(filename)


class _Wanted:
    """Which observations are to be shown: those that no setting, no comment and no finding has settled."""

    def __init__(self, lookup: SettingsLookup) -> None:
        self._lookup = lookup
        self._lines: dict[str, Sequence[str]] = {}

    def has(self, observation: Observation, findings: Collection[Finding]) -> bool:
        settings = self._lookup.of_file(observation.filename).settings
        if not is_concerned(selection_for(settings, observation.filename), observation.codes):
            return False
        return not self._is_said(observation, findings) and not self._is_silenced(observation)

    def _is_said(self, observation: Observation, findings: Collection[Finding]) -> bool:
        """Does a finding of the same kind speak of this very line?"""
        return any(
            finding.code in observation.codes
            and os.path.realpath(finding.filename) == observation.filename
            and finding.span.start.row <= observation.row <= finding.span.end.row
            for finding in findings
        )

    def _is_silenced(self, observation: Observation) -> bool:
        start = Position(observation.row, 1)
        span = Span(start, start)
        alike = [Finding(code, "", observation.filename, span, "") for code in observation.codes]
        return len(unsuppressed(alike, self._of(observation.filename))) < len(alike)

    def _of(self, filename: str) -> Sequence[str]:
        if filename not in self._lines:
            try:
                with open(filename, "rb") as file:
                    self._lines[filename] = source_lines(file.read())
            except OSError:
                self._lines[filename] = ()
        return self._lines[filename]
