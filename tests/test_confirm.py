"""`joinlint confirm`: programs are run, findings held against what they do, and nothing is left of any program."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from joinlint.evidence import limits, processes
from joinlint.report.text import width

# A start under this name in a program's environment can be told from all other processes.
MARK = "CONFIRM_TEST"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the observers read /proc")


@dataclass(frozen=True)
class Result:
    """What a call of joinlint gave, and which processes it has left."""

    status: int
    out: str
    err: str
    left: tuple[int, ...]


def marked(mark: str) -> tuple[int, ...]:
    """The living processes with the mark in their environment."""
    found = []
    for process in processes.all_processes():
        try:
            environment = Path(f"/proc/{process.pid}/environ").read_bytes()
        except OSError:
            continue
        if process.lives and f"{MARK}={mark}".encode() in environment:
            found.append(process.pid)
    return tuple(found)


def confirm(folder: Path, *arguments: str, **options: object) -> Result:
    """Run `joinlint confirm` in the folder."""
    mark = f"{folder}-{time.monotonic_ns()}"
    environment = {**os.environ, MARK: mark}
    result = subprocess.run(
        [sys.executable, "-m", "joinlint", "confirm", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        **options,
    )
    return Result(result.returncode, result.stdout, result.stderr, marked(mark))


def write(folder: Path, text: str, name: str = "app.py") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


NEVER_JOINED = """\
import sys
from multiprocessing import Process


def work():
    print("working", *sys.argv[1:])


if __name__ == "__main__":
    p = Process(target=work)
    p.start()
