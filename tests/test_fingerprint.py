"""The identity of a finding while its file changes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinlint.findings import Finding, Position, Span
from joinlint.fingerprint import fingerprints

LINES = ["import multiprocessing\n", "p.start()\n", "    p.start()\n", "q.start()\n"]


def finding(row: int, column: int = 1, code: str = "JL101", filename: str = "app.py", message: str = "") -> Finding:
    return Finding(code, "never-joined", filename, Span(Position(row, column), Position(row, column + 1)), message)


def moved(findings: list[Finding], rows: int) -> list[Finding]:
    def down(place: Position) -> Position:
        return place._replace(row=place.row + rows)

    return [f._replace(span=Span(down(f.span.start), down(f.span.end))) for f in findings]


FINDINGS = [finding(2), finding(3, 5), finding(4), finding(4, code="JL102"), finding(2, filename="lib/app.py")]


def test_all_differ() -> None:
    found = fingerprints(FINDINGS, {"app.py": LINES, "lib/app.py": LINES})
    assert len(set(found)) == len(FINDINGS)
    assert all(len(text) == 32 and int(text, 16) >= 0 for text in found)


@given(st.lists(st.text("# ax\n", max_size=5), max_size=5))
def test_lines_above_change_nothing(above: list[str]) -> None:
    here = FINDINGS[:4]
    assert fingerprints(moved(here, len(above)), {"app.py": [*above, *LINES]}) == fingerprints(here, {"app.py": LINES})


def test_neither_do_indentation_and_message() -> None:
    indented = ["if True:\n", *(f"    {line}" for line in LINES[1:])]
    reworded = [f._replace(message="in line 9") for f in FINDINGS[:4]]
    assert fingerprints(reworded, {"app.py": indented}) == fingerprints(FINDINGS[:4], {"app.py": LINES})


@given(st.permutations(range(5)))
def test_nor_does_the_order_in_which_they_are_given(order: list[int]) -> None:
    lines = {"app.py": LINES, "lib/app.py": LINES}
    straight = fingerprints(FINDINGS, lines)
    assert fingerprints([FINDINGS[index] for index in order], lines) == [straight[index] for index in order]


def test_the_text_of_the_line_counts() -> None:
    changed = [*LINES[:3], "q.start()  # changed\n"]
    assert fingerprints([finding(4)], {"app.py": LINES}) != fingerprints([finding(4)], {"app.py": changed})


def test_names_are_relative_to_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    deep = finding(2, filename="src/app.py")
    absolute = deep._replace(filename=str(tmp_path / "src" / "app.py"))
    lines = {deep.filename: LINES, absolute.filename: LINES, "app.py": LINES}
    assert fingerprints([deep], lines) == fingerprints([absolute], lines)
    assert fingerprints([deep], lines, str(tmp_path / "src")) == fingerprints([finding(2)], lines)
    assert fingerprints([deep], lines, "src") != fingerprints([deep], lines)


def test_what_is_no_file_and_no_text() -> None:
    odd = [finding(9), finding(2, filename="<stdin>"), finding(2, filename="\udcff.py")]
    assert len(set(fingerprints(odd, {"<stdin>": ["\ud800"], "\udcff.py": []}))) == 3
