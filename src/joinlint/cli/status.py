"""What the exit status of joinlint says."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

CLEAN, FOUND, FAILED, INTERRUPTED = 0, 1, 2, 130

_WIDTH = 56  # of the text in a help page of 60 columns


def exit_codes(meanings: Mapping[int, str]) -> str:
    """The end of a command's help page: what each exit status means."""
    lines = ["\b", "Exit status:"]
    for status, meaning in {**meanings, INTERRUPTED: "interrupted"}.items():
        start = f"  {status}  "
        lines += textwrap.wrap(meaning, _WIDTH, initial_indent=start, subsequent_indent=" " * len(start))
    return "\n".join(lines)
