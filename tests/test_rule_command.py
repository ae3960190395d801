"""`joinlint rule`: what it shows of a rule."""

from __future__ import annotations

import json
import re

import pytest

from joinlint import rule_page
from joinlint.cli import run
from joinlint.report.text import width
from joinlint.rules import Rule, all_rules

RULE = Rule(
    code="JL101",
    name="never-joined",
    summary="a process is started and no path joins it",
    documentation="""\
## What it does

Reports a thing that is said in a line which is a good deal longer than the eighty columns of a terminal that stands
by itself.
And goes on.

- one item that is long enough to go over the end of its line, or so one hopes, since it has to be
- another

```python
x = 1

y = 2
```
""",
    example="no_such_pair",
    check=lambda analysis: (),
)


def test_text() -> None:
    assert (
        rule_page.as_text(RULE, 60, colour=False)
        == """\
JL101 never-joined

A process is started and no path joins it.
On by default.

What it does

Reports a thing that is said in a line which is a good deal
longer than the eighty columns of a terminal that stands by
itself. And goes on.

- one item that is long enough to go over the end of its
  line, or so one hopes, since it has to be
- another

    x = 1

    y = 2

https://github.com/joinlint/joinlint/blob/main/docs/rules/JL101.md
"""
    )


def test_colour_is_for_headings() -> None:
    text = rule_page.as_text(RULE, 60, colour=True)
    assert "\x1b[1mWhat it does\x1b[0m" in text
    assert re.sub(r"\x1b\[\d+m", "", text) == rule_page.as_text(RULE, 60, colour=False)


@pytest.mark.parametrize("code", all_rules())
def test_every_rule(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rule", code]) == 0
    out, err = capsys.readouterr()
    rule = all_rules()[code]
    assert out.startswith(f"{code} {rule.name}\n")
    assert f"--extend-select {code}" in out if not rule.default else "On by default." in out
    for heading in ("What it does", "Why is this bad?", "Known limits", "Options", "Example", "Use instead"):
        assert f"\n\n{heading}\n\n" in out
    assert f"# {code}" in out
    assert "expect:" not in out
    assert "# shows:" not in out
    assert "##" not in out
    assert rule_page.rule_url(code) in out
    prose = [line for line in out.splitlines() if not line.startswith("    ")]
    assert max(map(width, prose)) <= 80
    assert err == ""


def test_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rule", "--all"]) == 0
    titles = re.findall(r"^JL\d{3}(?= [a-z-]+$)", capsys.readouterr().out, re.MULTILINE)
    assert titles == sorted(all_rules())


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rule", "JL103", "--output-format", "json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    rule = all_rules()["JL103"]
    assert {key: shown[key] for key in ("code", "name", "summary", "default", "documentation")} == {
        "code": "JL103",
        "name": "join-not-exception-safe",
        "summary": rule.summary,
        "default": False,
        "documentation": rule.documentation,
    }
    assert "# JL103" in shown["flagged_example"]
    assert "JL103" not in shown["corrected_example"]
    assert shown["url"].endswith("/docs/rules/JL103.md")


def test_json_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rule", "--all", "--output-format", "json"]) == 0
    assert [rule["code"] for rule in json.loads(capsys.readouterr().out)] == list(all_rules())


def test_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rule", "JL103", "--output-format", "markdown"]) == 0
    out = capsys.readouterr().out
    assert out == rule_page.as_markdown(all_rules()["JL103"])
    assert out.startswith("# JL103 join-not-exception-safe\n")
    assert "\n## What the tests observed\n" in out


def test_markdown_of_all(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rule", "--all", "--output-format", "markdown"]) == 0
    assert re.findall(r"^# (JL\d+)", capsys.readouterr().out, re.MULTILINE) == list(all_rules())


def test_a_rule_without_examples() -> None:
    assert json.loads(rule_page.as_json(RULE))["flagged_example"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["JL1O1"], "error: unknown code 'JL1O1': did you mean 'JL101'?\n"),
        (["never-joined"], "error: unknown code 'never-joined': did you mean 'JL101'?\n"),
        (["E501"], "error: unknown code 'E501': `joinlint rule --all` lists the codes\n"),
        ([], "give a CODE, or --all"),
        (["JL101", "--all"], "give a CODE, or --all"),
    ],
)
def test_wrong_calls(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rule", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
