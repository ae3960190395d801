"""Commands where they may not write, where nobody reads, and where they meet: one clear line, and whole files."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

NEVER_JOINED = """\
import multiprocessing


def main(work):
    p = multiprocessing.Process(target=work)
    p.start()
    print("on it goes")
"""
COMMAND = (sys.executable, "-m", "joinlint")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").write_text(NEVER_JOINED)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (["check", "--output-file", "report.txt"], "report.txt"),
        (["check", "--write-baseline", "known.json"], "known.json"),
        (["check", "--add-noqa"], "app.py"),
        (["audit"], "joinlint-audit.html"),
    ],
)
def test_a_folder_that_is_read_only(folder: Path, unprivileged: Sequence[str], arguments: list[str], name: str) -> None:
    command = [*unprivileged, *COMMAND, *arguments]
    folder.chmod(0o555)
    try:
        result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    finally:
        folder.chmod(0o755)
    assert (result.returncode, result.stderr) == (2, f"error: {name}: cannot be written: Permission denied\n")
    assert os.listdir(folder) == ["app.py"]
    assert (folder / "app.py").read_text() == NEVER_JOINED


@pytest.mark.parametrize(
    "arguments",
    [
        ["config"],
        ["config", "--output-format", "json"],
        *(["rule", "--all", "--output-format", name] for name in ("text", "markdown", "json")),
        ["check", "--exit-zero", "--statistics"],
        ["check", "--write-baseline", "known.json"],
        ["audit"],
    ],
    ids=" ".join,
)
def test_a_reader_that_goes_away(arguments: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    result = subprocess.run(
        [*COMMAND, *arguments], stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60, check=False
    )
    os.close(writing)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize(
    ("arguments", "completion"),
    [(["config"], ""), (["rule", "JL101"], ""), (["--version"], ""), (["check", "--help"], ""), ([], "bash_source")],
)
def test_a_full_disk(arguments: list[str], completion: str) -> None:
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [*COMMAND, *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            env={**os.environ, "_JOINLINT_COMPLETE": completion},
            text=True,
            timeout=60,
            check=False,
        )
    assert (result.returncode, result.stderr) == (2, "error: cannot write the output: No space left on device\n")


@pytest.mark.parametrize(
    ("arguments", "name", "statuses"),
    [
        (["check", "--exit-zero", "--output-file", "report.txt"], "report.txt", {0}),
        (["check", "--write-baseline", "known.json"], "known.json", {0}),
        # Who comes second finds nothing, or that the file has changed since it was checked.
        (["check", "--add-noqa"], "app.py", {0, 2}),
    ],
    ids=["report", "baseline", "comments"],
)
def test_runs_that_write_the_same_file_at_once(
    folder: Path, arguments: list[str], name: str, statuses: set[int]
) -> None:
    subprocess.run([*COMMAND, *arguments], stdout=subprocess.DEVNULL, timeout=60, check=True)
    alone = (folder / name).read_bytes()
    (folder / "app.py").write_text(NEVER_JOINED)
    runs = [subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.DEVNULL) for _ in range(5)]
    ended = {process.wait(timeout=60) for process in runs}
    assert 0 in ended <= statuses
    assert (folder / name).read_bytes() == alone
    assert set(os.listdir(folder)) == {"app.py", name}
