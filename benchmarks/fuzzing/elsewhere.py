"""The same checks in another process, whose sets and dictionaries of objects have another order."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
from pathlib import Path

from fuzzing.checks import Found, check, found


def found_elsewhere(text: str) -> list[Found]:
    """What the other process finds in the program."""
    process = _other_process()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(text) + "\n")
    process.stdin.flush()
    return [Found(*finding) for finding in json.loads(process.stdout.readline())]


@functools.cache
def _other_process() -> subprocess.Popen[str]:
    """One for the whole run: it ends when its input does."""
    folder = str(Path(__file__).resolve().parents[1])
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": folder}
    command = [sys.executable, "-m", "fuzzing.elsewhere"]
    return subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _serve() -> None:
    for line in sys.stdin:
        print(json.dumps(found(check(json.loads(line)))), flush=True)


if __name__ == "__main__":
    _serve()
