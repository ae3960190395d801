"""The kinds of values that settings have: how each is written in TOML and on the command line, and what it becomes.

On the command line a value is text, which `of_texts` brings into the form that TOML has; `read` checks that form and
makes the value of it, whichever way it came.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Sequence
from datetime import date, time
from typing import NamedTuple, cast

from joinlint.configuration.errors import WrongValue
from joinlint.configuration.patterns import FileIgnore, Pattern
from joinlint.formats import FORMATS
from joinlint.options import START_METHODS
from joinlint.selection import UnknownCode, refuse_unknown

# tomllib's types in TOML's words; a subclass stands before its base.
_TYPES: tuple[tuple[type, str], ...] = (
    (bool, "a boolean"),
    (int, "an integer"),
    (float, "a float"),
    (str, "a string"),
    (list, "an array"),
    (dict, "a table"),
    (date, "a date"),
    (time, "a time"),
)
_VERSION = re.compile(r"(?:py3|3\.)(\d{1,3})", re.ASCII)


class Kind(NamedTuple):
    """A kind of value: what it is called, and what stands for it in the help of the command line.

    `read` takes what TOML has and the absolute path of the folder that relative paths start from, and raises
    WrongValue; `write` makes of the value what TOML has.  `of_texts` takes all that an option was given and raises
    WrongValue, too; None says that the option is a flag.
    """

    name: str
    metavar: str
    read: Callable[[object, str], object]
    write: Callable[[object], object]
    of_texts: Callable[[Sequence[str]], object] | None


def _anywhere(read: Callable[[object], object]) -> Callable[[object, str], object]:
    """A way to read values that have no part in which folder they are written."""
    return lambda value, folder: read(value)


def words_for(value: object) -> str:
    """What a TOML value is, with its article."""
    return next(words for kind, words in _TYPES if isinstance(value, kind))


def split(texts: Sequence[str]) -> list[str]:
    """The parts of comma-separated lists, without the space around them."""
    return [part for text in texts for part in (part.strip() for part in text.split(",")) if part]


def _strings(value: object, expected: str) -> list[str]:
    if not isinstance(value, list):
        raise WrongValue(f"expects {expected}, not {words_for(value)}")
    for item in value:
        if not isinstance(item, str):
            raise WrongValue(f"expects {expected}, not an array with {words_for(item)} in it")
    return value


def _string(value: object, expected: str) -> str:
    if not isinstance(value, str):
        raise WrongValue(f"expects {expected}, not {words_for(value)}")
    return value


def _read_boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise WrongValue(f"expects true or false, not {words_for(value)}")
    return value


def _read_codes(value: object) -> tuple[str, ...]:
    from joinlint.rules import all_rules

    codes = tuple(_strings(value, 'an array of codes, such as ["JL101", "JL3"]'))
    try:
        refuse_unknown(codes, all_rules())
    except UnknownCode as error:
        raise WrongValue(str(error)) from None
    return codes


def _codes_of_texts(texts: Sequence[str]) -> object:
    if not all(split([text]) for text in texts):
        raise WrongValue("needs at least one code, such as JL101 or JL1")
    return split(texts)


def _pattern(text: str, folder: str) -> Pattern:
    if not text.strip("/"):
        raise WrongValue(f"{text!r} is no pattern")
    return Pattern(text, folder)


def _read_patterns(value: object, folder: str) -> tuple[Pattern, ...]:
    texts = _strings(value, 'an array of glob patterns, such as ["vendor", "tests/data/*.py"]')
    return tuple(_pattern(text, folder) for text in texts)


def _read_ignores(value: object, folder: str) -> tuple[FileIgnore, ...]:
    if not isinstance(value, dict):
        example = '{ "tests/*" = ["JL201"] }'
        raise WrongValue(f"expects a table of codes by glob pattern, such as {example}, not {words_for(value)}")
    found = []
    for text, codes in value.items():
        try:
            pattern = _pattern(text.removeprefix("!"), folder)
            found.append(FileIgnore(pattern, text.startswith("!"), _read_codes(codes)))
        except WrongValue as error:
            raise WrongValue(f"{text!r}: {error}") from None
    return tuple(found)


def _ignores_of_texts(texts: Sequence[str]) -> object:
    """A table from `GLOB:CODE,CODE,GLOB:CODE`; a colon in the pattern, as after a drive's letter, is none of ours."""
    table: dict[str, list[str]] = {}
    codes: list[str] | None = None
    for part in split(texts):
        pattern, colon, code = part.rpartition(":")
        if colon:
            codes = table.setdefault(pattern.strip(), [])
        elif codes is None:
            raise WrongValue(f"{part!r} has no pattern before it: write GLOB:CODES, such as tests/*:JL201")
        codes.append(code.strip())
    return table