"""
JOINED = f"{NEVER_JOINED}    p.join()\n"


class TestOutput:
    def test_confirmed(self, tmp_path: Path) -> None:
        write(tmp_path, NEVER_JOINED)
        result = confirm(tmp_path, "app.py", "one", "--two")
        assert result.status == 1, result.err
        assert result.out.startswith("app.py:11:5: JL101 ")
        for method in ("fork", "forkserver", "spawn"):
            assert re.search(rf"    confirmed under {method}: process \d+, started at \d+\.\d\d s", result.out)
        assert "\n1 of 1 finding confirmed.\n" in result.out
        assert "exit status 0 after" in result.out
        assert all(width(line) <= 80 for line in result.out.splitlines())
        assert "\x1b" not in result.out
        assert result.left == ()

    def test_says_what_it_will_run_before_it_does(self, tmp_path: Path) -> None:
        write(tmp_path, "import sys\nsys.stderr.write('here I am\\n')\n", "an app.py")
        result = confirm(tmp_path, "--start-method", "fork", "--show-output", "an app.py", "--one", "two three")
        *first, command, running, output = result.err.splitlines()
        assert (
            " ".join(first) == "joinlint runs this program, with all that it does, under fork, each for 60 s at most:"
        )
        assert command == f"  {sys.executable} 'an app.py' --one 'two three'"
        assert running == "running under fork ..."
        assert output == "here I am"

    def test_nothing_found(self, tmp_path: Path) -> None:
        write(tmp_path, JOINED)
        result = confirm(tmp_path, "--start-method", "fork", "app.py")
        assert (result.status, result.left) == (0, ())
        assert result.out.endswith("Nothing found, and nothing seen in the runs.\n")

    def test_a_line_that_does_not_run(self, tmp_path: Path) -> None:
        write(tmp_path, NEVER_JOINED.replace("if __name__ ==", "if len(sys.argv) > 9 and __name__ =="))
        result = confirm(tmp_path, "--start-method", "fork", "--start-method", "spawn", "app.py")
        assert result.status == 1
        assert "    not observed under fork and spawn: that line did not run\n" in result.out
        assert "\n0 of 1 finding confirmed.\n" in result.out

    def test_a_line_that_does_no_harm(self, tmp_path: Path) -> None:
        text = JOINED.replace("    p.join()", "    if len(sys.argv) == 1:\n        p.join()")
        write(tmp_path, text)
        result = confirm(tmp_path, "--start-method", "fork", "--color", "always", "app.py")
        assert result.status == 1
        assert "\x1b[34m\x1b[1mnot observed\x1b[0m under fork: process" in result.out
        plain = re.sub(r"\x1b\[\d+m", "", result.out)
        assert re.search(r"not observed under fork: process \d+ was started there and joined", plain)
        assert "fork, with children held until their parent waits for them: exit status 0" in plain

    def test_a_hold_shows_what_a_plain_run_does_not(self, tmp_path: Path) -> None:
        # Unless it is held, the child is over and found so before the code ends.
        unnoticed = [
            "    if not os.environ['JOINLINT_HOLD']:",
            "        os.waitid(os.P_PID, p.pid, os.WEXITED | os.WNOWAIT)",
            "        active_children()",
        ]
        text = NEVER_JOINED.replace("import Process", "import active_children, Process")
        write(tmp_path, "\n".join([f"import os\n{text.rstrip()}", *unnoticed, ""]))
        result = confirm(tmp_path, "--start-method", "fork", "app.py")
        flat = " ".join(result.out.split())
        assert "confirmed under fork, with children held until their parent waits for them: process" in flat
        assert result.status == 1

    def test_json(self, tmp_path: Path) -> None:
        write(tmp_path, NEVER_JOINED)
        result = confirm(tmp_path, "--start-method", "fork", "--output-format", "json", "app.py", "x")
        report = json.loads(result.out)
        assert result.status == 1
        assert set(report) == {"program", "runs", "findings", "observed", "not_run_with_hold"}
        assert report["program"]["command"] == [sys.executable, "app.py", "x"]
        (run,) = report["runs"]
        assert (run["start_method"], run["hold"], run["why"], run["status"]) == ("fork", "", "exit", 0)
        assert run["stdout"] == "working x\n"
        (finding,) = report["findings"]
        assert (finding["code"], finding["confirmed"], finding["location"]["row"]) == ("JL101", True, 11)
        (verdict,) = finding["verdicts"]
        assert (verdict["start_method"], verdict["verdict"]) == ("fork", "confirmed")
        (worker,) = verdict["workers"]
        assert worker["kind"] == "process"
        assert worker["row"] == 11
        assert 0 < worker["started"] <= worker["unjoined_at"]

    def test_what_no_rule_reports(self, tmp_path: Path) -> None:
        text = NEVER_JOINED.replace("    p.start()", "    getattr(p, 'sta' + 'rt')()")
        write(tmp_path, text)
        result = confirm(tmp_path, "--start-method", "fork", "app.py")
        assert result.status == 1
        assert "No rule reports, but the runs showed:\n\napp.py:11: never joined\n    observed under fork" in result.out
        write(tmp_path, text.replace("rt')()", "rt')()  # noqa: JL101"))
        assert confirm(tmp_path, "--start-method", "fork", "app.py").status == 0
        assert confirm(tmp_path, "--start-method", "fork", "--ignore", "JL1", "app.py").status == 0

    def test_started_one_at_a_time(self, tmp_path: Path) -> None:
        text = JOINED.replace(
            "    p = Process(target=work)\n    p.start()\n    p.join()",
            "    todo = [Process(target=work) for _ in range(3)]\n"
            "    while todo:\n        getattr(todo[0], 'start')()\n        getattr(todo.pop(0), 'join')()",
        )
        write(tmp_path, text)
        result = confirm(tmp_path, "--start-method", "fork", "app.py")
        assert result.status == 1
        assert "app.py:13: one at a time\n" in result.out


class TestCalls:
    def test_module(self, tmp_path: Path) -> None:
        write(tmp_path, "", "pack/__init__.py")
        write(tmp_path, NEVER_JOINED, "pack/tool.py")
        result = confirm(tmp_path, "--start-method", "fork", "--output-format", "json", "-m", "pack.tool", "-v")
        assert result.status == 1
        report = json.loads(result.out)
        assert report["program"]["command"] == [sys.executable, "-m", "pack.tool", "-v"]
        assert report["runs"][0]["stdout"] == "working -v\n"
        assert report["findings"][0]["filename"] == str(tmp_path / "pack/tool.py")
        assert report["findings"][0]["confirmed"]

    def test_imported_files_are_checked_and_others_are_not(self, tmp_path: Path) -> None:
        write(tmp_path, "", "pyproject.toml")
        write(tmp_path, NEVER_JOINED.replace('if __name__ == "__main__":', "def main():"), "tool.py")
        write(tmp_path, "import tool\nif __name__ == '__main__':\n    tool.main()\n")
        write(tmp_path, NEVER_JOINED, "other.py")
        write(tmp_path, f"import app\n{NEVER_JOINED}", "test_app.py")
        result = confirm(tmp_path, "--start-method", "spawn", "--output-format", "json", "app.py")
        (finding,) = json.loads(result.out)["findings"]
        assert finding["filename"] == str(tmp_path / "tool.py")
        assert finding["confirmed"]

    def test_standard_input(self, tmp_path: Path) -> None:
        write(tmp_path, "print(repr(input('name? ')))\n")
        options = ("--start-method", "fork", "--start-method", "spawn", "--output-format", "json")
        (tmp_path / "answers").write_text("Ada\n")
        result = confirm(tmp_path, *options, "--stdin", "answers", "app.py", input="not this\n")
        assert [run["stdout"] for run in json.loads(result.out)["runs"]] == ["name? 'Ada'\n"] * 2
        (run, _) = json.loads(confirm(tmp_path, *options, "app.py", input="not this\n").out)["runs"]
        assert run["status"] == 1
        assert "EOFError" in run["stderr"]

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            (["nowhere.py"], "error: nowhere.py: No such file or directory"),
            (["-m", "no.such.module"], "error: no module named 'no.such.module'"),
            (["broken.py"], "error: broken.py:1:7: "),
            (["--start-method", "thread", "app.py"], "Invalid value for '--start-method'"),
            (["--timeout", "0", "app.py"], "Invalid value for '--timeout'"),
            (["--select", "JL9", "app.py"], "error: --select: unknown code 'JL9'"),
            (["--python", "no-such-python", "app.py"], "error: the program could not be started"),
            ([], "Missing argument"),
        ],
        ids=["missing", "module", "syntax", "method", "timeout", "code", "python", "nothing"],
    )
    def test_wrong_calls(self, tmp_path: Path, arguments: Sequence[str], said: str) -> None:
        write(tmp_path, "open('ran', 'w')\n")
        write(tmp_path, "def f(:\n", "broken.py")
        result = confirm(tmp_path, *arguments)
        assert result.status == 2
        assert said in result.err
        assert not (tmp_path / "ran").exists()


class TestSettings:
    def test_which_rules_and_which_start_methods(self, tmp_path: Path) -> None:
        write(tmp_path, NEVER_JOINED, "sub/app.py")
        write(tmp_path, "start-methods = ['fork']", "joinlint.toml")
        result = confirm(tmp_path, "--output-format", "json", "sub/app.py")
        assert [run["start_method"] for run in json.loads(result.out)["runs"]] == ["fork"]
        assert result.status == 1
        write(tmp_path, "start-methods = ['fork']\nper-file-ignores = {'sub' = ['JL1']}", "joinlint.toml")
        assert confirm(tmp_path, "sub/app.py").status == 0
        assert confirm(tmp_path, "--isolated", "--start-method", "fork", "sub/app.py").status == 1

    def test_what_is_excluded_is_named_here(self, tmp_path: Path) -> None:
        write(tmp_path, NEVER_JOINED)
        write(tmp_path, "exclude = ['app.py']\nforce-exclude = true", "joinlint.toml")
        assert confirm(tmp_path, "--start-method", "fork", "app.py").status == 1

    def test_what_can_be_wrong(self, tmp_path: Path) -> None:
        write(tmp_path, "open('ran', 'w')\n")
        write(tmp_path, "selct = 1", "joinlint.toml")
        result = confirm(tmp_path, "app.py")
        assert (result.status, result.err) == (2, "error: joinlint.toml: unknown key 'selct': did you mean 'select'?\n")
        assert not (tmp_path / "ran").exists()


# Programs that misbehave, what must be said of each, and the exit status.
BAD_PROGRAMS = {
    "hangs": ("import time; time.sleep(600)", ["ended by joinlint after 2 s"], 2),
    "crashes": ("import os; os.kill(os.getpid(), 11)", ["ended by signal 11"], 0),
    "fails": ("raise SystemExit(3)", ["exit status 3"], 0),
    "forks for ever": (
        """
        import os, time
        while True:
            if os.fork() == 0:
                time.sleep(600)
        """,
        ["with more than 200 processes at a time"],
        2,
    ),
    "writes without end": (
        """
        import os
        while True:
            os.write(1, bytes(65536))
        """,
        ["ended by joinlint after 2 s"],
        2,
    ),
    "kills its parent": (
        "import os, time; os.kill(os.getppid(), 9); time.sleep(600)",
        ["lost, as the process between joinlint and the program was ended"],
        2,
    ),
    "ignores signals": (
        """
        import signal, time
        for number in (1, 2, 3, 15):
            signal.signal(number, signal.SIG_IGN)
        time.sleep(600)
        """,
        ["ended by joinlint after 2 s"],
        2,
    ),
    "leaves a daemon": (
        """
        import os, time
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                os.execve("/bin/sleep", ["sleep", "600"], {})
            os._exit(0)
        os.wait()
        time.sleep(0.5)
        """,
        ["exit status 0", "Left running, and ended by joinlint: process"],
        0,
    ),
    "closes all files and moves": (
        """
        import os
        os.chdir("/")
        os.closerange(0, 1024)
        os.open("/dev/null", os.O_RDWR)
        """,
        ["exit status 0"],
        0,
    ),
    "hides from the recorder": (
        """
        import os, sys
        if len(sys.argv) < 2:
            os.execve(sys.executable, [sys.executable, "-I", "app.py", "x"], {})
        """,
        ["exit status 0"],
        0,
    ),
}


class TestBadPrograms:
    @pytest.mark.parametrize("name", BAD_PROGRAMS)
    def test_bounded_and_ended(self, tmp_path: Path, name: str) -> None:
        text, said, status = BAD_PROGRAMS[name]
        write(tmp_path, textwrap.dedent(text))
        result = confirm(tmp_path, "--start-method", "fork", "--timeout", "2", "app.py")
        flat = " ".join(result.out.split())
        assert all(words in flat for words in said), result.out
        assert (result.status, result.left) == (status, ()), result.err
        assert len(result.out) < 10_000
        assert not [p for p in processes.all_processes() if p.lives and _command(p.pid) == b"sleep\x00600\x00"]

    def test_a_pool_that_respawns_for_ever(self, tmp_path: Path) -> None:
        write(tmp_path, "from multiprocessing import Pool\npool = Pool(2)\nprint(pool.map(abs, [1]))\npool.close()\n")
        result = confirm(tmp_path, "--start-method", "spawn", "app.py")
        assert (result.status, result.left) == (1, ())
        assert "confirmed under spawn: " in result.out
        assert "one child after the other was refused a start at import" in " ".join(result.out.split())

    @staticmethod
    @contextmanager
    def sleeping(folder: Path, mark: str) -> Iterator[subprocess.Popen[bytes]]:
        """`joinlint confirm`, marked so, while the program it confirms sleeps."""
        write(folder, "import time\nprint('here')\ntime.sleep(600)\n")
        command = [sys.executable, "-m", "joinlint", "confirm", "--show-output", "--start-method", "fork", "app.py"]
        with subprocess.Popen(
            command, cwd=folder, env={**os.environ, MARK: mark, "PYTHONUNBUFFERED": "1"}, stderr=subprocess.PIPE
        ) as process:
            assert process.stderr is not None
            while process.stderr.readline().strip() != b"here":
                pass
            yield process

    def test_interrupted(self, tmp_path: Path) -> None:
        mark = f"interrupted-{time.monotonic_ns()}"
        with self.sleeping(tmp_path, mark) as process:
            process.send_signal(signal.SIGINT)
            _, rest = process.communicate()
        assert process.returncode == 130
        assert rest.split() == [b"interrupted"]
        assert marked(mark) == ()

    def test_joinlint_is_killed(self, tmp_path: Path) -> None:
        mark = f"killed-{time.monotonic_ns()}"
        with self.sleeping(tmp_path, mark) as process:
            process.kill()
            process.communicate()
        deadline = time.monotonic() + 20
        while marked(mark) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert marked(mark) == ()

    def test_output_is_passed_on_and_kept_in_part(self, tmp_path: Path) -> None:
        write(tmp_path, "for number in range(100000):\n    print(number, 'x' * 20)\n")
        options = ("--start-method", "fork", "--output-format", "json")
        result = confirm(tmp_path, *options, "--show-output", "app.py")
        (run,) = json.loads(result.out)["runs"]
        assert result.err.count("x" * 20) == 100000
        assert run["out_bytes"] == sum(len(f"{number} {'x' * 20}\n") for number in range(100000))
        assert len(run["stdout"]) < 4 * limits.OUTPUT_BYTES
        assert run["stdout"].startswith("0 xxx")
        assert run["stdout"].endswith("99999 xxxxxxxxxxxxxxxxxxxx\n")
        assert "bytes left out ...]" in run["stdout"]


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
