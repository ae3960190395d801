"""One line of a `.gitignore` file to what it matches, by the rules of git's dir.c and wildmatch.c.

Every line takes time that grows with the square of a path's length at the most.  The regular expressions of pathspec go
back over what each wildcard has matched: ten `**` in a pattern, or ten `*` against a long name, and they never end.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass

_CLASSES = {
    b"alnum": string.ascii_letters + string.digits,
    b"alpha": string.ascii_letters,
    b"blank": " \t",
    b"cntrl": "".join(map(chr, (*range(32), 127))),
    b"digit": string.digits,
    b"graph": string.ascii_letters + string.digits + string.punctuation,
    b"lower": string.ascii_lowercase,
    b"print": string.ascii_letters + string.digits + string.punctuation + " ",
    b"punct": string.punctuation,
    b"space": " \t\n\r",
    b"upper": string.ascii_uppercase,
    b"xdigit": string.hexdigits,
}
# What stands between the fixed parts of a pattern.
_STAR, _FOLDERS, _ALL = "*", "**/", "/**"


@dataclass(frozen=True, slots=True)
class IgnorePattern:
    """A pattern of an ignore file.

    `negated` brings back what an earlier one ignores; `for_folders` leaves files alone; `for_names` compares with the
    last part of a path instead of with all of it.
    """

    expression: re.Pattern[bytes]
    negated: bool
    for_folders: bool
    for_names: bool

    def matches(self, path: bytes, *, folder: bool) -> bool:
        """Does it mean the folder or file at `path`, relative to the ignore file's folder, with slashes?"""
        if self.for_folders and not folder:
            return False
        return self.expression.fullmatch(path.rpartition(b"/")[2] if self.for_names else path) is not None


def ignore_patterns(content: bytes) -> Iterator[IgnorePattern]:
    """The patterns in an ignore file, in its order, without those that match nothing."""
    for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        if not line.startswith(b"#") and (pattern := _pattern(_without_spaces(line.removesuffix(b"\r")))):
            yield pattern


def _without_spaces(line: bytes) -> bytes:
    """The line without spaces at its end, but for an escaped one."""
    kept = line.rstrip(b" ")
    escapes = len(kept) - len(kept.rstrip(b"\\"))
    return line[: len(kept) + 1] if escapes % 2 else kept


def _pattern(line: bytes) -> IgnorePattern | None:
    negated = line.startswith(b"!")
    text = line[negated:]
    for_folders = text.endswith(b"/")
    text = text[: len(text) - for_folders]
    for_names = b"/" not in text
    try:
        parts = list(_parts(text.removeprefix(b"/"), for_names))
    except _MatchesNothing:
        return None
    expression = re.compile(_expression(parts), re.DOTALL)
    return IgnorePattern(expression, negated, for_folders, for_names)


def _expression(parts: list[str | bytes]) -> bytes:
    """The parts as one regular expression for all of a path.

    What follows a wildcard is looked for once, from the left: only the last part has to end where the path does, and
    the one before it can give way to no purpose.  So each is an atomic group with its wildcard.
    """
    groups: list[list[str | bytes]] = [[]]
    for part in parts:
        if part == _FOLDERS:
            groups.append([])
        else:
            groups[-1].append(part)
    last = len(groups) - 1
    found = b""
    for number, group in enumerate(groups):
        inside = _within_names(group, is_last=number == last)
        folders = b"(?:[^/]+/)*?" if number else b""
        found += folders + inside if number == last else b"(?>" + folders + inside + b")"
    return found


def _within_names(parts: list[str | bytes], *, is_last: bool) -> bytes:
    """Fixed parts with `*` between them, and perhaps `/**` at the end."""
    runs: list[bytes] = [b""]
    for part in parts:
        if part == _STAR:
            runs.append(b"")
        else:
            runs[-1] += b".*" if part == _ALL else part if isinstance(part, bytes) else b""
    first, *others = runs
    found = first
    for number, run in enumerate(others, start=1):
        is_end = is_last and number == len(others)
        found += b"[^/]*?" + run if is_end else b"(?>[^/]*?" + run + b")"
    return found


# --- reading
# ---------------------------------------------------------------------------------------------------------------------


class _MatchesNothing(Exception):
    """A pattern that git can't use, such as one with a bracket that is never closed."""


def _parts(text: bytes, for_names: bool) -> Iterator[str | bytes]:
    """The wildcards of the pattern, and regular expressions for what stands between them."""
    if not text:
        raise _MatchesNothing
    place = 0
    while place < len(text):
        character = text[place : place + 1]
        start = place
        place += 1
        if character == b"*":
            while text[place : place + 1] == b"*":
                place += 1
            is_part = start == 0 or text[start - 1 : start] == b"/"
            if for_names or place - start == 1 or not is_part or text[place : place + 1] not in {b"", b"/"}:
                yield _STAR
            elif place == len(text):
                yield _ALL
            else:
                yield _FOLDERS
                place += 1
        elif character == b"?":
            yield b"[^/]"
        elif character == b"[":
            members, place = _members(text, place)
            yield _one_of(members)
        elif character == b"\\":
            if place == len(text):
                raise _MatchesNothing
            yield re.escape(text[place : place + 1])
            place += 1
        else:
            yield re.escape(character)


def _one_of(members: set[int]) -> bytes:
    inside = b"".join(b"\\x%02x" % member for member in sorted(members - {ord("/")}))
    return b"[" + inside + b"]" if inside else b"(?!)"


def _members(text: bytes, place: int) -> tuple[set[int], int]:
    """The bytes that the brackets match whose inside begins at `place`, and the place behind them."""
    negated = text[place : place + 1] in {b"!", b"^"}
    place += negated
    members: set[int] = set()
    previous: int | None = None  # what a range may begin with
    is_first = True
    while is_first or text[place : place + 1] != b"]":
        is_first = False
        if text[place : place + 1] == b"-" and previous is not None and text[place + 1 : place + 2] not in {b"", b"]"}:
            end, place = _character(text, place + 1)
            members.update(range(previous, end + 1))
            previous = None
        elif text[place : place + 2] == b"[:" and (name := _class_name(text, place)) is not None:
            members.update(_CLASSES[name].encode())
            place += len(name) + 4
            previous = None
        else:
            previous, place = _character(text, place)
            members.add(previous)
    return (set(range(256)) - members if negated else members), place + 1


def _class_name(text: bytes, place: int) -> bytes | None:
    """The name in `[:name:]`, None where it is none of that form."""
    end = text.find(b"]", place + 2)
    if end < 0:
        raise _MatchesNothing
    if end < place + 3 or text[end - 1 : end] != b":":
        return None
    name = text[place + 2 : end - 1]
    if name not in _CLASSES:
        raise _MatchesNothing
    return name


def _character(text: bytes, place: int) -> tuple[int, int]:
    """The byte at `place`, or the escaped one behind it, and the place after that."""
    if text[place : place + 1] == b"\\":
        place += 1
    if place >= len(text):
        raise _MatchesNothing
    return text[place], place + 1
