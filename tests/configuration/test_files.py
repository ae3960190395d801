"""Which settings file holds for which file, and what can be wrong with one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from joinlint.configuration.command_line import CommandLine
from joinlint.configuration.errors import SettingsError
from joinlint.configuration.lookup import SettingsLookup
from joinlint.configuration.settings import SETTINGS

Write = Callable[..., None]
Check = Callable[..., list[str]]
Refusal = Callable[..., str]

IGNORE = 'ignore = ["JL101"]\n'


def lookup(**given: object) -> SettingsLookup:
    return SettingsLookup(CommandLine(**given))


class TestWhichFile:
    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("pyproject.toml", f"[tool.joinlint]\n{IGNORE}"),
            ("pyproject.toml", f"\N{BYTE ORDER MARK}[tool.joinlint]\r\n{IGNORE}"),
            ("joinlint.toml", IGNORE),
            ("joinlint.toml", f"\N{BYTE ORDER MARK}{IGNORE}"),
            (".joinlint.toml", IGNORE),
        ],
    )
    def test_name(self, write: Write, check: Check, name: str, text: str) -> None:
        write("src/app.py")
        assert check() == ["src/app.py JL101"]
        write(name, text)
        assert check() == []

    def test_in_one_folder_the_most_particular_counts_alone(self, write: Write) -> None:
        write("pyproject.toml", "[tool.joinlint]\nthreads = true\nignore = ['JL1']\n")
        assert lookup().of_file("app.py").settings.threads
        write("joinlint.toml", "ignore = ['JL2']\n")
        assert lookup().of_file("app.py").settings.ignore == ("JL2",)
        assert not lookup().of_file("app.py").settings.threads
        write(".joinlint.toml", "")
        assert lookup().of_file("app.py").settings.ignore == ()

    def test_the_nearest_counts_alone(self, write: Write, check: Check) -> None:
        write("joinlint.toml", "ignore = ['JL101']")
        write("one/joinlint.toml", "")
        for name in ("app.py", "one/app.py", "one/deep/er/app.py", "two/app.py"):
            write(name)
        assert check() == check("one", "two", ".") == ["one/app.py JL101", "one/deep/er/app.py JL101"]
        assert check("two/app.py") == []
        assert check("one/deep/er/app.py") == ["one/deep/er/app.py JL101"]

    @pytest.mark.parametrize("text", ["", "[project]\nname = 'x'\n", "[tool.other]\njoinlint = 1\n", "joinlint [ ="])
    def test_a_project_file_without_our_table_is_passed_over(self, write: Write, check: Check, text: str) -> None:
        write("joinlint.toml", IGNORE)
        write("sub/app.py")
        write("sub/pyproject.toml", text.replace("joinlint [ =", "broken [ ="))
        assert check() == []

    def test_an_empty_table_is_a_table(self, write: Write, check: Check) -> None:
        write("joinlint.toml", IGNORE)
        write("sub/app.py")
        write("sub/pyproject.toml", "[tool.joinlint]\n")
        assert check() == ["sub/app.py JL101"]

    def test_isolated_reads_none(self, write: Write, check: Check) -> None:
        write("app.py")
        write("joinlint.toml", "nonsense")
        assert check("--isolated") == ["app.py JL101"]
        assert check("--isolated", "--config", "ignore = ['JL101']") == []

    def test_a_file_that_is_named_replaces_all(self, write: Write, check: Check) -> None:
        write("app.py")
        write("joinlint.toml", IGNORE)
        write("ci/other.toml", "extend-exclude = ['./app.py']\nper-file-ignores = {'more.py' = ['JL1']}")
        write("ci/app.py")
        write("ci/more.py")
        write("ci/last.py")
        # Its patterns are relative to its own folder.
        assert check("--config", "ci/other.toml") == ["app.py JL101", "ci/last.py JL101"]
        write("ci/pyproject.toml", "[tool.joinlint]\nselect = []")
        assert check("--config", "ci/pyproject.toml") == []

    def test_standard_input_has_the_settings_of_its_name(
        self, write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        from joinlint.cli import run

        write("sub/app.py")
        write("sub/joinlint.toml", "output-format = 'json'\nper-file-ignores = {'quiet.py' = ['JL1']}")
        for name, expected in (("sub/loud.py", '"code": "JL101"'), ("sub/quiet.py", "[]"), ("loud.py", "JL101 `p`")):
            with open("sub/app.py") as stream:
                monkeypatch.setattr("sys.stdin", stream)
                run(["check", "-", "--stdin-filename", name])
            assert expected in capsys.readouterr().out

    def test_folders_deep_below(self, write: Write) -> None:
        write("joinlint.toml", "threads = true")
        assert lookup().of_file("a/" * 1500 + "app.py").settings.threads


def test_settings_need_no_parser(write: Write) -> None:
    write("app.py", "print()\n")
    write("joinlint.toml", IGNORE)
    program = "import sys; from joinlint.cli import run; run(['check']); sys.exit('libcst' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, capture_output=True).returncode == 0


class TestWhatCanBeWrong:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("selct = []", "joinlint.toml: unknown key 'selct': did you mean 'select'?"),
            ("process_classes = []", "joinlint.toml: unknown key 'process_classes': did you mean 'process-classes'?"),
            ("JoinFunctions = []", "joinlint.toml: unknown key 'JoinFunctions': did you mean 'join-functions'?"),
            ("[lint]", "joinlint.toml: unknown key 'lint': `joinlint config` lists the keys"),
            ('"a\\nb" = 1', "joinlint.toml: unknown key 'a\\nb': `joinlint config` lists the keys"),
            ("threads =", "joinlint.toml:1:10: invalid value"),
            ("\n\nthreads = yes", "joinlint.toml:3:11: invalid value"),
            ("threads = true\nthreads = true", "joinlint.toml:2:15: cannot overwrite a value"),
            ("x = " + "9" * 5000, "joinlint.toml: a number has too many digits"),
            ("x = " + "[" * 100_000, "joinlint.toml: is nested too deeply"),
            ("\n" + "x." * 400_000 + "x = 1", "joinlint.toml:2: a key has more than 100 parts"),
            ("[" + "'x' . " * 150_000 + "x]", "joinlint.toml:1: a key has more than 100 parts"),
            ("ignore = ['JL1O1']", "joinlint.toml: ignore: unknown code 'JL1O1': did you mean 'JL101'?"),
            ("per-file-ignores = {'*' = ['E']}", "joinlint.toml: per-file-ignores: '*': unknown code 'E'"),
            ("per-file-ignores = {'' = ['JL1']}", "joinlint.toml: per-file-ignores: '': '' is no pattern"),
        ],
    )
    def test_text(self, write: Write, refusal: Refusal, text: str, message: str) -> None:
        write("app.py")
        write("joinlint.toml", text)
        assert refusal().startswith(message)

    def test_project_file(self, write: Write, refusal: Refusal) -> None:
        write("pyproject.toml", "[tool]\njoinlint = 1")
        assert refusal() == "pyproject.toml: tool.joinlint: expects a table, not an integer"
        write("pyproject.toml", "[tool.joinlint")
        assert refusal().startswith("pyproject.toml:1:15: ")
        write("pyproject.toml", "[project]")
        assert refusal("--config", "pyproject.toml") == "pyproject.toml: has no table [tool.joinlint]"

    def test_one_in_a_folder_below(self, write: Write, refusal: Refusal) -> None:
        write("sub/app.py")
        write("sub/joinlint.toml", "x = 1")
        assert refusal().startswith("sub/joinlint.toml: unknown key 'x'")

    def test_what_is_no_text(self, write: Write, refusal: Refusal) -> None:
        write("app.py")
        Path("joinlint.toml").write_bytes(b"threads = true\n# \xff")
        assert refusal() == "joinlint.toml:2: is not UTF-8"
        Path("joinlint.toml").write_bytes("threads = true".encode("utf-16"))
        assert refusal() == "joinlint.toml:1: is not UTF-8"

    def test_what_is_no_file(self, write: Write, refusal: Refusal) -> None:
        write("app.py")
        Path("joinlint.toml").mkdir()
        assert refusal() == "joinlint.toml: is not a regular file"
        Path("joinlint.toml").rmdir()
        Path("joinlint.toml").symlink_to("nowhere")
        assert refusal() == "joinlint.toml: No such file or directory"
        Path("joinlint.toml").unlink()
        os.mkfifo("joinlint.toml")
        assert refusal() == "joinlint.toml: is not a regular file"

    def test_unreadable(self, write: Write, refusal: Refusal, monkeypatch: pytest.MonkeyPatch) -> None:
        write("app.py")
        write("joinlint.toml", "")

        def refuse(name: str, max_size: int) -> bytes:
            raise PermissionError(13, "Permission denied", name)

        monkeypatch.setattr("joinlint.configuration.toml_file.read_regular", refuse)
        assert refusal() == "joinlint.toml: Permission denied"

    def test_a_big_file(self, write: Write, check: Check) -> None:
        write("app.py")
        write("joinlint.toml", IGNORE + "extend-exclude = [" + "'vendor/some/folder',\n" * 40_000 + "]")
        assert check() == []


def said_of(**given: object) -> str:
    """What is said of settings that can't be used, "" of others."""
    try:
        lookup(**given).of_file("app.py")
    except SettingsError as error:
        return str(error)
    return ""


