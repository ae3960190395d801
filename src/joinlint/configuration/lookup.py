"""Which settings hold for a file: those of the nearest settings file above it, and what the command line says."""

from __future__ import annotations

import os
from collections.abc import Mapping

from joinlint.configuration.command_line import CommandLine
from joinlint.configuration.errors import SettingsError
from joinlint.configuration.kinds import words_for
from joinlint.configuration.layers import Layer, Resolved, read_layer, resolve
from joinlint.configuration.toml_file import parse_bytes, read_bytes
from joinlint.paths import shown

PROJECT_FILE = "pyproject.toml"
# In one folder, the first of these counts.
FILES = (".joinlint.toml", "joinlint.toml", PROJECT_FILE)


class SettingsLookup:
    """Finds the settings of files and folders, and remembers for the length of a run what it has read."""

    def __init__(self, command_line: CommandLine) -> None:
        """Take what the command line says; raises SettingsError for what is wrong with it."""
        self._above = command_line.layers()
        self._here = os.getcwd()
        self._without_file = resolve(self._above, None, self._here)
        self._by_folder: dict[str, Resolved] = {}
        self._is_fixed = command_line.isolated
        if named := command_line.file():
            self._without_file = self._resolved(named, _named_layer(named))
            self._is_fixed = True

    @classmethod
    def of_defaults(cls) -> SettingsLookup:
        """A lookup that gives the default settings for every file."""
        return cls(CommandLine(isolated=True))

    def of_file(self, filename: str) -> Resolved:
        """The settings that hold for a file, whether or not there is one; raises SettingsError."""
        return self.of_folder(os.path.dirname(os.path.abspath(filename)))

    def of_folder(self, folder: str) -> Resolved:
        """The settings that hold for what lies in the folder at an absolute path; raises SettingsError."""
        if self._is_fixed:
            return self._without_file
        passed = []
        while folder not in self._by_folder:
            passed.append(folder)
            found = self._file_in(folder)
            above = os.path.dirname(folder)
            if found is not None or above == folder:
                self._by_folder[folder] = found or self._without_file
            else:
                folder = above
        resolved = self._by_folder[folder]
        self._by_folder.update(dict.fromkeys(passed, resolved))
        return resolved

    def _file_in(self, folder: str) -> Resolved | None:
        for name in FILES:
            path = os.path.join(folder, name)
            if os.path.lexists(path) and (layer := _layer(path)) is not None:
                return self._resolved(path, layer)
        return None

    def _resolved(self, path: str, layer: Layer) -> Resolved:
        return resolve([layer, *self._above], path, os.path.dirname(path))


def _named_layer(path: str) -> Layer:
    layer = _layer(path)
    if layer is None:
        raise SettingsError(f"{shown(path)}: has no table [tool.joinlint]")
    return layer


def _layer(path: str) -> Layer | None:
    """The settings in the file; None for the pyproject.toml of a project that sets nothing of ours."""
    data = read_bytes(path)
    name = shown(path)
    if os.path.basename(path) != PROJECT_FILE:
        return read_layer(parse_bytes(data, name), path, name, os.path.dirname(path))
    # Other tools' files are theirs to complain about.
    if b"joinlint" not in data:
        return None
    tool = parse_bytes(data, name).get("tool", {})
    table = tool.get("joinlint") if isinstance(tool, Mapping) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise SettingsError(f"{name}: tool.joinlint: expects a table, not {words_for(table)}")
    return read_layer(table, path, name, os.path.dirname(path))
