"""Runs every fixture for real: flagged programs show the behaviour that their rule reports, corrected ones do not."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from joinlint.evidence import page, table
from joinlint.evidence.fixtures import Case, Run, cases
from joinlint.evidence.run import Recording

ROOT = Path(__file__).parents[2]
FIXTURES = ROOT / "tests" / "fixtures"
CASES = list(cases(FIXTURES))

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the observers read /proc")

Runs = Mapping[Run, Future[Recording]]


def _asked_for(session: pytest.Session) -> list[Case]:
    """The cases of all the tests that run."""
    asked = (getattr(getattr(item, "callspec", None), "params", {}).values() for item in session.items)
    return [case for values in asked for case in values if isinstance(case, Case)]


@pytest.fixture(scope="session")
def runs(request: pytest.FixtureRequest) -> Iterator[Runs]:
    """All the runs that are asked for, already under way: most of a run is waiting."""
    wanted = dict.fromkeys(case.run for case in _asked_for(request.session))
    with ThreadPoolExecutor(max_workers=2 * (os.cpu_count() or 1)) as executor:
        yield {run: executor.submit(run.record) for run in wanted}
        executor.shutdown(cancel_futures=True)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_fixture_shows_what_it_claims(case: Case, runs: Runs) -> None:
    recording = runs[case.run].result()
    assert case.claim.holds(recording), "\n".join(
        [
            f"not {case.claim.name}: exit status {recording.status}",
            *map(str, recording.events),
            recording.stderr[-2000:],
        ]
    )


def _stale_cases() -> Iterator[tuple[Case, Case]]:
    """Programs whose child may work with an old value, each with its corrected twin, under each start method."""
    by_program = {(case.path, case.method): case for case in CASES}
    for case in CASES:
        if case.claim.name in {"stale", "works-under-fork"} and case.code == "JL205":
            yield case, by_program[case.twin, case.method]


@pytest.mark.parametrize(("flagged", "corrected"), list(_stale_cases()), ids=str)
def test_stale_values_change_the_answer(flagged: Case, corrected: Case, runs: Runs) -> None:
    """A forked child has the values of its parent, any other child those of the import."""
    said, right = runs[flagged.run].result().stdout, runs[corrected.run].result().stdout
    assert right.strip()
    assert (said == right) == (flagged.method == "fork")


def test_every_flagged_fixture_says_more_than_clean() -> None:
    for case in CASES:
        assert not (case.flagged and case.claim.name == "clean"), case.path


def test_the_evidence_page_says_what_was_observed(request: pytest.FixtureRequest, runs: Runs) -> None:
    """docs/evidence.md, compared with what all the runs have shown, or written from it with --write-evidence."""
    writes = request.config.getoption("--write-evidence")
    if set(_asked_for(request.session)) != set(CASES):
        assert not writes, "only a part of the fixtures is run"
        pytest.skip("only a part of the fixtures is run")
    recordings = {run: future.result() for run, future in runs.items()}
    if writes:
        (ROOT / page.PATH).write_text(table.page(CASES, recordings, page.committed()), encoding="utf-8")
    different = table.disagreement(CASES, recordings, page.committed())
    assert not different, f"{page.PATH} says otherwise; --write-evidence writes it anew\n{different}"
