"""The rules under flake8, run as users run it."""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flake8.exceptions import ExecutionError

from joinlint import flake8_plugin
from joinlint.flake8_plugin import Plugin
from joinlint.options import Options
from joinlint.pipeline import check_files
from joinlint.sources import FileResult, Problem, SourceFile

NEVER_JOINED = """\
import multiprocessing


def main(work):
    p = multiprocessing.Process(target=work)
    p.start()
    print("on it goes")
"""
# Joined, unless what comes between raises: only the opt-in JL103 speaks of it.
UNSAFE = NEVER_JOINED.replace('print("on it goes")', "work()\n    p.join()")

Flake8 = Callable[..., list[str]]


@pytest.fixture
def flake8(tmp_path: Path) -> Flake8:
    """A function that runs flake8 on app.py (JL101) and unsafe.py (JL103) and gives `file:line:col: CODE` lines."""
    (tmp_path / "app.py").write_text(NEVER_JOINED)
    (tmp_path / "unsafe.py").write_text(UNSAFE)

    def run(*arguments: str, config: str = "", stdin: str = "", status: int | None = None) -> list[str]:
        (tmp_path / ".flake8").write_text(f"[flake8]\n{config}\n")
        command = [sys.executable, "-m", "flake8", *arguments]
        result = subprocess.run(
            command, capture_output=True, text=True, input=stdin, cwd=tmp_path, timeout=120, check=False
        )
        assert "Traceback" not in result.stderr
        lines = sorted(" ".join(line.split(" ")[:2]) for line in result.stdout.splitlines())
        assert result.returncode == (bool(lines) if status is None else status), result.stderr
        return lines

    return run


@pytest.fixture
def plain_options() -> Iterator[None]:
    """Leaves the plugin as flake8 finds it, whatever options a test gives it."""
    before = Plugin.asked_for, Plugin.options
    yield
    Plugin.asked_for, Plugin.options = before


ANALYSIS_OPTIONS = tuple(
    f"joinlint_{name}" for name in ("process_classes", "join_functions", "start_methods", "target_version")
)
NEVER, OPT_IN = "./app.py:6:5: JL101", "./unsafe.py:6:5: JL103"


def test_is_registered() -> None:
    result = subprocess.run([sys.executable, "-m", "flake8", "--version"], capture_output=True, text=True, check=True)
    assert f"joinlint: {Plugin.version}" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "config", "expected"),
    [
        pytest.param([], "", [NEVER], id="installed is enough"),
        pytest.param(["--select", "JL"], "", [NEVER], id="a prefix leaves opt-in rules off"),
        pytest.param([], "select = JL,E,F", [NEVER], id="in the configuration too"),
        pytest.param([], "select = JL1", [NEVER], id="a longer prefix as well"),
        pytest.param([], "ignore = E501", [NEVER], id="a list of ignored codes does not turn them on"),
        pytest.param(["--extend-select", "JL"], "", [NEVER], id="nor does extending by a prefix"),
        pytest.param(["--select", "JL103"], "", [OPT_IN], id="the full code does"),
        pytest.param(["--extend-select", "JL103"], "", [NEVER, OPT_IN], id="so does extending by it"),
        pytest.param([], "extend-select = JL103", [NEVER, OPT_IN], id="or writing it into the configuration"),
        pytest.param([], "select = E,JL1,JL103", [NEVER, OPT_IN], id="or selecting it there"),
        pytest.param(["--joinlint-enable", "JL103"], "", [NEVER, OPT_IN], id="our own option"),
        pytest.param([], "joinlint-enable = JL103, JL104", [NEVER, OPT_IN], id="our own option in the configuration"),
        pytest.param(["--ignore", "JL"], "", [], id="ignored"),
        pytest.param(["--extend-ignore", "JL101"], "joinlint-enable = JL103", [OPT_IN], id="ignored in part"),
        pytest.param(["--select", "E,F"], "joinlint-enable = JL103", [], id="not selected"),
        pytest.param([], "per-file-ignores = app.py: JL101", [], id="ignored in a file"),
        pytest.param(["--jobs", "2", "--extend-select", "JL103"], "", [NEVER, OPT_IN], id="in several processes"),
        pytest.param(["--jobs", "1", "--extend-select", "JL103"], "", [NEVER, OPT_IN], id="in one process"),
    ],
)
def test_options(flake8: Flake8, arguments: list[str], config: str, expected: list[str]) -> None:
    assert flake8(*arguments, ".", config=config) == expected


