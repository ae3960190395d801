"""What the user reads: one file per output format, each with a function `render`."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from joinlint.formats import FORMATS

if TYPE_CHECKING:
    from joinlint.findings import Finding
    from joinlint.sources import Problem

__all__ = ["FORMATS", "Report", "render"]


class Report(NamedTuple):
    """What there is to report and how.

    `findings` are sorted; `lines` has the lines of each file that a finding speaks of, by its name; `checked` counts
    files, `problems` say of the others why they could not be checked.  `width` is the columns to fit into, `colour`
    says whether escape codes may be used, `summary` whether to end with a line that sums up, in the formats that have
    one.
    """

    findings: Sequence[Finding]
    lines: Mapping[str, Sequence[str]] = {}
    checked: int = 0
    problems: Sequence[Problem] = ()
    colour: bool = False
    width: int = 80
    summary: bool = True


def render(name: str, report: Report) -> str:
    """The text of `report` in the format `name`, one of FORMATS; ends in a newline unless empty."""
    lines: Iterable[str] = importlib.import_module(FORMATS[name]).render(report)
    return "".join(f"{line}\n" for line in lines)
