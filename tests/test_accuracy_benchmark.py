"""The benchmark in benchmarks/accuracy: its scoring on made-up labels and findings, and its unpacking."""

from __future__ import annotations

import importlib
import json
import re
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "benchmarks" / "accuracy"


def _module(name: str) -> ModuleType:
    # The command's modules import each other as a script's do, by their bare names.
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(FOLDER)
        return importlib.import_module(name)


checker, labels, report, run, scoring, wheels = map(
    _module, ("checker", "labels", "report", "run", "scoring", "wheels")
)


def site(**changes: object) -> object:
    """A site whose label forbids every report: started in line 10, constructed in line 9, joined in line 12."""
    label = {
        "file": "pkg-1.0-py3-none-any/pkg/a.py",
        "start": 10,
        "ctor": 9,
        "join": [12],
        "daemon": "no",
        "fate": "joined",
        "guard": "ok",
        "serial": "no",
        "queue_join": "no",
        "confidence": "high",
        "why": "",
    }
    (made,) = labels.read_sites(json.dumps({**label, **changes}))
    return made


def finding(code: str, row: int, file: str = "pkg-1.0-py3-none-any/pkg/a.py") -> object:
    return scoring.Finding(file, row, code, "")


def counts(result: object, group: str) -> tuple[int, int, int, int]:
    counted = result.groups[group]  # type: ignore[attr-defined]
    return (counted.right, counted.wrong, counted.missing, counted.free)


@pytest.mark.parametrize(
    ("fate", "daemon", "expected"),
    [
        ("joined", "no", (0, 1, 0, 0)),
        ("owned-joined", "no", (0, 1, 0, 0)),
        ("joined-some-paths", "no", (1, 0, 0, 0)),
        ("joined-some-paths", "dynamic", (1, 0, 0, 0)),
        ("joined-some-paths", "yes", (0, 0, 0, 1)),
        ("never", "no", (1, 0, 0, 0)),
        ("never", "yes", (0, 1, 0, 0)),
        ("never", "dynamic", (0, 0, 0, 1)),
        ("owned-never", "no", (1, 0, 0, 0)),
        ("terminated-only", "no", (1, 0, 0, 0)),
        ("terminated-only", "yes", (0, 0, 0, 1)),
        ("handed-over", "no", (0, 0, 0, 1)),
        ("timeout-only", "no", (0, 0, 0, 1)),
        ("unclear", "no", (0, 0, 0, 1)),
    ],
)
def test_lifecycle_when_reported(fate: str, daemon: str, expected: tuple[int, int, int, int]) -> None:
    result = scoring.score([site(fate=fate, daemon=daemon)], [finding("JL101", 10)])
    assert counts(result, "lifecycle") == expected


@pytest.mark.parametrize(
    ("fate", "daemon", "expected"),
    [
        ("joined", "no", (0, 0, 0, 0)),
        ("joined-some-paths", "no", (0, 0, 1, 0)),
        ("never", "no", (0, 0, 1, 0)),
        ("never", "yes", (0, 0, 0, 0)),
        ("never", "dynamic", (0, 0, 0, 1)),
        ("terminated-only", "no", (0, 0, 1, 0)),
        ("handed-over", "no", (0, 0, 0, 1)),
    ],
)
def test_lifecycle_when_silent(fate: str, daemon: str, expected: tuple[int, int, int, int]) -> None:
    assert counts(scoring.score([site(fate=fate, daemon=daemon)], []), "lifecycle") == expected


def test_a_label_of_low_confidence_counts_neither_way() -> None:
    unsure = site(fate="never", confidence="low")
    assert counts(scoring.score([unsure], []), "lifecycle") == (0, 0, 0, 1)
    assert counts(scoring.score([unsure], [finding("JL101", 10)]), "lifecycle") == (0, 0, 0, 1)


def test_unknown_fate() -> None:
    with pytest.raises(ValueError, match=r"a\.py:10: unknown fate 'lost'"):
        scoring.score([site(fate="lost")], [])


