"""The witness path: which decision leads past the join."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from joinlint.analysis.interpreter.outcome import Final
from joinlint.analysis.interpreter.state import Step, Trace
from joinlint.program.ir import Where
from joinlint.records import by_value

_LEAVES = frozenset({"return", "raise", "break", "continue"})


@by_value
class Witness:
    """Why a path misses the join.

    `decision` is the first step at which no joining path goes along; `handler` the handler that the path then goes
    through; `leaves` the return, raise, break or continue that follows; `lost` the statement that drops the last
    handle; `join` a statement that joins on another path.
    """

    decision: Step | None
    handler: Step | None
    leaves: Step | None
    lost: Where | None
    join: Where | None
    ends: str


_Beginnings = dict[Step, "_Beginnings"]


def witness(missed: Sequence[Final], joined: Sequence[Final]) -> Witness:
    """Explain the clearest of the missed paths against those that join."""
    known = _beginnings(Trace.steps(f.state.trace) for f in joined)
    candidates = [(_divergence(Trace.steps(f.state.trace), known), f) for f in missed]
    (suffix, final) = min(
        candidates, key=lambda c: (c[1].state.lost is None, not c[0], len(c[0]), c[1].exit.where or ())
    )
    decision = suffix[0] if suffix else None
    handler = next((s for s in suffix if s.kind == "handler"), None)
    leaves = next((s for s in suffix if s.kind in _LEAVES), None)
    join = next((f.where for f in joined), None)
    return Witness(decision, handler, leaves, final.state.lost, join, final.exit.kind)


def _beginnings(paths: Iterable[list[Step]]) -> _Beginnings:
    """The paths as a tree: each step leads to the steps that follow it on one of them."""
    tree: _Beginnings = {}
    for steps in paths:
        following = tree
        for step in steps:
            following = following.setdefault(step, {})
    return tree


def _divergence(steps: list[Step], known: _Beginnings) -> list[Step]:
    """The steps after the longest beginning that some other path shares."""
    for shared, step in enumerate(steps):
        if step not in known:
            return steps[shared:]
        known = known[step]
    return []


def swallowed_by_handler(final: Final) -> bool:
    """Did the path go through a handler that goes on, rather than leave the function by an exception?"""
    return final.exit.kind in {"falls", "returns"} and any(s.kind == "handler" for s in Trace.steps(final.state.trace))
