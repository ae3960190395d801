"""How many findings there are of each rule, in place of the findings."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from joinlint.report import Report
from joinlint.report.summary import summary
from joinlint.report.text import painter

# Those of the output formats in which there is something to count in.
FORMATS = ("full", "concise", "grouped", "json", "json-lines")


def render(name: str, report: Report) -> str:
    """The counts in the manner of the format `name`, one of FORMATS; ends in a newline unless empty."""
    counted = Counter((finding.code, finding.name) for finding in report.findings)
    counts = [
        {"code": code, "name": rule, "count": count}
        for (code, rule), count in sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    ]
    if name == "json":
        return json.dumps(counts, indent=2) + "\n"
    lines: Iterable[str] = map(json.dumps, counts) if name == "json-lines" else _table(counts, report)
    if name in {"full", "grouped"} and report.summary:
        lines = chain(lines, [""] if counts else [], summary(report, report.width, by_rule=False))
    return "".join(f"{line}\n" for line in lines)


def _table(counts: Sequence[Mapping[str, object]], report: Report) -> Iterator[str]:
    paint = painter(report.colour)
    room = max((len(str(count["count"])) for count in counts), default=0)
    for count in counts:
        yield f"{count['count']:>{room}} {paint('code', str(count['code']))} {count['name']}"
