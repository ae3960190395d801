"""joinlint's rules as a flake8 plugin, under the same codes.

flake8 imports this module on every run, for every file: nothing here imports the rules or the parser before a file
needs them.
"""

from __future__ import annotations

import argparse
import ast
import os
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from joinlint import __version__
from joinlint.configuration.errors import SettingsError
from joinlint.configuration.kinds import VERSION
from joinlint.configuration.layers import read_value
from joinlint.configuration.settings import SETTINGS, Settings, field_of
from joinlint.options import DEFAULT, Options
from joinlint.sources import SourceFile
from joinlint.syntax.prefilter import needs_reading

# The settings that flake8 has no options of its own for.
_ANALYSIS_KEYS = ("process-classes", "join-functions", "start-methods", "target-version")


class Plugin:
    """What flake8 makes for each file; `run` gives what is found in it."""

    name = "joinlint"
    version = __version__

    # The codes that the user's flake8 options spell out in full: what opt-in rules wait for.  flake8's default ignore
    # list can't hold such rules back, for it is dropped as soon as the user writes an `ignore` or selects `JL`.
    asked_for: ClassVar[frozenset[str]] = frozenset()
    options: ClassVar[Options] = DEFAULT

    def __init__(self, tree: ast.AST, lines: Sequence[str], filename: str) -> None:
        """Take flake8's view of a file; `tree` makes flake8 call this once per file that it could parse, and is not
        used."""
        self.lines = lines
        self.filename = filename

    @staticmethod
    def add_options(manager: Any) -> None:
        """Register the options with flake8's option manager."""
        manager.add_option(
            "--joinlint-enable",
            metavar="codes",
            default="",
            parse_from_config=True,
            comma_separated_list=True,
            help="Comma-separated list of joinlint's opt-in rules to turn on, for example JL103,JL104. (Default: none)",
        )
        manager.add_option(
            "--joinlint-threads",
            action="store_true",
            default=False,
            parse_from_config=True,
            help="Ask for threads to be joined, too (JL101, JL102). (Default: False)",
        )
        for key in _ANALYSIS_KEYS:
            setting = SETTINGS[key]
            manager.add_option(
                f"--joinlint-{key}",
                metavar=setting.kind.metavar.lower(),
                default="",
                parse_from_config=True,
                comma_separated_list=setting.kind is not VERSION,
                help=f"{setting.summary} (Default: {setting.unset or 'none'})",
            )

    @classmethod
    def parse_options(cls, options: argparse.Namespace) -> None:
        """Take the user's options.  Raises flake8's ExecutionError, which it shows as one line, for a code that does
        not exist and for a value that an option can't have."""
        enabled = tuple(options.joinlint_enable or ())
        if enabled:
            _refuse_unknown(enabled)
        cls.options = _analysis_options(options)
        cls.asked_for = frozenset((*enabled, *(options.select or ()), *(options.extend_select or ())))

    def run(self) -> Iterator[tuple[int, int, str, type[Plugin]]]:
        """The findings as flake8 takes them: 1-based row, 0-based column, code and message, and the plugin.

        Gives nothing where a file can't be checked, for flake8 says so itself (E902, E999).  Raises nothing, since
        flake8 would give up the whole run.
        """
        file = SourceFile(self.filename, "".join(self.lines))
        if not needs_reading(file.data, self.options):
            return
        from joinlint.pipeline import check_files
        from joinlint.syntax.suppression import unignored

        try:
            (result,) = check_files([file], _codes(self.asked_for), context=None, options=self.options)
        except Exception:
            return
        if result.problem is not None or not result.findings:
            return
        for finding in unignored(result.findings, self.lines):
            start = finding.span.start
            yield start.row, start.column - 1, f"{finding.code} {finding.message}", type(self)


def _codes(asked_for: frozenset[str]) -> frozenset[str]:
    """All rules that are on by default, and the opt-in ones asked for; what else is deselected or ignored, flake8 drops
    itself."""
    from joinlint.rules import all_rules

    return frozenset(code for code, rule in all_rules().items() if rule.default or code in asked_for)


def _analysis_options(options: argparse.Namespace) -> Options:
    values: dict[str, Any] = {"threads": bool(options.joinlint_threads)}
    for key in _ANALYSIS_KEYS:
        if given := getattr(options, field_of(f"joinlint-{key}")):
            try:
                values[field_of(key)] = read_value(key, given, f"joinlint-{key}", os.getcwd())
            except SettingsError as error:
                raise _refusal(str(error)) from None
    return Settings(**values).options


def _refuse_unknown(codes: Sequence[str]) -> None:
    from joinlint.rules import all_rules
    from joinlint.selection import suggestion

    rules = all_rules()
    for code in codes:
        if code not in rules:
            raise _refusal(f"joinlint-enable: unknown code {code!r}: {suggestion(code, rules)}")


def _refusal(text: str) -> Exception:
    from flake8.exceptions import ExecutionError

    return ExecutionError(text)
