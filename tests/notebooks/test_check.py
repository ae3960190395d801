"""Notebooks on the command line: what is found in them, where, and how it is written down."""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from joinlint.checking import check_paths
from joinlint.cli import run
from joinlint.configuration.command_line import CommandLine
from joinlint.configuration.lookup import SettingsLookup

HERE = Path(__file__).parent

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    return tmp_path


@pytest.fixture
def squares(folder: Path) -> Path:
    return Path(shutil.copy(HERE / "squares.ipynb", folder))


def _write(path: Path, *sources: str) -> None:
    cells = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source.splitlines(True)}
        for source in sources
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook, indent=1) + "\n", encoding="utf-8")


def _found(*codes: str) -> list[str]:
    outcome = check_paths(["."], None, SettingsLookup(CommandLine(flags={"select": codes}, isolated=True)))
    assert not outcome.problems
    return [f"{f.source}:{f.span.start.row} {f.code} {f.message}" for f in outcome.findings]


@pytest.mark.usefixtures("squares")
class TestReports:
    def test_concise(self, capsys: Capture) -> None:
        defined = "which is defined in a notebook (line 1 of cell 3)"
        assert run(["check", "--output-format", "concise"]) == 1
        assert capsys.readouterr().out.splitlines() == [
            f"squares.ipynb:cell 4:2:10: JL203 the target is `square`, {defined}: the child can't find it",
            "squares.ipynb:cell 4:3:1: JL102 `single` is not joined when `files` is false (line 1 of cell 7)",
        ]

    def test_full_shows_each_cell_as_it_is_written(self, capsys: Capture) -> None:
        assert run(["check", "--select", "JL102"]) == 1
        shown = capsys.readouterr().out
        assert "3 | single.start()\n  | ^^^^^^^^^^^^^^ not-joined" in shown
        assert "  --> squares.ipynb:cell 7:2:11\n" in shown
        assert "2 |     %time single.join()\n  |           ------------- joined here" in shown

    def test_json(self, capsys: Capture) -> None:
        assert run(["check", "--select", "JL102", "--output-format", "json"]) == 1
        (finding,) = json.loads(capsys.readouterr().out)
        assert (finding["cell"], finding["location"]) == (4, {"row": 3, "column": 1})
        assert finding["filename"].endswith("/squares.ipynb")
        assert {related["cell"] for related in finding["related"]} == {7}

    def test_standard_input(self, squares: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(squares.read_bytes())))
        assert run(["check", "--output-format", "concise", "--stdin-filename", "x.ipynb", "-"]) == 1
        assert capsys.readouterr().out.startswith("x.ipynb:cell 4:2:10: JL203 ")


class TestDiscovery:
    def test_checkpoints_are_left_out(self, folder: Path, squares: Path, capsys: Capture) -> None:
        (folder / ".ipynb_checkpoints").mkdir()
        squares.rename(folder / ".ipynb_checkpoints" / "squares-checkpoint.ipynb")
        assert run(["check"]) == 0
        assert "no Python files" in capsys.readouterr().err

    def test_another_language(self, folder: Path, capsys: Capture) -> None:
        shutil.copy(HERE / "in_r.ipynb", folder)
        assert run(["check", "in_r.ipynb"]) == 0
        assert "no Python files" in capsys.readouterr().err

    def test_broken(self, folder: Path, capsys: Capture) -> None:
        (folder / "a.ipynb").write_text('{\n"cells": [}')
        _write(folder / "b.ipynb", "import x\n", "x = 1\ndef f(:\n")
        assert run(["check"]) == 2
        assert capsys.readouterr().err == (
            "error: a.ipynb:2:11: is no notebook: expecting value\nerror: b.ipynb:cell 2:2:7: invalid syntax\n"
        )

    def test_nested_too_deeply_for_the_analysis(self, folder: Path, capsys: Capture) -> None:
        _write(folder / "a.ipynb", "import multiprocessing\nmultiprocessing.Pool", "x = 1\ny = " + "-" * 3000 + "1\n")
        assert run(["check"]) == 2
        assert capsys.readouterr().err.startswith("error: a.ipynb:cell 2")

    def test_beside_a_module_of_its_name(self, folder: Path) -> None:
        _write(folder / "app.ipynb", "import multiprocessing as mp\nmp.Process(target=print).start()\n")
        (folder / "app.py").write_text(
            "from multiprocessing import Process\ndef main(): Process(target=print).start()\n"
        )
        assert [line.partition(" JL101 ")[0] for line in _found("JL101")] == ["app.ipynb:cell 1:2", "app.py:2"]


def test_confirm_runs_no_notebook(squares: Path, capsys: Capture) -> None:
    assert run(["confirm", "squares.ipynb"]) == 2
    assert capsys.readouterr().err == "error: squares.ipynb: is a notebook, which Python can't run by itself\n"


