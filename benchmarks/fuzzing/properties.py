"""What must hold, whatever the program or file: each property makes one case up and raises Broken where it fails."""

from __future__ import annotations

import ast
import codecs
import io
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping

from fuzzing.checks import NAME, OPTIONS, by_function, check, found
from fuzzing.elsewhere import found_elsewhere
from fuzzing.front_ends import difference
from fuzzing.garbage import changed
from fuzzing.layouts import Layout, renamed, spaced, wrapped
from fuzzing.programs import originals, program
from joinlint.baseline.file import BadBaseline, read_baseline
from joinlint.configuration.command_line import CommandLine
from joinlint.configuration.errors import SettingsError
from joinlint.configuration.lookup import SettingsLookup
from joinlint.configuration.settings import SETTINGS
from joinlint.flake8_plugin import Plugin
from joinlint.notebooks.reading import read_notebook
from joinlint.rules import all_rules
from joinlint.sources import SourceFile
from joinlint.syntax.suppression import unignored


class Broken(Exception):
    """A property does not hold: `words` say how, `case` is the program or file that shows it."""

    def __init__(self, words: str, case: str | bytes) -> None:
        super().__init__(words)
        self.words = words
        self.case = case


def _same(left: object, right: object, what: str, case: str | bytes) -> None:
    if left != right:
        raise Broken(f"{what}\n  {left}\n  {right}", case)


# --- programs
# ---------------------------------------------------------------------------------------------------------------------


def checked(chance: random.Random) -> None:
    """A program that Python parses is checked."""
    text = program(chance)
    problem = check(text.encode()).problem
    if problem is not None and "null bytes" not in problem.reason:
        raise Broken(problem.reason, text)


def same_elsewhere(chance: random.Random) -> None:
    """Another process finds the same."""
    text = program(chance)
    _same(found(check(text)), found_elsewhere(text), "another process finds something else", text)


def same_from_libcst(chance: random.Random) -> None:
    """LibCST's tree means the same as CPython's."""
    text = program(chance)
    if (where := difference(text)) is not None:
        raise Broken(where, text)


def same_in_flake8(chance: random.Random) -> None:
    """The plugin finds what the command line would if it knew the file alone."""
    text = program(chance)
    content = _line_ends(text, chance.choice(("\n", "\r\n", "\r")))
    lines = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8").readlines()
    Plugin.options, Plugin.asked_for = OPTIONS, frozenset(all_rules())
    plugin = sorted((row, column + 1, *said.split(" ", 1)) for row, column, said, _ in _run(lines))
    result = check(content, complete=False)
    ours = unignored(result.findings, lines)
    expected = [(f.span.start.row, f.span.start.column, f.code, f.message) for f in ours]
    _same(plugin, sorted(expected), "flake8 is told something else", content)


def _run(lines: list[str]) -> list[tuple[int, int, str, type[Plugin]]]:
    return list(Plugin(ast.Module([], []), lines, NAME).run())


def same_with_other_line_ends(chance: random.Random) -> None:
    """How lines end, and whether a byte order mark begins the file, means nothing."""
    text = program(chance)
    mark = chance.choice((b"", codecs.BOM_UTF8))
    other = mark + _line_ends(text, chance.choice(("\n", "\r\n", "\r")))
    _same(found(check(text.encode())), found(check(other)), "other line ends, other findings", other)


def _line_ends(text: str, end: str) -> bytes:
    return text.replace("\r", "").replace("\n", end).encode()


def same_spaced(chance: random.Random) -> None:
    """Blank lines and comments mean nothing."""
    text = program(chance)
    _same_moved(text, spaced(text, chance))


def same_wrapped(chance: random.Random) -> None:
    """`if True:` around all of it means nothing."""
    text = program(chance)
    if layout := wrapped(text):
        _same_moved(text, layout)


def _same_moved(text: str, layout: Layout) -> None:
    expected = sorted((*layout.moved((f.row, f.column)), f.code) for f in found(check(text)))
    now = sorted((f.row, f.column, f.code) for f in found(check(layout.text)))
    _same(expected, now, "another layout, other findings", layout.text)


