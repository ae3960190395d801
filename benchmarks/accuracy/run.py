"""Measure joinlint on packages whose starts of processes are labelled: `python benchmarks/accuracy/run.py`.

Downloads the packages on the first run (some 230 MB, 850 MB unpacked), checks them with the joinlint of this Python,
and compares what it reports with labels/.  docs/accuracy.md says what the figures mean.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from checker import CheckFailed, check
from labels import read_sites
from report import NoFigures, as_json, as_text, with_figures
from scoring import score
from wheels import DownloadFailed, Pin, UnsafeWheel, provide, read_pins

HERE = Path(__file__).resolve().parent
LABELS = HERE / "labels"
PAGE = HERE.parents[1] / "docs" / "accuracy.md"
DONE, FAILED = 0, 2


class WrongCall(Exception):
    """Arguments or files that do not fit together."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command with `arguments` and give its exit status: 0, or 2 where there is nothing to compare."""
    options = _parser().parse_args(arguments)
    try:
        _measure(options)
    except (CheckFailed, DownloadFailed, NoFigures, OSError, UnsafeWheel, WrongCall) as error:
        print(f"error: {error}", file=sys.stderr)
        return FAILED
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description="Measure joinlint on packages whose starts of processes are labelled.",
        epilog="Exit status: 0 when measured, 2 when something stood in the way.",
    )
    parser.add_argument("--cache", type=Path, default=HERE / ".cache", metavar="DIR", help="where packages are kept")
    parser.add_argument("--only", action="append", metavar="PACKAGE", help="check only this package; may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there as JSON as well")
    parser.add_argument("--write-docs", action="store_true", help="bring the tables in docs/accuracy.md up to date")
    return parser


def _measure(options: argparse.Namespace) -> None:
    if options.only and options.write_docs:
        raise WrongCall("--write-docs needs all packages: leave --only out")
    pins = chosen(read_pins((LABELS / "packages.txt").read_text(encoding="utf-8")), options.only)
    folders = provide(pins, options.cache)
    names = {folder.name for folder in folders}
    labelled = read_sites((LABELS / "sites.jsonl").read_text(encoding="utf-8"))
    sites = [site for site in labelled if any(pin.is_named_by(site.folder) for pin in pins)]
    if strangers := sorted({site.folder for site in sites} - names):
        raise WrongCall(f"there are labels for {', '.join(strangers)}, which is not among the wheels that pip chose")
    run = check(folders)
    result = score(sites, run.findings)
    print(as_text(result, run), end="")
    if options.json:
        options.json.write_text(json.dumps(as_json(result, run), indent=2) + "\n", encoding="utf-8")
    if options.write_docs:
        PAGE.write_text(with_figures(PAGE.read_text(encoding="utf-8"), result, run), encoding="utf-8")


def chosen(pins: Sequence[Pin], names: Sequence[str] | None) -> list[Pin]:
    """The pins with these names, all of them where no name is given; raises WrongCall for a name that none has."""
    if not names:
        return list(pins)
    if unknown := sorted(set(names) - {pin.name for pin in pins}):
        raise WrongCall(f"not among the packages in {LABELS / 'packages.txt'}: {', '.join(unknown)}")
    return [pin for pin in pins if pin.name in names]


if __name__ == "__main__":
    sys.exit(main())
