"""Bytes that hardly mean anything, made of bytes that do."""

from __future__ import annotations

import random
from collections.abc import Sequence

_ODD = (
    *(b"\0", b"\xff", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"\r", b"\r\n", b"\n", b"\f", b"\v", b"\t"),
    *(b"\\", b"\\\n", b'"', b"'", b'"""', b"(", b")", b"[", b"]", b"{", b"}", b"#", b"=", b":", b",", b".", b"..."),
    *(
        b"# coding: latin-1\n",
        b"# coding: utf-16\n",
        b"# noqa",
        b"# joinlint: ignore[",
        b"# joinlint: skip-file",
    ),
    *(b"0" * 5000, b"[" * 300, b"-" * 3000, b"a." * 300, b"1e999", b"nan", b"\\ud800", b"null", b"true"),
)
_MOST_CHANGES = 8


def changed(content: bytes, chance: random.Random, words: Sequence[bytes] = ()) -> bytes:
    """`content` with some bytes cut out, doubled, moved or overwritten, and odd ones or some of `words` put in."""
    data = bytearray(content)
    for _ in range(chance.randint(1, _MOST_CHANGES)):
        start = chance.randint(0, len(data))
        end = min(len(data), start + int(chance.expovariate(0.1)))
        match chance.randrange(6):
            case 0:
                del data[start:end]
            case 1:
                data[start:start] = data[start:end]
            case 2:
                place = chance.randint(0, len(data))
                data[place:place] = data[start:end]
            case 3:
                data[start:end] = chance.randbytes(end - start)
            case 4:
                data[start:start] = chance.choice(_ODD)
            case 5:
                data[start:end] = chance.choice(words or _ODD)
    return bytes(data)