@pytest.mark.parametrize("row", [9, 10])
@pytest.mark.parametrize("code", ["JL101", "JL102"])
def test_a_report_counts_on_the_start_and_on_the_constructor(code: str, row: int) -> None:
    assert counts(scoring.score([site(fate="never")], [finding(code, row)]), "lifecycle") == (1, 0, 0, 0)


def test_a_report_elsewhere_is_on_no_label() -> None:
    elsewhere = [finding("JL101", 11), finding("JL102", 10, "pkg-1.0-py3-none-any/pkg/b.py")]
    result = scoring.score([site(fate="never")], elsewhere)
    assert counts(result, "lifecycle") == (0, 0, 1, 0)
    assert result.unlabelled == tuple(elsewhere)
    assert result.strict == 0


def test_site_without_constructor() -> None:
    result = scoring.score([site(fate="never", ctor=None)], [finding("JL101", 9)])
    assert counts(result, "lifecycle") == (0, 0, 1, 0)


def test_ended_but_not_joined_may_be_said_by_jl106() -> None:
    ended = finding("JL106", 10)
    assert counts(scoring.score([site(fate="terminated-only")], [ended]), "lifecycle") == (1, 0, 0, 0)
    result = scoring.score([site(fate="never")], [ended])
    assert counts(result, "lifecycle") == (0, 0, 1, 0)
    assert (result.unlabelled, result.unscored) == ((), (ended,))


@pytest.mark.parametrize(
    ("group", "key", "wanted", "rejected", "free", "code", "row"),
    [
        ("guard", "guard", "missing", "ok", "unknown", "JL201", 10),
        ("serial", "serial", "serial", "no", "intended", "JL301", 12),
        ("serial", "serial", "serial", "no", "intended", "JL302", 10),
        ("drain", "queue_join", "yes", "no", "unknown", "JL401", 10),
    ],
)
def test_other_groups(group: str, key: str, wanted: str, rejected: str, free: str, code: str, row: int) -> None:
    reported = [finding(code, row)]
    assert counts(scoring.score([site(**{key: wanted})], reported), group) == (1, 0, 0, 0)
    assert counts(scoring.score([site(**{key: wanted})], []), group) == (0, 0, 1, 0)
    assert counts(scoring.score([site(**{key: rejected})], reported), group) == (0, 1, 0, 0)
    assert counts(scoring.score([site(**{key: rejected})], []), group) == (0, 0, 0, 0)
    assert counts(scoring.score([site(**{key: free})], reported), group) == (0, 0, 0, 1)


def test_shares() -> None:
    sites = [site(fate="never", start=line, ctor=None, join=[]) for line in (1, 2, 3)]
    sites += [site(fate="joined", start=line, ctor=None, join=[]) for line in (4, 5)]
    found = [finding("JL101", 1), finding("JL102", 2), finding("JL101", 4), finding("JL101", 77)]
    result = scoring.score(sites, found)
    assert counts(result, "lifecycle") == (2, 1, 1, 0)
    assert result.groups["lifecycle"].precision == pytest.approx(2 / 3)
    assert result.groups["lifecycle"].recall == pytest.approx(2 / 3)
    assert result.total == result.groups["lifecycle"]
    assert result.strict == pytest.approx(2 / 4)
    assert result.groups["serial"].precision is None
    assert result.groups["serial"].recall is None
    assert [(d.site.start, d.finding.code) for d in result.wrong] == [(4, "JL101")]
    assert [(d.site.start, d.finding) for d in result.missing] == [(3, None)]


def test_findings_are_read_from_joinlints_json(tmp_path: Path) -> None:
    entry = {
        "code": "JL101",
        "filename": str(tmp_path / "pkg" / "a.py"),
        "location": {"row": 3, "column": 5},
        "message": "never",
    }
    assert checker.read_report([entry], tmp_path) == (scoring.Finding("pkg/a.py", 3, "JL101", "never"),)


