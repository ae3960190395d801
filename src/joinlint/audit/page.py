"""The page as a whole."""

from __future__ import annotations

import base64
import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib import resources
from itertools import groupby

from joinlint import __version__
from joinlint.audit.code import excerpt, marks_of
from joinlint.audit.markup import element, joined, text, with_code
from joinlint.audit.rules import explained
from joinlint.findings import Finding
from joinlint.links import PROJECT_URL
from joinlint.report.places import relative_name
from joinlint.rules import all_rules
from joinlint.sources import Problem

# By this a report is known for one.
GENERATOR = '<meta name="generator" content="joinlint audit'


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found, in which folder, by which command and when.

    `findings` are sorted; `lines` has the lines of each file that one of them speaks of, by its name; `checked` counts
    files, `problems` say of the others why they could not be checked.
    """

    findings: Sequence[Finding]
    lines: Mapping[str, Sequence[str]]
    checked: int
    problems: Sequence[Problem]
    folder: str
    command: str
    date: datetime


def page(audit: Audit) -> str:
    """The HTML file: readable without scripts, without a network, in light and dark, on paper."""
    style, script = _asset("page.css"), _asset("page.js")
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; "
        "form-action 'none'"
    )
    return joined(
        [
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'{GENERATOR} {text(__version__)}">',
            f'<meta http-equiv="Content-Security-Policy" content="{text(policy)}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>{text(_title(audit))}</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            *_body(audit),
            f"<script>{script}</script>",
            "</body>",
            "</html>",
            "",
        ]
    )


def _asset(name: str) -> str:
    return resources.files("joinlint.audit").joinpath(name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    """The name by which a Content-Security-Policy allows an inline style or script."""
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode('ascii')}"


def _title(audit: Audit) -> str:
    return f"joinlint audit of {os.path.basename(audit.folder) or audit.folder}"


def _body(audit: Audit) -> Iterator[str]:
    yield "<header>"
    yield element("h1", text(_title(audit)))
    yield element("p", text(f"{audit.date:%Y-%m-%d %H:%M %z}, joinlint {__version__}, in ") + _code(audit.folder))
    yield element("p", f"Made by {_code(audit.command)}")
    yield "</header>"
    yield "<main>"
    yield from _overview(audit)
    yield from _unchecked(audit)
    yield from _findings(audit)
    yield from _rules(audit)
    yield "</main>"
    yield element(
        "footer", f"Made by joinlint {text(__version__)}: {element('a', text(PROJECT_URL), href=PROJECT_URL)}"
    )


def _code(content: str) -> str:
    return element("code", text(content))


def _overview(audit: Audit) -> Iterator[str]:
    yield '<section aria-labelledby="overview">'
    yield element("h2", "Overview", id="overview")
    totals = (
        ("problems found", len(audit.findings)),
        ("files with problems", len({finding.filename for finding in audit.findings})),
        ("files checked", audit.checked),
        ("files that could not be checked", len(audit.problems)),
    )
    yield element(
        "dl", joined(f"<div><dt>{name}</dt><dd>{number}</dd></div>" for name, number in totals), class_="totals"
    )
    if audit.findings:
        codes = Counter((finding.code, finding.name) for finding in audit.findings)
        rules = [(_rule_link(code, name), count) for (code, name), count in sorted(codes.items())]
        folders = Counter(os.path.dirname(relative_name(finding.filename)) or "." for finding in audit.findings)
        yield '<div class="tables">'
        yield _table("By rule", "rule", rules)
        yield _table("By folder", "folder", [(_code(folder), count) for folder, count in sorted(folders.items())])
        yield "</div>"
    else:
        yield element("p", "Nothing was found.", class_="clear")
    yield "</section>"


def _table(caption: str, heading: str, rows: Sequence[tuple[str, int]]) -> str:
    head = f'<thead><tr><th scope="col">{heading}</th><th scope="col">problems</th></tr></thead>'
    body = joined(f'<tr><th scope="row">{name}</th><td>{count}</td></tr>' for name, count in rows)
    return element("table", f"<caption>{caption}</caption>{head}<tbody>{body}</tbody>", class_="counts")


def _rule_link(code: str, name: str) -> str:
    label = f"{element('b', text(code))} {text(name)}"
    return element("a", label, href=f"#{code}") if code in all_rules() else label


def _unchecked(audit: Audit) -> Iterator[str]:
    if not audit.problems:
        return
    yield '<section aria-labelledby="unchecked">'
    yield element("h2", "Files that could not be checked", id="unchecked")
    items = []
    for problem in audit.problems:
        items.append(element("li", f"{_code(problem.place)}: {text(problem.reason)}"))
    yield element("ul", joined(items))
    yield "</section>"


def _findings(audit: Audit) -> Iterator[str]:
    if not audit.findings:
        return
    yield '<section aria-labelledby="findings">'
    yield element("h2", "Problems", id="findings")
    yield _filter(audit.findings)
    numbers = iter(range(1, len(audit.findings) + 1))
    for source, findings in groupby(audit.findings, key=lambda finding: finding.source):
        yield '<section class="file">'
        yield element("h3", text(source))
        yield from (_finding(finding, next(numbers), audit.lines) for finding in findings)
        yield "</section>"
    yield "</section>"


def _filter(findings: Sequence[Finding]) -> str:
    """The form that the script shows: nothing can be filtered without it."""
    codes = sorted({(finding.code, finding.name) for finding in findings})
    options = "".join(element("option", text(f"{code} {name}"), value=code) for code, name in codes)
    rule = f'<label>Rule <select id="rule"><option value="">all rules</option>{options}</select></label>'
    words = '<label>Text <input id="words" type="search" placeholder="file, message or code"></label>'
    return f'<form id="filter" hidden>{rule}{words}<output id="shown" aria-live="polite"></output></form>'


def _finding(finding: Finding, number: int, lines: Mapping[str, Sequence[str]]) -> str:
    start = finding.span.start
    name = f"problem-{number}"
    place = element("a", text(f"{finding.source}:{start.row}:{start.column}"), href=f"#{name}")
    marks = marks_of(finding)
    figures = [
        excerpt(file, lines.get(file, ()), [m for m in marks if m.source == file], is_named=file != finding.source)
        for file in dict.fromkeys(mark.source for mark in marks)
    ]
    said = [("What happens", finding.consequence), ("What to do", finding.advice)]
    remarks = joined(f"<dt>{term}</dt><dd>{with_code(words)}</dd>" for term, words in said if words)
    return element(
        "article",
        joined(
            [
                element("h4", f"{element('span', text(finding.code), class_='code')} {with_code(finding.message)}"),
                element("p", place, class_="place"),
                *filter(None, figures),
                element("dl", remarks, class_="remarks"),
                element("p", f"Rule {_rule_link(finding.code, finding.name)}"),
            ]
        ),
        id=name,
        data_code=finding.code,
    )


def _rules(audit: Audit) -> Iterator[str]:
    codes = sorted({finding.code for finding in audit.findings} & all_rules().keys())
    if codes:
        yield '<section aria-labelledby="rules">'
        yield element("h2", "The rules", id="rules")
        yield from (explained(all_rules()[code]) for code in codes)
        yield "</section>"
