"""The command line: one module per command.

A command is imported when it is asked for, and what needs the rules or the parser by the functions that use it:
`joinlint --version` answers at once.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from joinlint import __version__, terminal
from joinlint.cli.status import CLEAN, FAILED, INTERRUPTED
from joinlint.configuration.errors import SettingsError
from joinlint.links import PROJECT_URL

# The commands in the order in which they are of use: the function that each is, in the module of its name.
_COMMANDS = {"check": "check", "audit": "audit", "confirm": "confirm", "rule": "explain", "config": "config"}


class _Group(click.Group):
    """A group that imports a command when it is asked for."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commands.update(dict.fromkeys(_COMMANDS))  # type: ignore[arg-type]  # by these names click suggests one

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        command = getattr(importlib.import_module(f"{__name__}.{cmd_name}"), _COMMANDS[cmd_name])
        assert isinstance(command, click.Command)
        return command


_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(
    cls=_Group, context_settings=_SETTINGS, invoke_without_command=True, epilog=f"Documentation: {PROJECT_URL}"
)
@click.version_option(__version__, prog_name="joinlint", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Find misuse of Python's multiprocessing: processes that nobody joins, missing main guards, joins that serialise
    work.

    \b
    Examples:
      joinlint check              check the current folder
      joinlint check src app.py   check a folder and a file
      joinlint audit              write a page to hand on
      joinlint confirm app.py     run a program and compare
      joinlint rule JL101         explain a rule
      joinlint config src/app.py  show the settings of a file
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(FAILED)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line with `arguments`, those of the process by default, and exit with its status."""
    status = run(arguments)
    if status == INTERRUPTED:
        # At once: Python would wait for what it has to put away, and abort if a thread is in the midst of libcst.
        os._exit(INTERRUPTED)
    sys.exit(status)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit status; whatever goes wrong is said in one line on standard error."""
    try:
        os.getcwd()
    except OSError:
        click.echo("error: the current folder is gone", err=True)
        return FAILED
    try:
        given = list(sys.argv[1:] if arguments is None else arguments)
        status = cli.main(args=given, prog_name="joinlint", standalone_mode=False, obj=tuple(given))
    except click.UsageError as error:
        error.show()
        return FAILED
    except SettingsError as error:
        return _failed(str(error))
    except click.ClickException as error:
        return _failed(error.format_message())
    except OSError as error:
        # Help, version and completion are written by click, which does not say why it can't.
        if sys.stdout is not None:
            terminal.abandon(sys.stdout)
        click.echo(f"error: cannot write the output: {error.strerror or error}", err=True)
        return FAILED
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    return status if isinstance(status, int) else CLEAN


def _failed(message: str) -> int:
    from joinlint.report.text import visible

    click.echo(f"error: {visible(message)}", err=True)
    return FAILED
