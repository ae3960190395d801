"""Measure joinlint beside other tools: `python benchmarks/speed/run.py`.

Needs the packages of benchmarks/accuracy (which that command downloads), ruff and pylint beside joinlint in this
Python's environment.  docs/performance.md says what the figures mean.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from timing import Timing, time_in_turns
from tools import NAMES, command
from trees import heavy_file, project

HERE = Path(__file__).resolve().parent
PACKAGES = HERE.parent / "accuracy" / ".cache" / "packages"
PAGE = HERE.parents[1] / "docs" / "performance.md"
START, END = "<!-- figures -->", "<!-- end of figures -->"
GROWTH = (1, 4, 16)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and give its exit status: 0, or 2 where something is missing."""
    options = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        tables = list(_tables(options, Path(scratch)))
    text = "\n\n".join([_machine(options.runs), *tables])
    print(text)
    if options.write_docs:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(START)
        _, _, after = rest.partition(END)
        PAGE.write_text(f"{before}{START}\n{text}\n{END}{after}", encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Measure joinlint beside other tools.")
    parser.add_argument("--runs", type=int, default=5, metavar="N", help="how often each command is run")
    parser.add_argument("--packages", type=Path, default=PACKAGES, metavar="DIR", help="the unpacked packages")
    parser.add_argument("--only", action="append", choices=[*_PARTS], help="measure this part only; may be repeated")
    parser.add_argument("--without", action="append", default=[], choices=NAMES, help="leave a tool out")
    parser.add_argument("--write-docs", action="store_true", help="bring docs/performance.md up to date")
    return parser


def _tables(options: argparse.Namespace, scratch: Path) -> Iterator[str]:
    for name, part in _PARTS.items():
        if not options.only or name in options.only:
            print(f"measuring: {name}", file=sys.stderr)
            yield part(options, scratch)


def _machine(runs: int) -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{platform.machine()}, {cores} cores, Python {platform.python_version()}; medians of {runs} runs in turns."


def _beside(title: str, tools: Sequence[str], target: Path, options: argparse.Namespace, reference: str) -> str:
    names = [name for name in tools if name not in options.without]
    timings = time_in_turns({name: [*command(name), str(target)] for name in names}, target.parent, options.runs)
    return _table(title, timings, reference)


def _table(title: str, timings: Mapping[str, Timing], reference: str) -> str:
    known = timings.get(reference)
    lines = [f"## {title}", "", f"| command | wall, s | processor, s | memory, MB | times {reference} |"]
    lines.append("| --- | --: | --: | --: | --: |")
    for name, timing in timings.items():
        ratio = f"{timing.median / known.median:.2f}" if known else "-"
        processor = sorted(timing.processor)[len(timing.processor) // 2]
        lines.append(f"| {name} | {timing.median:.2f} | {processor:.2f} | {timing.memory:.0f} | {ratio} |")
    return "\n".join(lines)


def _packages(options: argparse.Namespace, _: Path) -> str:
    tools = ["joinlint", "ruff", "grep", "pylint"]
    return _beside("The labelled packages", tools, options.packages, options, "ruff")


def _standard_library(options: argparse.Namespace, scratch: Path) -> str:
    target = scratch / "library"
    ignored = shutil.ignore_patterns("site-packages", "__pycache__", "*.so")
    shutil.copytree(sysconfig.get_paths()["stdlib"], target, ignore=ignored)
    return _beside("The standard library", ["joinlint", "ruff", "grep", "pylint"], target, options, "ruff")


def _plugin(options: argparse.Namespace, scratch: Path) -> str:
    parts = []
    for title, with_processes in (("flake8, files without processes", 0), ("flake8, files with processes", 1)):
        target = scratch / f"flake8-{with_processes}"
        project(target, 1)
        for path in target.rglob("*.py"):
            if (b"multiprocessing" in path.read_bytes()) != bool(with_processes):
                path.unlink()
        parts.append(_beside(title, ["flake8", "flake8 with joinlint"], target, options, "flake8"))
    return "\n\n".join(parts)


def _heavy(options: argparse.Namespace, scratch: Path) -> str:
    target = scratch / "heavy.py"
    heavy_file(target)
    return _beside("One file of 3,000 lines, full of processes", ["joinlint", "flake8"], target, options, "flake8")


def _growth(options: argparse.Namespace, scratch: Path) -> str:
    commands = {}
    for size in GROWTH:
        project(scratch / f"grown-{size}", size)
        commands[f"{size}x"] = [*command("joinlint"), str(scratch / f"grown-{size}")]
    return _table("A project that grows", time_in_turns(commands, scratch, options.runs), "1x")


def _start(options: argparse.Namespace, scratch: Path) -> str:
    target = scratch / "small.py"
    target.write_text("print('hello')\n", encoding="utf-8")
    commands = {
        "import click": [sys.executable, "-c", "import click"],
        "joinlint check small.py": [*command("joinlint"), str(target)],
        "joinlint --version": [sys.executable, "-m", "joinlint", "--version"],
    }
    return _table("One small file", time_in_turns(commands, scratch, 4 * options.runs), "import click")


_PARTS = {
    "start": _start,
    "heavy": _heavy,
    "growth": _growth,
    "flake8": _plugin,
    "library": _standard_library,
    "packages": _packages,
}

if __name__ == "__main__":
    raise SystemExit(main())
