"""Trees that somebody else has made: whatever is in them, a check ends soon, says what it could not do, and does no
more than it was told to."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from joinlint import checking
from joinlint.cli import run
from joinlint.project_check import check_project
from joinlint.report import FORMATS

NEVER_JOINED = """\
import multiprocessing


def main(work):
    p = multiprocessing.Process(target=work)
    p.start()
    print("on it goes")
"""
KNOWN = '{"path": "gone.py", "code": "JL101", "context": "main", "text": "p.start()", "count": 1}'
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(NEVER_JOINED)
    return tmp_path


def make_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path.name)  # a path may have no more than some 100 characters


def make_sparse(path: Path) -> None:
    path.touch()
    os.truncate(path, 2**30)


MADE: dict[str, Callable[[Path], object]] = {
    "pipe": os.mkfifo,
    "socket": make_socket,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "folder": Path.mkdir,
    "loop": lambda path: path.symlink_to(path.name),
    "huge": make_sparse,
    "binary": lambda path: path.write_bytes(b"joinlint\n\xff\x00\xfe" * 1000),
}
REFUSED = {
    "loop": "Too many levels of symbolic links",
    "huge": "is larger than 1 MB",
    "binary": "2: is not UTF-8",
}


@pytest.mark.parametrize("kind", MADE)
class TestInPlaceOfFiles:
    @pytest.mark.parametrize("name", ["joinlint.toml", ".joinlint.toml", "pyproject.toml"])
    @pytest.mark.parametrize("arguments", [[], ["--config"]], ids=["found", "named"])
    def test_settings(self, folder: Path, capsys: Capture, kind: str, name: str, arguments: list[str]) -> None:
        MADE[kind](folder / name)
        assert run(["check", *arguments, *[name for _ in arguments]]) == 2
        told = capsys.readouterr()
        assert told.err in {
            f"error: {name}:{space}{REFUSED.get(kind, 'is not a regular file')}\n" for space in (" ", "")
        }
        assert told.out == ""

    def test_baseline(self, folder: Path, capsys: Capture, kind: str) -> None:
        MADE[kind](folder / "known.json")
        (folder / "joinlint.toml").write_text('baseline = "known.json"\n')
        assert run(["check"]) == 2
        refused = {**REFUSED, "huge": "is larger than 100 MB", "binary": "is no baseline: 'utf-8' codec can't decode"}
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"error: {folder / 'known.json'}: ")
        assert refused.get(kind, "is not a regular file") in err

    @pytest.mark.parametrize("name", ["x.py", "x.ipynb", "x"])
    def test_source(self, folder: Path, capsys: Capture, kind: str, name: str) -> None:
        MADE[kind](folder / name)
        found = name != "x" and kind in {"huge", "binary"}
        assert run(["check", "--output-format", "concise"]) == (2 if found else 1)
        out, err = capsys.readouterr()
        assert [line.split(":")[0] for line in out.splitlines()] == ["app.py"]
        assert err.count("\n") == found
        assert not found or err.startswith(f"error: {name}:")


class TestWhatIsInTheWay:
    def test_links_that_lead_round_in_circles(self, folder: Path, capsys: Capture) -> None:
        for link, to in (("self", "."), ("inner/up", ".."), ("a.py", "b.py"), ("b.py", "a.py"), ("c.py", "inner")):
            (folder / link).parent.mkdir(exist_ok=True)
            (folder / link).symlink_to(to)
        assert run(["check", "--output-format", "concise"]) == 1
        out, err = capsys.readouterr()
        assert ([line.split(":")[0] for line in out.splitlines()], err) == (["app.py"], "")
        assert run(["check", "a.py", "self/self/inner/up/app.py", "--output-format", "concise"]) == 2
        out, err = capsys.readouterr()
        assert err == "error: a.py: Too many levels of symbolic links\n"
        assert out.startswith("self/self/inner/up/app.py:")

    def test_files_and_folders_that_must_not_be_read(self, folder: Path, unprivileged: Sequence[str]) -> None:
        modes = {"locked": 0o000, "not_listed": 0o311, "not_entered": 0o644}
        for name in modes:
            (folder / name).mkdir()
            (folder / name / "inner.py").write_text(NEVER_JOINED)
        for name in ("secret.py", "secret"):
            (folder / name).write_text(NEVER_JOINED)
            (folder / name).chmod(0)
        for name, mode in modes.items():
            (folder / name).chmod(mode)
        command = [*unprivileged, sys.executable, "-m", "joinlint", "check", "--output-format", "concise"]
        try:
            done = subprocess.run(
                [*command, ".", "not_listed/inner.py"], capture_output=True, text=True, timeout=60, check=False
            )
        finally:
            for name in modes:
                (folder / name).chmod(0o755)
        refused = ("locked", "not_entered/inner.py", "not_listed", "secret.py")
        assert done.stderr == "".join(f"error: {name}: Permission denied\n" for name in refused)
        assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["app.py", "not_listed/inner.py"]
        assert done.returncode == 2

    @pytest.mark.parametrize(
        "name", ["joinlint.toml", "pyproject.toml", "known.json", ".git", ".git/info", ".gitignore"]
    )
    def test_settings_that_must_not_be_read(self, folder: Path, unprivileged: Sequence[str], name: str) -> None:
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.mkdir() if name in {".git", ".git/info"} else path.write_text("")
        path.chmod(0)
        command = [*unprivileged, sys.executable, "-m", "joinlint", "check", "--quiet"]
        command += ["--baseline", "known.json"] if name == "known.json" else []
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        path.chmod(0o755)
        refused = ".git" not in name
        assert done.returncode == (2 if refused else 1)
        assert done.stderr.startswith(f"error: {name}: ") is refused
        assert done.stderr.endswith("Permission denied\n") is refused

    @pytest.mark.parametrize("then", ["nothing", "folder", "pipe", "loop"])
    def test_a_file_that_is_another_when_it_is_read(
        self, folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch, then: str
    ) -> None:
        (folder / "gone.py").write_text(NEVER_JOINED)

        def late(*arguments: object) -> object:
            (folder / "gone.py").unlink()
            MADE.get(then, str)(folder / "gone.py")
            return check_project(*arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(checking, "check_project", late)
        assert run(["check", "--output-format", "concise"]) == 2
        out, err = capsys.readouterr()
        assert [line.split(":")[0] for line in out.splitlines()] == ["app.py"]
        refused = {"nothing": "No such file or directory", "loop": REFUSED["loop"]}
        assert err == f"error: gone.py: {refused.get(then, 'is not a regular file')}\n"

    def test_a_folder_that_is_gone_when_it_is_listed(
        self, folder: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (folder / "gone").mkdir()
        listing = os.scandir

        def late(path: str) -> object:
            if path.endswith("gone"):
                (folder / "gone").rmdir()
            return listing(path)

        monkeypatch.setattr(os, "scandir", late)
        assert run(["check", "--output-format", "concise"]) == 2
        assert capsys.readouterr().err == "error: gone: No such file or directory\n"

    @pytest.mark.parametrize("name", ["d", "n" * 255], ids=["deep", "long"])
    def test_paths_as_long_as_the_system_has_them(self, folder: Path, capsys: Capture, name: str) -> None:
        """With a file in each folder, some of which are out of reach."""
        path, longest = str(folder), ""
        inside = os.open(folder, os.O_RDONLY)
        while len(path) < 4500:
            os.mkdir(name, dir_fd=inside)
            inside, outer = os.open(name, os.O_RDONLY, dir_fd=inside), inside
            os.close(outer)
            path += f"/{name}"
            opened = os.open("x.py", os.O_CREAT | os.O_WRONLY, dir_fd=inside)
            os.write(opened, NEVER_JOINED.encode() if 3830 < len(path) < 4090 else b"")
            os.close(opened)
            longest = f"{path}/x.py" if len(path) < 4090 else longest
        os.close(inside)
        (folder / ".gitignore").write_text("**/*a*a/**/b\n" * 100)
        try:
            assert run(["check", "--output-format", "concise"]) == 2
        finally:
            subprocess.run(["rm", "-r", name], check=True)  # pytest's own cleaning recurses
        out, err = capsys.readouterr()
        assert f"{longest.removeprefix(f'{folder}/')}:6:5: JL101 " in out
        assert {line.rpartition(": ")[2] for line in err.splitlines()} == {"File name too long"}

    def test_many_empty_files(self, folder: Path, capsys: Capture) -> None:
        for number in range(20_000):
            (folder / f"{number}.py").touch()
        assert run(["check", "--output-format", "concise"]) == 1
        out, err = capsys.readouterr()
        assert (out.count("\n"), err) == (1, "")


ESCAPES = "\x1b[31m \x1b]0;t\x07 \r\x9b2J \u202e"
NAMES = [
    "\x1b[31mred.py",
    "a\nb.py",
    "a\tb\rc.py",
    "\udcff\udcfe.py",
    "\x9b31m.py",
    "\u202eyp.py",
    "-rf.py",
    "--jobs.py",
    "::warning::x.py",
    "a%0Ab.py",
    "<b>&\"'.py",
    "a,b:c.py",
    " .py",
    "n" * 252 + ".py",
]


class TestNames:
    """Names and quoted source with what a terminal would obey, or a format take for its own."""

    @pytest.fixture(autouse=True)
    def files(self, folder: Path) -> None:
        quoted = "'" + ESCAPES.replace("\r", "") + "'"  # a line ends there
        text = NEVER_JOINED.replace('"on it goes"', quoted).replace("=work", f"=work, name={quoted}")
        for name in NAMES:
            (folder / name).write_text(text)
        (folder / f"broken{ESCAPES}.py").write_text("def (:\n")

    @staticmethod
    def assert_harmless(text: str) -> None:
        assert not [c for c in text if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Cs", "Zl", "Zp"}]

    @pytest.mark.parametrize("name", [*FORMATS, "--statistics"])
    def test_reports(self, capsys: Capture, name: str) -> None:
        form = [name] if name.startswith("--") else ["--output-format", name]
        assert run(["check", "--color", "never", "--verbose", *form]) == 2
        out, err = capsys.readouterr()
        self.assert_harmless(out)
        self.assert_harmless(err)
        assert len(re.findall("JL101", out)) >= (1 if form == [name] else len(NAMES))
        assert [line.split(":")[0] for line in err.splitlines()].count("error") == 1

    def test_audit(self, folder: Path) -> None:
        assert run(["audit"]) == 2
        self.assert_harmless((folder / "joinlint-audit.html").read_text())

    @pytest.mark.parametrize("arguments", [["check", "--write-baseline"], ["check", "--baseline"], ["audit", "-o"]])
    def test_files_to_write(self, folder: Path, capsys: Capture, arguments: list[str]) -> None:
        (folder / ESCAPES).write_text('{"version": 1, "findings": []}')
        for name in (ESCAPES, f"{ESCAPES}/x"):
            run([*arguments, name])
            self.assert_harmless("".join(capsys.readouterr()))

    def test_settings(self, folder: Path, capsys: Capture) -> None:
        escapes = json.dumps(ESCAPES)
        known = folder / ESCAPES
        known.write_text(f'{{"version": 1, "findings": [{KNOWN}]}}')
        for key in ("baseline", "select", "output-format", "exclude", "target-version", escapes):
            for value in (escapes, f"[{escapes}]", f"{{{escapes} = 1}}"):
                (folder / "joinlint.toml").write_text(f"{key} = {value}\n")
                run(["check"])
                self.assert_harmless("".join(capsys.readouterr()))


class TestPathsInSettings:
    @pytest.mark.parametrize("key", ["exclude", "extend-exclude", "per-file-ignores"])
    @pytest.mark.parametrize(
        ("pattern", "covers"),
        [
            ("/*", False),
            ("/etc", False),
            ("..", False),
            ("../..", False),
            (".", False),
            ("~/*", False),
            ("[", False),
            ("[z-a]*", False),
            ("\0", False),
            ("*a" * 2000 + "b", False),
            ("**", True),
            ("./app.py", True),
            ("nowhere/../app.py", True),
            ("../*/app.py", True),
        ],
        ids=lambda value: str(value)[:20].replace("\0", "null"),
    )
    def test_patterns(self, folder: Path, capsys: Capture, key: str, pattern: str, covers: bool) -> None:
        quoted = json.dumps(pattern)
        value = f'{{{quoted} = ["JL1"]}}' if key == "per-file-ignores" else f"[{quoted}]"
        (folder / "joinlint.toml").write_text(f"{key} = {value}\n")
        status = run(["check", "--output-format", "concise"])
        if key == "per-file-ignores" and pattern in {"/*", "../.."}:
            covers = True  # what covers the folder named would leave nothing to check, but may silence a rule in it
        assert status == (0 if covers else 1)
        assert ("JL101" in capsys.readouterr().out) is not covers

    @pytest.mark.parametrize(
        ("name", "why"),
        [
            ("/", "cannot be read: is not a regular file"),
            ("..", "cannot be read: is not a regular file"),
            ("/dev/null", "cannot be read: is not a regular file"),
            ("~/known.json", "cannot be read: No such file or directory"),
            ("*.json", "cannot be read: No such file or directory"),
            ("app.py", "is no baseline"),
            ("n" * 300, "cannot be read: File name too long"),
        ],
    )
    def test_baselines(self, folder: Path, capsys: Capture, name: str, why: str) -> None:
        (folder / "joinlint.toml").write_text(f'baseline = "{name}"\n')
        assert run(["check"]) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"error: {os.path.normpath(folder / name)}: {why}")
        assert sorted(os.listdir(folder)) == ["app.py", "joinlint.toml"]

    def test_a_settings_file_that_is_a_link(self, folder: Path, capsys: Capture) -> None:
        (folder / "elsewhere").mkdir()
        (folder / "elsewhere" / "joinlint.toml").write_text('exclude = ["app.py"]\n')
        (folder / "joinlint.toml").symlink_to("elsewhere/joinlint.toml")
        assert run(["check", "--quiet"]) == 0  # its patterns begin where the link is
        (folder / "joinlint.toml").unlink()
        (folder / "joinlint.toml").symlink_to("nowhere")
        capsys.readouterr()
        assert run(["check"]) == 2
        assert capsys.readouterr().err == "error: joinlint.toml: No such file or directory\n"


class TestNothingIsRun:
    """What is checked, and what lies beside it under the name of a module that joinlint or Python may import."""

    MODULES = (
        "ast",
        "click",
        "codecs",
        "conftest",
        "flake8",
        "io",
        "json",
        "libcst",
        "multiprocessing",
        "os",
        "pathlib",
    )
    MODULES += ("pickle", "re", "setup", "site", "sitecustomize", "struct", "tomllib", "typing", "usercustomize")
    # Python itself runs the one that it finds first if it is told `-m joinlint`.
    OWN = ("joinlint", "joinlint/__init__", "joinlint/__main__")
    INSTALLED = Path(sys.executable)

    @pytest.fixture(autouse=True)
    def modules(self, folder: Path) -> None:
        for name in (*self.MODULES, *self.OWN, "one/app", "two/app"):
            path = folder / f"{name}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(f"open('mark of {path.stem}', 'w').close()\n{NEVER_JOINED}")
        for name in ("one", "two"):
            (folder / name / "pyproject.toml").touch()
            with (folder / name / "app.py").open("a") as file:
                file.write("\n" * 9 + "#" * checking._WORTH_PROCESSES)

    @pytest.mark.parametrize(
        "command",
        [
            [str(INSTALLED.with_name("joinlint")), "check", "--exit-zero"],
            [str(INSTALLED.with_name("joinlint")), "check", "--exit-zero", "--jobs", "2", "one", "two"],
            [str(INSTALLED.with_name("joinlint")), "audit"],
            # What flake8's own processes import from the folder, on Python 3.14, is its own affair.
            [str(INSTALLED.with_name("flake8")), "--jobs", "1", "--exit-zero", "--select", "JL"],
            [str(INSTALLED), "-m", "joinlint", "check", "--exit-zero", "--jobs", "2", "one", "two"],
        ],
        ids=["check", "with processes", "audit", "flake8", "as a module"],
    )
    def test_nothing(self, folder: Path, command: list[str]) -> None:
        if command[1] == "-m":
            (folder / "joinlint.py").unlink()
            (folder / "joinlint").rename(folder / "joined")
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert "JL101" in done.stdout
        assert [name for name in os.listdir(folder) if name.startswith("mark")] == []
