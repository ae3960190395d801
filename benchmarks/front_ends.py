"""Compare what both front ends make of real code: `python benchmarks/front_ends.py FOLDER ...`.

Without folders it goes through the standard library of this Python and the packages of benchmarks/accuracy, where they
have been downloaded.  Prints each file of which they make something else, and how many agree.
"""

from __future__ import annotations

import sys
import sysconfig
from collections.abc import Iterator, Sequence
from multiprocessing import get_context
from pathlib import Path

from fuzzing.front_ends import difference

from joinlint.syntax.deep_stack import with_deep_stack
from joinlint.syntax.parsing import Unparsable, decode

PACKAGES = Path(__file__).resolve().parent / "accuracy" / ".cache" / "packages"
SAME, DIFFERENT = 0, 1


def main(arguments: Sequence[str]) -> int:
    """Run the command and give its exit status: 0 where all files agree, else 1."""
    folders = [Path(name) for name in arguments] or [Path(sysconfig.get_paths()["stdlib"]), PACKAGES]
    same = different = 0
    with get_context("spawn").Pool() as pool:
        for path, found in pool.imap_unordered(_compared, _files(folders), chunksize=20):
            same += found is None
            different += found is not None
            if found is not None:
                print(f"{path}{found}", flush=True)
    print(f"{same} files agree, {different} do not")
    return DIFFERENT if different else SAME


def _files(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        yield from sorted(path for path in folder.rglob("*.py") if path.is_file())


def _compared(path: Path) -> tuple[Path, str | None]:
    try:
        text = decode(path.read_bytes())
    except Unparsable:
        return path, None
    return path, with_deep_stack(lambda: difference(text))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
