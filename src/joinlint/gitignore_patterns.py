"""The patterns of one ignore file, matched as git's dir.c and wildmatch.c do, in time that no pattern can drive up.

All patterns of a file are one automaton, whose states are the bits of an integer: one before each byte that a pattern
asks for, and one at its end.  A byte of a path moves all of them on at once (Baeza-Yates and Gonnet's Shift-And, with
loops for stars), so that the time grows with the length of the path and the size of the file, whatever is in either.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_SLASH = ord("/")
_ALL = (1 << 256) - 1
_FOLDERS = re.compile(rb"(?:\*\*++/)++")
_ANYTHING = re.compile(rb"\*\*++(?=\\/|\Z)")
_STARS = re.compile(rb"\*++")
_TRAILING_SPACES = re.compile(rb"((?:\\.|[^\\ ]| ++(?!\Z))*+) *+", re.DOTALL)
_NAMED_CLASSES = {
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


class Patterns:
    """The patterns of an ignore file, and how far they have matched a path.

    That is a number: `start` in the folder of the ignore file, `past` a name there, `inside` the folder of that name
    and so on, down to the name that is to be judged.
    """

    def __init__(self, content: bytes) -> None:
        states: list[_State] = []
        patterns = []
        for line in _lines(content):
            if (pattern := _pattern(line)) is not None:
                start = len(states)
                states += pattern.states
                patterns.append((pattern, start, len(states) - 1))
        self._size = len(states)
        # By the bytes that lead on from them, the numbers of states.
        self._leading_on: dict[int, list[int]] = {}
        for number, state in enumerate(states):
            self._leading_on.setdefault(state.leading_on, []).append(number)
        self._led_on_by: dict[int, int] = {}
        self._in_names = self._bits(n for n, state in enumerate(states) if state.stays or state.stays_in_name)
        self._anywhere = self._bits(n for n, state in enumerate(states) if state.stays)
        self._skipped = self._bits(n for n, state in enumerate(states) if state.is_skipped)
        self._ends = self._bits(end for _, _, end in patterns)
        self._ends_at_files = self._bits(end for pattern, _, end in patterns if not pattern.means_folders)
        self._negated = self._bits(end for pattern, _, end in patterns if pattern.is_negated)
        self.start = self._skipping(self._bits(start for _, start, _ in patterns))

    def past(self, reached: int, name: bytes) -> int:
        """How far a path has been matched that goes on with `name`."""
        for byte in name:
            reached = ((reached & self._led_on(byte)) << 1) | (reached & self._in_names)
        return reached

    def inside(self, reached: int) -> int:
        """How far a path has been matched that goes on with a slash."""
        return self._skipping(((reached & self._led_on(_SLASH)) << 1) | (reached & self._anywhere))

    def verdict(self, reached: int, *, folder: bool) -> bool | None:
        """Is the folder or file at the end of a path ignored?  The last pattern that means it decides; None if none
        does."""
        ends = reached & (self._ends if folder else self._ends_at_files)
        return not self._negated >> (ends.bit_length() - 1) & 1 if ends else None

    def _skipping(self, reached: int) -> int:
        skipped = reached & self._skipped
        return reached | skipped << 1 | skipped << 2

    def _led_on(self, byte: int) -> int:
        if byte not in self._led_on_by:
            numbers = (n for by, states in self._leading_on.items() if by >> byte & 1 for n in states)
            self._led_on_by[byte] = self._bits(numbers)
        return self._led_on_by[byte]

    def _bits(self, numbers: Iterable[int]) -> int:
        # Bit by bit into an integer would copy it each time.
        data = bytearray(self._size // 8 + 1)
        for number in numbers:
            data[number // 8] |= 1 << number % 8
        return int.from_bytes(data, "little")


# --- parsing
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _State:
    """A place in a pattern: the bytes, as bits, that lead on to the next one, and whether it holds on.

    `stays_in_name`: a star stands here.  `stays`: two stars do.  `is_skipped`: `**/` begins here, which may stand for
    no folder; it takes this state and the next.
    """

    leading_on: int = 0
    stays_in_name: bool = False
    stays: bool = False
    is_skipped: bool = False


@dataclass(frozen=True, slots=True)
class _Pattern:
    states: list[_State]
    is_negated: bool
    means_folders: bool


class _MatchesNothing(ValueError):
    """A pattern that git takes and that no path can match."""


def _lines(content: bytes) -> Iterator[bytes]:
    for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        if not line.startswith(b"#"):
            # A C string ends with its first null byte.
            yield _without_trailing_spaces(line.removesuffix(b"\r").partition(b"\0")[0])


def _without_trailing_spaces(line: bytes) -> bytes:
    """The line without the spaces at its end, except for one after a backslash."""
    match = _TRAILING_SPACES.fullmatch(line)
    return line if match is None else match[1]


def _pattern(line: bytes) -> _Pattern | None:
    text = line.removeprefix(b"!")
    path = text.removesuffix(b"/")
    if not path.removeprefix(b"/"):
        return None
    try:
        # Without a slash it means a name in any folder.
        states = _states(path.removeprefix(b"/") if b"/" in path else b"**/" + path)
    except _MatchesNothing:
        return None
    return _Pattern(states, is_negated=line != text, means_folders=path != text)


def _states(path: bytes) -> list[_State]:
    states = [_State()]
    at = 0
    while at < len(path):
        is_whole_name = at == 0 or path[at - 1] == _SLASH
        if is_whole_name and (match := _FOLDERS.match(path, at)):
            states[-1].is_skipped = True
            states += [_State(1 << _SLASH, stays=True), _State()]
            at = match.end()
        elif is_whole_name and (match := _ANYTHING.match(path, at)):
            states[-1].stays = True
            at = match.end()
        elif match := _STARS.match(path, at):
            states[-1].stays_in_name = True
            at = match.end()
        else:
            states[-1].leading_on, at = _one_byte(path, at)
            states.append(_State())
    return states


def _one_byte(path: bytes, at: int) -> tuple[int, int]:
    """What stands for one byte at `at`: the bytes that it means, as bits, and where it ends."""
    sign = path[at : at + 1]
    if sign == b"?":
        return _ALL & ~(1 << _SLASH), at + 1
    if sign == b"[":
        return _bracketed(path, at + 1)
    if sign == b"\\":
        at += 1
    return 1 << _byte(path, at), at + 1


def _bracketed(path: bytes, at: int) -> tuple[int, int]:
    """The same for what begins after a bracket."""
    is_negated = path[at : at + 1] in {b"!", b"^"}
    at += is_negated
    meant = 0
    before: int | None = None
    begin = at
    while at == begin or path[at : at + 1] != b"]":
        if before is not None and path[at : at + 1] == b"-" and path[at + 1 : at + 2] not in {b"", b"]"}:
            last, at = _plain(path, at + 1)
            meant |= _range(before, last)
            before = None
        elif (name := _class_name(path, at)) is not None:
            if name not in _NAMED_CLASSES:
                raise _MatchesNothing
            meant |= sum(1 << ord(character) for character in _NAMED_CLASSES[name])
            at += len(b"[::]") + len(name)
            before = None
        else:
            before, at = _plain(path, at)
            meant |= 1 << before
    return (_ALL ^ meant if is_negated else meant) & ~(1 << _SLASH), at + 1


def _plain(path: bytes, at: int) -> tuple[int, int]:
    if path[at : at + 1] == b"\\":
        at += 1
    return _byte(path, at), at + 1


def _byte(path: bytes, at: int) -> int:
    if at >= len(path):
        raise _MatchesNothing
    return path[at]


def _range(first: int, last: int) -> int:
    return (2 << last) - (1 << first) if first <= last else 0


def _class_name(path: bytes, at: int) -> bytes | None:
    """The name of the class of characters at `at`, None if there is none."""
    if path[at : at + 2] != b"[:":
        return None
    # A search that Python does in C: the bracket may be far away, time and again.
    end = path.find(b"]", at + 2)
    return path[at + 2 : end - 1] if path[max(end - 1, at + 2) : end] == b":" else None
