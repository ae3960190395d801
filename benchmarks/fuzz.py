"""Run joinlint on programs and files that nobody wrote: `python benchmarks/fuzz.py --cases 100000 --jobs 2`.

Prints how many cases of each property held, and of each that did not its number, which `--only NAME --first NUMBER
--cases 1` runs again, and what came of it.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from fuzzing.cases import Case, Failure, limit_memory, run
from fuzzing.properties import all_properties

HELD, BROKEN = 0, 1
_SECONDS_BETWEEN_REPORTS = 60


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with `arguments` and give its exit status: 0 when every property held, or 1."""
    options = _parser().parse_args(arguments)
    failures = []
    held: Counter[str] = Counter()
    reported = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(options.jobs, limit_memory) as pool:
        for case, failure in pool.imap_unordered(_tried, _cases(options), chunksize=20):
            if failure is None:
                held[case.name] += 1
            else:
                failures.append(failure)
                _show(failure, options.keep)
            if time.monotonic() - reported > _SECONDS_BETWEEN_REPORTS:
                reported = time.monotonic()
                print(f"{held.total()} cases held, {len(failures)} failed", flush=True)
    for name, count in sorted(held.items()):
        print(f"{count:8} {name}")
    print(f"{held.total():8} cases held, {len(failures)} failed; seed {options.seed}")
    return BROKEN if failures else HELD


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Run joinlint on programs and files that nobody wrote.")
    parser.add_argument("--cases", type=int, default=10_000, metavar="N", help="how many to run, of all properties")
    parser.add_argument("--first", type=int, default=0, metavar="N", help="the number of the first case")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="how many processes to use")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another one makes up other cases")
    parser.add_argument("--only", action="append", choices=sorted(all_properties()), help="may be repeated")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="write the program or file of each failure there")
    return parser


def _cases(options: argparse.Namespace) -> Iterator[Case]:
    names = options.only or list(all_properties())
    for number in range(options.cases):
        yield Case(names[number % len(names)], options.seed, options.first + number // len(names))


def _tried(case: Case) -> tuple[Case, Failure | None]:
    return case, run(case)


def _show(failure: Failure, folder: Path | None) -> None:
    print(f"{failure.case}: {failure.words}", flush=True)
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        suffix = "py" if failure.case.name.startswith(("same", "checked", "any-source")) else "bin"
        (folder / f"{failure.case.name}-{failure.case.number}.{suffix}").write_bytes(failure.content)


if __name__ == "__main__":
    sys.exit(main())
