"""JL102: some path joins the process and another does not."""

from __future__ import annotations

from collections.abc import Iterator

from joinlint.analysis.interpreter.state import Step
from joinlint.analysis.lifecycle.verdicts import SOME_PATHS, Verdict
from joinlint.analysis.module_analysis import ModuleAnalysis
from joinlint.findings import Finding
from joinlint.program.ir import Where
from joinlint.rules._lifecycle import consequence, finding, handle_name
from joinlint.rules._rule import Rule

DOCUMENTATION = """\
## What it does

Reports the `start()` of a process that one path joins and another does not. The message names the path that misses the
join: the return, raise, break, branch or handler with its line and condition, or the loop that overwrites the handle so
that only the last process is joined.

A path is explicit control flow: if, match, loops and their else, break, continue, return, raise, handlers that go on,
finally, blocks that swallow exceptions, and functions that never return. That any call may raise is JL103's subject.
Conditions that are tested twice are known to come out alike: `if parallel: p.start()` followed by `if parallel:
p.join()` is in order.

## Why is this bad?

On the missed path the program goes on before the child is done, the ended child stays a zombie (fork, spawn), and
interpreter exit hangs for as long as the child runs. Such paths are those that are taken rarely: errors and early
exits.

## Known limits

Where a path hands the process to code that joinlint can't see, nothing is reported. Daemons are left out.

## Options

`threads`, `process-classes` and `join-functions`, as for JL101.
"""


def check(analysis: ModuleAnalysis) -> Iterator[Finding]:
    for verdict in analysis.verdicts:
        if verdict.kind == SOME_PATHS:
            message, advice, path = _explain(analysis, verdict)
            yield finding(
                RULE,
                analysis,
                verdict.where,
                message,
                consequence(analysis, verdict),
                advice,
                _other_path(verdict),
                path,
            )


def _other_path(verdict: Verdict) -> tuple[tuple[str, Where], ...]:
    """Where the path that is in order joins the process, if a single place can be named."""
    if verdict.storage is not None or verdict.witness is None or verdict.witness.join is None:
        return ()
    return (("joined here on another path", verdict.witness.join),)


_JOIN_IN_FINALLY = "Join the process in a finally block, or before every way out."
_JOIN_OUTSIDE = "Join the process on that path too, or behind the branches, where every path comes by."


def _explain(analysis: ModuleAnalysis, verdict: Verdict) -> tuple[str, str, tuple[tuple[str, Where], ...]]:
    """Message, advice and the places that the missed path comes by, in its order."""
    handle = handle_name(analysis, verdict)
    kind = verdict.history.site.kind
    witness = verdict.witness
    if verdict.storage is not None:
        place = verdict.storage.text()
        return (
            f"the {kind} kept on `{place}` is not joined on every path",
            "Join it wherever its owner can be left.",
            (),
        )
    assert witness is not None
    path: list[tuple[str, Where]] = []
    if verdict.stopped is not None:
        path.append(("stopped here, but not joined", verdict.stopped))
    if witness.lost is not None and (witness.decision is None or witness.decision.kind not in {"branch", "handler"}):
        path.append((f"the next round gives {handle} another {kind}", witness.lost))
        line = analysis.line(witness.lost)
        message = f"only the last {kind} of the loop is joined: {line} overwrites {handle} before it is joined"
        return message, "Collect the processes in a list and join all of them in a loop of its own.", tuple(path)
    decision, leaves = witness.decision, witness.leaves
    condition = _condition(analysis, decision)
    if decision is not None:
        path.append((_label(decision, condition), decision.where))
    if leaves is not None and leaves is not decision:
        path.append((f"this {leaves.kind} skips the join", leaves.where))
    if witness.handler is not None:
        message, advice = _explain_handler(analysis, handle, witness.handler, leaves, witness.ends)
    elif leaves is not None:
        message, advice = _explain_leaving(analysis, handle, leaves, condition)
    elif decision is not None:
        message, advice = _explain_branch(analysis, handle, decision, condition)
    else:
        message, advice = f"not every {kind} that is started here is joined", _JOIN_IN_FINALLY
    return message, advice, tuple(path)


def _explain_leaving(analysis: ModuleAnalysis, handle: str, leaves: Step, condition: str) -> tuple[str, str]:
    line = analysis.line(leaves.where)
    when = f" when {condition}" if condition else ""
    message = f"{handle} is not joined on every path: the {leaves.kind} in {line} skips the join{when}"
    return message, f"Join the process before that {leaves.kind}, or in a finally block around both."


def _explain_handler(
    analysis: ModuleAnalysis, handle: str, handler: Step, leaves: Step | None, ends: str
) -> tuple[str, str]:
    goes_on = " and ends by an exception" if ends == "raises" else " and goes on"
    if leaves is not None:
        goes_on = f" and leaves by the {leaves.kind} in {analysis.line(leaves.where)}"
    return (
        f"{handle} is not joined when the handler in {analysis.line(handler.where)} is entered{goes_on}",
        "Join the process in a finally block, or in the handler too.",
    )


def _explain_branch(analysis: ModuleAnalysis, handle: str, decision: Step, condition: str) -> tuple[str, str]:
    line = analysis.line(decision.where)
    if decision.kind == "loop skipped":
        message = f"{handle} is not joined when the loop in {line} has no rounds"
        return message, "Join the process behind the loop, or in its else."
    if decision.kind == "no case":
        return f"{handle} is not joined when no case of the match in {line} fits", _JOIN_OUTSIDE
    if decision.kind == "swallowed":
        return f"{handle} is not joined when the with block in {line} swallows an exception", _JOIN_IN_FINALLY
    if condition:
        return f"{handle} is not joined when {condition} ({line})", _JOIN_OUTSIDE
    return f"{handle} is not joined on the path through {line}", _JOIN_OUTSIDE


def _condition(analysis: ModuleAnalysis, step: Step | None) -> str:
    if step is None or step.kind != "branch":
        return ""
    text = analysis.text(step.where)
    return f"`{text}`" if step.taken else f"`{text}` is false"


def _label(step: Step, condition: str) -> str:
    if step.kind == "branch":
        return f"when {condition}"
    if step.kind == "loop skipped":
        return "when this loop has no rounds"
    if step.kind == "case":
        return "in this case"
    if step.kind == "no case":
        return "when no case fits"
    if step.kind == "swallowed":
        return "this block swallows exceptions"
    return f"this {step.kind} skips the join"


RULE = Rule(
    code="JL102",
    name="not-joined-on-all-paths",
    summary="some path joins the process and another does not",
    documentation=DOCUMENTATION,
    example="early_return",
    check=check,
)