def test_stdin(flake8: Flake8) -> None:
    assert flake8("-", stdin=NEVER_JOINED) == ["stdin:6:5: JL101"]
    assert flake8("-", "--stdin-display-name", "src/x.py", stdin=NEVER_JOINED) == ["src/x.py:6:5: JL101"]


@pytest.mark.parametrize("comment", ["# noqa", "# noqa: JL101", "# noqa: JL1", "# noqa:E501,JL101"])
def test_noqa(flake8: Flake8, comment: str) -> None:
    assert flake8("--select", "JL", "-", stdin=NEVER_JOINED.replace("start()", f"start()  {comment}")) == []
    assert flake8("--select", "JL", "--disable-noqa", "-", stdin=NEVER_JOINED.replace("start()", f"start()  {comment}"))


@pytest.mark.parametrize("comment", ["# joinlint: ignore", "# joinlint: ignore[JL1]", "# x # joinlint: ignore[JL101]"])
def test_ignore(flake8: Flake8, comment: str) -> None:
    text = NEVER_JOINED.replace("start()", f"start()  {comment}")
    assert flake8("--select", "JL", "-", stdin=text) == []
    # It is joinlint's own, and no `# noqa`, so that flake8 can't turn it off.
    assert flake8("--select", "JL", "--disable-noqa", "-", stdin=text) == []


@pytest.mark.parametrize("comment", ["# joinlint: ignore[JL102]", "# joinlint: ignore JL101"])
def test_ignore_of_another_code_or_none(flake8: Flake8, comment: str) -> None:
    text = NEVER_JOINED.replace("start()", f"start()  {comment}")
    assert flake8("--select", "JL", "-", stdin=text) == ["stdin:6:5: JL101"]


def test_noqa_of_another_code(flake8: Flake8) -> None:
    text = NEVER_JOINED.replace("start()", "start()  # noqa: JL102")
    assert flake8("--select", "JL", "-", stdin=text) == ["stdin:6:5: JL101"]


def test_skip_file(flake8: Flake8) -> None:
    assert flake8("--select", "JL", "-", stdin=f"# joinlint: skip-file\n{NEVER_JOINED}") == []


def test_columns_count_characters_from_one(flake8: Flake8) -> None:
    text = NEVER_JOINED.replace("    p.start()", "    x = '漢字'; p.start()")
    assert flake8("--select", "JL", "-", stdin=text) == ["stdin:6:15: JL101"]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8-sig", "cp1252"])
def test_encodings(flake8: Flake8, tmp_path: Path, encoding: str) -> None:
    cookie = "" if encoding == "utf-8-sig" else f"# coding: {encoding}\n"
    text = f"{cookie}{NEVER_JOINED}".replace("p.start()", "x = 'é'; p.start()")
    (tmp_path / "app.py").write_bytes(text.encode(encoding))
    assert flake8("--select", "JL", "app.py") == [f"app.py:{7 if cookie else 6}:14: JL101"]


def test_what_cannot_be_parsed_is_flake8s_to_report(flake8: Flake8) -> None:
    (line,) = flake8("--select", "JL,E9", "-", stdin=f"{NEVER_JOINED}def f(:\n")
    assert line.endswith("E999")


def test_options_in_the_configuration(flake8: Flake8) -> None:
    config = "joinlint-process-classes = a.B, c.D\njoinlint-target-version = 3.14\njoinlint-start-methods = spawn"
    assert flake8(".", config=config) == [NEVER]
    lines = flake8(".", config="joinlint-target-version = 3", status=1)
    assert any("joinlint-target-version:" in line for line in lines)


