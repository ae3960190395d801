"""Tasks in processes of their own: the same outcome as in one, whatever becomes of the processes."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from joinlint import checking, jobs
from joinlint.cli import run
from joinlint.jobs import Lost, run_in_processes

HERE = Path(__file__).parent
with pytest.MonkeyPatch.context() as patch:
    patch.syspath_prepend(HERE)
    jobs_functions = importlib.import_module("jobs_functions")

NEVER_JOINED = """\
from multiprocessing import Process
def main():
    process = Process(target=print)
    process.start()
"""
Projects = Callable[..., None]


@pytest.fixture(autouse=True)
def no_process_is_left(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.syspath_prepend(HERE)  # the processes get this one's path
    yield
    assert multiprocessing.active_children() == []


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


class TestTasks:
    @pytest.mark.parametrize("count", [1, 3])
    def test_each_gets_its_result(self, count: int) -> None:
        assert sorted(run_in_processes(jobs_functions.doubled, range(10), count)) == list(range(0, 20, 2))

    def test_in_no_more_processes_than_allowed(self) -> None:
        used = set(run_in_processes(jobs_functions.process_of, range(20), 2))
        assert len(used) <= 2
        assert os.getpid() not in used

    def test_an_exception_reaches_the_caller(self) -> None:
        with pytest.raises(FileNotFoundError, match="no such thing"):
            list(run_in_processes(jobs_functions.failing, range(10), 2))

    def test_an_exception_that_cannot_be_pickled_is_put_into_words(self) -> None:
        with pytest.raises(RuntimeError, match="pickle"):
            list(run_in_processes(jobs_functions.failing_oddly, [1], 2))

    def test_a_task_whose_process_is_killed_is_started_over(self, tmp_path: Path) -> None:
        marks = [str(tmp_path / name) for name in "abc"]
        assert sorted(run_in_processes(jobs_functions.killed_once, marks, 2)) == marks

    def test_a_task_that_ends_its_process_is_lost_and_the_others_are_not(self) -> None:
        results = list(run_in_processes(jobs_functions.leaving, range(5), 2))
        assert [r.task for r in results if isinstance(r, Lost)] == [0]
        assert sorted(r for r in results if isinstance(r, int)) == [1, 2, 3, 4]

    def test_a_process_that_is_killed_while_it_waits(self, tmp_path: Path) -> None:
        results = run_in_processes(jobs_functions.process_of, range(6), 1)
        first = next(results)
        os.kill(first, signal.SIGKILL)
        rest = list(results)
        assert len(rest) == 5
        assert first not in rest[1:]

    @pytest.mark.parametrize("times", [1, 2, 3])
    def test_a_process_that_is_killed_while_it_starts(self, monkeypatch: pytest.MonkeyPatch, times: int) -> None:
        start, killed = jobs._start, []

        def start_and_kill(function: object) -> object:
            worker = start(function)
            if len(killed) < times:
                worker.process.kill()
                worker.process.join()
                killed.append(worker.process.pid)
            return worker

        monkeypatch.setattr(jobs, "_start", start_and_kill)
        results = list(run_in_processes(jobs_functions.doubled, range(4), 1))
        lost = [result.task for result in results if isinstance(result, Lost)]
        assert lost == ([0] if times > 1 else [])
        assert sorted(r for r in results if isinstance(r, int)) == [2 * n for n in range(4) if n not in lost]

    def test_a_stopped_process_does_not_hold_up_the_end(self) -> None:
        results = run_in_processes(jobs_functions.process_of, range(6), 1)
        os.kill(next(results), signal.SIGSTOP)
        results.close()

    def test_where_no_process_can_be_started(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(function: object) -> object:
            raise OSError(11, "Resource temporarily unavailable")

        monkeypatch.setattr(jobs, "_start", refuse)
        assert list(run_in_processes(jobs_functions.process_of, range(3), 2)) == [os.getpid()] * 3

    def test_where_only_one_can_be_started(self, monkeypatch: pytest.MonkeyPatch) -> None:
        start, started = jobs._start, []

        def refuse(function: object) -> object:
            if started:
                raise OSError(11, "Resource temporarily unavailable")
            started.append(start(function))
            return started[0]

        monkeypatch.setattr(jobs, "_start", refuse)
        assert len(set(run_in_processes(jobs_functions.process_of, range(6), 3))) == 1


@pytest.fixture
def projects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Projects:
    """Makes projects in the current folder, and several processes worth while for them."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(checking, "_WORTH_PROCESSES", 0)

    def make(*names: str) -> None:
        for number, name in enumerate(names):
            (tmp_path / name).mkdir()
            (tmp_path / name / "pyproject.toml").touch()
            (tmp_path / name / "app.py").write_text(NEVER_JOINED + "#" * number)

    return make


