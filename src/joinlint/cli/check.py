"""`joinlint check`."""

from __future__ import annotations

import os
import sys

import click

from joinlint import terminal
from joinlint.cli.options import colours, settings_options
from joinlint.cli.status import CLEAN, EXIT_CODES, FAILED, FOUND
from joinlint.configuration.command_line import CommandLine
from joinlint.links import STDIN_NAME
from joinlint.sources import SourceFile


@click.command(epilog=EXIT_CODES)
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@settings_options(
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
    "output-format",
)
@colours
@click.option(
    "--stdin-filename", metavar="NAME", help="The name of what `-` reads, to be shown and to find settings by."
)
@click.option("-q", "--quiet", is_flag=True, help="Show what is found and nothing else.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if something is found.")
def check(
    paths: tuple[str, ...],
    command_line: CommandLine,
    colour: str,
    stdin_filename: str | None,
    quiet: bool,
    exit_zero: bool,
) -> int:
    """Check Python files, the current folder unless PATHS says otherwise.

    Folders are searched for Python files, except for what .gitignore covers, virtual environments and build output;
    files named are checked whatever their ending; `-` is standard input.

    CODES are rule codes (JL101) or the beginning of some (JL1). Opt-in rules run only when their full code is selected.
    Lists of codes, GLOBS, NAMES and METHODS are separated by commas, and their options may be repeated.

    The settings of a file are those of the nearest .joinlint.toml, joinlint.toml or pyproject.toml with a table
    [tool.joinlint] in a folder above it; its keys are called like the options. `--config KEY=VALUE` wins against them,
    and the other options win against both. `joinlint config` shows what holds.

    \b
    Examples:
      joinlint check
      joinlint check src tests/conftest.py
      joinlint check --extend-select JL103,JL104 --ignore JL3
      joinlint check --per-file-ignores "tests/*:JL201" --extend-exclude vendor
      joinlint check --config ci.toml --config "threads = true"
      joinlint check --output-format concise - < app.py
    """
    from joinlint.checking import check_paths
    from joinlint.configuration.lookup import SettingsLookup
    from joinlint.report import Report, render
    from joinlint.report.text import problem_line

    named, stdin = _inputs(paths, stdin_filename)
    lookup = SettingsLookup(command_line)
    # What concerns the run as a whole is asked of the current folder, or of where the text of standard input belongs.
    settings = (lookup.of_file(stdin.filename) if stdin else lookup.of_folder(os.getcwd())).settings
    outcome = check_paths(named, stdin, lookup)

    terminal.write("".join(map(problem_line, outcome.problems)), sys.stderr, colour=False)
    if outcome.checked == 0 and not outcome.problems and not quiet:
        terminal.write("warning: no Python files found under the given paths\n", sys.stderr, colour=False)
    use_colour = terminal.wants_colour(colour, sys.stdout)
    report = Report(
        findings=outcome.findings,
        lines=outcome.lines,
        checked=outcome.checked,
        unchecked=len(outcome.problems),
        colour=use_colour,
        width=terminal.width(sys.stdout),
        summary=not quiet,
    )
    terminal.write(render(settings.output_format, report), sys.stdout, colour=use_colour)
    if outcome.problems:
        return FAILED
    return FOUND if outcome.findings and not exit_zero else CLEAN


def _inputs(paths: tuple[str, ...], stdin_filename: str | None) -> tuple[tuple[str, ...], SourceFile | None]:
    """The files and folders named, and what standard input holds if it is to be read."""
    named = tuple(path for path in paths if path != "-") or (() if "-" in paths or stdin_filename else (".",))
    if "-" not in paths and not (stdin_filename and not paths):
        if stdin_filename:
            raise click.UsageError("--stdin-filename goes with `-`, which is not among the paths")
        return named, None
    if sys.stdin is None:
        raise click.ClickException("standard input is closed")
    return named, SourceFile(stdin_filename or STDIN_NAME, sys.stdin.buffer.read())
