"""For each rule: what a run has to show to confirm a finding of it, and how to run the program for that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from joinlint.confirmation import errors, guards, lives, order
from joinlint.confirmation.history import History, Site
from joinlint.confirmation.shown import Shown

Predicate = Callable[[Site, History], Shown | None]
Words = Callable[[Site, History], str]

# What the holds are called in the output.
HOLDS = {
    "gate": "with children held until their parent waits for them",
    "meet": "with children held until two of them meet",
    "drain": "with joinlint reading what the parent does not read",
    "tasks-gate": "with tasks held until the program waits for them",
    "tasks-meet": "with tasks held until two of them meet",
}


def _nothing(_site: Site, _history: History) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Check:
    """How to confirm a finding.

    `shows` gives the evidence in a run, None where there is none.  `hold` names what to hold in another run where the
    plain one does not show it (its output has another meaning then, and its timing).  `trace` says that the calls of
    the program have to be recorded.  `not_under_fork` says why a run under fork can't show it, and `harmless` what to
    say of a line that ran and came to no harm, other than just that.  `has_events` is false where the line leaves no
    trace by itself, so that it can't be told whether it ran.
    """

    shows: Predicate
    hold: str = ""
    trace: bool = False
    not_under_fork: str = ""
    harmless: Words = _nothing
    has_events: bool = True


_NO_IMPORT = "a forked child does not import the program again"

TABLE: dict[str, Check] = {
    "JL101": Check(lives.never_joined, hold="gate", harmless=lives.harmless_start),
    "JL102": Check(lives.never_joined, hold="gate", harmless=lives.harmless_start),
    "JL103": Check(lives.join_skipped, harmless=lives.harmless_start),
    "JL104": Check(lives.daemon_killed, hold="gate", harmless=lives.harmless_start),
    "JL105": Check(lives.timeout_unchecked, hold="gate"),
    "JL106": Check(lives.terminated_not_joined),
    "JL107": Check(order.pool_not_released, hold="tasks-gate"),
    "JL108": Check(order.results_abandoned, hold="tasks-gate"),
    "JL109": Check(lives.exit_status_ignored),
    "JL201": Check(guards.unguarded, not_under_fork=_NO_IMPORT, harmless=guards.earlier_failure),
    "JL202": Check(guards.malformed_guard, trace=True, not_under_fork=_NO_IMPORT, has_events=False),
    "JL203": Check(guards.unpicklable, not_under_fork="a forked child is handed everything without pickling"),
    "JL204": Check(guards.method_refused, not_under_fork=_NO_IMPORT),
    "JL205": Check(guards.stale_value, not_under_fork="a forked child has the values of its parent"),
    "JL206": Check(guards.shared_by_inheritance),
    "JL301": Check(order.joined_in_loop, hold="meet"),
    "JL302": Check(order.joined_too_early, hold="meet"),
    # That one task is over before the next comes may be luck, unless each waits for another.
    "JL303": Check(order.submitted_one_by_one, hold="tasks-meet"),
    "JL304": Check(errors.target_called),
    "JL305": Check(errors.run_called, trace=True),
    "JL306": Check(order.pool_in_loop),
    "JL401": Check(errors.joined_before_drained, hold="drain"),
    "JL402": Check(errors.joined_before_start),
    "JL403": Check(errors.started_twice),
    "JL404": Check(errors.start_result_used),
    "JL405": Check(errors.pool_joined_while_running),
    "JL406": Check(errors.daemon_starts),
    "JL407": Check(errors.bad_arguments),
    "JL408": Check(errors.group_given),
    "JL409": Check(errors.not_initialised, has_events=False),
    "JL410": Check(errors.joined_elsewhere),
}
# A rule that is not in the table has no evidence yet.
UNKNOWN = Check(lambda _site, _history: None, has_events=False)
