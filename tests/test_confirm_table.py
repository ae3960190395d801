"""What `joinlint confirm` asks of a recording, on the fixtures: each code's flagged program confirms it, its corrected
twin shows nothing."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from joinlint.confirmation.history import History, Site
from joinlint.confirmation.observed import observed
from joinlint.confirmation.runs import Program, UnderMethod, run_under
from joinlint.confirmation.table import TABLE
from joinlint.rules import all_rules

FIXTURES = Path(__file__).parent / "fixtures"
_EXPECT = re.compile(r"# expect: (JL\d{3})")

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the observers read /proc")


@dataclass(frozen=True)
class Case:
    """A fixture and the start method under which it is run."""

    path: Path
    method: str

    def __str__(self) -> str:
        return f"{self.path.parent.name[:5]}-{self.path.stem}-{self.method}"

    @property
    def places(self) -> list[tuple[str, Site]]:
        lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
        return [
            (match[1], Site(os.path.realpath(self.path), row, row, tuple(lines)))
            for row, line in enumerate(lines, start=1)
            if (match := _EXPECT.search(line))
        ]

    def run(self, folder: Path) -> UnderMethod:
        program = Program((sys.executable, str(self.path)), str(self.path), str(folder))
        return run_under(self.method, program, self.places, 30)


# One shape for each code, two where findings of a code differ in what they show.
SHAPES = {
    "JL101": ["discarded_handle", "list_on_self"],
    "JL102": ["early_return"],
    "JL103": ["try_finally"],
    "JL104": ["local_daemon"],
    "JL105": ["local"],
    "JL106": ["early_return"],
    "JL107": ["closed_not_joined"],
    "JL108": [],
    "JL109": [],
    "JL201": ["process_at_module_level", "executor_with_block"],
    "JL202": ["early_exit", "capital_letter", "assigned"],
    "JL203": ["lambda_target", "pool_map_lambda", "lock_made_in_args"],
    "JL204": ["at_import", "twice_in_main"],
    "JL205": ["bound_under_guard"],
    "JL206": [],
    "JL301": ["for_loop"],
    "JL302": [],
    "JL303": [],
    "JL304": ["local", "submit"],
    "JL305": [],
    "JL306": [],
    "JL401": ["pipe_send"],
    "JL407": ["number", "letters_accepted"],
    "JL409": ["process"],
}
# Under fork nothing is imported again or pickled.
_OTHER_METHODS = {"JL201": "spawn", "JL202": "spawn", "JL203": "spawn", "JL204": "spawn", "JL205": "spawn"}


def _cases() -> Iterator[Case]:
    for code in TABLE:
        (folder,) = FIXTURES.glob(f"{code}_*")
        flagged = {path.stem.removeprefix("flagged_"): path for path in sorted(folder.glob("flagged_*.py"))}
        shapes = [shape for shape in SHAPES.get(code, []) if shape in flagged] or sorted(flagged)[:1]
        for shape in shapes:
            yield Case(flagged[shape], _OTHER_METHODS.get(code, "fork"))


@pytest.fixture(scope="module")
def runs(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[Case, Future[UnderMethod]]]:
    """The runs of the fixtures that are asked for, already under way."""
    asked = [getattr(getattr(item, "callspec", None), "params", {}).get("case") for item in request.session.items]
    cases = dict.fromkeys(case for case in asked if isinstance(case, Case))
    with ThreadPoolExecutor(max_workers=2 * (os.cpu_count() or 1)) as executor:
        yield {case: executor.submit(case.run, tmp_path_factory.mktemp("fixture")) for case in cases}
        executor.shutdown(cancel_futures=True)


@pytest.mark.parametrize("case", list(_cases()), ids=str)
def test_flagged_fixture_is_confirmed(case: Case, runs: dict[Case, Future[UnderMethod]]) -> None:
    under = runs[case].result()
    own = [
        verdict
        for (code, _), verdict in zip(case.places, under.verdicts, strict=True)
        if code == case.path.parent.name[:5]
    ]
    assert own
    assert any(verdict.shown is not None for verdict in own), [verdict.why_not for verdict in own]


def _corrected() -> Iterator[Case]:
    for case in _cases():
        twin = case.path.with_name(case.path.name.replace("flagged_", "corrected_"))
        if twin.exists():
            yield Case(twin, case.method)


@pytest.mark.parametrize("case", list(_corrected()), ids=str)
def test_corrected_fixture_shows_nothing(case: Case, runs: dict[Case, Future[UnderMethod]]) -> None:
    """Nothing that no rule reports, and nothing of the flagged twin's finding on any line."""
    under = runs[case].result()
    assert observed([under], lambda name: name == os.path.realpath(case.path), lambda each: True) == ()
    assert _shows_anywhere(case, under.runs[0].history) == []


def _shows_anywhere(case: Case, history: History) -> list[int]:
    code = case.path.parent.name[:5]
    lines = tuple(case.path.read_text(encoding="utf-8").splitlines(keepends=True))
    real = os.path.realpath(case.path)
    places = [Site(real, row, row, lines) for row in range(1, len(lines) + 1)]
    # A guard is told by its own line alone, and one that is right shows nothing that a wrong one does.
    wanted = [place for place in places if code != "JL202" or lines[place.first - 1].startswith("if ")]
    return [place.first for place in wanted if TABLE[code].shows(place, history) is not None]


def test_the_table_has_all_rules() -> None:
    assert set(all_rules()) <= set(TABLE)