def test_joinlint_runs_over_packages(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    program = "from multiprocessing import Process\n\n\ndef f():\n    p = Process(target=print)\n    p.start()\n"
    for folder in folders:
        folder.mkdir()
        (folder / "a.py").write_text(program, encoding="utf-8")
    (tmp_path / "two" / "b.py").write_text("import a b\n", encoding="utf-8")
    (tmp_path / "three.py").write_text(program, encoding="utf-8")
    done = checker.check(folders)
    assert [(f.file, f.row, f.code) for f in done.findings] == [("one/a.py", 6, "JL101"), ("two/a.py", 6, "JL101")]
    assert (done.packages, done.files, done.lines) == (2, 3, 13)
    assert len(done.problems) == 1
    assert "b.py" in done.problems[0]
    assert done.crashes == ()


def _result() -> tuple[object, object]:
    found = (finding("JL101", 10), finding("JL101", 40), finding("JL105", 41))
    sites = [site(), site(fate="never", start=20, ctor=None, join=[])]
    return scoring.score(sites, found), checker.Run(found, ("error: b.py: no",), 1, 2, 3000, 4.0)


def test_text_lists_every_disagreement() -> None:
    text = report.as_text(*_result())
    for line in (
        "  lifecycle pkg-1.0-py3-none-any/pkg/a.py:10: JL101 in line 10; joined: ",
        "  lifecycle pkg-1.0-py3-none-any/pkg/a.py:20: never: ",
        "  pkg-1.0-py3-none-any/pkg/a.py:40: JL101 ",
        "  pkg-1.0-py3-none-any/pkg/a.py:41: JL105 ",
        "lifecycle     0.0000  0.0000      0      1        1      0",
        "  error: b.py: no",
    ):
        assert line in text.splitlines()


def test_json() -> None:
    data = json.loads(json.dumps(report.as_json(*_result())))
    assert data["groups"]["all"] == {
        "precision": 0.0,
        "recall": 0.0,
        "right": 0,
        "wrong": 1,
        "missing": 1,
        "free": 0,
    }
    assert data["groups"]["guard"]["precision"] is None
    assert data["strict"] == 0.0
    assert [entry["finding"]["row"] for entry in data["wrong"]] == [10]
    assert [entry["start"] for entry in data["missing"]] == [20]
    assert [entry["row"] for entry in data["unlabelled"]] == [40]
    assert [entry["code"] for entry in data["unscored"]] == ["JL105"]
    assert data["run"]["lines"] == 3000


def test_figures_are_written_between_their_markers() -> None:
    page = "before\n<!-- figures -->\nold\n<!-- end of figures -->\nafter\n"
    written = report.with_figures(page, *_result())
    assert written.startswith("before\n<!-- figures -->\n| group |")
    assert written.endswith("\n<!-- end of figures -->\nafter\n")
    assert "old" not in written
    assert "| lifecycle | JL101, JL102 | 1 | 0 | 1 | 1 | 0.0000 | 0.0000 |" in written.splitlines()
    assert report.with_figures(written, *_result()) == written
    with pytest.raises(report.NoFigures):
        report.with_figures("no markers\n", *_result())


def test_the_page_counts_the_labels_that_there_are() -> None:
    page = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    sites = labels.read_sites((FOLDER / "labels" / "sites.jsonl").read_text(encoding="utf-8"))
    for group, counted in scoring.score(sites, []).groups.items():
        (wanted,) = re.findall(rf"^\| {group} \| [^|]+ \| (\d+) \|", page, re.MULTILINE)
        assert int(wanted) == counted.missing


def test_pins() -> None:
    assert wheels.read_pins("# a comment\none==1.0\n\ntwo.py==2 # the second\n") == (
        wheels.Pin("one", "1.0"),
        wheels.Pin("two.py", "2"),
    )
    pin = wheels.Pin("proxy.py", "2.4")
    assert pin.is_named_by("proxy.py-2.4-py3-none-any.whl")
    assert pin.is_named_by("proxy_py-2.4-py3-none-any")
    assert not pin.is_named_by("proxy.py-2.4.1-py3-none-any.whl")
    assert not pin.is_named_by("proxy.py-extra-2.4-py3-none-any.whl")


def test_every_labelled_file_is_in_a_pinned_package() -> None:
    pins = wheels.read_pins((FOLDER / "labels" / "packages.txt").read_text(encoding="utf-8"))
    sites = labels.read_sites((FOLDER / "labels" / "sites.jsonl").read_text(encoding="utf-8"))
    for folder in {site.folder for site in sites}:
        assert sum(pin.is_named_by(folder) for pin in pins) == 1


def test_packages_are_chosen_by_name() -> None:
    pins = [wheels.Pin("one", "1"), wheels.Pin("two", "2")]
    assert run.chosen(pins, None) == pins
    assert run.chosen(pins, ["two"]) == pins[1:]
    with pytest.raises(run.WrongCall, match="three"):
        run.chosen(pins, ["two", "three"])


def wheel(folder: Path, *members: str, name: str = "pkg-1.0-py3-none-any.whl") -> Path:
    """A wheel in `folder` whose members hold their own names."""
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / name, "w") as archive:
        for member in members:
            archive.writestr(member, member)
    return folder / name


