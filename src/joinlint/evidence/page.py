"""docs/evidence.md as a text: where it is, and what it says of one rule."""

from __future__ import annotations

import re
from pathlib import Path

PATH = "docs/evidence.md"


def committed() -> str:
    """The page as the project has it, which a wheel brings along; nothing where there is none."""
    package = Path(__file__).parents[1]
    installed = package / "_evidence.md"
    page = installed if installed.is_file() else package.parents[1] / PATH
    return page.read_text(encoding="utf-8") if page.is_file() else ""


def section(text: str, code: str) -> str:
    """What the page says of one rule, without its heading; nothing if it does not know the rule."""
    found = re.search(rf"^## {code} [\w-]+\n\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1].strip() if found else ""
