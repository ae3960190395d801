"""`joinlint check`."""

from __future__ import annotations

import sys
from collections import Counter

import click

from joinlint import terminal
from joinlint.cli.options import colours, selection
from joinlint.cli.status import CLEAN, EXIT_CODES, FAILED, FOUND
from joinlint.links import STDIN_NAME
from joinlint.options import Options
from joinlint.report import FORMATS
from joinlint.sources import SourceFile


@click.command(epilog=EXIT_CODES)
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@selection
@click.option(
    "--output-format",
    "output_format",
    type=click.Choice(list(FORMATS)),
    default="full",
    show_default=True,
    help="How to show what is found: with source, one line each, or as JSON.",
)
@colours
@click.option("--report-unused-noqa", "report_unused", is_flag=True, help="Report comments that silence nothing.")
@click.option("--add-noqa", is_flag=True, help="Write a `# noqa` comment for each finding into its file.")
@click.option("--baseline", metavar="FILE", help="Hold back the findings that are known in FILE.")
@click.option("--write-baseline", metavar="FILE", help="Write all that is found to FILE, as known from now on.")
@click.option("--threads", is_flag=True, help="Ask for threads to be joined, too (JL101, JL102).")
@click.option("--stdin-filename", metavar="NAME", help="The name to show for what `-` reads.")
@click.option("--isolated", is_flag=True, expose_value=False, help="Read no configuration files.")
@click.option("-q", "--quiet", is_flag=True, help="Show what is found and nothing else.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if something is found.")
def check(
    paths: tuple[str, ...],
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    output_format: str,
    colour: str,
    report_unused: bool,
    add_noqa: bool,
    baseline: str | None,
    write_baseline: str | None,
    threads: bool,
    stdin_filename: str | None,
    quiet: bool,
    exit_zero: bool,
) -> int:
    """Check Python files, the current folder unless PATHS says otherwise.

    Folders are searched for Python files and Jupyter notebooks, except for what .gitignore covers, virtual
    environments and build output; files named are checked whatever their ending; `-` is standard input.

    CODES are rule codes (JL101) or the beginning of some (JL1), separated by commas. Opt-in rules run only when their
    full code is selected.

    \b
    Examples:
      joinlint check
      joinlint check src tests/conftest.py
      joinlint check --extend-select JL103,JL104 --ignore JL3
      joinlint check --output-format concise - < app.py
      joinlint check --write-baseline known.json
      joinlint check --baseline known.json
    """
    from joinlint.checking import check_paths
    from joinlint.cli import known
    from joinlint.report import Report, render
    from joinlint.report.text import problem_line, warning_line
    from joinlint.rules import all_rules
    from joinlint.settings import Settings, UnknownCode, selected_codes

    settings = Settings(select=select or None, extend_select=extend_select, ignore=ignore)
    try:
        codes = selected_codes(settings, all_rules())
    except UnknownCode as error:
        raise click.ClickException(str(error)) from None
    if baseline is not None and write_baseline is not None:
        raise click.UsageError("give --baseline or --write-baseline, not both")
    if add_noqa and (report_unused or write_baseline is not None):
        raise click.UsageError("--add-noqa goes with neither --report-unused-noqa nor --write-baseline")
    named, stdin = _inputs(paths, stdin_filename)
    if add_noqa and stdin is not None:
        raise click.UsageError("--add-noqa writes into files, and standard input is none")
    baselined = known.read(baseline) if baseline is not None else Counter()
    outcome = check_paths(named, stdin, codes, Options(threads=threads), report_unused=report_unused)
    notes = "".join(map(warning_line, outcome.warnings))
    if outcome.checked == 0 and not outcome.problems:
        notes += "warning: no Python files found under the given paths\n"
    if baseline is not None:
        outcome, said = known.held_back(baseline, baselined, outcome, codes)
        notes += said
    done = ""
    if write_baseline is not None:
        outcome, done = known.written(write_baseline, outcome)
    elif add_noqa:
        outcome, done = known.silenced(outcome, named)

    terminal.write("".join(map(problem_line, outcome.problems)), sys.stderr, colour=False)
    terminal.write("" if quiet else notes, sys.stderr, colour=False)
    if done:
        terminal.write("" if quiet else done, sys.stdout, colour=False)
        return FAILED if outcome.problems else CLEAN
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
    terminal.write(render(output_format, report), sys.stdout, colour=use_colour)
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
