"""Every key: what it does, set in a file and set by an option."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from joinlint.cli import run
from joinlint.configuration.command_line import CommandLine
from joinlint.configuration.layers import Resolved
from joinlint.configuration.lookup import SettingsLookup
from joinlint.configuration.patterns import FileIgnore, Pattern
from joinlint.configuration.settings import SETTINGS, Settings, field_of
from joinlint.options import START_METHODS, Options

Write = Callable[..., None]
Check = Callable[..., list[str]]
Refusal = Callable[..., str]


def values(here: str) -> dict[str, tuple[str, Sequence[str] | bool, object]]:
    """For each key a value in TOML, as texts for the option, and what comes of it in the folder `here`."""
    return {
        "select": ('["JL1", "JL201"]', ["JL1", " JL201"], ("JL1", "JL201")),
        "extend-select": ('["JL103"]', ["JL103"], ("JL103",)),
        "ignore": ('["JL3", "JL101"]', ["JL3,JL101"], ("JL3", "JL101")),
        "per-file-ignores": (
            '{"a/*.py" = ["JL1", "JL2"], "!b" = ["JL3"]}',
            ["a/*.py:JL1,JL2,!b:JL3"],
            (
                FileIgnore(Pattern("a/*.py", here), False, ("JL1", "JL2")),
                FileIgnore(Pattern("b", here), True, ("JL3",)),
            ),
        ),
        "exclude": ('["a", "b/*.py"]', ["a,b/*.py"], (Pattern("a", here), Pattern("b/*.py", here))),
        "extend-exclude": ('["a"]', ["a"], (Pattern("a", here),)),
        "force-exclude": ("true", True, True),
        "respect-gitignore": ("false", False, False),
        "threads": ("true", True, True),
        "process-classes": ('["a.B", "C"]', ["a.B", "C"], ("a.B", "C")),
        "join-functions": ('["a.b"]', ["a.b"], ("a.b",)),
        "start-methods": ('["spawn", "fork", "spawn"]', ["spawn,fork,spawn"], ("spawn", "fork")),
        "target-version": ('"3.14"', ["py314"], (3, 14)),
        "output-format": ('"json"', ["concise", "json"], "json"),
        "baseline": ('"sub/../known.json"', ["known.json"], f"{here}/known.json"),
    }


WRONG_TYPES = {
    "select": "1",
    "extend-select": '"JL1"',
    "ignore": "[1]",
    "per-file-ignores": '["a"]',
    "exclude": "{}",
    "extend-exclude": '"a"',
    "force-exclude": '"yes"',
    "respect-gitignore": "1",
    "threads": "[]",
    "process-classes": '["a.B", 2]',
    "join-functions": "1979-05-27",
    "start-methods": '"fork"',
    "target-version": "3.11",
    "output-format": "1.0",
    "baseline": "07:32:00",
}


def resolved(**given: object) -> Resolved:
    return SettingsLookup(CommandLine(**given)).of_file("app.py")


def test_no_key_is_left_out() -> None:
    assert values("").keys() == WRONG_TYPES.keys() == SETTINGS.keys()
    assert tuple(map(field_of, SETTINGS)) == Settings._fields


@pytest.mark.parametrize("key", SETTINGS)
class TestEach:
    def test_in_a_file(self, write: Write, tmp_path: Path, key: str) -> None:
        toml, _, expected = values(str(tmp_path))[key]
        write("joinlint.toml", f"{key} = {toml}")
        assert getattr(resolved().settings, field_of(key)) == expected
        assert resolved().sources == {key: (f"{tmp_path}/joinlint.toml",)}

    def test_by_config(self, write: Write, tmp_path: Path, key: str) -> None:
        toml, _, expected = values(str(tmp_path))[key]
        write("app.py")
        found = resolved(config=[f"{key} = {toml}"])
        assert getattr(found.settings, field_of(key)) == expected
        assert found.sources == {key: ("command line",)}

    def test_by_an_option(self, write: Write, tmp_path: Path, key: str) -> None:
        _, texts, expected = values(str(tmp_path))[key]
        write("app.py")
        assert getattr(resolved(flags={key: texts}).settings, field_of(key)) == expected

    def test_the_option_wins_over_config_and_config_over_the_file(self, write: Write, key: str) -> None:
        toml, texts, _ = values("")[key]
        default = getattr(Settings(), field_of(key))
        write("joinlint.toml", f"{key} = {toml}")
        if default is False or default is True:
            undone = f"{key} = {str(default).lower()}"
            assert getattr(resolved(config=[undone]).settings, field_of(key)) is default
            assert getattr(resolved(config=[undone], flags={key: not default}).settings, field_of(key)) is not default
        else:
            assert resolved(config=[f"{key} = {toml}"]).sources[key][-1] == "command line"
            assert resolved(flags={key: texts}).sources[key][-1] == "command line"

    def test_wrong_type(self, write: Write, refusal: Refusal, key: str) -> None:
        write("app.py")
        write("joinlint.toml", f"{key} = {WRONG_TYPES[key]}")
        assert refusal().startswith(f"joinlint.toml: {key}: expects ")
        assert refusal("--isolated", "--config", f"{key} = {WRONG_TYPES[key]}").startswith("--config ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--select", ""], "--select: needs at least one code, such as JL101 or JL1"),
        (["--per-file-ignores", "JL1"], "--per-file-ignores: 'JL1' has no pattern before it"),
        (["--per-file-ignores", "a:"], "--per-file-ignores: 'a': unknown code ''"),
        (["--exclude", "/"], "--exclude: '/' is no pattern"),
        (["--process-classes", "a..b"], "--process-classes: 'a..b' is no dotted name"),
        (["--join-functions", "a-b"], "--join-functions: 'a-b' is no dotted name"),
        (["--start-methods", "swpan"], "--start-methods: unknown start method 'swpan': did you mean 'spawn'?"),
        (["--start-methods", ""], "--start-methods: expects at least one start method"),
        (["--target-version", "2.7"], "--target-version: expects a version of Python, such as"),
        (["--output-format", "sraif"], "--output-format: unknown format 'sraif': "),
        (["--config", "selct = 1"], "--config 'selct = 1': unknown key 'selct': did you mean 'select'?"),
        (["--config", "select ="], "--config 'select =':1:9: invalid value"),
        (["--config", "nowhere.toml"], "nowhere.toml: No such file or directory"),
        (["--config", "."], ": is not a regular file"),
        (["--config", "a.toml", "--config", "b.toml"], "--config: there can be one file only, not 'a.toml' and"),
        (["--config", "a.toml", "--isolated"], "--config: 'a.toml' is not read with --isolated"),
    ],
)
def test_wrong_options(write: Write, refusal: Refusal, arguments: list[str], message: str) -> None:
    write("app.py")
    assert message in refusal(*arguments)


class TestSelection:
    @pytest.mark.parametrize(
        ("text", "arguments", "is_found"),
        [
            ("ignore = ['JL1']", [], False),
            ("ignore = ['JL1']", ["--extend-select", "JL101"], True),
            ("ignore = ['JL101']", ["--extend-select", "JL1"], True),
            ("ignore = ['JL101']", ["--select", "JL1"], True),
            ("ignore = ['JL101']", ["--ignore", "JL2"], False),
            ("select = ['JL2']", [], False),
            ("select = ['JL2']", ["--extend-select", "JL1"], True),
            ("select = ['JL101']", ["--ignore", "JL1"], False),
            ("select = ['JL2']", ["--config", "extend-select = ['JL101']"], True),
            ("select = ['JL2']", ["--config", "extend-select = ['JL101']", "--ignore", "JL1"], False),
            ("select = []", [], False),
        ],
    )
    def test_the_later_word_counts(
        self, write: Write, check: Check, text: str, arguments: list[str], is_found: bool
    ) -> None:
        write("app.py")
        write("joinlint.toml", text)
        assert check(*arguments) == ["app.py JL101"] * is_found

    def test_sources_of_what_several_say(self, write: Write, tmp_path: Path) -> None:
        write("joinlint.toml", "ignore = ['JL1']\nextend-exclude = ['a']\nexclude = ['b']")
        found = resolved(flags={"ignore": ["JL2"], "extend-exclude": ["c"], "exclude": ["d"]})
        assert found.settings.ignore == ("JL1", "JL2")
        assert [pattern.text for pattern in found.settings.extend_exclude] == ["a", "c"]
        assert [pattern.text for pattern in found.settings.exclude or ()] == ["d"]
        both = (f"{tmp_path}/joinlint.toml", "command line")
        assert found.sources == {"ignore": both, "extend-exclude": both, "exclude": ("command line",)}
        assert resolved(flags={"select": ["JL1"]}).sources["ignore"] == ("command line",)


class TestPerFileIgnores:
    def test_codes_that_are_ignored_in_some_files(self, write: Write, check: Check) -> None:
        for name in ("app.py", "tests/one.py", "tests/deep/two.py", "lib/tests.py"):
            write(name)
        write("joinlint.toml", "[per-file-ignores]\n'tests/*' = ['JL2', 'JL1']")
        assert check() == ["app.py JL101", "lib/tests.py JL101"]
        assert check("--per-file-ignores", "!tests/*:JL101") == ["tests/deep/two.py JL101", "tests/one.py JL101"]
        assert check("--per-file-ignores", "tests.py:JL101,app.py:JL2,JL1") == [
            "tests/deep/two.py JL101",
            "tests/one.py JL101",
        ]

    def test_nothing_selects_them_all_the_same(self, write: Write, check: Check) -> None:
        write("app.py")
        write("joinlint.toml", "select = ['JL101']\nper-file-ignores = {'app.py' = ['JL']}")
        assert check("--extend-select", "JL101") == []


class TestExclude:
    @pytest.fixture(autouse=True)
    def files(self, write: Write) -> None:
        for name in ("app.py", "vendor/one.py", "src/vendor/two.py", "build/three.py", "src/x_pb2.py"):
            write(name)

    def names(self, found: list[str]) -> list[str]:
        return [line.split(" ")[0] for line in found]

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            ([], ["app.py", "src/vendor/two.py", "src/x_pb2.py", "vendor/one.py"]),
            (["--extend-exclude", "vendor"], ["app.py", "src/x_pb2.py"]),
            (["--extend-exclude", "vendor/"], ["app.py", "src/x_pb2.py"]),
            (["--extend-exclude", "./vendor"], ["app.py", "src/vendor/two.py", "src/x_pb2.py"]),
            (["--extend-exclude", "src/*.py"], ["app.py", "vendor/one.py"]),
            (["--extend-exclude", "**/vendor", "--extend-exclude", "*_pb2.py"], ["app.py"]),
            (["--exclude", "src"], ["app.py", "build/three.py", "vendor/one.py"]),
            (["--exclude", ""], ["app.py", "build/three.py", "src/vendor/two.py", "src/x_pb2.py", "vendor/one.py"]),
        ],
    )
    def test_in_folders(self, check: Check, options: list[str], expected: list[str]) -> None:
        assert self.names(check(*options)) == expected

    def test_what_is_named(self, check: Check) -> None:
        named = ["vendor/one.py", "build", "src"]
        assert self.names(check("--extend-exclude", "vendor", *named)) == [
            "build/three.py",
            "src/x_pb2.py",
            "vendor/one.py",
        ]
        assert self.names(check("--extend-exclude", "vendor", "vendor")) == ["vendor/one.py"]
        assert self.names(check("--extend-exclude", "vendor", "--force-exclude", *named)) == ["src/x_pb2.py"]
        assert self.names(check("--exclude", "vendor", "--force-exclude", *named)) == ["build/three.py", "src/x_pb2.py"]
        assert self.names(check("--force-exclude", "build/three.py")) == []

    def test_the_folders_above_do_not_count(self, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir("build")
        assert self.names(check("--force-exclude", "three.py", ".")) == ["three.py"]
        assert self.names(check("--extend-exclude", "build")) == ["three.py"]
        Path("build").mkdir()
        Path("three.py").rename("build/__init__.py")
        assert self.names(check()) == ["build/__init__.py"]
        assert self.names(check("--extend-exclude", "build")) == []

    def test_standard_input(self, check: Check, monkeypatch: pytest.MonkeyPatch) -> None:
        for options, expected in (([], ["vendor/x.py"]), (["--force-exclude"], [])):
            with open("app.py") as stream:
                monkeypatch.setattr("sys.stdin", stream)
                found = check("--extend-exclude", "vendor", *options, "-", "--stdin-filename", "vendor/x.py")
            assert self.names(found) == expected

    def test_what_is_left_out_is_known_all_the_same(self, write: Write, check: Check) -> None:
        write("pyproject.toml", "[tool.joinlint]\nextend-exclude = ['vendor', 'src', 'app.py']")
        write("owner.py", OWNER)
        assert check() == ["owner.py JL101"]
        write("vendor/closer.py", CLOSER)
        assert check() == []

    def test_gitignore(self, write: Write, check: Check) -> None:
        Path(".git").mkdir()
        write(".gitignore", "vendor")
        assert self.names(check()) == ["app.py", "src/x_pb2.py"]
        assert len(check("--no-respect-gitignore")) == 4
        write("src/joinlint.toml", "respect-gitignore = false")
        assert self.names(check()) == ["app.py", "src/vendor/two.py", "src/x_pb2.py"]


OWNER = """\
import multiprocessing


