"""`joinlint config`."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinlint.cli import run
from joinlint.configuration.settings import SETTINGS
from joinlint.configuration.shown import to_toml

Write = Callable[..., None]
Shown = Callable[..., str]


@pytest.fixture
def shown(write: Write, capsys: pytest.CaptureFixture[str]) -> Shown:
    def show(*arguments: str) -> str:
        assert run(["config", *arguments]) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return out

    return show


def test_in_an_empty_folder(shown: Shown) -> None:
    text = shown()
    assert text.startswith('# settings for ".", from no file\n# rules that run: JL101, JL102, JL105,')
    assert all(re.search(rf"^(# )?{key}(:| =)", text, re.MULTILINE) for key in SETTINGS)
    assert re.findall(r"  # (.*)$", text, re.MULTILINE) == ["default"] * len(re.findall(" = ", text))


def test_where_each_value_comes_from(write: Write, shown: Shown) -> None:
    write(
        "pyproject.toml", "[tool.joinlint]\nselect = ['JL1']\nthreads = true\nper-file-ignores = {'sub/*' = ['JL101']}"
    )
    write("sub/app.py")
    text = shown("--ignore", "JL105", "--config", "process-classes = ['a.B']", "sub/app.py")
    assert '# settings for "sub/app.py", from "pyproject.toml"\n# rules that run: JL102, JL106, JL107, JL108\n' in text
    assert 'select = ["JL1"]  # "pyproject.toml"\n' in text
    assert 'ignore = ["JL105"]  # command line\n' in text
    assert 'per-file-ignores = { "sub/*" = ["JL101"] }  # "pyproject.toml"\n' in text
    assert 'process-classes = ["a.B"]  # command line\n' in text
    assert "threads = true" in text
    assert "threads = false" in shown("--isolated")
    assert "threads = false" in shown("--no-threads", "sub")


def test_a_folder_has_the_settings_of_what_is_in_it(write: Write, shown: Shown) -> None:
    write("sub/joinlint.toml", "threads = true")
    assert "threads = false" in shown()
    assert 'threads = true  # "sub/joinlint.toml"' in shown("sub")


def test_json(write: Write, shown: Shown, tmp_path: Path) -> None:
    write("joinlint.toml", "ignore = ['JL1']\ntarget-version = '3.12'\nbaseline = 'known.json'")
    whole = json.loads(shown("--output-format", "json", "--ignore", "JL2"))
    file = f"{tmp_path}/joinlint.toml"
    assert whole["path"] == str(tmp_path)
    assert whole["file"] == file
    assert whole["settings"].keys() == SETTINGS.keys()
    assert whole["settings"]["ignore"] == {"value": ["JL1", "JL2"], "sources": [file, "command line"]}
    assert whole["settings"]["target-version"] == {"value": "3.12", "sources": [file]}
    assert whole["settings"]["baseline"] == {"value": f"{tmp_path}/known.json", "sources": [file]}
    assert whole["settings"]["select"] == {"value": None, "sources": ["default"]}
    assert not [code for code in whole["rules"] if code.startswith(("JL1", "JL2"))]


def test_the_text_is_a_settings_file_that_says_the_same(write: Write, shown: Shown) -> None:
    write("joinlint.toml", 'exclude = ["a b", "c\\td\\u202e"]\nstart-methods = ["spawn"]\nselect = ["JL1"]')
    text = shown()
    assert "\u202e" not in text
    write("joinlint.toml", text)
    assert shown() == text.replace("# default", '# "joinlint.toml"')


@pytest.mark.parametrize("arguments", [["nowhere"], ["--threads=x"], ["--select", "JL9"], [".", "."]])
def test_wrong_calls(write: Write, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    write("app.py")
    assert run(["config", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "rror: " in err


VALUES = st.recursive(
    st.booleans() | st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("a.b\n'\"", max_size=4), inner, max_size=3),
)


@given(VALUES)
def test_values_are_written_as_toml_reads_them(value: object) -> None:
    text = to_toml(value)
    assert text.isprintable()
    assert tomllib.loads(f"x = {text}") == {"x": value}