class TestRules:
    IMPORT = "import multiprocessing as mp\n"

    def test_joined_in_another_cell(self, folder: Path) -> None:
        shutil.copy(HERE / "joined.ipynb", folder)
        assert run(["check"]) == 0

    def test_the_end_is_no_exit(self, folder: Path) -> None:
        _write(folder / "a.ipynb", self.IMPORT, "p = mp.Process(target=print)\np.start()")
        assert _found("JL101") == ["a.ipynb:cell 2:2 JL101 `p` is started and never joined"]

    def test_no_guard_is_needed(self, folder: Path) -> None:
        _write(
            folder / "a.ipynb", self.IMPORT, "mp.set_start_method('spawn')\nwith mp.Pool() as pool: pool.map(len, x)"
        )
        assert _found("JL201", "JL202", "JL204") == []

    def test_what_a_helper_defines_is_found_by_the_child(self, folder: Path) -> None:
        (folder / "helper.py").write_text("def work(): pass\n")
        text = "import helper\np = mp.Process(target=helper.work)\np.start()\np.join()"
        _write(folder / "a.ipynb", self.IMPORT, text)
        assert _found("JL203") == []

    def test_what_a_cell_defines_is_not(self, folder: Path) -> None:
        _write(folder / "a.ipynb", self.IMPORT, "def f(x): pass", "with mp.Pool() as pool:\n    pool.map(f, [1])")
        (found,) = _found("JL203")
        assert found.startswith("a.ipynb:cell 3:2 JL203 the function is `f`, which is defined in a notebook")

    def test_a_class_of_processes(self, folder: Path) -> None:
        _write(folder / "a.ipynb", self.IMPORT, "class P(mp.Process):\n    pass\n", "p = P()\np.start()\np.join()")
        (found,) = _found("JL203")
        assert "the process is `P`, which is defined in a notebook" in found

    def test_under_fork_it_is(self, folder: Path) -> None:
        text = "c = mp.get_context('fork')\ndef f(): pass\np = c.Process(target=f)\np.start()\np.join()"
        _write(folder / "a.ipynb", self.IMPORT, text)
        assert _found("JL203") == []

    def test_a_global_of_a_notebook_is_not_stale_but_missing(self, folder: Path) -> None:
        text = "x = []\ndef f(): print(x)\ndef g():\n    x.append(1)\n    mp.Process(target=f).start()\ng()"
        _write(folder / "a.ipynb", self.IMPORT, text)
        assert _found("JL205") == []
        assert len(_found("JL203")) == 1


class TestComments:
    IMPORT = "import multiprocessing as mp\n"

    @pytest.mark.parametrize("comment", ["# noqa: JL101", "# joinlint: ignore[JL1]"])
    def test_silenced(self, folder: Path, comment: str) -> None:
        _write(folder / "a.ipynb", self.IMPORT, f"mp.Process(target=print).start()  {comment}")
        assert _found("JL101") == []

    def test_unused(self, folder: Path, capsys: Capture) -> None:
        _write(folder / "a.ipynb", "x = 1", "x = 2  # noqa: JL101")
        assert run(["check", "--report-unused-noqa", "--output-format", "concise"]) == 1
        assert capsys.readouterr().out == "a.ipynb:cell 2:1:8: JL901 `# noqa: JL101` silences nothing\n"

    def test_malformed(self, folder: Path, capsys: Capture) -> None:
        _write(folder / "a.ipynb", "x = 1", "x = 2  # joinlint: ignore[]")
        assert run(["check"]) == 0
        assert capsys.readouterr().err.startswith("warning: a.ipynb:cell 2:1:8: ")

    def test_added(self, squares: Path, capsys: Capture) -> None:
        before = squares.read_text(encoding="utf-8")
        assert run(["check", "--add-noqa"]) == 0
        assert capsys.readouterr().out == "Added 2 `# noqa` comments to 1 file.\n"
        after = squares.read_text(encoding="utf-8")
        changed = [new for old, new in zip(before.splitlines(), after.splitlines(), strict=True) if old != new]
        assert changed == [
            r'    "single = multiprocessing.Process(target=square, args=(3,))  # noqa: JL203\n",',
            r'    "single.start()  # noqa: JL102\n",',
        ]
        assert run(["check"]) == 0

    def test_a_source_in_one_text_stays_one(self, folder: Path) -> None:
        _write(folder / "a.ipynb", self.IMPORT + "mp.Process(target=print).start()")
        notebook = json.loads((folder / "a.ipynb").read_text())
        notebook["cells"][0]["source"] = "".join(notebook["cells"][0]["source"])
        (folder / "a.ipynb").write_text(json.dumps(notebook, indent=1))
        assert run(["check", "--add-noqa"]) == 0
        after = (folder / "a.ipynb").read_text()
        assert json.loads(after)["cells"][0]["source"].endswith("start()  # noqa: JL101")
        assert not after.endswith("\n")

    def test_another_layout_is_left_alone(self, folder: Path, capsys: Capture) -> None:
        _write(folder / "a.ipynb", self.IMPORT + "mp.Process(target=print).start()")
        text = json.dumps(json.loads((folder / "a.ipynb").read_text()))
        (folder / "a.ipynb").write_text(text)
        assert run(["check", "--add-noqa"]) == 2
        assert "a.ipynb: is left as it is: it is not laid out as Jupyter writes it" in capsys.readouterr().err
        assert (folder / "a.ipynb").read_text() == text

    @pytest.mark.parametrize("depth", [500, 5_000, 50_000])
    def test_nested_deeply(self, folder: Path, capsys: Capture, depth: int) -> None:
        _write(folder / "a.ipynb", self.IMPORT + "mp.Process(target=print).start()")
        text = (folder / "a.ipynb").read_text().replace('"metadata": {}', f'"metadata": {"[" * depth}{"]" * depth}', 1)
        (folder / "a.ipynb").write_text(text)
        assert run(["check", "--add-noqa"]) == 2
        assert capsys.readouterr().err.startswith("error: a.ipynb: is ")
        assert (folder / "a.ipynb").read_text() == text

    def test_baseline(self, folder: Path, squares: Path) -> None:
        assert run(["check", "--write-baseline", "b.json"]) == 0
        notebook = json.loads(squares.read_text(encoding="utf-8"))
        notebook["cells"].insert(0, {"cell_type": "code", "source": "x = 1\n!ls\n"})
        squares.write_text(json.dumps(notebook))
        assert run(["check", "--baseline", "b.json"]) == 0
