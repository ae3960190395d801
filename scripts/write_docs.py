"""Write what the documentation says of rules and settings from these, and its examples by running them:
docs/rules/*.md, docs/settings.md, and places in README.md and docs/formats.md.

Run it after changing a rule, its example, a setting, an output format, or docs/evidence.md;
tests/test_project_files.py fails until then.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from joinlint.configuration import page as settings_page
from joinlint.rule_page import as_markdown, example
from joinlint.rules import all_rules

ROOT = Path(__file__).resolve().parents[1]
INDEX_END = """\
Opt-in rules report what may well be meant, and run only when their full code is selected: `--extend-select JL103`.

[Evidence](../evidence.md) says what the programs of each rule showed when they were run.
"""
EXAMPLE_RULE, EXAMPLE_FILE = "JL102", "search.py"
BROKEN_FILE = "broken.py"
EXAMPLE_FOLDER = "/home/you/project"
EXAMPLE = re.compile(r"(<!-- example: joinlint (?P<arguments>[^\n]*) -->\n```\w+\n).*?(?=```\n)", re.DOTALL)


def pages() -> dict[str, str]:
    """The text of every generated file by its path from the project's root."""
    written = {f"docs/rules/{code}.md": as_markdown(rule) for code, rule in all_rules().items()}
    return {
        **written,
        "docs/rules/index.md": index(),
        "docs/formats.md": with_examples((ROOT / "docs" / "formats.md").read_text(encoding="utf-8")),
        "docs/settings.md": settings_page.as_markdown(),
        "README.md": readme((ROOT / "README.md").read_text(encoding="utf-8")),
    }


def readme(text: str) -> str:
    """The README with its table of rules and its example brought up to date."""
    table = re.compile(r"(?<=<!-- rules -->\n).*?(?=<!-- end of rules -->)", re.DOTALL)
    return with_examples(table.sub(lambda _: rules_table("docs/rules/"), text, count=1))


def with_examples(text: str) -> str:
    """A page with what its example commands print brought up to date."""
    return EXAMPLE.sub(lambda match: match[1] + output_of(match["arguments"].split()), text)


def index() -> str:
    """The page that lists the rules."""
    return f"# Rules\n\n{rules_table('')}\n{INDEX_END}"


def rules_table(folder: str) -> str:
    """A Markdown table of the rules, whose pages are in `folder` as seen from there."""
    rows = ["| code | name | reports | default |", "| --- | --- | --- | --- |"]
    for rule in all_rules().values():
        summary = rule.summary.replace("|", r"\|")
        page = f"[{rule.code}]({folder}{rule.code}.md)"
        rows.append(f"| {page} | {rule.name} | {summary} | {'on' if rule.default else 'opt-in'} |")
    return "".join(f"{row}\n" for row in rows)


def output_of(arguments: list[str]) -> str:
    """What joinlint prints for the example of a rule and a file that can't be checked, as a reader would see it."""
    text = example(all_rules()[EXAMPLE_RULE], "flagged") or ""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name).resolve()
        (folder / EXAMPLE_FILE).write_text(re.sub(r"  # JL\d{3}", "", text), encoding="utf-8")
        (folder / BROKEN_FILE).write_text("def broken(:\n", encoding="utf-8")
        command = [sys.executable, "-m", "joinlint", *arguments, "--color", "never"]
        shown = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if EXAMPLE_RULE not in shown.stdout:
        raise SystemExit(f"joinlint finds nothing in its example: {shown.stderr}")
    printed = without_rules(shown.stdout) if "sarif" in arguments else shown.stdout
    return printed.replace(str(folder), EXAMPLE_FOLDER).rstrip("\n") + "\n"


def without_rules(log: str) -> str:
    """A SARIF log that leaves out what takes most of its room: what it says of the rules."""
    parts = json.loads(log)
    parts["runs"][0]["tool"]["driver"]["rules"] = []
    return json.dumps(parts, indent=2)


if __name__ == "__main__":
    for name, text in pages().items():
        (ROOT / name).write_text(text, encoding="utf-8")
