"""`joinlint audit`."""

from __future__ import annotations

import os
import shlex
import sys
from datetime import datetime

import click

from joinlint import terminal
from joinlint.cli.completion import files
from joinlint.cli.options import OF_CHECKS, file_to_write, settings_options
from joinlint.cli.output import save
from joinlint.cli.progress_line import progress_on_terminal
from joinlint.cli.status import CLEAN, FAILED, exit_codes
from joinlint.configuration.command_line import CommandLine


@click.command(
    short_help="Write what is found into a page to read and hand on.",
    epilog=exit_codes(
        {
            CLEAN: "the report is written, whatever is in it",
            FAILED: "something could not be checked or written, or the call is wrong",
        }
    ),
)
@click.argument("paths", nargs=-1, metavar="[PATHS]...", shell_complete=files)
@click.option(
    "-o",
    "--output",
    "output",
    default="joinlint-audit.html",
    show_default=True,
    callback=file_to_write,
    metavar="FILE",
    shell_complete=files,
    help="Where to write the report.",
)
@settings_options(*OF_CHECKS)
@click.pass_context
def audit(
    context: click.Context,
    paths: tuple[str, ...],
    command_line: CommandLine,
    output: str,
) -> int:
    """Check Python files, and write what is found into a page to read and hand on.

    The page is a single HTML file, which needs neither a network nor other files. It shows each problem in its source,
    with the path that misses the join, what happens and what to do, and explains the rules. A report that is there is
    replaced; any other file is left alone.

    The options that it shares with `joinlint check` mean the same.

    \b
    Examples:
      joinlint audit
      joinlint audit src --extend-select JL103 -o report.html
    """
    from joinlint.audit.page import Audit, page
    from joinlint.checking import check_paths, default_jobs
    from joinlint.configuration.lookup import SettingsLookup
    from joinlint.report import Report
    from joinlint.report.summary import summary
    from joinlint.report.text import problem_line, visible

    lookup = SettingsLookup(command_line)
    _refuse_other_files(output)
    with progress_on_terminal(quiet=False) as progress:
        outcome = check_paths(paths or (".",), None, lookup, progress, jobs=default_jobs())
    terminal.write("".join(map(problem_line, outcome.problems)), sys.stderr, colour=False)
    if outcome.checked == 0 and not outcome.problems:
        terminal.write("warning: no Python files found under the given paths\n", sys.stderr, colour=False)
    written = page(
        Audit(
            findings=outcome.findings,
            lines=outcome.lines,
            checked=outcome.checked,
            problems=outcome.problems,
            folder=os.getcwd(),
            command=shlex.join(["joinlint", *context.obj]),
            date=datetime.now().astimezone(),
        )
    )
    save(output, written)
    report = Report(outcome.findings, checked=outcome.checked, problems=outcome.problems)
    lines = [*summary(report, terminal.width(sys.stdout)), f"The report is in {visible(output)}."]
    terminal.write("".join(f"{line}\n" for line in lines), sys.stdout, colour=False)
    return FAILED if outcome.problems else CLEAN


def _refuse_other_files(filename: str) -> None:
    """Raises ClickException where the file is there and is no report of ours: someone would miss it."""
    from joinlint.audit.page import GENERATOR
    from joinlint.regular_files import read_start

    try:
        start = read_start(filename, 1024)
    except (OSError, ValueError):
        return  # writing says why
    if start and GENERATOR.encode("ascii") not in start:
        raise click.ClickException(f"{filename}: is there already and is no report of joinlint audit")
