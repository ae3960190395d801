"""Names that leave the program: where a rule is explained, and what standard input is called."""

from __future__ import annotations

PROJECT_URL = "https://github.com/joinlint/joinlint"
STDIN_NAME = "<stdin>"


def rule_url(code: str) -> str:
    """The page that explains the rule `code`."""
    return f"{PROJECT_URL}/blob/main/docs/rules/{code}.md"
