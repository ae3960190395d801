"""HTML as text: what comes from a checked file is escaped here and nowhere else."""

from __future__ import annotations

import html
from collections.abc import Iterable

from joinlint.report.text import visible


def text(content: str) -> str:
    """`content` as one line of HTML text or an attribute's value, with what can't be seen spelled out."""
    return html.escape(visible(content))


def element(name: str, content: str, **attributes: str | int) -> str:
    """An element around `content`, which is HTML; the attributes' values are text, and `class_` stands for class."""
    written = "".join(f' {key.rstrip("_").replace("_", "-")}="{text(str(value))}"' for key, value in attributes.items())
    return f"<{name}{written}>{content}</{name}>"


def with_code(content: str) -> str:
    """Text in which backticks stand around code, as messages and documentation have it."""
    parts = content.split("`")
    if len(parts) % 2 == 0:
        return text(content)
    return "".join(element("code", text(part)) if number % 2 else text(part) for number, part in enumerate(parts))


def joined(parts: Iterable[str]) -> str:
    """Pieces of HTML in lines of their own."""
    return "\n".join(parts)
