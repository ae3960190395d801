"""Text for a terminal: what is in a checked file is shown, never obeyed, and measured in columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

import click

from joinlint.sources import Problem

Paint = Callable[[str, str], str]

_TAB = 4
_STYLES: dict[str, dict[str, object]] = {
    "place": {"bold": True},
    "code": {"fg": "red", "bold": True},
    "primary": {"fg": "red", "bold": True},
    "related": {"fg": "cyan", "bold": True},
    "gutter": {"fg": "blue", "bold": True},
    "good": {"fg": "green", "bold": True},
    "word": {"bold": True},
}


class Cell(NamedTuple):
    """One character as shown: its text and the columns that it takes."""

    text: str
    width: int


def painter(colour: bool) -> Paint:
    """A function that gives a text the look of a kind of thing, or leaves it alone where colour is off."""
    if not colour:
        return lambda kind, text: text
    return lambda kind, text: click.style(text, **_STYLES[kind]) if text else text  # type: ignore[arg-type]


def cells(line: str) -> list[Cell]:
    """The characters of a line without its line end, one cell each: tabs to their stops, control characters spelled
    out."""
    shown: list[Cell] = []
    column = 0
    for character in line.rstrip("\r\n"):
        cell = Cell(" " * (_TAB - column % _TAB), _TAB - column % _TAB) if character == "\t" else _cell(character)
        shown.append(cell)
        column += cell.width
    return shown


def visible(text: str) -> str:
    """`text` in one line, with whatever could move the cursor, change colours or reorder the line spelled out."""
    return "".join(_cell(character).text for character in text)


def problem_line(problem: Problem) -> str:
    """What could not be checked, and why, in one line with its end."""
    return _line_about("error", problem)


def warning_line(problem: Problem) -> str:
    """What is wrong with a comment, in one line with its end."""
    return _line_about("warning", problem)


def _line_about(word: str, problem: Problem) -> str:
    return f"{word}: {visible(problem.place)}: {visible(problem.reason)}\n"


def counted(number: int, noun: str) -> str:
    """A number and what it counts, in the singular where it is one."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def width(text: str) -> int:
    """The columns that `text` takes on a terminal; it has no escape codes."""
    return sum(_cell(character).width for character in text)


def wrapped(text: str, columns: int, first: int = 0) -> list[str]:
    """`text` in lines of at most `columns`, the first of which has `first` columns taken; only words longer than that
    stick out."""
    lines: list[str] = []
    line, room = "", columns - first
    for word in visible(text).split(" "):
        longer = f"{line} {word}" if line else word
        if line and width(longer) > room:
            lines.append(line)
            line, room = word, columns
        else:
            line = longer
    return [*lines, line]


def window(line: Sequence[Cell], start: int, end: int, columns: int) -> tuple[int, int]:
    """The part of `line`, as indices, to show in `columns` so that the cells from `start` to `end` are in it."""
    if sum(cell.width for cell in line) <= columns:
        return 0, len(line)
    low = high = min(start, len(line))
    high, used = _stretch(line, high, min(end, len(line)), 0, columns)
    # Half of what is left goes before, where the statement begins, the rest after; what one side can't use the other
    # takes.
    low, used = _stretch_back(line, low, used, used + (columns - used) // 2)
    high, used = _stretch(line, high, len(line), used, columns)
    low, used = _stretch_back(line, low, used, columns)
    return low, high


def _stretch(line: Sequence[Cell], index: int, stop: int, used: int, columns: int) -> tuple[int, int]:
    while index < stop and used + line[index].width <= columns:
        used += line[index].width
        index += 1
    return index, used


def _stretch_back(line: Sequence[Cell], index: int, used: int, columns: int) -> tuple[int, int]:
    while index > 0 and used + line[index - 1].width <= columns:
        index -= 1
        used += line[index].width
    return index, used


def _cell(character: str) -> Cell:
    if " " <= character <= "~":
        return Cell(character, 1)
    category = unicodedata.category(character)
    if category in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        spelled = character.encode("unicode_escape").decode("ascii")
        return Cell(spelled, len(spelled))
    if category in {"Mn", "Me"}:
        return Cell(character, 0)
    return Cell(character, 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1)