class Owner:
    def start(self, work):
        self.worker = multiprocessing.Process(target=work)
        self.worker.start()
"""
CLOSER = """\
from owner import Owner


def close(owner: Owner):
    owner.worker.join()
"""


class TestNestedFolders:
    def test_each_file_has_its_own_options_and_knows_the_others(self, write: Write, check: Check) -> None:
        thread = "import threading\n\n\ndef main(work):\n    t = threading.Thread(target=work)\n    t.start()\n"
        write("pyproject.toml", "[tool.joinlint]\n")
        write("one/joinlint.toml", "threads = true")
        write("two/joinlint.toml", "ignore = ['JL101']")
        for folder in ("one", "two", "three"):
            write(f"{folder}/app.py")
            write(f"{folder}/threads.py", thread)
        assert check() == ["one/app.py JL101", "one/threads.py JL101", "three/app.py JL101"]
        write("three/owner.py", OWNER)
        assert "three/owner.py JL101" in check()
        # It is checked with other options than the owner, and still speaks for it.
        write("one/closer.py", CLOSER.replace("from owner", "from three.owner"))
        assert "three/owner.py JL101" not in check()
        assert check("three/owner.py") == []

    def test_the_output_is_that_of_the_current_folder(
        self, write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write("sub/app.py")
        write("sub/joinlint.toml", "output-format = 'json'")
        run(["check"])
        assert capsys.readouterr().out.startswith("sub/app.py:6:5: JL101")
        monkeypatch.chdir("sub")
        run(["check"])
        assert capsys.readouterr().out.startswith("[")


class TestOptions:
    def test_what_the_analysis_heeds(self) -> None:
        settings = Settings(threads=True, process_classes=("a.B",), join_functions=("c",), start_methods=("spawn",))
        assert settings.options == Options(True, ("a.B",), ("c",), ("spawn",))
        assert Settings().options == Options()

    @pytest.mark.parametrize(
        ("version", "methods"),
        [
            (None, START_METHODS),
            ((3, 13), START_METHODS),
            ((3, 14), ("forkserver", "spawn")),
            ((3, 15), ("forkserver", "spawn")),
        ],
    )
    def test_start_methods_of_a_version(self, version: tuple[int, int] | None, methods: tuple[str, ...]) -> None:
        assert Settings(target_version=version).options.start_methods == methods
        assert Settings(target_version=version, start_methods=("fork",)).options.start_methods == ("fork",)

    @pytest.mark.parametrize("text", ["3.11", "py311"])
    def test_spellings_of_a_version(self, text: str) -> None:
        assert resolved(flags={"target-version": [text]}, isolated=True).settings.target_version == (3, 11)