def _read_names(value: object) -> tuple[str, ...]:
    names = tuple(_strings(value, 'an array of dotted names, such as ["package.module.Class"]'))
    for name in names:
        if not all(part.isidentifier() for part in name.split(".")):
            raise WrongValue(f"{name!r} is no dotted name, such as 'package.module.Class'")
    return names


def _read_version(value: object) -> tuple[int, int]:
    expected = 'a version of Python, such as "3.11" or "py311"'
    text = _string(value, expected)
    match = _VERSION.fullmatch(text)
    if match is None:
        raise WrongValue(f"expects {expected}, not {text!r}")
    return 3, int(match[1])


def _read_methods(value: object) -> tuple[str, ...]:
    methods = tuple(_strings(value, 'an array of start methods, such as ["spawn"]'))
    for method in methods:
        _refuse_unlisted(method, "start method", START_METHODS)
    if not methods:
        raise WrongValue("expects at least one start method")
    return tuple(dict.fromkeys(methods))


def _read_format(value: object) -> str:
    name = _string(value, "the name of a format")
    _refuse_unlisted(name, "format", tuple(FORMATS))
    return name


def _refuse_unlisted(name: str, noun: str, choices: Sequence[str]) -> None:
    if name not in choices:
        import difflib  # only mistakes need it

        near = difflib.get_close_matches(name, choices, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(choices)}"
        raise WrongValue(f"unknown {noun} {name!r}: {hint}")


def _read_path(value: object, folder: str) -> str:
    text = _string(value, "the name of a file")
    if not text or "\0" in text:
        raise WrongValue(f"{text!r} is no name of a file")
    return os.path.normpath(os.path.join(folder, text))


def _as_array(value: object) -> object:
    items = cast("tuple[object, ...]", value)
    return [item.text if isinstance(item, Pattern) else item for item in items]


def _ignores_as_table(value: object) -> object:
    ignores = cast("tuple[FileIgnore, ...]", value)
    return {f"{'!' * ignore.negated}{ignore.pattern.text}": list(ignore.codes) for ignore in ignores}


def _as_version(value: object) -> object:
    return ".".join(map(str, cast("tuple[int, int]", value)))


def _last(texts: Sequence[str]) -> object:
    return texts[-1]


def _as_it_is(value: object) -> object:
    return value


BOOLEAN = Kind("boolean", "", _anywhere(_read_boolean), _as_it_is, None)
CODES = Kind("array of codes", "CODES", _anywhere(_read_codes), _as_array, _codes_of_texts)
PATTERNS = Kind("array of glob patterns", "GLOBS", _read_patterns, _as_array, split)
IGNORES = Kind("table of codes by glob pattern", "GLOB:CODES", _read_ignores, _ignores_as_table, _ignores_of_texts)
NAMES = Kind("array of dotted names", "NAMES", _anywhere(_read_names), _as_array, split)
VERSION = Kind("version of Python", "VERSION", _anywhere(_read_version), _as_version, _last)
METHODS = Kind(
    f"array of start methods: {', '.join(START_METHODS)}", "METHODS", _anywhere(_read_methods), _as_array, split
)
FORMAT = Kind(f"one of {', '.join(FORMATS)}", "FORMAT", _anywhere(_read_format), _as_it_is, _last)
PATH = Kind("file name", "FILE", _read_path, _as_it_is, _last)
