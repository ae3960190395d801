"""The command line, mostly run in this process; what depends on the process itself is run in one of its own."""

from __future__ import annotations

import io
import itertools
import json
import os
import subprocess
import sys
import tty
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import pytest

import joinlint
from joinlint import project_check, terminal
from joinlint.cli import cli, run
from joinlint.cli.check import check
from joinlint.options import START_METHODS
from joinlint.regular_files import read_regular
from joinlint.report import FORMATS

NEVER_JOINED = """\
import multiprocessing


def main(work):
    p = multiprocessing.Process(target=work)
    p.start()
    print("on it goes")
"""
JOINED = NEVER_JOINED.replace('print("on it goes")', "p.join()")
# Joined, unless what comes between raises: only the opt-in JL103 speaks of it.
UNSAFE = NEVER_JOINED.replace('print("on it goes")', "work()\n    p.join()")
BROKEN = NEVER_JOINED + "def f(:\n"

BEGINNING = b"import multiprocessing\nmultiprocessing.Process(target=print).start()\n"

Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """A function that writes files into an empty current folder; no colour from the environment."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def write_files(**texts: str) -> None:
        for name, text in texts.items():
            path = tmp_path / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")

    return write_files


def concise(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, list[str]]:
    """The exit status, and the lines of the concise form without the messages."""
    status = run(["check", "--output-format", "concise", *arguments])
    return status, [" ".join(line.split(" ")[:2]) for line in capsys.readouterr().out.splitlines()]


def process(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "joinlint", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        **options,
    )


class TestExitStatus:
    def test_clean(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        write(app=JOINED)
        assert run(["check"]) == 0
        assert capsys.readouterr() == ("All clear: 1 file checked.\n", "")

    def test_findings(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        write(app=NEVER_JOINED)
        assert run(["check"]) == 1
        out, err = capsys.readouterr()
        assert out.startswith("app.py:6:5: JL101 ")
        assert "\n6 |     p.start()\n  |     ^^^^^^^^^ never-joined\n" in out
        assert "Found 1 problem in 1 file (1 file checked).\n" in out
        assert err == ""

    def test_exit_zero(self, write: Write) -> None:
        write(app=NEVER_JOINED, broken=BROKEN)
        assert run(["check", "--exit-zero", "app.py"]) == 0
        assert run(["check", "--exit-zero", "."]) == 2

    def test_a_problem_wins_over_findings(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        write(app=NEVER_JOINED, broken=BROKEN)
        assert run(["check", "--output-format", "concise"]) == 2
        out, err = capsys.readouterr()
        assert out.startswith("app.py:6:5: JL101 ")
        assert out.count("\n") == 1
        assert err.startswith("error: broken.py:8:7: ")
        assert err.count("\n") == 1

    @pytest.mark.parametrize(
        "arguments",
        [
            ["check", "--select", "JL999"],
            ["check", "--select", ""],
            ["check", "--extend-select", "JL101,XX"],
            ["check", "--ignore", "E501"],
            ["check", "--output-format", "xml"],
            ["check", "--color", "sometimes"],
            ["check", "--no-such-option"],
            ["check", "--stdin-filename", "a.py", "app.py"],
            ["check", "nowhere"],
            ["chekc"],
            [],
        ],
    )
    def test_wrong_calls(self, write: Write, capsys: pytest.CaptureFixture[str], arguments: Sequence[str]) -> None:
        write(app=JOINED)
        assert run(arguments) == 2
        out, err = capsys.readouterr()
        assert "error" in err.lower() or not arguments
        assert "JL101" not in out


class TestProblems:
    def test_unknown_code_is_named_with_the_nearest(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        write()
        run(["check", "--select", "JL1O1"])
        assert capsys.readouterr() == ("", "error: --select: unknown code 'JL1O1': did you mean 'JL101'?\n")

    def test_each_is_one_line_and_the_rest_is_checked(
        self, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(app=NEVER_JOINED, broken=BROKEN)
        (tmp_path / "latin.py").write_bytes(b"import multiprocessing\n\n# caf\xe9\n")
        (tmp_path / "codec.py").write_bytes(b"# coding: klingon\nimport multiprocessing\n")
        (tmp_path / "null.py").write_bytes(b"import multiprocessing\n\0\n")
        assert run(["check", ".", "nowhere", "no\nwhere"]) == 2
        out, err = capsys.readouterr()
        assert "app.py:6:5: JL101" in out
        assert "(1 file checked, 6 could not be checked)" in out
        places = [line.split(": ")[1] for line in err.splitlines()]
        assert places == ["broken.py:8:7", "codec.py:1", "latin.py:3", "no\\nwhere", "nowhere", "null.py:2"]
        assert all(len(line.split(": ", 2)[2]) > 5 for line in err.splitlines())

    def test_unreadable_file(
        self, write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(app=NEVER_JOINED, locked=NEVER_JOINED)

        def refuse(name: str) -> bytes:
            if name == "locked.py":
                raise PermissionError(13, "Permission denied", name)
            return read_regular(name)

        monkeypatch.setattr(project_check, "read_regular", refuse)
        assert run(["check", "--output-format", "concise"]) == 2
        out, err = capsys.readouterr()
        assert out.startswith("app.py:6:5: JL101 ")
        assert err == "error: locked.py: Permission denied\n"

    def test_a_fault_of_ours_costs_one_file_only(
        self, write: Write, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        write(app=NEVER_JOINED, odd=NEVER_JOINED)
        check_files = project_check.check_files

        def fail(files: Sequence[object], *rest: object, **options: object) -> object:
            if any(file.filename == "odd.py" for file in files):  # type: ignore[attr-defined]
                raise KeyError("p")
            return check_files(files, *rest, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(project_check, "check_files", fail)
        assert run(["check", "--output-format", "concise"]) == 2
        out, err = capsys.readouterr()
        assert out.startswith("app.py:6:5: JL101 ")
        assert out.count("\n") == 1
        assert err.startswith("error: odd.py: internal error, please report it: KeyError in test_cli.py:")
        assert err.count("\n") == 1

    def test_internal_error_of_files_together(
        self,
        write: Callable[..., None],
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        tmp_path: Path,
    ) -> None:
        write(app=NEVER_JOINED, odd=NEVER_JOINED)
        check_files = project_check.check_files

        def fail(files: Sequence[object], *rest: object, **options: object) -> object:
            if len(files) > 1:
                raise KeyError("p")
            return check_files(files, *rest, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(project_check, "check_files", fail)
        assert run(["check", "--output-format", "concise"]) == 1
        out, err = capsys.readouterr()
        assert out.count("JL101") == 2
        assert err.startswith(f"warning: {tmp_path}: internal error, please report it: KeyError in test_cli.py:")
        assert err.endswith("; its files were checked one by one\n")
        assert err.count("\n") == 1

    def test_current_folder_is_gone(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        gone = tmp_path / "gone"
        gone.mkdir()
        monkeypatch.chdir(gone)
        gone.rmdir()
        assert run(["check"]) == 2
        assert capsys.readouterr() == ("", "error: the current folder is gone\n")

    def test_no_files_at_all(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        write()
        assert run(["check"]) == 0
        assert "no Python files found" in capsys.readouterr().err
        assert run(["check", "--quiet"]) == 0
        assert capsys.readouterr() == ("", "")

    @pytest.mark.parametrize(
        "content",
        [
            b"(" * 5000 + b")" * 5000,
            b"x = " + b"-" * 20000 + b"1\n",
            b"x = " + b"not " * 20000 + b"1\n",
            b"x = " + b"1 + " * 20000 + b"1\n",
            b"x = " + b"lambda: " * 20000 + b"1\n",
            b"x = " + b"1 if y else " * 20000 + b"1\n",
            b"a." * 20000 + b"a\n",
            b"f" + b"()" * 20000 + b"\n",
            b"".join(b" " * i + b"if x:\n" for i in range(95)) + b" " * 95 + b"p.start()\n",
            b"".join(b" " * i + b"for x in y:\n" for i in range(19)) + b" " * 95 + b"p.start()\n",
            b"if x:\n  pass\n" + b"elif x:\n  pass\n" * 2000,
            b"'''",
            b"\r\rx = 1\r",
            b"\x0c\nx = '\xe2\x80\xa8'; multiprocessing.Process().start()\n",
            b"x = '" + b"x" * 1_000_000 + b"'\n",
            b"x = [" + b"1, " * 100_000 + b"]\n",
        ],
        ids=itertools.count(),
    )
    def test_no_content_brings_it_down(self, write: Write, tmp_path: Path, content: bytes) -> None:
        write()
        (tmp_path / "odd.py").write_bytes(BEGINNING + content)
        self.is_checked_or_refused()

    @pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b"# coding: utf-7\n", b"# coding: rot13\n", b"\xff\xfe"])
    def test_no_encoding_brings_it_down(self, write: Write, tmp_path: Path, start: bytes) -> None:
        write()
        (tmp_path / "odd.py").write_bytes(start + BEGINNING)
        self.is_checked_or_refused()

    @staticmethod
    def is_checked_or_refused() -> None:
        result = process("check")  # of its own, since the parser's native code could take this one down
        assert result.returncode == (2 if result.stderr else "Found" in result.stdout)
        assert "Traceback" not in result.stderr
        assert "internal error" not in result.stderr
        assert result.stderr.count("\n") <= 1


class TestSelection:
    @pytest.mark.parametrize(
        ("options", "codes"),
        [
            ([], ["JL101"]),
            (["--select", "JL"], ["JL101"]),
            (["--select", "JL1"], ["JL101"]),
            (["--select", "JL2"], []),
            (["--select", "JL2,JL101"], ["JL101"]),
            (["--select", "JL2", "--select", "JL101"], ["JL101"]),
            (["--ignore", "JL1"], []),
            (["--ignore", " JL2 , JL101 "], []),
            (["--extend-select", "JL1"], ["JL101"]),
            (["--extend-select", "JL103"], ["JL101", "JL103"]),
            (["--select", "JL103"], ["JL103"]),
            (["--extend-select", "JL103", "--ignore", "JL1"], ["JL103"]),
            (["--isolated"], ["JL101"]),
        ],
    )
    def test_options(
        self, write: Write, capsys: pytest.CaptureFixture[str], options: list[str], codes: list[str]
    ) -> None:
        write(a=NEVER_JOINED, b=UNSAFE)
        status, lines = concise(capsys, *options)
        assert [line.split()[1] for line in lines] == codes
        assert status == bool(codes)

    def test_noqa_and_skip_file(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        write(
            a=NEVER_JOINED.replace("start()", "start()  # noqa: JL101"),
            b=NEVER_JOINED.replace("start()", "start()  # noqa: JL2"),
            c=f"# joinlint: skip-file\n{NEVER_JOINED}",
        )
        assert concise(capsys) == (1, ["b.py:6:5: JL101"])


class TestOrder:
    def test_by_file_and_line_whatever_the_arguments(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        write(z=NEVER_JOINED, a=NEVER_JOINED + NEVER_JOINED.replace("main", "more"), sub__b=NEVER_JOINED)
        expected = (1, ["a.py:6:5: JL101", "a.py:13:5: JL101", "sub/b.py:6:5: JL101", "z.py:6:5: JL101"])
        assert concise(capsys) == expected
        assert concise(capsys, "z.py", "sub", "a.py") == expected
        assert concise(capsys, "sub", ".", "z.py", "./a.py") == expected


class TestStdin:
    @pytest.fixture(autouse=True)
    def stdin(self, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
        write(other=JOINED)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(NEVER_JOINED.encode())))

    @pytest.mark.parametrize(
        ("arguments", "name"),
        [
            (["-"], "<stdin>"),
            (["-", "--stdin-filename", "src/app.py"], "src/app.py"),
            (["--stdin-filename", "src/app.py"], "src/app.py"),
            (["-", "other.py"], "<stdin>"),
            (["-", "-"], "<stdin>"),
        ],
    )
    def test_name(self, capsys: pytest.CaptureFixture[str], arguments: list[str], name: str) -> None:
        assert concise(capsys, *arguments) == (1, [f"{name}:6:5: JL101"])

    def test_excerpt_and_json(self, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
        run(["check", "-", "--stdin-filename", "src/app.py", "--output-format", "json"])
        assert [finding["filename"] for finding in json.loads(capsys.readouterr().out)] == [f"{tmp_path}/src/app.py"]

    def test_excerpt(self, capsys: pytest.CaptureFixture[str]) -> None:
        run(["check", "-"])
        assert "6 |     p.start()" in capsys.readouterr().out

    def test_json_without_a_name(self, capsys: pytest.CaptureFixture[str]) -> None:
        run(["check", "-", "--output-format", "json"])
        assert json.loads(capsys.readouterr().out)[0]["filename"] == "<stdin>"


class TestOutput:
    def test_json(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        write(app=NEVER_JOINED, fine=JOINED)
        assert run(["check", "--output-format", "json"]) == 1
        out, err = capsys.readouterr()
        (finding,) = json.loads(out)
        assert finding["code"] == "JL101"
        assert finding["location"] == {"row": 6, "column": 5}
        assert err == ""
        assert run(["check", "--output-format", "json", "fine.py"]) == 0
        assert capsys.readouterr() == ("[]\n", "")

    def test_quiet(self, write: Write, capsys: pytest.CaptureFixture[str]) -> None:
        write(app=NEVER_JOINED, fine=JOINED)
        assert run(["check", "-q"]) == 1
        out = capsys.readouterr().out
        assert "JL101" in out
        assert "checked" not in out
        assert run(["check", "--quiet", "fine.py"]) == 0
        assert capsys.readouterr() == ("", "")

    @pytest.mark.parametrize(
        ("choice", "environment", "terminal_there", "coloured"),
        [
            ("auto", {}, False, False),
            ("auto", {}, True, True),
            ("auto", {"TERM": "dumb"}, True, False),
            ("auto", {"NO_COLOR": "1"}, True, False),
            ("auto", {"NO_COLOR": ""}, True, True),
            ("auto", {"FORCE_COLOR": "1"}, False, True),
            ("auto", {"FORCE_COLOR": "0"}, False, False),
            ("auto", {"FORCE_COLOR": ""}, False, False),
            ("auto", {"NO_COLOR": "1", "FORCE_COLOR": "1"}, True, False),
            ("always", {"NO_COLOR": "1"}, False, True),
            ("never", {"FORCE_COLOR": "1"}, True, False),
        ],
    )
    def test_colour(self, choice: str, environment: dict[str, str], terminal_there: bool, coloured: bool) -> None:
        class Stream(io.StringIO):
            def isatty(self) -> bool:
                return terminal_there

        assert terminal.wants_colour(choice, Stream(), environment) is coloured

    @pytest.mark.parametrize("option", ["--color", "--colour"])
    def test_colour_option(self, write: Write, capsys: pytest.CaptureFixture[str], option: str) -> None:
        write(app=NEVER_JOINED)
        run(["check", option, "always"])
        assert "\x1b[31m" in capsys.readouterr().out
        run(["check", option, "never"])
        assert "\x1b" not in capsys.readouterr().out

    def test_colour_and_width_of_a_real_terminal(self, write: Write) -> None:
        write(app=NEVER_JOINED)
        ours, theirs = os.openpty()
        tty.setraw(theirs)
        environment = {**os.environ, "COLUMNS": "50", "TERM": "xterm"}
        command = [sys.executable, "-m", "joinlint", "check"]
        subprocess.run(command, stdout=theirs, stdin=subprocess.DEVNULL, check=False, timeout=60, env=environment)
        os.close(theirs)
        with os.fdopen(ours, "rb") as stream:
            text = stream.read1(100_000).decode()
        assert "\x1b[31m\x1b[1mJL101" in text
        plain = [line for line in text.splitlines() if "\x1b" not in line]
        assert max(map(len, plain)) <= 50

    def test_an_encoding_without_the_characters(self, write: Write) -> None:
        write(app=NEVER_JOINED.replace("p.start()", "p.start()  # 漢字"))
        result = process("check", env={**os.environ, "PYTHONIOENCODING": "ascii"})
        assert result.returncode == 1
        assert "p.start()  # \\u6f22\\u5b57" in result.stdout
        assert result.stderr == ""


class TestProcess:
    def test_version_needs_neither_parser_nor_rules(self) -> None:
        result = subprocess.run(
            [sys.executable, "-X", "importtime", "-m", "joinlint", "--version"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert result.stdout == f"joinlint {joinlint.__version__}\n"
        imported = {line.rpartition("|")[2].strip() for line in result.stderr.splitlines()}
        assert "joinlint.cli" in imported
        assert not {name for name in imported if name.startswith(("libcst", "joinlint.rules", "flake8"))}

    def test_clean_files_need_no_parser(self, write: Write) -> None:
        write(app="print()\n")
        program = "import sys; from joinlint.cli import run; run(['check']); sys.exit('libcst' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", program], check=False, capture_output=True).returncode == 0

    @pytest.mark.parametrize("arguments", [["check"], ["rule", "--all"], ["check", "--help"], ["--version"]])
    def test_a_reader_that_goes_away(self, write: Write, arguments: list[str]) -> None:
        write(**{f"app{number}": NEVER_JOINED for number in range(30)})
        reading, writing = os.pipe()
        os.close(reading)
        result = subprocess.run(
            [sys.executable, "-m", "joinlint", *arguments],
            stdout=writing,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        os.close(writing)
        assert result.stderr == ""
        if "--all" in arguments:
            assert result.returncode == 0

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
    def test_a_full_disk(self, write: Write) -> None:
        write(app=NEVER_JOINED)
        with Path("/dev/full").open("w") as full:
            result = subprocess.run(
                [sys.executable, "-m", "joinlint", "check"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
            )
        assert result.returncode == 2
        assert result.stderr == "error: cannot write the output: No space left on device\n"

    def test_closed_streams(self, write: Write) -> None:
        write(app=NEVER_JOINED)
        command = f"{sys.executable} -m joinlint check >&-; echo $?; {sys.executable} -m joinlint check - <&-; echo $?"
        result = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
        assert result.stdout == "1\n2\n"
        assert result.stderr == "error: standard input is closed\n"

    def test_names_that_are_no_text(self, write: Write, tmp_path: Path) -> None:
        write()
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.py")).write_text(NEVER_JOINED)
        result = process("check", "--output-format", "concise")
        assert result.stdout.startswith("\\udcff.py:6:5: JL101")
        assert result.stderr == ""

    @pytest.mark.parametrize(
        "arguments",
        [["--help"], ["check", "--help"], ["rule", "--help"], ["config", "--help"], ["check", "-h"]],
    )
    def test_help(self, arguments: list[str]) -> None:
        result = process(*arguments)
        assert result.returncode == 0
        assert "Examples:" in result.stdout
        assert f"joinlint {arguments[0] if len(arguments) > 1 else 'check'}" in result.stdout.partition("Examples:")[2]
        if arguments != ["--help"]:
            assert "Exit status:\n    0  " in result.stdout

    @pytest.mark.parametrize("columns", [60, 80, 100])
    @pytest.mark.parametrize("name", ["", *cli.list_commands(click.Context(cli))])
    def test_help_fits(self, monkeypatch: pytest.MonkeyPatch, name: str, columns: int) -> None:
        monkeypatch.setenv("COLUMNS", str(columns))
        result = process(*filter(None, [name]), "--help")
        assert max(map(len, result.stdout.splitlines())) <= columns
        assert "..." not in result.stdout.partition("Commands:")[2]

    def test_help_names_every_choice(self) -> None:
        told = " ".join((check.help or "").split())
        *first, last = FORMATS
        assert f"FORMAT is {', '.join(first)} or {last}." in told
        *first, last = START_METHODS
        assert f"METHODS are {', '.join(first)} and {last}." in told

    def test_a_slip_of_the_pen(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert run(["chek"]) == 2
        assert "No such command 'chek'. Did you mean 'check'?" in capsys.readouterr().err

    def test_the_installed_command(self) -> None:
        command = Path(sys.executable).with_name("joinlint")
        result = subprocess.run([command, "--version"], capture_output=True, text=True, check=True)
        assert result.stdout == f"joinlint {joinlint.__version__}\n"


NOT_NEEDED = (
    "concurrent.futures dataclasses difflib json libcst logging pathlib pkgutil shutil tomllib traceback "
    "joinlint.analysis joinlint.cli.audit joinlint.cli.confirm joinlint.gitignore joinlint.report.excerpt "
    "joinlint.rules"
)


def test_what_one_small_file_needs_no_modules_for(tmp_path: Path) -> None:
    (tmp_path / "small.py").write_text("print('hello')\n", encoding="utf-8")
    program = (
        "import sys; before = set(sys.modules); from joinlint.cli import run; run(['check', 'small.py'])\n"
        f"print(*sorted(set({NOT_NEEDED!r}.split()) & (set(sys.modules) - before)))"
    )
    command = [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {program}"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout == "All clear: 1 file checked.\n\n"
