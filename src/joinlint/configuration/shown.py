"""What `joinlint config` shows: the settings of a path as TOML or JSON, with the source of each."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from joinlint.configuration.file_rules import codes_for
from joinlint.configuration.layers import COMMAND_LINE, DEFAULT
from joinlint.configuration.lookup import SettingsLookup
from joinlint.configuration.settings import SETTINGS, field_of
from joinlint.paths import shown


@dataclass(frozen=True, slots=True)
class View:
    """The settings of a path: TOML's values by key, None for what has none, and the sources of each.

    `file` is the absolute path of the settings file that holds, None without one; `codes` are those of the rules that
    run.
    """

    path: str
    file: str | None
    values: Mapping[str, object]
    sources: Mapping[str, Sequence[str]]
    codes: Sequence[str]


def view(path: str, lookup: SettingsLookup) -> View:
    """The settings that hold for a file, or for what lies in a folder; raises SettingsError."""
    absolute = os.path.abspath(path)
    resolved = lookup.of_folder(absolute) if os.path.isdir(absolute) else lookup.of_file(absolute)
    values = {key: getattr(resolved.settings, field_of(key)) for key in SETTINGS}
    return View(
        path=path,
        file=resolved.file,
        values={key: None if value is None else SETTINGS[key].kind.write(value) for key, value in values.items()},
        sources={key: resolved.sources.get(key, (DEFAULT,)) for key in SETTINGS},
        codes=sorted(codes_for(resolved.settings, absolute)),
    )


def as_json(view: View) -> str:
    """One JSON object; file names are absolute."""
    settings = {key: {"value": value, "sources": view.sources[key]} for key, value in view.values.items()}
    whole = {"path": os.path.abspath(view.path), "file": view.file, "settings": settings, "rules": view.codes}
    return json.dumps(whole, indent=2) + "\n"


def as_text(view: View) -> str:
    """A settings file that says the same, with the sources in comments; what has no value is one as a whole."""
    return "".join(f"{line}\n" for line in _lines(view))


def _lines(view: View) -> Iterator[str]:
    yield f"# settings for {to_toml(view.path)}, {_file(view.file)}"
    yield f"# rules that run: {', '.join(view.codes) or 'none'}"
    yield ""
    for key, value in view.values.items():
        if value is None:
            yield f"# {key}: {SETTINGS[key].unset}"
        else:
            sources = ", ".join(dict.fromkeys(map(_source, view.sources[key])))
            yield f"{key} = {to_toml(value)}  # {sources}"


def _file(file: str | None) -> str:
    return "from no file" if file is None else f"from {to_toml(shown(file))}"


def _source(source: str) -> str:
    return source if source in (DEFAULT, COMMAND_LINE) else to_toml(shown(source))


def to_toml(value: object) -> str:
    """A value in TOML, in one line and without characters that a terminal would obey."""
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{to_toml(key)} = {to_toml(item)}" for key, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(to_toml, value))}]"
    if isinstance(value, str):
        return f'"{"".join(map(_character, value))}"'
    return json.dumps(value)


def _character(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    return f"\\u{ord(character):04x}" if ord(character) < 0x10000 else f"\\U{ord(character):08x}"
