"""Writing to standard output and error: colour, width, and readers that go away."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from typing import TextIO

import click

_WIDTH_IN_FILES = 80


def wants_colour(choice: str, stream: TextIO | None, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether to use colour on `stream`: `choice` is always, never or auto.

    auto follows NO_COLOR (https://no-color.org) first and FORCE_COLOR second, and else asks whether a terminal is
    there.
    """
    if choice != "auto":
        return choice == "always"
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR", "0") not in {"", "0"}:
        return True
    return environment.get("TERM") != "dumb" and stream is not None and stream.isatty()


def width(stream: TextIO | None) -> int:
    """The columns to write in: the terminal's, 80 where there is none."""
    if stream is None or not stream.isatty():
        return _WIDTH_IN_FILES
    import shutil  # which knows every kind of archive

    return shutil.get_terminal_size().columns


def write(text: str, stream: TextIO | None, *, colour: bool) -> None:
    """Write `text`, spelling out what the stream's encoding does not have; a stream that the caller closed (None) gets
    nothing.

    A reader that has gone away (`joinlint check | head`) has seen what it wanted: nothing more is written.  Raises
    ClickException when the stream takes no more for another reason, such as a full disk.
    """
    if stream is None or not text:
        return
    encoding = getattr(stream, "encoding", None) or "utf-8"
    text = text.encode(encoding, "backslashreplace").decode(encoding)
    try:
        click.echo(text, file=stream, nl=False, color=colour)
    except BrokenPipeError:
        abandon(stream)
    except OSError as error:
        abandon(stream)
        raise click.ClickException(f"cannot write the output: {error.strerror or error}") from None


def abandon(stream: TextIO) -> None:
    """Send what `stream` still holds nowhere: the interpreter flushes it at exit and would report the same failure
    again."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
