"""docs/evidence.md: what the fixtures showed when they were run, rule by rule and start method by start method."""

from __future__ import annotations

import platform
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from joinlint.evidence.claims import ALL
from joinlint.evidence.fixtures import Case, Run
from joinlint.evidence.observed import normalised, words
from joinlint.evidence.run import Recording

Recordings = Mapping[Run, Recording]

_THREAD = "a thread"
_INTRO = """\
# Evidence

What joinlint says of a program, it shows by running it. The test suite runs each fixture of each rule (tests/fixtures)
under fork, forkserver and spawn: the flagged programs must show what the rule reports, the corrected ones must not. A
recorder notes what the processes do, and holds children at a gate where a race would otherwise decide: a program that
gets past the place meanwhile has provably not waited. This page is written by that run, and a run that finds otherwise
fails.

Written with CPython {version} on Linux. With another version the same must hold, but messages may be worded otherwise.

A cell of the first table says how many flagged programs showed the misuse, and how many corrected ones were clean.
Flagged programs are run under the start methods under which what they do wrong can show.

"""
_LEGEND = "| start method | observed | programs | in one of them |\n| --- | --- | --- | --- |\n"
_VERSION = re.compile(r"^Written with CPython (\d+\.\d+) ", re.MULTILINE)
_ROW = re.compile(
    r"^\| (?P<methods>(?:fork|forkserver|spawn|a thread)(?:, \w+)*) \| (?P<claim>[^|]*) \| (?P<programs>\d+ of [^|]*)"
    r" \| (?P<line>(?:[^|]|\\\|)*) \|$",
    re.MULTILINE,
)

# A rule, a start method, a claim, and how many programs showed it.
_Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class _Fact:
    """A row of a rule's table: what `shown` of `ran` programs showed under each of the `methods`."""

    methods: tuple[str, ...]
    claim: str
    shown: int
    ran: int
    corrected: bool
    lines: tuple[str, ...]

    @property
    def programs(self) -> str:
        return f"{self.shown} of {self.ran} {'corrected' if self.corrected else 'flagged'}"

    def row(self, line: str) -> str:
        return f"| {', '.join(self.methods)} | {self.claim} | {self.programs} | {line} |\n"


def page(cases: Sequence[Case], recordings: Recordings, before: str = "") -> str:
    """The text of docs/evidence.md after a run of all `cases`, where it was `before` until now.

    A line of evidence that is still true stays: the page shall not change without need.
    """
    said_before = _said(before)
    text = _INTRO.format(version=_python())
    text += "| rule | " + " | ".join(ALL) + " |\n| --- |" + " --- |" * len(ALL) + "\n"
    sections = ""
    for title, of_rule in _by_rule(cases):
        cells = (_cell([case for case in of_rule if case.method == m and not case.threads], recordings) for m in ALL)
        text += f"| [{title}](#{title.lower().replace(' ', '-')}) | {' | '.join(cells)} |\n"
        sections += f"\n## {title}\n\n{_LEGEND}"
        for fact in _joined(_facts(of_rule, recordings)):
            said = {said_before.get((title, method, fact.claim, fact.programs)) for method in fact.methods}
            sections += fact.row(next((line for line in fact.lines if line in said), fact.lines[0]))
    return text + sections


def _by_rule(cases: Sequence[Case]) -> list[tuple[str, list[Case]]]:
    by_rule: dict[str, list[Case]] = {}
    for case in cases:
        by_rule.setdefault(f"{case.code} {case.name}", []).append(case)
    return sorted(by_rule.items())


def _by_method(title: str, cases: Sequence[Case], recordings: Recordings) -> Iterable[tuple[_Key, _Fact]]:
    for fact in _facts(cases, recordings):
        yield (title, fact.methods[0], fact.claim, fact.programs), fact


def disagreement(cases: Sequence[Case], recordings: Recordings, committed: str) -> str:
    """What a run of all `cases` found otherwise than the page says, or nothing.

    The lines of evidence need only be among those that this run has seen; with another version of Python, whose
    messages differ, only all the rest is compared.
    """
    said = _said(committed)
    found = {key: fact for title, of_rule in _by_rule(cases) for key, fact in _by_method(title, of_rule, recordings)}
    different = [f"- {' '.join(key)}" for key in said if key not in found]
    different += [f"+ {' '.join(key)}" for key in found if key not in said]
    version = _VERSION.search(committed)
    if version and version[1] == _python():
        seen = [(key, line) for key, line in said.items() if key in found and line not in found[key].lines]
        different += [f"not seen in {' '.join(key)}: {line}" for key, line in seen]
    rest, expected = _rest(committed), _rest(page(cases, recordings))
    different += [f"- {line}" for line in rest if line not in expected]
    different += [f"+ {line}" for line in expected if line not in rest]
    return "\n".join(different)