# Values as TOML has them, and as it doesn't.
ATOMS = st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["JL101", "spawn", "3.11"])
VALUES = st.recursive(ATOMS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner))
KEYS = st.sampled_from(sorted(SETTINGS)) | st.text(max_size=12)
LINES = st.tuples(KEYS, VALUES).map(lambda pair: f"{pair[0]} = {pair[1]!r}".replace("True", "true"))
ANY_BYTES = st.binary(max_size=60) | st.lists(LINES, max_size=4).map(
    lambda lines: "\n".join(lines).encode("utf-8", "replace")
)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=ANY_BYTES, name=st.sampled_from(["joinlint.toml", "pyproject.toml"]))
def test_any_file_makes_settings_or_one_line(tmp_path: Path, data: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"[tool.joinlint]\n" + data if name == "pyproject.toml" else data)
    line = said_of(config=[str(path)])
    assert line == "" or line.startswith(str(path))
    assert "\n" not in line


@settings(max_examples=200)
@given(st.lists(st.text(max_size=30) | LINES, max_size=3), st.sampled_from(sorted(SETTINGS)), st.text(max_size=12))
def test_any_options_make_settings_or_one_line(config: list[str], key: str, text: str) -> None:
    flags = {} if SETTINGS[key].kind.of_texts is None else {key: [text]}
    line = said_of(config=config, flags=flags, isolated=True)
    assert line == "" or line.startswith("--")
