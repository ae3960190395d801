"""What the recorder costs: programs with many short processes, with it and without, in turns.

    python benchmarks/recorder_cost.py [ROUNDS [CASE]]

Each round runs every program once plainly and once recorded, in an order that changes, and takes the time by the
program's own clock: from its first statement to its last, so that what the supervisor does at both ends is left out, as
it delays the program by nothing.  What counts is the median of the rounds' ratios, which a busy machine disturbs least.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from joinlint.evidence.run import Watch, record

PROCESSES = 200
PROGRAM = """\
import time
began = time.perf_counter()
import os
import sys
from multiprocessing import Process, set_start_method


def work(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def main(method, count, at_once, seconds):
    set_start_method(method)
    for first in range(0, count, at_once):
        children = [Process(target=work, args=(seconds,)) for _ in range(at_once)]
        for child in children:
            child.start()
        for child in children:
            child.join()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
    used = os.times()
    with open(sys.argv[5], "w") as file:
        file.write(f"{time.perf_counter() - began} {sum(used[:4])}")
"""
# The start method, how many processes, how many of them at a time, and the processor time that each works for.
Case = tuple[str, int, int, float]
CASES: dict[str, Case] = {
    "fork, 200 of 10 ms, by fours": ("fork", PROCESSES, 4, 0.01),
    "fork, 200 of 10 ms, at once": ("fork", PROCESSES, PROCESSES, 0.01),
    "forkserver, 200 of 10 ms": ("forkserver", PROCESSES, 4, 0.01),
    "spawn, 40 of 10 ms, by fours": ("spawn", PROCESSES // 5, 4, 0.01),
    # What is measured here is all that starting a process costs, and none of its work.
    "fork, 200 that do nothing": ("fork", PROCESSES, 4, 0),
}


@contextmanager
def program() -> Iterator[tuple[Path, Path]]:
    """The program's file, and the one that it writes its times to."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "program.py")
        path.write_text(PROGRAM, encoding="utf-8")
        yield path, Path(folder, "times")


def timed(run: Callable[[list[str]], object], path: Path, times: Path, case: Case) -> list[float]:
    """The seconds by the clock and of processor time that the program took."""
    run([sys.executable, str(path), *map(str, case), str(times)])
    return [float(part) for part in times.read_text(encoding="utf-8").split()]


def plainly(command: list[str]) -> None:
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)


def recorded(command: list[str]) -> None:
    recording = record(command, Watch("fork", also=("pools", "joins")))
    assert recording.status == 0, recording.stderr
    assert recording.events


def main(rounds: int, wanted: str) -> None:
    with program() as (path, times):
        for name, case in CASES.items():
            if wanted not in name:
                continue
            clock, processor = [], []
            for number in range(rounds):
                ways = (plainly, recorded) if number % 2 else (recorded, plainly)
                took = {way: timed(way, path, times, case) for way in ways}
                clock.append(took[recorded][0] / took[plainly][0])
                processor.append(took[recorded][1] / took[plainly][1])
            print(
                f"{name:32} clock {statistics.median(clock):.3f} ({min(clock):.2f} to {max(clock):.2f}),"
                f" processor {statistics.median(processor):.3f} ({min(processor):.2f} to {max(processor):.2f})",
                flush=True,
            )


if __name__ == "__main__":
    began = time.monotonic()
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 11, sys.argv[2] if len(sys.argv) > 2 else "")
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}, {time.monotonic() - began:.0f} s")
