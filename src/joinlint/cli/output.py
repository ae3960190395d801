"""Where a report goes: to standard output, or to a file with its summary on standard output."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from joinlint import terminal

if TYPE_CHECKING:
    from joinlint.report import Report


def show(render: Callable[[str, Report], str], name: str, report: Report, filename: str | None, *, colour: str) -> None:
    """Render `report`, made for standard output, in the format `name` and write it there or to the file `filename`.

    `colour` is the user's choice: a file has colours only where that is "always".  Raises ClickException when the
    output can't be written.
    """
    if filename is None:
        terminal.write(render(name, report), sys.stdout, colour=report.colour)
        return
    from joinlint.report.summary import summary

    for_file = report._replace(colour=colour == "always", width=terminal.width(None))
    save(filename, render(name, for_file))
    if report.summary:
        lines = summary(report, report.width)
        terminal.write("".join(f"{line}\n" for line in lines), sys.stdout, colour=report.colour)


def save(filename: str, text: str) -> None:
    """Write a file.  Raises ClickException when that fails."""
    from joinlint.output_file import CannotWrite, write_file

    try:
        write_file(filename, text)
    except CannotWrite as error:
        raise click.ClickException(str(error)) from None
