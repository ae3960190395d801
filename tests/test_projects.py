"""Files of one project are judged together, whichever of them are named; those of different projects are not."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from joinlint.checking import check_paths
from joinlint.configuration.command_line import CommandLine
from joinlint.configuration.lookup import SettingsLookup
from joinlint.project_roots import ProjectRoots
from joinlint.sources import SourceFile

OWNER = """\
from multiprocessing import Process


class Service:
    def open(self):
        self._proc = Process(target=print)
        self._proc.start()
"""
CLOSER = """\
from app.owner import Service


class Closing(Service):
    def close(self):
        self._proc.join()
"""
WORKER = """\
import multiprocessing


class Worker(multiprocessing.Process):
    pass
"""
STARTER = """\
from .worker import Worker


def main():
    Worker().start()
"""
PASSES_ON = "import multiprocessing\ncontext = multiprocessing.get_context('fork')\n"
USES_CONTEXT = """\
from . import compat


class Worker(compat.context.Process):
    pass


def main():
    Worker().start()
"""

Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    monkeypatch.chdir(tmp_path)

    def write_files(**texts: str) -> None:
        for name, text in texts.items():
            path = tmp_path / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(exist_ok=True, parents=True)
            path.write_text(text, encoding="utf-8")

    return write_files


def selecting(*codes: str) -> SettingsLookup:
    return SettingsLookup(CommandLine(flags={"select": codes}, isolated=True))


def found(*arguments: str, stdin: SourceFile | None = None) -> list[str]:
    outcome = check_paths(arguments, stdin, selecting("JL101"))
    assert not outcome.problems
    assert not outcome.warnings
    return [f"{finding.filename}:{finding.span.start.row}" for finding in outcome.findings]


def test_another_file_of_the_package_joins(write: Write) -> None:
    write(app____init="", app__owner=OWNER, app__closer=CLOSER)
    Path("app/__init__.py").touch()
    assert found(".") == []
    assert found("app/owner.py") == []
    assert found(stdin=SourceFile("app/owner.py", OWNER)) == []
    Path("app/closer.py").unlink()
    assert found(".") == ["app/owner.py:7"]
    assert found("app/owner.py") == ["app/owner.py:7"]


def test_tests_and_sources_are_one_project(write: Write) -> None:
    write(src__app__owner=OWNER, tests__test_app=CLOSER)
    assert found("src/app/owner.py") == ["src/app/owner.py:7"]
    Path("pyproject.toml").touch()
    assert found("src/app/owner.py") == []


def test_a_caller_from_a_file_that_is_not_named(write: Write) -> None:
    launch = (
        "import multiprocessing\n\n\ndef launch():\n    p = multiprocessing.Process()\n    p.start()\n    return p\n"
    )
    write(app__helper=launch, app__main="from .helper import launch\n\n\ndef main():\n    launch()\n")
    Path("app/__init__.py").touch()
    assert found(".") == ["app/helper.py:6"]
    assert found("app/helper.py") == ["app/helper.py:6"]


def test_a_class_from_a_file_that_is_not_named(write: Write) -> None:
    write(app__worker=WORKER, app__starter=STARTER, app__unrelated="def f(:")
    Path("app/__init__.py").touch()
    assert found("app/starter.py") == ["app/starter.py:5"]


def test_a_library_that_is_passed_on(write: Write) -> None:
    write(app__compat=PASSES_ON, app__main=USES_CONTEXT)
    Path("app/__init__.py").touch()
    assert found("app/main.py") == ["app/main.py:9"]
    assert found("app") == ["app/main.py:9"]


def test_a_function_that_is_given_a_process_is_looked_into_wherever_it_is(write: Write) -> None:
    given = "import multiprocessing\nfrom helper import {0}\nimport other\n\n\ndef main():\n"
    given += "    p = multiprocessing.Process(target=print)\n    p.start()\n    {1}(p)\n"
    helper = "def show(p):\n    print(p)\n\n\ndef reap(p):\n    p.join()\n"
    write(shown=given.format("show", "show"), reaped=given.format("show", "other.reap"), helper=helper, other=helper)
    Path("pyproject.toml").touch()
    assert found(".") == ["shown.py:8"]
    assert found("shown.py") == ["shown.py:8"]
    assert found("reaped.py") == []


@pytest.mark.parametrize(
    ("known_as", "made", "handed_over"),
    [
        ("from multiprocessing import Process as Worker", "Worker(target=print)", "reap(p)"),
        ("import multiprocessing as mp", "mp.Process(target=print)", "reap(worker=p)"),
        (
            "import multiprocessing\nclass Worker(multiprocessing.Process):\n    pass\nclass Mine(Worker):\n    pass",
            "Mine()",
            "reap(p)",
        ),
    ],
)
def test_whatever_the_process_and_the_argument_are_called(
    write: Write, known_as: str, made: str, handed_over: str
) -> None:
    given = f"{known_as}\nfrom helper import {{}} as reap\n\n\ndef main():\n    p = {made}\n    p.start()\n"
    helper = "def show(worker):\n    print(worker)\n\n\ndef join(worker):\n    worker.join()\n"
    write(shown=given.format("show") + f"    {handed_over}\n", reaped=given.format("join") + f"    {handed_over}\n")
    write(helper=helper)
    Path("pyproject.toml").touch()
    row = 7 + known_as.count("\n")
    assert found(".") == [f"shown.py:{row}"]
    assert found("reaped.py") == []


def test_projects_do_not_mix(write: Write) -> None:
    write(one__app__owner=OWNER, two__app__closer=CLOSER)
    for folder in ("one/app", "two/app"):
        Path(folder, "__init__.py").touch()
    assert found(".") == ["one/app/owner.py:7"]


def test_a_script_is_not_judged_by_folders_beside_it(write: Write, tmp_path: Path) -> None:
    write(owner=OWNER, other__closer=CLOSER.replace("app.owner", "owner"))
    assert found("owner.py") == found(".") == ["owner.py:7"]
    Path("other/__init__.py").touch()
    assert found("owner.py") == found(".") == []


def test_flake8_is_silent_where_another_file_may_join(write: Write) -> None:
    write(owner=OWNER, script=f"{OWNER}\n\nif __name__ == '__main__':\n    Service().open()\n")
    command = [sys.executable, "-m", "flake8", "--isolated", "--select", "JL", "."]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert [line.split(" ")[0] for line in result.stdout.splitlines()] == ["./script.py:7:9:"]


POOLS = """\
from multiprocessing import Pool


