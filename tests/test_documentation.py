"""What the documentation shows: settings that parse, commands that exist, and a first run that goes as it says."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest
import yaml

from joinlint.cli import cli, run

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
PARSERS = {"json": json.loads, "toml": tomllib.loads, "yaml": yaml.safe_load}
# A file to write, or commands with what they print.
STEP = re.compile(r"<!-- (?:file: (?P<name>\S+)|session) -->\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path) -> list[tuple[str, str]]:
    """The language and text of each code block."""
    return [(match["language"], match["text"]) for match in BLOCK.finditer(page.read_text(encoding="utf-8"))]


def commands(page: Path) -> list[list[str]]:
    """The words of each `joinlint …` that is shown to be run, in a block or in the text."""
    text = page.read_text(encoding="utf-8")
    shown = [line for language, block in blocks(page) if language == "sh" for line in block.splitlines()]
    shown += re.findall(r"`(joinlint [a-z][^`]*)`", text)
    found = []
    for line in shown:
        words = shlex.split(line.split(" < ")[0].split(" > ")[0].split(" | ")[0], comments=True)
        if words[:1] == ["joinlint"]:
            found.append(words[1:])
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_settings_parse(page: Path) -> None:
    for language, text in blocks(page):
        if language in PARSERS:
            PARSERS[language](text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_exist(page: Path) -> None:
    for words in commands(page):
        name, *rest = words
        command = cli.get_command(click.Context(cli), name)
        assert command is not None, words
        if not rest or rest == ["--help"] or "…" in " ".join(rest):
            continue  # named, or a synopsis
        with click.Context(cli, info_name="joinlint") as parent:
            command.make_context(name, rest, parent=parent, resilient_parsing=False)


def test_commands_are_found() -> None:
    assert ["rule", "JL102"] in commands(ROOT / "README.md")
    assert sum(len(commands(page)) for page in PAGES) > 20


def test_first_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    steps = list(STEP.finditer((ROOT / "docs" / "getting-started.md").read_text(encoding="utf-8")))
    assert len(steps) == 4
    for step in steps:
        if step["name"]:
            (tmp_path / step["name"]).write_text(step["text"], encoding="utf-8")
            continue
        command, _, printed = step["text"].partition("\n")
        run(shlex.split(command)[2:])
        assert capsys.readouterr() == (printed, "")
