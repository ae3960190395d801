"""The forms for programs: one line each, and JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from joinlint.findings import Finding, Position, Related, Span
from joinlint.report import FORMATS, Report, render

FINDING = Finding(
    code="JL101",
    name="never-joined",
    filename="src/app.py",
    span=Span(Position(5, 3), Position(6, 1)),
    message="`p` is started and never joined",
    related=(
        Related("dropped here", Span(Position(7, 1), Position(7, 4))),
        Related("kept here", Span(Position(1, 1), Position(1, 2)), "src/owner.py"),
    ),
    consequence="What happens.",
    advice="What to do.",
)


def test_concise() -> None:
    other = Finding("JL201", "missing-main-guard", "a\nb\x1b.py", FINDING.span, "two\nlines")
    assert render("concise", Report([FINDING, other])) == (
        "src/app.py:5:3: JL101 `p` is started and never joined\na\\nb\\x1b.py:5:3: JL201 two\\nlines\n"
    )


def test_concise_in_colour() -> None:
    text = render("concise", Report([FINDING], colour=True))
    assert text.startswith("\x1b[1msrc/app.py:5:3:\x1b[0m ")


def test_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert json.loads(render("json", Report([FINDING]))) == [
        {
            "code": "JL101",
            "name": "never-joined",
            "filename": f"{tmp_path}/src/app.py",
            "cell": None,
            "location": {"row": 5, "column": 3},
            "end_location": {"row": 6, "column": 1},
            "message": "`p` is started and never joined",
            "consequence": "What happens.",
            "advice": "What to do.",
            "related": [
                {
                    "message": "dropped here",
                    "filename": f"{tmp_path}/src/app.py",
                    "cell": None,
                    "location": {"row": 7, "column": 1},
                    "end_location": {"row": 7, "column": 4},
                },
                {
                    "message": "kept here",
                    "filename": f"{tmp_path}/src/owner.py",
                    "cell": None,
                    "location": {"row": 1, "column": 1},
                    "end_location": {"row": 1, "column": 2},
                },
            ],
            "url": "https://github.com/joinlint/joinlint/blob/main/docs/rules/JL101.md",
        }
    ]


def test_json_is_ascii_whatever_the_names() -> None:
    text = render("json", Report([Finding("JL101", "n", "/漢\udcff.py", FINDING.span, "é")]))
    assert text.isascii()
    assert json.loads(text)[0]["filename"] == "/漢\udcff.py"


@pytest.mark.parametrize(("name", "text"), [("json", "[]\n"), ("concise", "")])
def test_no_findings(name: str, text: str) -> None:
    assert render(name, Report([], checked=3)) == text


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_ends_its_last_line(name: str) -> None:
    assert render(name, Report([FINDING], checked=1)).endswith("\n")
