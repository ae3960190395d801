"""What a rule is: one frozen value per file of this package, named RULE."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from joinlint.analysis.module_analysis import ModuleAnalysis
    from joinlint.findings import Finding


class Rule(NamedTuple):
    """A rule: its identity, its documentation and its query on the analysis.

    `documentation` is Markdown: the sections "What it does", "Why is this bad?", "Known limits" and "Options", each as
    a `## ` heading.  `example` names the pair of fixtures `flagged_<example>.py` and `corrected_<example>.py` in
    `tests/fixtures/<code>_<name>/` that `joinlint rule` shows.  `check` takes the analysis of one module and gives its
    findings.
    """

    code: str
    name: str
    summary: str
    documentation: str
    example: str
    check: Callable[[ModuleAnalysis], Iterable[Finding]]
    default: bool = True
