"""Timing of whole processes, taken in turns so that what the machine does besides hits all alike."""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Timing:
    """The runs of one command: wall and processor time in seconds, and the peak resident memory of the main process in
    MB (of one run)."""

    wall: tuple[float, ...]
    processor: tuple[float, ...]
    memory: float

    @property
    def median(self) -> float:
        """The median of the wall times."""
        return statistics.median(self.wall)


def time_in_turns(commands: Mapping[str, Sequence[str]], folder: Path, runs: int) -> dict[str, Timing]:
    """Run each command `runs` times in `folder`, one after the other in each round, and once before to fill caches,
    Python's own among them, whatever the environment says."""
    taken: dict[str, list[tuple[float, float, float]]] = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, command in commands.items():
            measured = _run(command, folder)
            if turn:
                taken[name].append(measured)
    return {
        name: Timing(tuple(m[0] for m in all_), tuple(m[1] for m in all_), max(m[2] for m in all_))
        for name, all_ in taken.items()
    }


_NO_CACHE = "PYTHONDONTWRITEBYTECODE"


def _run(command: Sequence[str], folder: Path) -> tuple[float, float, float]:
    environment = {name: value for name, value in os.environ.items() if name != _NO_CACHE}
    with tempfile.TemporaryFile() as nowhere:
        began = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=nowhere, stderr=nowhere)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in {0, 1} and "pylint" not in command:  # whose status says what it found
            nowhere.seek(0)
            raise RuntimeError(f"{command[0]} ended with {process.returncode}: {nowhere.read(2000)!r}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
