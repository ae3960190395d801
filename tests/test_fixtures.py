"""What the rules find in the fixtures is what the fixtures say, line by line, through both doors."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from joinlint.flake8_plugin import Plugin
from joinlint.lines import source_lines
from joinlint.pipeline import check_files
from joinlint.rules import all_rules
from joinlint.sources import SourceFile
from joinlint.syntax.suppression import unsuppressed

FIXTURES = Path(__file__).parent / "fixtures"
FILES = sorted(FIXTURES.glob("*/*.py"))
EXPECT = re.compile(r"# expect: (?P<codes>JL\d{3}(?:, *JL\d{3})*)$", re.MULTILINE)

Report = tuple[int, str]

each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")


def expected(text: str) -> set[Report]:
    """The 1-based rows and codes that the `# expect:` marks of a program name."""
    marks = ((row, EXPECT.search(line)) for row, line in enumerate(text.splitlines(), start=1))
    return {(row, code) for row, match in marks if match for code in re.split(", *", match["codes"])}


def codes_for(path: Path) -> frozenset[str]:
    """The rules that a fixture is held against: those on by default, and the one whose folder it is in."""
    own = path.parent.name.partition("_")[0]
    return frozenset(code for code, rule in all_rules().items() if rule.default or code == own)


def found(path: Path, text: str) -> set[Report]:
    (result,) = check_files([SourceFile(str(path), text)], codes_for(path))
    assert result.problem is None
    return {(f.span.start.row, f.code) for f in unsuppressed(result.findings, source_lines(text))}


def test_there_are_fixtures() -> None:
    assert len(FILES) > 12


@each_file
def test_marks(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    marks = expected(text)
    assert text.count("# expect:") == len({row for row, _ in marks}), "a mark that is not understood"
    flagged, code = path.stem.startswith("flagged_"), path.parent.name.partition("_")[0]
    assert flagged or path.stem.startswith("corrected_")
    assert (code in {c for _, c in marks}) == flagged
    assert flagged or not marks


@each_file
def test_findings(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert found(path, text) == expected(text)


@each_file
def test_noqa_silences_each(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert found(path, EXPECT.sub(r"# noqa: \g<codes>", text)) == set()


@each_file
def test_flake8_reports_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = path.read_text(encoding="utf-8")
    monkeypatch.setattr(Plugin, "asked_for", codes_for(path))
    reports = Plugin(ast.parse(text), text.splitlines(keepends=True), str(path)).run()
    assert {(row, message.partition(" ")[0]) for row, _, message, _ in reports} == expected(text)


def test_the_fixtures_as_one_project() -> None:
    """Checked together, as a run over their folder does, the default rules say the same of each."""
    files = [SourceFile(str(path), path.read_bytes()) for path in FILES]
    default = {code for code, rule in all_rules().items() if rule.default}
    results = check_files(files, default)
    assert [result.problem for result in results] == [None] * len(FILES)
    for path, result in zip(FILES, results, strict=True):
        marks = {(row, code) for row, code in expected(path.read_text(encoding="utf-8")) if code in default}
        assert {(f.span.start.row, f.code) for f in result.findings} == marks, path.name
