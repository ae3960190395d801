"""Runs every fixture for real: flagged programs show the behaviour that their rule reports, corrected ones do not."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from joinlint.evidence.claims import ALL, CLAIMS, Claim, overlaps, passes_whole, works
from joinlint.evidence.handover_claims import HANDED_OVER, HANDOVER_CLAIMS, THREADS_WAITED_FOR
from joinlint.evidence.pool_claims import CORRECTED, POOL_CLAIMS
from joinlint.evidence.run import Recording, run_program

FIXTURES = Path(__file__).parents[1] / "fixtures"
THREADS = FIXTURES.with_name("fixtures_threads")
_SHOWS = re.compile(r"^# shows: (.*)$", re.MULTILINE)

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the observers read /proc")


@dataclass(frozen=True)
class Case:
    path: Path
    method: str
    claim: Claim

    def __str__(self) -> str:
        return f"{self.path.parent.name[:5]}-{self.path.stem}-{self.method}-{self.claim.name}"

    def run(self) -> Recording:
        claim = self.claim
        return run_program(
            self.path,
            self.method,
            hold=claim.hold,
            hold_seconds=claim.hold_seconds,
            await_children=claim.await_children,
            stop_on=claim.stop_on,
            trace=claim.trace,
            stop_on_event=claim.stop_on_event,
        )


def _cases() -> Iterator[Case]:
    for path in sorted([*FIXTURES.glob("JL*/*.py"), *THREADS.glob("JL*/*.py")]):
        shows = _SHOWS.search(path.read_text(encoding="utf-8"))
        assert shows is not None, f"{path} does not say what running it shows"
        for name in shows[1].split(", "):
            claim = _as_run((CLAIMS | POOL_CLAIMS | HANDOVER_CLAIMS)[name.strip()], path)
            for method in ALL:
                if method in claim.methods:
                    yield Case(path, method, claim)


def _as_run(claim: Claim, path: Path) -> Claim:
    """A corrected program is run as its flagged twin is, so that only the correction can make the difference."""
    code = path.parent.name[:5]
    if claim.name == "clean" and path.is_relative_to(THREADS):
        return THREADS_WAITED_FOR
    if claim.name == "clean":
        if code in {"JL301", "JL302"}:
            return replace(claim, hold="meet", holds=overlaps)
        if code in {"JL101", "JL102", "JL104", "JL105"}:
            return replace(claim, hold="gate")
        if code in {"JL304", "JL305"}:
            return replace(claim, trace=True, holds=works)
        if code == "JL407":
            return replace(claim, holds=passes_whole)
        return (CORRECTED | HANDED_OVER).get(code, claim)
    return claim


@pytest.fixture(scope="session")
def runs(request: pytest.FixtureRequest) -> Iterator[dict[Case, Future[Recording]]]:
    """All the runs that are asked for, already under way: most of a run is waiting."""
    items = request.session.items
    asked = (getattr(getattr(item, "callspec", None), "params", {}).values() for item in items)
    wanted = dict.fromkeys(case for cases in asked for case in cases if isinstance(case, Case))
    with ThreadPoolExecutor(max_workers=2 * (os.cpu_count() or 1)) as executor:
        yield {case: executor.submit(case.run) for case in wanted}
        executor.shutdown(cancel_futures=True)


@pytest.mark.parametrize("case", list(_cases()), ids=str)
def test_fixture_shows_what_it_claims(case: Case, runs: dict[Case, Future[Recording]]) -> None:
    recording = runs[case].result()
    assert case.claim.holds(recording), "\n".join(
        [
            f"not {case.claim.name}: exit status {recording.status}",
            *map(str, recording.events),
            recording.stderr[-2000:],
        ]
    )


def _stale_cases() -> Iterator[tuple[Case, Case]]:
    """Programs whose child may work with an old value, each with its corrected twin, under each start method."""
    cases = {(case.path, case.method): case for case in _cases()}
    for (path, method), case in cases.items():
        if case.claim.name in {"stale", "works-under-fork"} and path.parent.name.startswith("JL205"):
            twin = path.with_name(path.name.replace("flagged_", "corrected_"))
            yield case, cases[twin, method]


@pytest.mark.parametrize(("flagged", "corrected"), list(_stale_cases()), ids=str)
def test_stale_values_change_the_answer(flagged: Case, corrected: Case, runs: dict[Case, Future[Recording]]) -> None:
    """A forked child has the values of its parent, any other child those of the import."""
    said, right = runs[flagged].result().stdout, runs[corrected].result().stdout
    assert right.strip()
    assert (said == right) == (flagged.method == "fork")


def test_every_flagged_fixture_says_more_than_clean() -> None:
    for path in sorted([*FIXTURES.glob("JL*/flagged_*.py"), *THREADS.glob("JL*/flagged_*.py")]):
        assert "clean" not in path.read_text(encoding="utf-8").splitlines()[1], path