def _rest(text: str) -> list[str]:
    """The page's lines but for the rows of facts and what depends on the version of Python."""
    return _VERSION.sub("", _ROW.sub("", text)).splitlines()


def _said(text: str) -> dict[_Key, str]:
    """The line of evidence that the page gives for each fact."""
    said = {}
    title = ""
    for line in text.splitlines():
        if line.startswith("## "):
            title = line.removeprefix("## ")
        elif row := _ROW.match(line):
            for method in row["methods"].split(", "):
                said[title, method, row["claim"], row["programs"]] = row["line"]
    return said


def _python() -> str:
    return ".".join(platform.python_version_tuple()[:2])


def _cell(cases: Sequence[Case], recordings: Recordings) -> str:
    """How many programs of a rule showed the misuse under one start method, and how many were clean."""
    fails = {case.path for case in cases if not _holds(case, recordings)}
    harmless = {case.path for case in cases if case.claim.name == "works-under-fork"}
    flagged = {case.path for case in cases if case.flagged} - harmless
    corrected = {case.path for case in cases if not case.flagged}
    if flagged:
        told = f"{_number(flagged - fails, flagged)} show"
    else:
        told = f"{_number(harmless - fails, harmless)} harmless" if harmless else "not run"
    return f"{told}, {_number(corrected - fails, corrected)} clean"


def _number(some: Collection[Path], of: Collection[Path]) -> str:
    return str(len(some)) if len(some) == len(of) else f"{len(some)} of {len(of)}"


def _holds(case: Case, recordings: Recordings) -> bool:
    return case.claim.holds(recordings[case.run])


def _facts(cases: Sequence[Case], recordings: Recordings) -> Iterable[_Fact]:
    """What was shown of a rule, start method by start method: its claims in the order in which the fixtures bring them
    up, the corrected programs last."""
    keys = dict.fromkeys((not case.flagged, words(case.claim).claim) for case in cases)
    for corrected, claim in sorted(keys, key=lambda key: key[0]):
        alike = [case for case in cases if (not case.flagged, words(case.claim).claim) == (corrected, claim)]
        ran = [case for case in cases if case.flagged != corrected]
        facts = (_fact(method, claim, alike, ran, recordings) for method in (*ALL, _THREAD))
        yield from (fact for fact in facts if fact.shown)


def _fact(method: str, claim: str, alike: Sequence[Case], ran: Sequence[Case], recordings: Recordings) -> _Fact:
    holding = [case for case in alike if _method(case) == method and _holds(case, recordings)]
    lines = dict.fromkeys(_line(case, recordings) for case in holding)
    programs = len({case.path for case in ran if _method(case) == method})
    corrected = bool(ran) and not ran[0].flagged
    return _Fact((method,), claim, len({case.path for case in holding}), programs, corrected, tuple(lines))


def _method(case: Case) -> str:
    return _THREAD if case.threads else case.method


def _line(case: Case, recordings: Recordings) -> str:
    shape = case.path.stem.partition("_")[2].replace("_", " ")
    line = normalised(words(case.claim).line(recordings[case.run]))
    if case.claim.name == "stale":
        line += f", corrected: {normalised(recordings[_twin(case, recordings)].stdout.strip().splitlines()[0])}"
    return f"{shape}: {_code(line)}"


def _twin(case: Case, recordings: Recordings) -> Run:
    return next(run for run in recordings if (run.path, run.method) == (case.twin, case.method))


def _code(text: str) -> str:
    mark = "``" if "`" in text else "`"
    return f"{mark}{text}{mark}".replace("|", r"\|")


def _joined(facts: Iterable[_Fact]) -> Iterable[_Fact]:
    """Start methods under which as many programs showed the same thing in one row, if one line says it for all."""
    left = list(facts)
    while left:
        first, *others = left
        alike, lines = [first], first.lines
        for other in others:
            common = tuple(line for line in lines if line in other.lines)
            if common and (other.claim, other.programs) == (first.claim, first.programs):
                alike.append(other)
                lines = common
        methods = tuple(method for fact in alike for method in fact.methods)
        yield replace(first, methods=methods, lines=lines)
        left = [fact for fact in left if fact not in alike]
