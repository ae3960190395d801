"""What `joinlint rule` shows: a rule's documentation with the pair of programs that its tests run."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path

from joinlint.evidence import page
from joinlint.links import rule_url
from joinlint.report.text import Paint, painter, wrapped
from joinlint.rules import Rule

_WIDEST = 100
_MARK = re.compile(r"# expect: (?=JL\d)")
_EVIDENCE = re.compile(r"^# shows:.*\n", re.MULTILINE)
_OBSERVED = """\
The test suite runs the programs of this rule in tests/fixtures under each start method: flagged ones with the misuse,
corrected ones without it."""
_BULLET = re.compile(r"(?:[-*]|\d+\.) +")


def as_json(rules: Rule | Sequence[Rule]) -> str:
    """One rule as a JSON object, or several as an array of them."""
    shown = _fields(rules) if isinstance(rules, Rule) else [_fields(rule) for rule in rules]
    return json.dumps(shown, indent=2) + "\n"


def as_text(rule: Rule, width: int, colour: bool) -> str:
    """The page of a rule, for reading in `width` columns."""
    return "".join(f"{line}\n" for line in _page(rule, min(width, _WIDEST), painter(colour)))


def as_markdown(rule: Rule) -> str:
    """The page of a rule for docs/rules, with what its programs showed."""
    switched = (
        "On by default." if rule.default else f"Off until its full code is selected: `--extend-select {rule.code}`."
    )
    parts = [f"# {rule.code} {rule.name}", f"{sentence(rule.summary)} {switched}", rule.documentation.strip()]
    for title, text in examples(rule):
        parts += [f"## {title}", f"```python\n{text.strip()}\n```"]
    if observed := page.section(page.committed(), rule.code):
        parts += ["## What the tests observed", _OBSERVED, observed]
    return "\n\n".join(parts) + "\n"


def _fields(rule: Rule) -> dict[str, object]:
    return {
        "code": rule.code,
        "name": rule.name,
        "summary": rule.summary,
        "default": rule.default,
        "documentation": rule.documentation,
        "flagged_example": example(rule, "flagged"),
        "corrected_example": example(rule, "corrected"),
        "url": rule_url(rule.code),
    }


def example(rule: Rule, kind: str) -> str | None:
    """The rule's `flagged` or `corrected` program without the words that only its tests need; None if it has none."""
    try:
        text = (_fixtures() / folder_name(rule) / f"{kind}_{rule.example}.py").read_text(encoding="utf-8")
    except OSError:
        return None
    return _EVIDENCE.sub("", _MARK.sub("# ", text))


def folder_name(rule: Rule) -> str:
    """The folder of tests/fixtures that holds the rule's programs."""
    return f"{rule.code}_{rule.name.replace('-', '_')}"


def _fixtures() -> Path:
    """The fixtures: a wheel brings them along, a source tree has them among its tests."""
    installed = Path(__file__).parent / "_fixtures"
    return installed if installed.is_dir() else Path(__file__).parents[2] / "tests" / "fixtures"


def examples(rule: Rule) -> Iterator[tuple[str, str]]:
    for title, kind in (("Example", "flagged"), ("Use instead", "corrected")):
        text = example(rule, kind)
        if text is not None:
            yield title, text


def _page(rule: Rule, width: int, paint: Paint) -> Iterator[str]:
    yield f"{paint('code', rule.code)} {paint('word', rule.name)}"
    yield ""
    yield from wrapped(sentence(rule.summary), width)
    yield from wrapped(
        "On by default." if rule.default else f"Off by default; --extend-select {rule.code} turns it on.", width
    )
    yield ""
    yield from _readable(rule.documentation.strip(), width, paint)
    for title, text in examples(rule):
        yield ""
        yield paint("word", title)
        yield ""
        yield from textwrap.indent(text.strip(), "    ").splitlines()
    yield ""
    yield rule_url(rule.code)


def sentence(text: str) -> str:
    """`text` with a capital and a full stop."""
    return f"{text[0].upper()}{text[1:].rstrip('.')}." if text else ""


def _readable(markdown: str, width: int, paint: Paint) -> Iterator[str]:
    """Markdown as plain text: headings without their signs, paragraphs and list items refilled, code and tables as they
    are."""
    for number, block in enumerate(blocks(markdown)):
        if number:
            yield ""
        if block[0].startswith("#"):
            yield paint("word", block[0].lstrip("# "))
        elif block[0].startswith("```"):
            yield from (f"    {line}".rstrip() for line in block if not line.startswith("```"))
        elif block[0].startswith(("|", "    ")):
            yield from block
        else:
            for item in items(block):
                yield from _filled(item, width)


def blocks(markdown: str) -> Iterator[list[str]]:
    """The stretches between blank lines; a fenced piece of code is one, whatever is in it."""
    block: list[str] = []
    fenced = False
    for line in markdown.splitlines():
        if line.strip() or fenced:
            block.append(line)
        elif block:
            yield block
            block = []
        fenced ^= line.startswith("```")
    if block:
        yield block


def items(lines: Sequence[str]) -> Iterator[str]:
    """The list items of a block, or the one paragraph that it is."""
    item = ""
    for line in lines:
        if item and _BULLET.match(line.lstrip()):
            yield item
            item = line
        else:
            item = f"{item} {line.strip()}" if item else line
    yield item


def _filled(item: str, width: int) -> Iterator[str]:
    bullet = _BULLET.match(item)
    indent = bullet.end() if bullet else 0
    first, *rest = wrapped(item[indent:], width - indent)
    yield item[:indent] + first
    yield from (" " * indent + line for line in rest)
