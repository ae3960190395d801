"""Words that the rules on operations out of turn share."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.misuse.operations import STATUS_IGNORED
from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.program import models
from joinlint.rules._lifecycle import finding, site_name
from joinlint.rules._rule import Rule


def findings_of(
    rule: Rule,
    analysis: ModuleAnalysis,
    kind: str,
    message: str,
    consequence: str,
    advice: str,
    before: str,
    errors: tuple[str, str] = ("", ""),
) -> Iterator[Finding]:
    """One finding for each misuse of that kind in the module.

    The texts may use {handle}, {what} ("process" or "thread"), {before} (the line that `Misuse.before` names) and
    {error}, which is the first of `errors` for a process and the second for a thread.  `before` describes the related
    place.
    """
    for misuse in analysis.ignored_statuses if kind == STATUS_IGNORED else analysis.misuses:
        if misuse.kind != kind:
            continue
        is_thread = misuse.site.kind == models.THREAD
        words = {
            "what": "thread" if is_thread else "process",
            "handle": site_name(analysis, misuse.site),
            "before": analysis.line(misuse.before) if misuse.before is not None else "",
            "error": errors[is_thread],
        }
        yield finding(
            rule,
            analysis,
            misuse.where,
            message.format_map(words),
            consequence.format_map(words),
            advice.format_map(words),
            ((before, misuse.before),) if misuse.before is not None else (),
        )
