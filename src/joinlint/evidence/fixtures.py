"""Which programs among the fixtures are run how, and what each run has to show.

The second line of a fixture, `# shows:`, names its claims.  Claims that want the same program run in the same way share
the run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from joinlint.evidence.claims import ALL, CLAIMS, Claim, overlaps, passes_whole, works
from joinlint.evidence.handover_claims import HANDED_OVER, HANDOVER_CLAIMS, THREADS_WAITED_FOR
from joinlint.evidence.pool_claims import CORRECTED, POOL_CLAIMS
from joinlint.evidence.run import Recording, run_program

EVERY_CLAIM = CLAIMS | POOL_CLAIMS | HANDOVER_CLAIMS
# Where programs of threads are, beside the folder of all others.
THREADS = "fixtures_threads"
_SHOWS = re.compile(r"^# shows: (.*)$", re.MULTILINE)
# A child that is held until the program's code is through, and then watched until it is over, shows both.
_SEEN_IN_ONE_RUN = {"overtaking", "zombie"}


@dataclass(frozen=True, slots=True)
class Run:
    """A program, and how it is run (see `run_program`)."""

    path: Path
    method: str
    hold: str
    hold_seconds: float
    await_children: bool
    stop_on: str
    stop_on_event: str
    trace: bool

    def record(self) -> Recording:
        return run_program(
            self.path,
            self.method,
            hold=self.hold,
            hold_seconds=self.hold_seconds,
            await_children=self.await_children,
            stop_on=self.stop_on,
            stop_on_event=self.stop_on_event,
            trace=self.trace,
        )


@dataclass(frozen=True, slots=True)
class Case:
    """A claim about a program under one start method."""

    path: Path
    method: str
    claim: Claim

    def __str__(self) -> str:
        return f"{self.code}-{self.path.stem}-{self.method}-{self.claim.name}"

    @property
    def code(self) -> str:
        """The rule whose fixture the program is."""
        return self.path.parent.name[:5]

    @property
    def name(self) -> str:
        """The rule's name, which the fixtures may have before there is a rule."""
        return self.path.parent.name[6:].replace("_", "-")

    @property
    def flagged(self) -> bool:
        return self.path.name.startswith("flagged_")

    @property
    def threads(self) -> bool:
        """Is it a program of threads, which know no start method?"""
        return self.path.parents[1].name == THREADS

    @property
    def twin(self) -> Path:
        """The corrected program, of a flagged one."""
        return self.path.with_name(self.path.name.replace("flagged_", "corrected_"))

    @property
    def run(self) -> Run:
        claim = self.claim
        return Run(
            self.path,
            self.method,
            claim.hold,
            claim.hold_seconds,
            claim.await_children,
            claim.stop_on,
            claim.stop_on_event,
            claim.trace,
        )


def cases(fixtures: Path) -> Iterator[Case]:
    """All that is claimed of the programs in the folder `fixtures` and in that of threads beside it."""
    for path in sorted([*fixtures.glob("JL*/*.py"), *fixtures.with_name(THREADS).glob("JL*/*.py")]):
        shows = _SHOWS.search(path.read_text(encoding="utf-8"))
        if shows is None:
            raise ValueError(f"{path} does not say what running it shows")
        names = shows[1].split(", ")
        claims = [_as_run(EVERY_CLAIM[name], path) for name in names]
        if set(names) >= _SEEN_IN_ONE_RUN:
            claims = [_in_one_run(claim) if claim.name in _SEEN_IN_ONE_RUN else claim for claim in claims]
        yield from (Case(path, method, claim) for claim in claims for method in ALL if method in claim.methods)


def _in_one_run(claim: Claim) -> Claim:
    return replace(claim, hold="gate", hold_seconds=CLAIMS["zombie"].hold_seconds, await_children=True)


def _as_run(claim: Claim, path: Path) -> Claim:
    """A corrected program is run as its flagged twin is, so that only the correction can make the difference."""
    code = path.parent.name[:5]
    if claim.name != "clean":
        return claim
    if path.parents[1].name == THREADS:
        return THREADS_WAITED_FOR
    if code in {"JL301", "JL302"}:
        return replace(claim, hold="meet", hold_seconds=10, holds=overlaps)
    if code in {"JL101", "JL102", "JL104", "JL105"}:
        return replace(claim, hold="gate")
    if code in {"JL304", "JL305"}:
        return replace(claim, trace=True, holds=works)
    if code == "JL407":
        return replace(claim, holds=passes_whole)
    return (CORRECTED | HANDED_OVER).get(code, claim)
