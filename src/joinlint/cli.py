"""The command line: `joinlint check`, `joinlint confirm` and `joinlint rule`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TypeVar

import click

from joinlint import __version__, terminal
from joinlint.links import STDIN_NAME
from joinlint.report import FORMATS
from joinlint.sources import SourceFile

# What needs the rules or the parser is imported by the commands that use it: `joinlint --version` answers at once.

CLEAN, FOUND, FAILED, INTERRUPTED = 0, 1, 2, 130

_EXIT_CODES = """
\b
Exit status:
  0  nothing found
  1  something found
  2  something could not be checked, or the call is wrong
"""


def _codes(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """The codes in the comma-separated lists that an option was given."""
    lists = [tuple(filter(None, (code.strip() for code in value.split(",")))) for value in values]
    if not all(lists):
        raise click.BadParameter("needs at least one code, such as JL101 or JL1", context, option)
    return tuple(code for codes in lists for code in codes)


class _Group(click.Group):
    """A group that lists its commands in the order in which they are of use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)


_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=_Group, context_settings=_SETTINGS, invoke_without_command=True)
@click.version_option(__version__, prog_name="joinlint", message="%(prog)s %(version)s")
@click.pass_context
def cli(context: click.Context) -> None:
    """Finds misuse of Python's multiprocessing: processes that nobody joins, missing main guards, joins that serialise
    work.

    \b
    Examples:
      joinlint check                 check the current folder
      joinlint check src app.py      check a folder and a file
      joinlint confirm app.py        run a program, and see whether it does what is reported
      joinlint rule JL101            explain a rule
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(FAILED)


Command = TypeVar("Command", bound=Callable[..., int])


def _selection(command: Command) -> Command:
    """The options that choose the rules."""
    for name, text in (
        ("--ignore", "Leave these rules out."),
        ("--extend-select", "Run these rules as well."),
        ("--select", "Run these rules instead of the default ones."),
    ):
        command = click.option(name, callback=_codes, multiple=True, metavar="CODES", help=text)(command)
    return command


def _colours(command: Command) -> Command:
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


@cli.command(epilog=_EXIT_CODES)
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@_selection
@click.option(
    "--output-format",
    "output_format",
    type=click.Choice(list(FORMATS)),
    default="full",
    show_default=True,
    help="How to show what is found: with source, one line each, or as JSON.",
)
@_colours
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
    threads: bool,
    stdin_filename: str | None,
    quiet: bool,
    exit_zero: bool,
) -> int:
    """Check Python files, the current folder unless PATHS says otherwise.

    Folders are searched for Python files, except for what .gitignore covers, virtual environments and build output;
    files named are checked whatever their ending; `-` is standard input.

    CODES are rule codes (JL101) or the beginning of some (JL1), separated by commas. Opt-in rules run only when their
    full code is selected.

    \b
    Examples:
      joinlint check
      joinlint check src tests/conftest.py
      joinlint check --extend-select JL103,JL104 --ignore JL3
      joinlint check --output-format concise - < app.py
    """
    from joinlint.checking import check_paths
    from joinlint.report import Report, render
    from joinlint.report.text import problem_line
    from joinlint.rules import all_rules
    from joinlint.settings import Settings, UnknownCode, selected_codes

    settings = Settings(select=select or None, extend_select=extend_select, ignore=ignore)
    try:
        codes = selected_codes(settings, all_rules())
    except UnknownCode as error:
        raise click.ClickException(str(error)) from None
    named, stdin = _inputs(paths, stdin_filename)
    outcome = check_paths(named, stdin, codes, threads)

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


_CONFIRM_CODES = """
\b
Exit status:
  0  nothing found, and nothing seen in the runs
  1  something found or seen, confirmed or not
  2  the program could not be run, to its end or at all; or the call is wrong
