"""Running joinlint over the packages, and what it ran over."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scoring import Finding

from joinlint.configuration.lookup import SettingsLookup
from joinlint.discovery import discover

# Problems that name a defect of joinlint rather than of the file; the others are files that are no Python 3.
_CRASH = "internal error"


class CheckFailed(Exception):
    """joinlint gave no report; the text is what it said instead."""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of joinlint: what it found, what it could not check, and how much it read in what time."""

    findings: tuple[Finding, ...]
    problems: tuple[str, ...]
    packages: int
    files: int
    lines: int
    seconds: float

    @property
    def crashes(self) -> tuple[str, ...]:
        """The problems that are joinlint's own fault."""
        return tuple(problem for problem in self.problems if _CRASH in problem)


def check(folders: Sequence[Path]) -> Run:
    """Run the joinlint of this Python once over `folders`, which lie beside each other; raises CheckFailed."""
    above = folders[0].parent
    names = [folder.name for folder in folders]
    # The labels are about the rules that are on by default, whatever the settings of the project around the cache.
    command = [sys.executable, "-m", "joinlint", "check", "--isolated", "--output-format", "json", *names]
    began = time.monotonic()
    result = subprocess.run(command, cwd=above, capture_output=True, text=True, encoding="utf-8", check=False)
    seconds = time.monotonic() - began
    try:
        report = json.loads(result.stdout)
    except ValueError:
        raise CheckFailed(result.stderr.strip() or f"joinlint ended with status {result.returncode}") from None
    files = discover([str(folder) for folder in folders], SettingsLookup.of_defaults()).files
    return Run(
        findings=read_report(report, above),
        problems=tuple(line for line in result.stderr.splitlines() if line.strip()),
        packages=len(folders),
        files=len(files),
        lines=sum(Path(file).read_bytes().count(b"\n") for file in files),
        seconds=seconds,
    )


def read_report(report: list[dict[str, object]], above: Path) -> tuple[Finding, ...]:
    """The findings in joinlint's JSON, with file names relative to the folder `above`."""
    return tuple(_finding(entry, above) for entry in report)


def _finding(entry: dict[str, object], above: Path) -> Finding:
    location = entry["location"]
    assert isinstance(location, dict)
    file = os.path.relpath(os.path.realpath(str(entry["filename"])), os.path.realpath(above))
    return Finding(file.replace(os.sep, "/"), int(location["row"]), str(entry["code"]), str(entry["message"]))
