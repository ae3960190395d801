"""The page of `joinlint audit`, read as HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from joinlint.audit.page import Audit, page
from joinlint.findings import Finding, Position, Related, Span
from joinlint.rules import all_rules
from joinlint.sources import Problem

SOURCE = """\
import multiprocessing

def run(work, ok):
    p = multiprocessing.Process(target=work)
    p.start()
    if not ok:
        return None



    one()
    two()
    three()
    four()
    five()
    p.join()
"""
VOID = {"meta", "input"}


def span(row: int, start: int, end: int) -> Span:
    return Span(Position(row, start), Position(row, end))


FINDING = Finding(
    code="JL102",
    name="not-joined-on-all-paths",
    filename="src/app.py",
    span=span(5, 5, 14),
    message="`p` is not joined on every path: the return in line 7 skips the join",
    related=(
        Related("joined here on another path", span(16, 5, 13)),
        Related("when `not ok`", span(6, 8, 14), on_path=True),
        Related("this return skips the join", span(7, 9, 20), on_path=True),
        Related("kept here", span(1, 1, 3), "src/owner.py"),
    ),
    consequence="What it comes to.",
    advice="What helps.",
)
LINES = {"src/app.py": SOURCE.splitlines(keepends=True), "src/owner.py": ["here\n"]}


class Reader(HTMLParser):
    """The text of every element by its tag, and what is not as it should be."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.text: dict[str, list[str]] = {}
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.attributes |= values.keys()
        if values.get("id"):
            self.ids.append(values["id"] or "")
        if tag == "a":
            self.links.append(values["href"] or "")
        if tag not in VOID:
            self.open.append(tag)
            self.text.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.text[tag][-1] += data


def audit(findings: Sequence[Finding] = (FINDING,), **changes: object) -> Audit:
    made = Audit(findings, LINES, 3, (), "/home/project", "joinlint audit", datetime(2026, 1, 2, 3, 4, tzinfo=UTC))
    return replace(made, **changes)  # type: ignore[arg-type]


def read(made: Audit) -> Reader:
    reader = Reader()
    reader.feed(page(made))
    reader.close()
    assert reader.open == []
    assert len(set(reader.ids)) == len(reader.ids)
    assert {link[1:] for link in reader.links if link.startswith("#")} <= set(reader.ids)
    return reader


def test_what_it_tells() -> None:
    reader = read(audit())
    assert reader.text["h1"] == ["joinlint audit of project"]
    assert "2026-01-02 03:04 +0000" in reader.text["header"][0]
    assert "joinlint audit" in reader.text["header"][0]
    assert [int(number) for number in reader.text["dd"][:4]] == [1, 1, 3, 0]
    assert f"JL102 {FINDING.message.replace('`', '')}" in reader.text["h4"]
    assert "src/app.py:5:5" in reader.text["article"][0]
    assert "What it comes to." in reader.text["dd"]
    assert "What helps." in reader.text["dd"]


def test_the_path_is_drawn_on_the_code() -> None:
    reader = read(audit())
    rows = [text.replace("\n", "") for text in reader.text["tr"]]
    first = rows.index("5    p.start()")
    assert rows[first - 2 : first + 7] == [
        "3def run(work, ok):",
        "4    p = multiprocessing.Process(target=work)",
        "5    p.start()",
        "1not-joined-on-all-paths",
        "6    if not ok:",
        "2when not ok",
        "7        return None",
        "3this return skips the join",
        "⋮",
    ]
    assert rows[first + 7 :] == [
        "14    four()",
        "15    five()",
        "16    p.join()",
        "joined here on another path",
        "1here",
        "kept here",
    ]
    assert reader.text["mark"] == ["p.start()", "not ok", "return None", "p.join()", "he"]
    assert reader.text["figcaption"] == ["src/owner.py"]


def test_without_a_path_nothing_is_numbered() -> None:
    made = page(audit([FINDING._replace(related=(Related("started here", span(4, 5, 6)),))]))
    assert 'class="step"' not in made
    assert 'class="note rail"' not in made
    assert "started here" in made


