"""`joinlint check`."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter

import click

from joinlint import terminal
from joinlint.cli.completion import files
from joinlint.cli.options import OF_CHECKS, colours, file_to_write, settings_options
from joinlint.cli.output import show
from joinlint.cli.progress_line import progress_on_terminal
from joinlint.cli.status import CLEAN, FAILED, FOUND, exit_codes
from joinlint.configuration.command_line import CommandLine
from joinlint.links import STDIN_NAME
from joinlint.sources import SourceFile


@click.command(
    short_help="Check Python files and notebooks.",
    epilog=exit_codes(
        {
            CLEAN: "nothing found, or --exit-zero",
            FOUND: "something found",
            FAILED: "something could not be checked or written, or the call is wrong",
        }
    ),
)
@click.argument("paths", nargs=-1, metavar="[PATHS]...", shell_complete=files)
@settings_options(*OF_CHECKS, "output-format")
@click.option(
    "-o",
    "--output-file",
    "output_file",
    callback=file_to_write,
    metavar="FILE",
    shell_complete=files,
    help="Write the report to FILE, and show the summary only.",
)
@click.option("--statistics", is_flag=True, help="Count the findings of each rule instead of showing them.")
@colours
@click.option("--report-unused-noqa", "report_unused", is_flag=True, help="Report comments that silence nothing.")
@click.option("--add-noqa", is_flag=True, help="Write a `# noqa` comment for each finding into its file.")
@click.option("--baseline", metavar="FILE", shell_complete=files, help="Hold back the findings that are known in FILE.")
@click.option(
    "--write-baseline",
    metavar="FILE",
    shell_complete=files,
    help="Write all that is found to FILE, as known from now on.",
)
@click.option(
    "--stdin-filename",
    metavar="NAME",
    shell_complete=files,
    help="The name of what `-` reads, to be shown and to find settings by.",
)
@click.option(
    "-j",
    "--jobs",
    type=click.IntRange(min=1),
    metavar="NUMBER",
    help="How many processes to use at the most; as many as there are cores, otherwise.",
)
@click.option("-q", "--quiet", is_flag=True, help="Show what is found and nothing else.")
@click.option("-v", "--verbose", is_flag=True, help="Say on standard error what is done and how long it takes.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even if something is found.")
def check(
    paths: tuple[str, ...],
    command_line: CommandLine,
    output_file: str | None,
    statistics: bool,
    colour: str,
    report_unused: bool,
    add_noqa: bool,
    baseline: str | None,
    write_baseline: str | None,
    stdin_filename: str | None,
    jobs: int | None,
    quiet: bool,
    verbose: bool,
    exit_zero: bool,
) -> int:
    """Check Python files, the current folder unless PATHS says otherwise.

    Folders are searched for Python files and Jupyter notebooks, except for what .gitignore covers, virtual
    environments and build output; files named are checked whatever their ending; `-` is standard input.

    CODES are rule codes (JL101) or the beginning of some (JL1). Opt-in rules run only when their full code is selected.
    METHODS are fork, forkserver and spawn. Lists of codes, GLOBS, NAMES and METHODS are separated by commas, and their
    options may be repeated. FORMAT is full, concise, grouped, json, json-lines, sarif, github, gitlab or junit.

    The settings of a file are those of the nearest .joinlint.toml, joinlint.toml or pyproject.toml with a table
    [tool.joinlint] in a folder above it; its keys are called like the options. `--config KEY=VALUE` wins against them,
    and the other options win against both. `joinlint config` shows what holds.

    \b
    Examples:
      joinlint check
      joinlint check src tests/conftest.py
      joinlint check --extend-select JL103,JL104 --ignore JL3
      joinlint check --per-file-ignores "tests/*:JL201"
      joinlint check --extend-exclude vendor
      joinlint check --config ci.toml --config threads=true
      joinlint check --output-format concise - < app.py
      joinlint check --output-format sarif -o joinlint.sarif
      joinlint check --write-baseline known.json
      joinlint check --baseline known.json
    """
    from joinlint.checking import check_paths, default_jobs
    from joinlint.cli import known
    from joinlint.configuration.lookup import SettingsLookup
    from joinlint.report import Report, render
    from joinlint.report.text import problem_line, warning_line

    if baseline is not None and write_baseline is not None:
        raise click.UsageError("give --baseline or --write-baseline, not both")
    if add_noqa and (report_unused or write_baseline is not None):
        raise click.UsageError("--add-noqa goes with neither --report-unused-noqa nor --write-baseline")
    named, stdin = _inputs(paths, stdin_filename)
    if add_noqa and stdin is not None:
        raise click.UsageError("--add-noqa writes into files, and standard input is none")
    lookup = SettingsLookup(command_line)
    # What concerns the run as a whole is asked of the current folder, or of where the text of standard input belongs.
    settings = (lookup.of_file(stdin.filename) if stdin else lookup.of_folder(os.getcwd())).settings
    rendered = render
    if statistics:
        from joinlint.report import statistics as counts

        rendered = counts.render
        if settings.output_format not in counts.FORMATS:
            raise click.UsageError(f"--statistics goes with the formats {', '.join(counts.FORMATS)}")
    if write_baseline is None:
        baseline = baseline or settings.baseline
    baselined = known.read(baseline) if baseline is not None else Counter()
    began = time.monotonic()
    with progress_on_terminal(quiet=quiet) as progress:
        outcome = check_paths(named, stdin, lookup, progress, report_unused=report_unused, jobs=jobs or default_jobs())
    if verbose:
        from joinlint.configuration.file_rules import codes_in
        from joinlint.report.verbose import render as told_of_run

        told = told_of_run(outcome.runs, codes_in(outcome.files, lookup), time.monotonic() - began)
        terminal.write("".join(f"{line}\n" for line in told), sys.stderr, colour=False)
    notes = "".join(map(warning_line, outcome.warnings))
    if outcome.checked == 0 and not outcome.problems:
        notes += "warning: no Python files found under the given paths\n"
    if baseline is not None:
        from joinlint.configuration.file_rules import codes_in

        outcome, said = known.held_back(baseline, baselined, outcome, codes_in(outcome.files, lookup))
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
    report = Report(
        findings=outcome.findings,
        lines=outcome.lines,
        checked=outcome.checked,
        problems=outcome.problems,
        colour=terminal.wants_colour(colour, sys.stdout),
        width=terminal.width(sys.stdout),
        summary=not quiet,
    )
    show(rendered, settings.output_format, report, output_file, colour=colour)
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