The exit status of the program is part of the output.
"""


@cli.command(
    epilog=_CONFIRM_CODES,
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option("-m", "module", is_flag=True, help="Run a module, as `python -m` does, instead of a script.")
@click.argument("target", metavar="SCRIPT|MODULE")
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGS]...")
@click.option(
    "--start-method",
    "methods",
    type=click.Choice(["fork", "forkserver", "spawn"]),
    multiple=True,
    help="Run under this start method; may be repeated. All that the platform has, otherwise.",
)
@click.option(
    "--timeout",
    "seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="End the program after so many seconds under each start method.",
)
@click.option(
    "--stdin",
    "stdin",
    type=click.Path(exists=True, dir_okay=False, readable=True),
    metavar="FILE",
    help="What every run reads from its standard input; nothing, otherwise.",
)
@click.option("--python", "python", metavar="FILE", help="The Python to run it with instead of joinlint's own.")
@click.option("--show-output", is_flag=True, help="Write what the program prints to standard error.")
@_selection
@click.option(
    "--output-format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text to read, or JSON.",
)
@_colours
def confirm(
    module: bool,
    target: str,
    arguments: tuple[str, ...],
    methods: tuple[str, ...],
    seconds: float,
    stdin: str | None,
    python: str | None,
    show_output: bool,
    select: tuple[str, ...],
    extend_select: tuple[str, ...],
    ignore: tuple[str, ...],
    output_format: str,
    colour: str,
) -> int:
    """Check a program, RUN it, and say of each finding whether the program does what is reported.

    The program is run with all that it does, under each start method of multiprocessing, in the current folder. Where
    a plain run does not show a finding, it is run again with its children held. It is ended after a time, when it
    starts too many processes, and by Ctrl-C, with all that it has started.

    Options for joinlint come before SCRIPT or MODULE; what follows is the program's.

    \b
    Examples:
      joinlint confirm app.py --verbose input.csv
      joinlint confirm --start-method spawn --timeout 10 app.py
      joinlint confirm -m package.module
    """
    from joinlint.confirmation.command import Request, run_command
    from joinlint.settings import Settings

    settings = Settings(select=select or None, extend_select=extend_select, ignore=ignore)
    request = Request(module, target, arguments, methods, seconds, stdin, python, show_output)
    return run_command(request, settings, output_format, colour)


@cli.command("rule", epilog=_EXIT_CODES)
@click.argument("code", required=False)
@click.option("--all", "every", is_flag=True, help="Explain every rule.")
@click.option(
    "--output-format",
    "output_format",
    type=click.Choice(["text", "markdown", "json"]),
    default="text",
    show_default=True,
    help="Text to read, Markdown with what the tests observed, or JSON.",
)
def explain(code: str | None, every: bool, output_format: str) -> int:
    """Explain the rule CODE: what it reports, why that is bad, and an example with its correction.

    \b
    Examples:
      joinlint rule JL101
      joinlint rule --all --output-format json
    """
    from joinlint.rule_page import as_json, as_markdown, as_text
    from joinlint.rules import all_rules
    from joinlint.settings import suggestion

    rules = all_rules()
    if every == (code is not None):
        raise click.UsageError("give a CODE, or --all")
    if code is not None and code not in rules:
        raise click.ClickException(f"unknown code {code!r}: {suggestion(code, rules)}")
    if output_format == "json":
        text = as_json(list(rules.values()) if code is None else rules[code])
        terminal.write(text, sys.stdout, colour=False)
        return CLEAN
    chosen = list(rules.values()) if code is None else [rules[code]]
    if output_format == "markdown":
        terminal.write("\n".join(map(as_markdown, chosen)), sys.stdout, colour=False)
        return CLEAN
    colour = terminal.wants_colour("auto", sys.stdout)
    pages = [as_text(rule, terminal.width(sys.stdout), colour) for rule in chosen]
    terminal.write("\n".join(pages), sys.stdout, colour=colour)
    return CLEAN


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line with `arguments`, those of the process by default, and exit with its status."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit status; whatever goes wrong is said in one line on standard error."""
    try:
        status = cli.main(args=arguments, prog_name="joinlint", standalone_mode=False)
    except click.UsageError as error:
        error.show()
        return FAILED
    except click.ClickException as error:
        click.echo(f"error: {error.format_message()}", err=True)
        return FAILED
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    return status if isinstance(status, int) else CLEAN
