"""`joinlint confirm`."""

from __future__ import annotations

import click

from joinlint.cli.completion import files
from joinlint.cli.options import colours, settings_options
from joinlint.cli.status import CLEAN, FAILED, FOUND, exit_codes
from joinlint.configuration.command_line import CommandLine


@click.command(
    short_help="Run a program, and see whether it does what is reported.",
    epilog=exit_codes(
        {
            CLEAN: "nothing found, and nothing seen in the runs",
            FOUND: "something found or seen, confirmed or not",
            FAILED: "the program could not be run, to its end or at all, or the call is wrong",
        }
    ),
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option("-m", "module", is_flag=True, help="Run a module, as `python -m` does, instead of a script.")
@click.argument("target", metavar="SCRIPT|MODULE", shell_complete=files)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[ARGS]...", shell_complete=files)
@click.option(
    "--start-method",
    "methods",
    type=click.Choice(["fork", "forkserver", "spawn"]),
    multiple=True,
    help="Run under this start method; may be repeated. All that the platform has and the settings name, otherwise.",
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
@click.option(
    "--python",
    "python",
    metavar="FILE",
    shell_complete=files,
    help="The Python to run it with instead of joinlint's own.",
)
@click.option("--show-output", is_flag=True, help="Write what the program prints to standard error.")
@settings_options(
    "select", "extend-select", "ignore", "per-file-ignores", "threads", "process-classes", "join-functions"
)
@click.option(
    "--output-format",
    "output_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Text to read, or JSON.",
)
@colours
def confirm(
    module: bool,
    target: str,
    arguments: tuple[str, ...],
    methods: tuple[str, ...],
    seconds: float,
    stdin: str | None,
    python: str | None,
    show_output: bool,
    command_line: CommandLine,
    output_format: str,
    colour: str,
) -> int:
    """Check a program, RUN it, and say of each finding whether the program does what is reported.

    The program is run with all that it does, under each start method of multiprocessing, in the current folder. Where
    a plain run does not show a finding, it is run again with its children held. It is ended after a time, when it
    starts too many processes, and by Ctrl-C, with all that it has started.

    Options for joinlint come before SCRIPT or MODULE; what follows is the program's. Its exit status is part of the
    output. The options that it shares with `joinlint check` mean the same.

    \b
    Examples:
      joinlint confirm app.py --verbose input.csv
      joinlint confirm --start-method spawn app.py
      joinlint confirm -m package.module
    """
    from joinlint.configuration.lookup import SettingsLookup
    from joinlint.confirmation.command import Request, run_command

    request = Request(module, target, arguments, methods, seconds, stdin, python, show_output)
    # The program is named, and so is what it imports, whatever is to be left out elsewhere.
    flags = {**command_line.flags, "force-exclude": False}
    lookup = SettingsLookup(command_line._replace(flags=flags))
    return run_command(request, lookup, output_format, colour)
