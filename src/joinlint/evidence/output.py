"""What a program prints: read to the end however much it is, the beginning and the end of it kept."""

from __future__ import annotations

import contextlib
import os
from typing import IO

from joinlint.evidence import limits

_CHUNK = 1 << 16


class Kept:
    """The output that comes out of a pipe; `read` runs in a thread of its own.

    `count` counts all bytes, `has_text` says whether `text` was among them.  With `pass_to`, a descriptor, all is
    written there as well: a reader who is slow there makes the program wait, nobody else.
    """

    def __init__(self, pipe: IO[bytes] | None, pass_to: int | None, text: bytes = b"") -> None:
        self._pipe = pipe
        self._pass_to = pass_to
        self._text = text
        self._head = bytearray()
        self._tail = bytearray()
        self.count = 0
        self.has_text = False

    def read(self) -> None:
        """Read until all writers have gone."""
        if self._pipe is None:
            return
        seam = b""
        while chunk := self._next():
            self.count += len(chunk)
            if self._text and not self.has_text:
                self.has_text = self._text in seam + chunk
                seam = (seam + chunk)[-len(self._text) :]
            self._keep(chunk)
            self._pass(chunk)

    def _next(self) -> bytes:
        try:
            return os.read(self._pipe.fileno(), _CHUNK) if self._pipe is not None else b""
        except (OSError, ValueError):
            return b""

    def _keep(self, chunk: bytes) -> None:
        room = limits.OUTPUT_BYTES - len(self._head)
        self._head += chunk[:room]
        self._tail += chunk[room:]
        if len(self._tail) > 2 * limits.OUTPUT_BYTES:
            del self._tail[: -limits.OUTPUT_BYTES]

    def _pass(self, chunk: bytes) -> None:
        while chunk and self._pass_to is not None:
            try:
                chunk = chunk[os.write(self._pass_to, chunk) :]
            except OSError:  # nobody reads there any more
                self._pass_to = None

    def save(self, path: str) -> None:
        """Write what is kept to a file; a line in between says how much is left out."""
        dropped = self.count - len(self._head) - len(self._tail)
        between = f"\n[... {dropped} bytes left out ...]\n".encode() if dropped > 0 else b""
        with contextlib.suppress(OSError), open(path, "wb") as file:
            file.write(bytes(self._head) + between + bytes(self._tail))
