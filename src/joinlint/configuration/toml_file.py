"""Settings as TOML: from a file or text to tables, with every way to fail said in one line."""

from __future__ import annotations

import re

from joinlint.configuration.errors import SettingsError
from joinlint.paths import reason, shown
from joinlint.regular_files import read_regular

# Bytes, beyond which a file is no settings file that somebody has written, and tomllib slow.
_MAX_SIZE = 1_000_000
_PLACE = re.compile(r" \(at (?:line (?P<row>\d+), column (?P<column>\d+)|end of document)\)$")
# tomllib takes time in the square of the parts of a dotted key, hours for what fits into a file of 1 MB.
_MOST_PARTS = 100
_PART = r"""(?:[\w-]++|"[^"\n]*+"|'[^'\n]*+')[ \t]*+"""
_LONG_KEY = re.compile(rf"(?<![\w-])(?:{_PART}\.[ \t]*+){{{_MOST_PARTS}}}", re.ASCII)


def read_bytes(path: str) -> bytes:
    """What a settings file holds; raises SettingsError."""
    try:
        return read_regular(path, _MAX_SIZE)
    except (OSError, ValueError) as error:
        raise SettingsError(f"{shown(path)}: {reason(error)}") from None


def parse_bytes(data: bytes, name: str) -> dict[str, object]:
    """The tables in `data`, what the file called `name` holds; raises SettingsError."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = data.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"{name}:{row}: is not UTF-8") from None
    return parse_text(text, name)


def parse_text(text: str, name: str) -> dict[str, object]:
    """The tables in `text`, which comes from what is called `name`; raises SettingsError."""
    if long := _LONG_KEY.search(text):
        row = text.count("\n", 0, long.start()) + 1
        raise SettingsError(f"{name}:{row}: a key has more than {_MOST_PARTS} parts")
    import tomllib  # many a run reads no settings

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(_located(str(error), text, name)) from None
    except RecursionError:
        raise SettingsError(f"{name}: is nested too deeply") from None
    except ValueError:  # what Python's int() refuses
        raise SettingsError(f"{name}: a number has too many digits") from None


def _located(message: str, text: str, name: str) -> str:
    """tomllib's words with the place before them, both numbers 1-based, as compilers write it."""
    match = _PLACE.search(message)
    if match is None:
        return f"{name}: {_begun_small(message)}"
    row, column = match["row"], match["column"]
    if row is None:
        lines = text.split("\n")
        row, column = str(len(lines)), str(len(lines[-1]) + 1)
    return f"{name}:{row}:{column}: {_begun_small(message[: match.start()])}"


def _begun_small(message: str) -> str:
    return f"{message[:1].lower()}{message[1:]}"