def _work(n):
    with Pool(n) as pool:
        pool.map(len, [])


def run(n):
    _work(n)
"""


def starts(*arguments: str) -> list[str]:
    outcome = check_paths(arguments, None, selecting("JL201", "JL202"))
    assert not outcome.problems
    assert not outcome.warnings
    return [f"{finding.filename}:{finding.span.start.row} {finding.code}" for finding in outcome.findings]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from pools import run\n\nrun(3)\n", ["script.py:3 JL201"]),
        ("from pools import run\n\nRESULT = run(3)\n", ["script.py:3 JL201"]),
        ("import pools\n\nprint(pools.run(3))\n", ["script.py:3 JL201"]),
        ("from pools import run\n\n\ndef main():\n    run(3)\n\n\nmain()\n", ["script.py:8 JL201"]),
        ("from pools import run\n\nif __name__ == 'main':\n    run(3)\n", ["script.py:3 JL202"]),
        ("from pools import run\n\nif __name__ == '__main__':\n    run(3)\n", []),
        ("from pools import run\n\n\ndef main():\n    run(3)\n", []),
    ],
)
def test_a_script_that_only_calls_what_starts(write: Write, text: str, expected: list[str]) -> None:
    write(pools=POOLS, script=text)
    assert starts(".") == expected


def test_a_script_that_gets_there_by_a_third_file(write: Write) -> None:
    write(pools=POOLS, api="from pools import run\n\n\ndef go():\n    run(3)\n", script="from api import go\n\ngo()\n")
    assert starts(".") == ["script.py:3 JL201"]


def test_a_script_by_itself(write: Write) -> None:
    write(pools=POOLS, script="from pools import run\n\nrun(3)\n")
    Path("pyproject.toml").touch()
    assert starts("script.py") == ["script.py:3 JL201"]


def test_a_folder_for_temporary_files_is_no_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package, script = tmp_path / "left_over", tmp_path / "mine"
    for folder in (package, script):
        folder.mkdir()
    (package / "__init__.py").touch()
    assert ProjectRoots().root_of(str(script / "main.py")) == str(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert ProjectRoots().root_of(str(script / "main.py")) == str(script)


IMPORTING_IN_A_FUNCTION = """\
import multiprocessing


def main():
    from app.work import work

    process = multiprocessing.Process(target=work)
    process.start()
    return [process.name, work]
"""


def test_a_function_that_is_imported_inside_of_another(write: Write) -> None:
    write(app__main=IMPORTING_IN_A_FUNCTION, app__work="import multiprocessing\n\n\ndef work():\n    pass\n")
    Path("app/__init__.py").touch()
    assert found(".") == ["app/main.py:8"]