def test_a_wheel_is_unpacked_into_a_folder_of_its_name(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    folder = wheels.unpack(wheel(tmp_path, "pkg/__init__.py", "pkg/a.py", "pkg/..b.py"), packages)
    assert folder == packages / "pkg-1.0-py3-none-any"
    assert (folder / "pkg" / "a.py").read_text(encoding="utf-8") == "pkg/a.py"
    assert (folder / "pkg" / "..b.py").exists()
    assert list(packages.iterdir()) == [folder]


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    (packages / "pkg-1.0-py3-none-any").mkdir(parents=True)
    folder = wheels.unpack(wheel(tmp_path, "pkg/a.py"), packages)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("member", ["../a.py", "pkg/../../a.py", "/a.py", "..\\a.py", "C:/a.py", "c:a.py"])
def test_a_member_that_leaves_the_folder_is_refused(tmp_path: Path, member: str) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    with pytest.raises(wheels.UnsafeWheel, match="outside of its folder"):
        wheels.unpack(wheel(tmp_path / "wheels", "pkg/b.py", member), packages)
    assert [path.name for path in tmp_path.rglob("*.py")] == []
    assert list(packages.iterdir()) == []


def test_a_damaged_wheel_is_named(tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    damaged = tmp_path / "pkg-1.0-py3-none-any.whl"
    damaged.write_bytes(b"half of it")
    with pytest.raises(wheels.DownloadFailed, match=r"any\.whl is damaged"):
        wheels.unpack(damaged, packages)
    assert list(packages.iterdir()) == []


def test_what_is_in_the_cache_is_not_downloaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def download(pin: object, folder: Path) -> None:
        fetched.append(str(pin))
        wheel(folder, "two/a.py", name="two-2-py3-none-any.whl")

    fetched: list[str] = []
    monkeypatch.setattr(wheels, "download", download)
    wheel(tmp_path / "wheels", "one/a.py", name="one-1-py3-none-any.whl")
    pins = [wheels.Pin("one", "1"), wheels.Pin("two", "2")]
    for _ in range(2):
        folders = wheels.provide(pins, tmp_path)
        assert [folder.name for folder in folders] == ["one-1-py3-none-any", "two-2-py3-none-any"]
        assert all((folder / "pyproject.toml").exists() for folder in folders)
    assert fetched == ["two==2"]


def test_an_index_that_cannot_be_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    assert run.main(["--cache", str(tmp_path / "cache"), "--only", "honcho"]) == 2
    assert "error: honcho==2.0.0 can't be downloaded. Can the package index be reached?" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--only", "nothing"], ["--only", "honcho", "--write-docs"]])
def test_wrong_calls(tmp_path: Path, arguments: list[str]) -> None:
    assert run.main(["--cache", str(tmp_path), *arguments]) == 2
    assert list(tmp_path.iterdir()) == []