class TestCheck:
    def test_the_same_outcome_in_the_same_order(self, projects: Projects, capsys: pytest.CaptureFixture[str]) -> None:
        projects("c", "a", "d", "b")
        told = []
        for count in ("1", "2"):
            status = run(["check", "--jobs", count, "--output-format", "concise"])
            told.append((status, capsys.readouterr()))
        assert told[0] == told[1]
        assert [line.split("/")[0] for line in told[0][1].out.splitlines()] == ["a", "b", "c", "d"]

    def test_a_project_whose_process_is_lost(
        self, projects: Projects, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        projects("good", "bad", "fine")
        monkeypatch.setattr(checking, "check_project", jobs_functions.check_project_and_leave)
        assert run(["check", "--jobs", "2", "--output-format", "concise"]) == 2
        out, err = capsys.readouterr()
        assert [line.split(":")[0] for line in out.splitlines()] == ["fine/app.py", "good/app.py"]
        assert err == "error: bad/app.py: could not be checked: the process that did so was killed\n"

    @pytest.mark.parametrize("size", [0, 10_000_000])
    def test_a_long_file_is_parsed_in_a_process_of_its_own(
        self, projects: Projects, monkeypatch: pytest.MonkeyPatch, size: int
    ) -> None:
        projects("bad")
        monkeypatch.setattr(checking, "_LONG_FILE", size)
        monkeypatch.setattr(checking, "check_project", jobs_functions.check_project_and_tell)
        monkeypatch.setattr(jobs_functions, "told", [])
        assert run(["check", "--jobs", "1"]) == 1
        assert jobs_functions.told == (["bad"] if size else [])


SCRIPT = """\
import sys
from jobs_functions import noting
from joinlint import cli
from joinlint.jobs import run_in_processes

@cli.cli.command()
def long():
    list(run_in_processes(noting, [folder] * 4, 2))

if __name__ == "__main__":
    folder = sys.argv[1]
    cli.main(["long"])
"""


PARSING = """\
import os
import sys
import libcst
from joinlint import cli, project

def lower(text, *rest):
    open(os.path.join(folder, str(os.getpid())), "w").close()
    while True:  # so that libcst is in the midst of one
        libcst.parse_module(text)

if __name__ == "__main__":
    folder = sys.argv[1]
    much = [[] for _ in range(2_000_000)]  # to be put away when Python ends
    project.lower = lower
    cli.main(["check", folder + "/../app.py"])
"""


class LongRun:
    """A run that takes long, in a process group of its own; its processes leave their numbers in `notes`."""

    def __init__(self, folder: Path, text: str = SCRIPT) -> None:
        script, self.notes = folder / "long.py", folder / "notes"
        script.write_text(text)
        self.notes.mkdir()
        self.process = subprocess.Popen(
            [sys.executable, str(script), str(self.notes)],
            env={**os.environ, "PYTHONPATH": str(HERE)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def workers(self, count: int) -> list[int]:
        """The numbers of that many processes, as soon as they are at work."""
        deadline = time.monotonic() + 60
        while len(list(self.notes.iterdir())) < count and time.monotonic() < deadline:
            time.sleep(0.02)
        return [int(note.name) for note in self.notes.iterdir()]

    def interrupt(self, whom: str) -> None:
        if whom == "the group":
            os.killpg(self.process.pid, signal.SIGINT)
        else:
            self.process.send_signal(signal.SIGINT)


@pytest.mark.parametrize("whom", ["the group", "the parent"])
@pytest.mark.parametrize("count", [1, 2], ids=["while the second starts", "while both work"])
def test_ctrl_c(tmp_path: Path, whom: str, count: int) -> None:
    run = LongRun(tmp_path)
    workers = run.workers(count)
    began = time.monotonic()
    run.interrupt(whom)
    out, err = run.process.communicate(timeout=20)
    assert time.monotonic() - began < 1  # 0.1 s on a machine that has nothing else to do
    assert (run.process.returncode, out, err.strip()) == (130, "", "interrupted")
    assert [pid for pid in {*workers, *run.workers(0)} if is_there(pid)] == []


FIRST_START = """\
import signal
from joinlint import jobs

def noting(function):
    worker = start(function)
    print(signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, []))
    return worker

start, jobs._start = jobs._start, noting
if __name__ == "__main__":
    print(list(jobs.run_in_processes(str, [1], 1)))
"""


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="signals can't be kept waiting here")
def test_ctrl_c_waits_until_the_first_process_is_there(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(FIRST_START)
    ran = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert ran.stdout == "True\n['1']\n"


def test_ctrl_c_while_a_file_is_parsed(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(NEVER_JOINED * 10)
    run = LongRun(tmp_path, PARSING)
    run.workers(1)
    began = time.monotonic()
    run.interrupt("the parent")
    out, err = run.process.communicate(timeout=20)
    assert time.monotonic() - began < 1
    assert (run.process.returncode, out, err.strip()) == (130, "", "interrupted")
