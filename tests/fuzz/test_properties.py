"""A few cases of each property in benchmarks/fuzzing, the same each time; benchmarks/fuzz.py runs any number."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"
SEED = 20240229
CASES = 40

with pytest.MonkeyPatch.context() as patch:
    patch.syspath_prepend(BENCHMARKS)
    cases = importlib.import_module("fuzzing.cases")
    properties = importlib.import_module("fuzzing.properties")


@pytest.mark.parametrize("name", properties.all_properties())
def test_property(name: str) -> None:
    tried = (cases.run(cases.Case(name, SEED, number)) for number in range(CASES))
    assert [failure for failure in tried if failure is not None] == []


def test_a_failure_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(chance: object) -> None:
        raise properties.Broken("wrong", "text")

    def failing(chance: object) -> None:
        raise ZeroDivisionError

    def endless(chance: object) -> None:
        while True:
            pass

    monkeypatch.setattr(cases, "MOST_SECONDS", 0.3)
    monkeypatch.setattr(
        cases, "all_properties", lambda: {"broken": broken, "failing": failing, "endless": endless, "holds": id}
    )
    told = {name: cases.run(cases.Case(name, 0, 0)) for name in ("broken", "failing", "endless", "holds")}
    assert told["broken"].words == "wrong"
    assert told["broken"].content == b"text"
    assert "ZeroDivisionError" in told["failing"].words
    assert told["endless"].words.startswith("took more than")
    assert "in endless" in told["endless"].words
    assert told["holds"] is None
