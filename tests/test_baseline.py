"""Baselines: known findings are held back wherever their lines go, new ones are not."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from joinlint.baseline.comparison import Comparison, compare, counted
from joinlint.baseline.file import BadBaseline, read_baseline, write_baseline
from joinlint.baseline.identity import Identity, contexts_of
from joinlint.cli import run
from joinlint.findings import Finding
from joinlint.lines import source_lines
from joinlint.pipeline import check_files
from joinlint.sources import SourceFile

CODES = frozenset({"JL101", "JL203"})
HEAD = "import multiprocessing\n"
FLAGGED = [
    "def main(work):\n    p = multiprocessing.Process(target=work)\n    p.start()\n",
    "class Service:\n    def open(self):\n        multiprocessing.Process(target=lambda: 1).start()\n",
    "def twice():\n" + 2 * "    multiprocessing.Process(target=print).start()\n",
]
HARMLESS = ["\n", "\n\n", "# a comment\n", "def other(x):\n    return x\n", "class Empty:\n    pass\n", "NUMBER = 1\n"]

Capture = pytest.CaptureFixture[str]


def _findings(text: str) -> tuple[Finding, ...]:
    (result,) = check_files([SourceFile("app.py", text)], CODES)
    assert result.problem is None
    return result.findings


def _compared(before: str, after: str) -> Comparison:
    known = counted(_findings(before), {"app.py": source_lines(before)}, ".")
    lines = {"app.py": source_lines(after)}
    return compare(_findings(after), lines, known, ".", files=["app.py"], codes=CODES)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(HARMLESS), min_size=4, max_size=8), st.permutations(FLAGGED), st.booleans())
def test_lines_may_move(between: list[str], flagged: list[str], is_commented: bool) -> None:
    before = HEAD + "".join(FLAGGED)
    parts = [HEAD, *flagged]
    for index, text in enumerate(between):
        parts.insert(1 + index % len(parts), text)
    after = "".join(parts)
    if is_commented:
        after = after.replace(".start()\n", ".start()  # since yesterday\n\n    # and more\n")
    assert _compared(before, after) == Comparison((), 5, 0)


@pytest.mark.parametrize("flagged", FLAGGED[:1])
def test_a_function_of_the_same_name_once_more_is_one_new_finding(flagged: str) -> None:
    compared = _compared(HEAD + flagged, HEAD + flagged + flagged.replace("(work)", "(work, again)"))
    (new,) = compared.new
    assert (new.span.start.row, compared.held_back, compared.gone) == (7, 1, 0)


def test_a_copy_under_another_name_is_one_new_finding() -> None:
    compared = _compared(HEAD + FLAGGED[0], HEAD + FLAGGED[0].replace("main", "copy") + FLAGGED[0])
    (new,) = compared.new
    assert (new.span.start.row, compared.held_back, compared.gone) == (4, 1, 0)


def test_one_more_on_a_line_alike_is_new() -> None:
    compared = _compared(HEAD + FLAGGED[2], HEAD + FLAGGED[2] + "    multiprocessing.Process(target=print).start()\n")
    assert (len(compared.new), compared.held_back, compared.gone) == (1, 2, 0)


def test_what_is_fixed_is_gone_and_hides_nothing_else() -> None:
    fixed = FLAGGED[0] + "    p.join()\n"
    assert _compared(HEAD + FLAGGED[0], HEAD + fixed) == Comparison((), 0, 1)
    compared = _compared(HEAD + FLAGGED[0], HEAD + fixed + FLAGGED[0].replace("main", "other"))
    assert (len(compared.new), compared.held_back, compared.gone) == (1, 0, 1)


def test_only_what_was_looked_for_can_be_gone(tmp_path: Path) -> None:
    (tmp_path / "there.py").touch()
    known = Counter(
        [
            Identity("there.py", "JL101", "", ""),
            Identity("deleted.py", "JL101", "", ""),
            Identity("a.py", "JL1", "", ""),
        ]
    )
    compared = compare((), {}, known, str(tmp_path), files=[], codes={"JL101"})
    assert compared.gone == 1
    compared = compare((), {}, known, str(tmp_path), files=[str(tmp_path / "there.py")], codes={"JL101"})
    assert compared.gone == 2


def test_contexts() -> None:
    text = "x\nclass A:\n    @property\n    def f(self):\n        def g():\n            pass\n        return g\nx\n"
    assert contexts_of(text) == {2: "A", 3: "A.f", 4: "A.f", 5: "A.f.g", 6: "A.f.g", 7: "A.f"}
    assert contexts_of("def f(:\n") == {}


texts = st.text(st.characters(), max_size=8)
known_findings = st.builds(Identity, path=texts, code=texts, context=texts, text=texts)


@settings(max_examples=50, deadline=None)
@given(st.dictionaries(known_findings, st.integers(1, 9), max_size=4))
def test_what_is_written_is_read(tmp_path_factory: pytest.TempPathFactory, known: dict[Identity, int]) -> None:
    filename = str(tmp_path_factory.mktemp("baseline") / "b.json")
    write_baseline(filename, Counter(known))
    assert read_baseline(filename) == Counter(known)
    lines = Path(filename).read_text(encoding="ascii").splitlines()
    assert len([line for line in lines if '"path"' in line]) == len(known)
    write_baseline(filename, Counter(dict(reversed(known.items()))))
    assert Path(filename).read_text(encoding="ascii").splitlines() == lines


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["version", "findings", "path", "code", "context", "text", "count"]), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=30) | json_values.map(lambda value: json.dumps(value).encode()))
def test_anything_else_is_refused_in_one_line(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    filename = tmp_path_factory.mktemp("baseline") / "b.json"
    filename.write_bytes(content)
    error = ""
    try:
        read_baseline(str(filename))
    except BadBaseline as refused:
        error = str(refused)
    assert error.startswith(f"{filename}: ") or not error
    assert "\n" not in error


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is no baseline: Expecting value"),
        ("[]", "is no baseline: it has no version"),
        ('{"version": 2, "findings": []}', "has a version other than 1"),
        ('{"version": true, "findings": []}', "has a version other than 1"),
        ('{"version": 1}', "is no baseline: it has no list of findings"),
        ('{"version": 1, "findings": [{"path": "a.py"}]}', "finding 1 of the list is not one"),
        (
            '{"version": 1, "findings": [{"path": "a", "code": "JL101", "context": "", "text": "", "count": true}]}',
            "finding 1 of the list is not one",
        ),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_refused(tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "b.json").write_text(content)
    with pytest.raises(BadBaseline, match=words):
        read_baseline(str(tmp_path / "b.json"))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "."):
        with pytest.raises(BadBaseline, match="is not a regular file"):
            read_baseline(str(tmp_path / name))


class TestCommand:
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        monkeypatch.chdir(tmp_path)
        (tmp_path / "src").mkdir()
        (tmp_path / "src" / "app.py").write_text(HEAD + FLAGGED[0])
        return tmp_path

    def test_written_and_held_back(self, folder: Path, capsys: Capture) -> None:
        assert run(["check", "--write-baseline", "b.json"]) == 0
        assert capsys.readouterr() == ("Wrote 1 finding to b.json.\n", "")
        entry = {"path": "src/app.py", "code": "JL101", "context": "main", "text": "p.start()", "count": 1}
        assert json.loads((folder / "b.json").read_text()) == {"version": 1, "findings": [entry]}
        assert run(["check", "--baseline", "b.json"]) == 0
        assert capsys.readouterr() == ("All clear: 1 file checked.\n", "note: 1 finding of b.json held back\n")

    def test_paths_are_seen_from_the_baseline(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        assert run(["check", "--write-baseline", "b.json"]) == 0
        monkeypatch.chdir(folder / "src")
        assert run(["check", "--baseline", "../b.json"]) == 0

    def test_new_and_gone(self, folder: Path, capsys: Capture) -> None:
        assert run(["check", "--quiet", "--write-baseline", "b.json"]) == 0
        (folder / "src" / "app.py").write_text(HEAD + FLAGGED[0].replace("main", "other"))
        assert run(["check", "--baseline", "b.json", "--output-format", "concise"]) == 1
        out, err = capsys.readouterr()
        assert out.startswith("src/app.py:4:5: JL101 ")
        assert err == "note: 1 finding of b.json is gone: write it anew with --write-baseline\n"

    def test_a_moved_file_is_new(self, folder: Path) -> None:
        assert run(["check", "--write-baseline", "b.json"]) == 0
        (folder / "src" / "app.py").rename(folder / "src" / "other.py")
        assert run(["check", "--baseline", "b.json"]) == 1

    def test_a_file_that_cannot_be_checked_shows_in_the_status(self, folder: Path) -> None:
        (folder / "broken.py").write_text("def f(:\n")
        assert run(["check", "--write-baseline", "b.json"]) == 2
        assert (folder / "b.json").exists()

    def test_a_baseline_that_cannot_be_read(self, folder: Path, capsys: Capture) -> None:
        assert run(["check", "--baseline", "b.json"]) == 2
        assert capsys.readouterr() == ("", "error: b.json: cannot be read: No such file or directory\n")

    def test_a_baseline_that_cannot_be_written(
        self, folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (folder / "b.json").write_text("before")

        def fail(*names: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", fail)
        assert run(["check", "--write-baseline", "b.json"]) == 2
        assert capsys.readouterr().err == "error: b.json: cannot be written: No space left on device\n"
        assert (folder / "b.json").read_text() == "before"
        assert sorted(os.listdir(folder)) == ["b.json", "src"]

    def test_not_both(self, capsys: Capture) -> None:
        assert run(["check", "--baseline", "b.json", "--write-baseline", "b.json"]) == 2
        assert "not both" in capsys.readouterr().err
