"""Names that leave the program: where a rule is explained, and what standard input is called."""

from __future__ import annotations

PROJECT_URL = "https://github.com/joinlint/joinlint"
STDIN_NAME = "<stdin>"


# A code that no rule has: what `--report-unused-noqa` reports is about comments, not about programs.
UNUSED_SUPPRESSION = "JL901"

_PAGES = {UNUSED_SUPPRESSION: "docs/suppression.md"}


def rule_url(code: str) -> str:
    """The page that explains the rule `code`, or the other thing that is reported under it."""
    return f"{PROJECT_URL}/blob/main/{_PAGES.get(code, f'docs/rules/{code}.md')}"
