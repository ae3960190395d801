"""Options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., int])


def selection(command: Command) -> Command:
    """The options that choose the rules."""
    for name, text in (
        ("--ignore", "Leave these rules out."),
        ("--extend-select", "Run these rules as well."),
        ("--select", "Run these rules instead of the default ones."),
    ):
        command = click.option(name, callback=_codes, multiple=True, metavar="CODES", help=text)(command)
    return command


def colours(command: Command) -> Command:
    """The option that says when to use colour."""
    return click.option(
        "--color",
        "--colour",
        "colour",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="When to use colour; auto means on a terminal, and heeds NO_COLOR and FORCE_COLOR.",
    )(command)


def file_to_write(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """The name of a file to write, or None; `-` is none, since nobody who has not named a file needs it."""
    if value in {"", "-"}:
        raise click.BadParameter("needs the name of a file", context, option)
    return value


def _codes(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """The codes in the comma-separated lists that an option was given."""
    lists = [tuple(filter(None, (code.strip() for code in value.split(",")))) for value in values]
    if not all(lists):
        raise click.BadParameter("needs at least one code, such as JL101 or JL1", context, option)
    return tuple(code for codes in lists for code in codes)
