"""Loops that start and join, told apart by what the rounds are for."""

from __future__ import annotations

import textwrap

import pytest

from joinlint.pipeline import check_files
from joinlint.sources import SourceFile

HEAD = "import multiprocessing\n\ndef main(self, items, queue):\n"
START = "p = multiprocessing.Process(target=print, args=(item,))\np.start()\n"

SERIAL = {
    "for": f"for item in items:\n{textwrap.indent(START, '    ')}    p.join()\n",
    "while": f"while items:\n    item = items.pop()\n{textwrap.indent(START, '    ')}    p.join()\n",
    "with a look at the clock": f"for item in items:\n{textwrap.indent(START, '    ')}    print(item)\n    p.join()\n",
}
MEANT = {
    "each round is checked": SERIAL["for"] + "    self.assertEqual(queue.get(), item)\n",
    "each round is asserted": SERIAL["for"] + "    assert not queue.empty()\n",
    "each round is a test": SERIAL["for"]
    .replace("    p", "        p")
    .replace(":\n", ":\n    with self.subTest(item=item):\n", 1),
    "attempts": SERIAL["for"].replace("item in items", "attempt in range(3)").replace("item", "attempt"),
    "a look at the exit code": SERIAL["for"] + "    print(p.exitcode)\n",
    "a way out": SERIAL["for"] + "    if queue.empty():\n        break\n",
}


def codes(body: str) -> list[str]:
    source = HEAD + textwrap.indent(body, "    ")
    (result,) = check_files([SourceFile("app.py", source)], {"JL301", "JL302"})
    assert result.problem is None, source
    return [finding.code for finding in result.findings]


@pytest.mark.parametrize("body", SERIAL.values(), ids=SERIAL.keys())
def test_serial(body: str) -> None:
    assert codes(body) == ["JL301"]


@pytest.mark.parametrize("body", MEANT.values(), ids=MEANT.keys())
def test_meant(body: str) -> None:
    assert codes(body) == []