def test_unknown_code_to_enable(flake8: Flake8) -> None:
    (line, *others) = flake8("--joinlint-enable", "JL1O3", status=1)
    assert "joinlint-enable:" in line or any("joinlint-enable:" in other for other in others)


def test_no_parser_without_a_worker_library() -> None:
    program = (
        "import ast, sys\n"
        "from joinlint.flake8_plugin import Plugin\n"
        "assert list(Plugin(ast.parse(''), ['import os\\n'], 'a.py').run()) == []\n"
        "sys.exit(any(name.startswith(('libcst', 'joinlint.rules')) for name in sys.modules))\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@pytest.mark.usefixtures("plain_options")
class TestPlugin:
    @staticmethod
    def options(**given: object) -> argparse.Namespace:
        lists = ("select", "extend_select", "joinlint_enable", *ANALYSIS_OPTIONS)
        return argparse.Namespace(**{**{name: [] for name in lists}, "joinlint_threads": False, **given})

    @staticmethod
    def run(text: str) -> list[tuple[int, int, str]]:
        found = list(Plugin(ast.parse(""), text.splitlines(keepends=True), "app.py").run())
        assert all(kind is Plugin for *_, kind in found)
        return [(row, column, message) for row, column, message, _ in found]

    def test_says_what_the_command_says(self) -> None:
        (result,) = check_files([SourceFile("app.py", NEVER_JOINED)], {"JL101"})
        (finding,) = result.findings
        assert self.run(NEVER_JOINED) == [(6, 4, f"JL101 {finding.message}")]

    def test_options_given_later_win(self) -> None:
        Plugin.parse_options(self.options(select=["JL103"]))
        assert [message[:5] for *_, message in self.run(UNSAFE)] == ["JL103"]
        Plugin.parse_options(self.options(select=["JL"]))
        assert self.run(UNSAFE) == []

    def test_options_for_the_analysis(self) -> None:
        Plugin.parse_options(
            self.options(
                joinlint_process_classes=["a.B"], joinlint_join_functions=["c.d"], joinlint_start_methods=["spawn"]
            )
        )
        assert Plugin.options == Options(process_classes=("a.B",), join_functions=("c.d",), start_methods=("spawn",))
        Plugin.parse_options(self.options(joinlint_target_version="3.14", joinlint_threads=True))
        assert Plugin.options == Options(threads=True, start_methods=("forkserver", "spawn"))

    @pytest.mark.parametrize(
        ("option", "value", "message"),
        [
            ("process_classes", ["a b"], "joinlint-process-classes: 'a b' is no dotted name"),
            ("join_functions", ["1"], "joinlint-join-functions: '1' is no dotted name"),
            ("start_methods", ["swpan"], "joinlint-start-methods: unknown start method 'swpan': did you mean 'spawn'"),
            ("target_version", "2.7", "joinlint-target-version: expects a version of Python"),
        ],
    )
    def test_wrong_values(self, option: str, value: object, message: str) -> None:
        with pytest.raises(ExecutionError, match=message):
            Plugin.parse_options(self.options(**{f"joinlint_{option}": value}))

    def test_unknown_code_to_enable(self) -> None:
        with pytest.raises(ExecutionError, match="joinlint-enable: unknown code 'JL1O3': did you mean 'JL103'"):
            Plugin.parse_options(self.options(joinlint_enable=["JL1O3"]))

    def test_nothing_where_there_is_a_problem(self, monkeypatch: pytest.MonkeyPatch) -> None:
        problem = FileResult("app.py", problem=Problem("app.py", "odd"))
        monkeypatch.setattr("joinlint.pipeline.check_files", lambda files, codes: [problem])
        assert self.run(NEVER_JOINED) == []

    def test_never_raises(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(flake8_plugin, "_codes", lambda asked_for: 1 / 0)
        assert self.run(NEVER_JOINED) == []
