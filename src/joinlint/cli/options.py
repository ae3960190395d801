"""Options that several commands have."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import click

from joinlint.cli import completion
from joinlint.configuration.command_line import CommandLine
from joinlint.configuration.settings import SETTINGS, field_of

Command = TypeVar("Command", bound=Callable[..., int])

# The settings that say what is checked and how, in the order of the help.
OF_CHECKS = (
    "select",
    "extend-select",
    "ignore",
    "per-file-ignores",
    "exclude",
    "extend-exclude",
    "force-exclude",
    "respect-gitignore",
    "threads",
    "process-classes",
    "join-functions",
    "start-methods",
    "target-version",
)


def settings_options(*keys: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """The options that settings have, `keys` in the order of the help, and those that say where to read settings.

    The command gets all of them in one argument, the CommandLine `command_line`.
    """

    def with_options(command: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(command)
        def with_command_line(*arguments: Any, config: tuple[str, ...], isolated: bool, **given: Any) -> int:
            flags = {key: given.pop(field_of(key)) for key in keys}
            said = {key: value for key, value in flags.items() if value is not None and value != ()}
            return command(*arguments, command_line=CommandLine(config, said, isolated), **given)

        options = [*map(_option, keys), *_sources()]
        return functools.reduce(lambda function, option: option(function), reversed(options), with_command_line)

    return with_options


def _option(key: str) -> Callable[[Command], Command]:
    setting = SETTINGS[key]
    if setting.kind.of_texts is None:
        return click.option(f"--{key}/--no-{key}", field_of(key), default=None, help=setting.summary)
    return click.option(
        f"--{key}",
        field_of(key),
        multiple=True,
        metavar=setting.kind.metavar,
        shell_complete=completion.of_kind(setting.kind),
        help=setting.summary,
    )


def _sources() -> Iterator[Callable[[Command], Command]]:
    yield click.option(
        "--config",
        multiple=True,
        metavar="FILE|KEY=VALUE",
        shell_complete=completion.files,
        help="Read this settings file and no other; or set KEY to VALUE, which is TOML. May be repeated.",
    )
    yield click.option("--isolated", is_flag=True, help="Read no settings files.")


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
