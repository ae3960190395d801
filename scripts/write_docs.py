"""Write what the documentation says of rules and settings from these: docs/rules/*.md, docs/settings.md and two places
in README.md.

Run it after changing a rule, its example, a setting, the full form of a report, or docs/evidence.md;
tests/test_project_files.py fails until then.
"""

from __future__ import annotations

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


def pages() -> dict[str, str]:
    """The text of every generated file by its path from the project's root."""
    written = {f"docs/rules/{code}.md": as_markdown(rule) for code, rule in all_rules().items()}
    return {
        **written,
        "docs/rules/index.md": index(),
        "docs/settings.md": settings_page.as_markdown(),
        "README.md": readme((ROOT / "README.md").read_text(encoding="utf-8")),
    }


def readme(text: str) -> str:
    """The README with its table of rules and its example brought up to date."""
    table = re.compile(r"(?<=<!-- rules -->\n).*?(?=<!-- end of rules -->)", re.DOTALL)
    report = re.compile(r"(?<=<!-- example: joinlint check search.py -->\n```text\n).*?(?=```\n)", re.DOTALL)
    return report.sub(
        lambda _: example_report(), table.sub(lambda _: rules_table("docs/rules/"), text, count=1), count=1
    )


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


def example_report() -> str:
    """What joinlint prints for the example of a rule, as a reader would see it."""
    text = example(all_rules()[EXAMPLE_RULE], "flagged") or ""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, EXAMPLE_FILE).write_text(re.sub(r"  # JL\d{3}", "", text), encoding="utf-8")
        command = [sys.executable, "-m", "joinlint", "check", "--quiet", "--color", "never", EXAMPLE_FILE]
        shown = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if shown.returncode != 1:
        raise SystemExit(f"joinlint finds nothing in its example: {shown.stderr}")
    return shown.stdout.rstrip("\n") + "\n"


if __name__ == "__main__":
    for name, text in pages().items():
        (ROOT / name).write_text(text, encoding="utf-8")
