"""A line on the terminal that says how far a long run is, and goes away when it is over."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

from joinlint import terminal
from joinlint.progress import Progress, unseen

T = TypeVar("T")

# Seconds: who waits less need not be told; and nobody reads faster.
_PATIENCE = 1.0
_INTERVAL = 0.1
_CLEAR = "\r\x1b[K"


class ProgressLine:
    """The line on `stream`, a terminal; `clear` takes it away."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._next = time.monotonic() + _PATIENCE
        self._is_shown = False

    def __call__(self, doing: str, items: Iterable[T], count: int) -> Iterable[T]:
        for number, item in enumerate(items):
            if time.monotonic() >= self._next:
                self._next = time.monotonic() + _INTERVAL
                self._is_shown = True
                text = f"{doing} {number + 1} of {count}"
                self._write(f"{_CLEAR}{text[: terminal.width(self._stream) - 1]}")
            yield item

    def clear(self) -> None:
        if self._is_shown:
            self._is_shown = False
            self._write(_CLEAR)

    def _write(self, text: str) -> None:
        # What is only seen in passing is no reason to fail.
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()


@contextlib.contextmanager
def progress_on_terminal(*, quiet: bool) -> Iterator[Progress]:
    """A progress that shows on standard error while the block runs, if that is a terminal and nobody asked for
    quiet."""
    stream = sys.stderr
    if quiet or stream is None or not stream.isatty() or os.environ.get("TERM") == "dumb":
        yield unseen
        return
    line = ProgressLine(stream)
    try:
        yield line
    finally:
        line.clear()
