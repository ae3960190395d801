"""Completion in shells: what click offers, and what it is told of values."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from joinlint.report import FORMATS
from joinlint.rules import all_rules

ROOT = Path(__file__).parents[1]


def complete(*words: str, shell: str = "bash") -> list[str]:
    """The lines of what is offered for the last of the words, after `joinlint`."""
    given = {"COMP_WORDS": " ".join(["joinlint", *words]), "COMP_CWORD": str(len(words))}
    if shell == "fish":
        given["COMP_CWORD"] = words[-1]
    result = subprocess.run(
        [sys.executable, "-m", "joinlint"],
        env={**os.environ, **given, "_JOINLINT_COMPLETE": f"{shell}_complete"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert result.stderr == ""
    return list(filter(None, result.stdout.splitlines()))


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["ch"], ["plain,check"]),
        (["check", "--sel"], ["plain,--select"]),
        (["check", "--select", "JL3"], [f"plain,{code}" for code in all_rules() if code.startswith("JL3")]),
        (["check", "--ignore", "JL101,JL10"], [f"plain,JL101,JL10{digit}" for digit in "23456789"]),
        (["check", "--extend-select=JL303,JL30"], [f"plain,JL303,JL30{digit}" for digit in "12456"]),
        (["audit", "--extend-select", "JL103,"], [f"plain,JL103,{code}" for code in all_rules() if code != "JL103"]),
        (["check", "--start-methods", "spawn,fork"], ["plain,spawn,fork", "plain,spawn,forkserver"]),
        (["check", "--output-format", "json"], ["plain,json", "plain,json-lines"]),
        (["check", "--output-format", ""], [f"plain,{name}" for name in FORMATS]),
        (["check", "--color", "a"], ["plain,auto", "plain,always"]),
        (["confirm", "--start-method", "s"], ["plain,spawn"]),
        (["rule", "JL40"], [f"plain,{code}" for code in all_rules() if code.startswith("JL40")]),
        (["check", "src"], ["file,src"]),
        (["check", "--baseline", "known"], ["file,known"]),
        (["check", "--config", "ci"], ["file,ci"]),
        (["check", "--extend-exclude", "ven"], ["file,ven"]),
        (["config", "src"], ["file,src"]),
        (["confirm", "app"], ["file,app"]),
        (["check", "--select", "E"], []),
        (["check", "--process-classes", "a"], []),
    ],
)
def test_what_is_offered(words: list[str], offered: list[str]) -> None:
    assert complete(*words) == offered


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_codes_come_with_their_names(shell: str) -> None:
    assert re.findall(r"JL101|never-joined", " ".join(complete("rule", "JL101", shell=shell))) == [
        "JL101",
        "never-joined",
    ]


def test_the_parser_is_not_imported() -> None:
    program = (
        "import sys\nfrom joinlint.cli import run\n"
        "try: run([])\nfinally: sys.stderr.write(str('libcst' in sys.modules))"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "_JOINLINT_COMPLETE": "bash_complete", "COMP_WORDS": "joinlint rule JL1", "COMP_CWORD": "2"},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "plain,JL101" in result.stdout
    assert result.stderr == "False"


def documented(shell: str) -> str:
    """The line that the documentation gives for a shell's settings."""
    text = (ROOT / "docs" / "getting-started.md").read_text(encoding="utf-8")
    (line,) = re.findall(rf"`([^`]*_JOINLINT_COMPLETE={shell}_source[^`]*)`", text)
    return line


@pytest.mark.parametrize(
    ("shell", "before", "after", "expected"),
    [
        pytest.param(
            "bash",
            "",
            "COMP_WORDS=(joinlint check --select JL101,JL10); COMP_CWORD=3\n"
            "_joinlint_completion joinlint\n"
            'printf "%s\\n" "${COMPREPLY[@]}"',
            [f"JL101,JL10{digit}" for digit in "23456789"],
            id="bash",
        ),
        # Without its line editor, zsh can say no more than which function completes the command.
        pytest.param("zsh", 'compdef() { print "$@" }', "", ["_joinlint_completion joinlint"], id="zsh"),
        pytest.param(
            "fish",
            "",
            "complete --do-complete 'joinlint check --select JL40'",
            [f"{code}\t{rule.name}" for code, rule in all_rules().items() if code.startswith("JL40")],
            id="fish",
        ),
    ],
)
def test_the_documented_lines_in_the_shells(shell: str, before: str, after: str, expected: list[str]) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not on this machine")
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    result = subprocess.run(
        [program, "-c", "\n".join([before, documented(shell), after])],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert result.stdout.splitlines() == expected
