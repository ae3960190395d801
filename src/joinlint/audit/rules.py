"""A rule's explanation as a part of the page."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.audit.markup import element, joined, text, with_code
from joinlint.links import rule_url
from joinlint.rule_page import blocks, examples, items, sentence
from joinlint.rules import Rule


def explained(rule: Rule) -> str:
    """The section of a rule: its summary, its documentation, its example and the correction."""
    parts = [
        element("h3", f"{text(rule.code)} {text(rule.name)}"),
        element("p", with_code(sentence(rule.summary))),
        *_documentation(rule.documentation),
    ]
    for title, program in examples(rule):
        # The program is the project's own: its lines stay lines.
        source = "\n".join(map(text, program.strip().splitlines()))
        parts += [element("h4", text(title)), element("pre", element("code", source))]
    link = element("a", text(rule_url(rule.code)), href=rule_url(rule.code))
    return element("section", joined([*parts, element("p", link)]), id=rule.code, class_="rule")


def _documentation(markdown: str) -> Iterator[str]:
    """The documentation of rules is headings, paragraphs and lists."""
    for block in blocks(markdown.strip()):
        if block[0].startswith("#"):
            yield element("h4", with_code(block[0].lstrip("# ")))
        elif block[0].startswith("- "):
            yield element("ul", "".join(element("li", with_code(item.removeprefix("- "))) for item in items(block)))
        else:
            yield element("p", with_code(" ".join(block)))