def test_rules_that_were_broken_are_explained() -> None:
    other = FINDING._replace(code="JL301", name="join-in-start-loop")
    reader = read(audit([FINDING, other]))
    assert {"JL102", "JL301"} <= set(reader.ids)
    assert "JL101" not in reader.ids
    assert "JL301 join-in-start-loop" in reader.text["h3"]
    assert reader.text["h4"].count("Use instead") == 2
    assert reader.text["h4"].count("Why is this bad?") == 2


@pytest.mark.parametrize("code", all_rules())
def test_every_rule_can_be_explained(code: str) -> None:
    reader = read(audit([FINDING._replace(code=code)]))
    assert "`" not in "".join(reader.text["p"])
    assert not [text for text in reader.text["p"] if text.startswith(("- ", "#", "|"))]


def test_what_could_not_be_checked() -> None:
    reader = read(audit([], problems=[Problem("a<b>.py", "invalid syntax", 3, 4), Problem("b.py", "is gone")]))
    assert reader.text["li"] == ["a<b>.py:3:4: invalid syntax", "b.py: is gone"]
    assert "Nothing was found." in reader.text["p"]


def test_counts_by_rule_and_folder() -> None:
    other = FINDING._replace(filename="app.py", code="JL101", name="never-joined")
    rows = [" ".join(text.split()) for text in read(audit([other, FINDING, FINDING])).text["tr"]]
    for row in ("JL101 never-joined1", "JL102 not-joined-on-all-paths2", ".1", "src2"):
        assert row in rows


def test_nothing_is_loaded_and_nothing_inline_is_allowed_but_ours() -> None:
    text = page(audit())
    assert not re.search(r"\b(?:src|srcset|style|onclick|onload)=", text)
    assert "@import" not in text
    assert "url(" not in text
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert "default-src &#x27;none&#x27;" in policy[1]
    assert policy[1].count("sha256-") == 2


@given(st.text(st.characters(), max_size=60), st.text(st.characters(exclude_characters="\n\r"), max_size=60))
def test_no_text_becomes_markup_or_leaves_its_line(name: str, line: str) -> None:
    lines: Mapping[str, Sequence[str]] = {name: [f"{line}\n"]}
    hostile = Finding("JL000", "x", name, span(1, 2, 9), line, (), name, line)
    tags = {
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "header",
        "h1",
        "p",
        "code",
        "main",
        "section",
        "h2",
        "dl",
    }
    tags |= {"div", "dt", "dd", "table", "caption", "thead", "tbody", "tr", "th", "td", "form", "label", "select", "b"}
    tags |= {"option", "output", "h3", "article", "h4", "span", "a", "figure", "mark", "footer", "script", "input"}
    made = audit([hostile], lines=lines, problems=[Problem(name, line)], folder=name, command=line)
    text = page(made)
    assert "\x1b" not in text
    text.encode("utf-8")
    reader = read(made)
    assert reader.text.keys() <= tags | {"ul", "li"}
    assert "onerror" not in reader.attributes


def test_hostile_names() -> None:
    bad = '</title><script>alert(1)</script><img src=x onerror="alert(2)">\x1b[31m\udcff'
    made = audit([FINDING._replace(filename=bad, message=bad)], lines={bad: [bad] * 20}, folder=f"/{bad}", command=bad)
    reader = read(made)
    assert len(reader.text["script"]) == 1
    assert "img" not in reader.text
    assert reader.text["title"] == [f"joinlint audit of {bad.rpartition('/')[2]}".encode("unicode_escape").decode()]


def test_a_line_without_end_is_cut_around_its_mark() -> None:
    line = "x" * 5000 + "p.start()" + "y" * 5000
    reader = read(audit([FINDING._replace(span=span(1, 5001, 5010), related=())], lines={"src/app.py": [line]}))
    (row,) = [text for text in reader.text["tr"] if "p.start()" in text]
    assert len(row) < 500
    assert row.startswith("1…x")
    assert row.endswith("y…")