def same_renamed(chance: random.Random) -> None:
    """How variables are called means nothing."""
    text = ast.unparse(ast.parse(program(chance))) + "\n"
    if other := renamed(text):
        before, after = found(check(text)), found(check(other))
        _same([(f.row, f.code) for f in before], [(f.row, f.code) for f in after], "other names, other findings", text)


def same_formatted(chance: random.Random) -> None:
    """How it is formatted means nothing."""
    text = program(chance)
    other = ast.unparse(ast.parse(text)) if chance.random() < 0.5 else _by_formatter(text)
    before, after = by_function(text, check(text)), by_function(other, check(other))
    _same(before, after, "formatted, other findings", text)


def _by_formatter(text: str) -> str:
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--line-length", "60", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout


# --- readers
# ---------------------------------------------------------------------------------------------------------------------


def any_source(chance: random.Random) -> None:
    """Any bytes are a source file that is checked, or a problem that says why not."""
    content = changed(program(chance).encode(), chance)
    check(content)
    check(content, complete=False)


def any_notebook(chance: random.Random) -> None:
    """Any bytes are a notebook that is checked, or a problem that says why not."""
    cells = [{"cell_type": "code", "source": part} for part in program(chance).split("\n\n")]
    notebook = json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}).encode()
    words = (b'"source": 1', b'"cells": {}', b'"nbformat": 3', b"%%bash\\n", b"!ls\\n", b"x?", b'"metadata": []')
    loaded = read_notebook("made_up.ipynb", changed(notebook, chance, words))
    if isinstance(loaded, SourceFile):
        check(loaded.content)


def any_settings(chance: random.Random) -> None:
    """Any bytes are settings, or an error that says why not."""
    values = ('["JL1"]', "true", "3.14", '"3.14"', '["a.b"]', '["*"]', '"sarif"', '{ "t/*" = ["JL2"] }', "1979-05-27")
    keys = chance.sample(sorted(SETTINGS), k=5)
    text = "[tool.joinlint]\n" + "".join(f"{key} = {chance.choice(values)}\n" for key in keys)
    content = changed(text.encode(), chance) if chance.random() < 0.7 else text.encode()
    with tempfile.TemporaryDirectory() as folder:
        _write(os.path.join(folder, "pyproject.toml"), content)
        try:
            SettingsLookup(CommandLine()).of_folder(folder)
        except SettingsError as error:
            _one_line(str(error), content)


def any_baseline(chance: random.Random) -> None:
    """Any bytes are a baseline, or an error that says why not."""
    finding = {"path": "a.py", "code": "JL101", "context": "f", "text": "p.start()", "count": 1}
    content = json.dumps({"version": 1, "findings": [finding] * chance.randrange(4)}).encode()
    content = changed(content, chance, (b'"count": -1', b'"count": true', b"{}", b"[]", b'"version": 2'))
    with tempfile.TemporaryDirectory() as folder:
        filename = os.path.join(folder, "known.json")
        _write(filename, content)
        try:
            read_baseline(filename)
        except BadBaseline as error:
            _one_line(str(error), content)


def _write(filename: str, content: bytes) -> None:
    with open(filename, "wb") as file:
        file.write(content)


def _one_line(message: str, content: bytes) -> None:
    if len(message.splitlines()) != 1:
        raise Broken(f"a message of several lines: {message!r}", content)


Property = Callable[[random.Random], None]


def all_properties() -> Mapping[str, Property]:
    """Every property by its name."""
    properties = (
        *(checked, same_elsewhere, same_from_libcst, same_in_flake8, same_with_other_line_ends, same_spaced),
        *(same_wrapped, same_renamed, same_formatted, any_source, any_notebook, any_settings, any_baseline),
    )
    return {each.__name__.replace("_", "-"): each for each in properties}


__all__ = ["Broken", "all_properties", "originals"]
