"""What `joinlint confirm` does: says what it will run, checks, runs, reports, and leaves the terminal as it was."""

from __future__ import annotations

import contextlib
import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click

from joinlint import terminal
from joinlint.cli.status import CLEAN, FAILED, FOUND
from joinlint.configuration.lookup import SettingsLookup
from joinlint.confirmation.confirm import Confirmation, confirm
from joinlint.confirmation.program import NoProgram, check_program, module_file, script_file
from joinlint.confirmation.runs import Program, python_command, start_methods
from joinlint.confirmation.table import TABLE
from joinlint.report import confirm_json, confirm_text
from joinlint.report.text import problem_line, visible, wrapped


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line asks for."""

    module: bool
    target: str
    arguments: tuple[str, ...]
    methods: tuple[str, ...]
    seconds: float
    stdin: str | None
    python: str | None
    show_output: bool


def run_command(request: Request, lookup: SettingsLookup, output_format: str, colour: str) -> int:
    """Do it, and give the exit status.

    Raises ClickException for a call that makes no sense, and SettingsError for a settings file that can't be used.
    """
    if os.name != "posix":
        raise click.ClickException("confirm needs a system with sessions and signals, such as Linux or macOS")
    try:
        script = (module_file if request.module else script_file)(request.target)
    except NoProgram as error:
        raise click.ClickException(str(error)) from None
    methods = _methods(request.methods, lookup.of_file(script).settings.start_methods)
    outcome = check_program(script, lookup)
    terminal.write("".join(map(problem_line, outcome.problems)), sys.stderr, colour=False)
    if any(problem.filename == script for problem in outcome.problems):
        return FAILED
    program = Program(
        command=python_command(request.python, request.module, request.target, request.arguments),
        script=os.path.abspath(script),
        folder=os.getcwd(),
        stdin=os.path.abspath(request.stdin) if request.stdin else os.devnull,
        pass_on=request.show_output,
    )
    needs = any(TABLE[f.code].hold for f in outcome.findings if f.code in TABLE)
    _tell(_announcement(program, methods, request.seconds, needs))
    with _terminal_restored():
        result = confirm(program, outcome, methods, request.seconds, lookup, _tell)
    if result.not_run:
        raise click.ClickException(f"the program could not be started: {visible(result.not_run)}")
    use_colour = output_format == "text" and terminal.wants_colour(colour, sys.stdout)
    if output_format == "json":
        text = confirm_json.render(result)
    else:
        text = confirm_text.render(result, terminal.width(sys.stdout), use_colour)
    terminal.write(text, sys.stdout, colour=use_colour)
    return _status(result, bool(outcome.problems))


def _status(result: Confirmation, problems: bool) -> int:
    if problems:
        return FAILED
    if result.findings or result.observations:
        return FOUND
    return CLEAN if result.is_whole else FAILED


def _methods(asked: Sequence[str], of_project: Sequence[str] | None) -> tuple[str, ...]:
    """Those asked for; otherwise those under which the project has to run, as far as the platform has them."""
    there = start_methods()
    missing = [method for method in asked if method not in there]
    if missing:
        raise click.ClickException(f"this platform has no start method {missing[0]!r}: it has {', '.join(there)}")
    if asked:
        return tuple(dict.fromkeys(asked))
    return tuple(method for method in there if of_project is None or method in of_project) or there


def _announcement(program: Program, methods: Sequence[str], seconds: float, holds: bool) -> str:
    """What is about to be run, said before it is."""
    how = f"under {', '.join(methods)}, each for {seconds:g} s at most"
    again = ", and again with its children or tasks held where that may show more" if holds else ""
    text = f"joinlint runs this program, with all that it does, {how}{again}:"
    return "\n".join([*wrapped(text, terminal.width(sys.stderr)), f"  {visible(shlex.join(program.command))}"])


def _tell(text: str) -> None:
    terminal.write(f"{text}\n", sys.stderr, colour=False)


@contextlib.contextmanager
def _terminal_restored() -> Iterator[None]:
    """Give each terminal that we are connected to its settings back afterwards."""
    import termios

    saved = {}
    for descriptor in (0, 1, 2):
        with contextlib.suppress(OSError, termios.error):
            if os.isatty(descriptor):
                saved[descriptor] = termios.tcgetattr(descriptor)
    try:
        yield
    finally:
        for descriptor, settings in saved.items():
            with contextlib.suppress(OSError, termios.error):
                termios.tcsetattr(descriptor, termios.TCSADRAIN, settings)
