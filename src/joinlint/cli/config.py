"""`joinlint config`."""

from __future__ import annotations

import os
import sys

import click

from joinlint import terminal
from joinlint.cli.completion import files
from joinlint.cli.options import settings_options
from joinlint.cli.status import CLEAN, FAILED, exit_codes
from joinlint.configuration.command_line import CommandLine
from joinlint.configuration.settings import SETTINGS

# The command's own option of this name says how to show the settings; `--config` can set the key all the same.
_KEYS = tuple(key for key in SETTINGS if key not in ("output-format", "baseline"))


@click.command(
    short_help="Show the settings that hold for a file or folder.",
    epilog=exit_codes(
        {
            CLEAN: "the settings are shown",
            FAILED: "there is no such path, settings can't be used, or the call is wrong",
        }
    ),
)
@click.argument("path", default=".", metavar="[PATH]", shell_complete=files)
@settings_options(*_KEYS)
@click.option(
    "--output-format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="TOML to read, or to begin a settings file with; or JSON.",
)
def config(path: str, command_line: CommandLine, output_format: str) -> int:
    """Show the settings that hold for PATH, a file or folder (the current one by default), and where each comes from:
    the default, a settings file or the command line; and the rules that run there.

    The options are those of `joinlint check`, and are heeded as it heeds them.

    \b
    Examples:
      joinlint config
      joinlint config tests/test_app.py
      joinlint config --select JL1 --output-format json src
      joinlint config --isolated > joinlint.toml
    """
    from joinlint.configuration.lookup import SettingsLookup
    from joinlint.configuration.shown import as_json, as_text, view
    from joinlint.report.text import visible

    if not os.path.lexists(path):
        raise click.ClickException(f"{visible(path)}: No such file or directory")
    shown = view(path, SettingsLookup(command_line))
    terminal.write(as_json(shown) if output_format == "json" else as_text(shown), sys.stdout, colour=False)
    return CLEAN
