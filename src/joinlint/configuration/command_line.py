"""What the command line says of settings: the options that are named like keys, and `--config`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from joinlint.configuration.errors import SettingsError, WrongValue
from joinlint.configuration.layers import COMMAND_LINE, Layer, read_layer, read_value
from joinlint.configuration.settings import SETTINGS
from joinlint.configuration.toml_file import parse_text


class CommandLine(NamedTuple):
    """The options as they were given.

    `config` has a settings file's name or `KEY=VALUE` in TOML per entry, `flags` by key what an option of the same name
    was given: texts, or a boolean.  `isolated` says that no settings file is to be read.
    """

    config: Sequence[str] = ()
    flags: Mapping[str, Sequence[str] | bool] = {}
    isolated: bool = False

    def file(self) -> str | None:
        """The absolute path of the one file that is to be read, None to look for files; raises SettingsError."""
        files = [text for text in self.config if not _is_assignment(text)]
        if len(files) > 1:
            raise SettingsError(f"--config: there can be one file only, not {files[0]!r} and {files[1]!r}")
        if files and self.isolated:
            raise SettingsError(f"--config: {files[0]!r} is not read with --isolated")
        return os.path.abspath(files[0]) if files else None

    def layers(self) -> list[Layer]:
        """What is set, one layer per source, in the current folder; raises SettingsError."""
        folder = os.getcwd()
        assignments = [text for text in self.config if _is_assignment(text)]
        tables = [parse_text(text, f"--config {text!r}") for text in assignments]
        layers = [
            read_layer(table, COMMAND_LINE, f"--config {text!r}", folder)
            for text, table in zip(assignments, tables, strict=True)
        ]
        values = {key: _read_flag(key, given, folder) for key, given in self.flags.items()}
        return [*layers, Layer(COMMAND_LINE, values)]


def _is_assignment(text: str) -> bool:
    return "=" in text and not os.path.lexists(text)


def _read_flag(key: str, given: Sequence[str] | bool, folder: str) -> Any:
    of_texts = SETTINGS[key].kind.of_texts
    try:
        value = given if of_texts is None or isinstance(given, bool) else of_texts(given)
    except WrongValue as error:
        raise SettingsError(f"--{key}: {error}") from None
    return read_value(key, value, f"--{key}", folder)
