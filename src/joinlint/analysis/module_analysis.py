"""What the rules ask: one module's view of the analysis, computed when first asked for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import cached_property

from joinlint.analysis.facts.data import DataTypes
from joinlint.analysis.facts.handed_over import Reason
from joinlint.analysis.facts.origins import Origins
from joinlint.analysis.facts.start_methods import StartMethods
from joinlint.analysis.facts.submissions import Submission, Submissions
from joinlint.analysis.lifecycle.histories import History, follow
from joinlint.analysis.lifecycle.ownership import Storage
from joinlint.analysis.lifecycle.verdicts import JOINED, NEVER, SEVERITY, SOME_PATHS, Verdict, judge
from joinlint.analysis.misuse.base_init import MissingInit, missing_inits
from joinlint.analysis.misuse.constructors import (
    CalledTarget,
    WrongArguments,
    called_targets,
    given_groups,
    wrong_arguments,
)
from joinlint.analysis.misuse.daemons import DaemonStart, daemon_starts
from joinlint.analysis.misuse.drain import EarlyJoin, early_joins
from joinlint.analysis.misuse.operations import RESULT_USED, STATUS_IGNORED, Misuse, misuses
from joinlint.analysis.misuse.pools import PoolMisuse, pool_misuses
from joinlint.analysis.misuse.restarts import is_in_turn
from joinlint.analysis.serial.overlap import Serialisation, serialised
from joinlint.analysis.spawning.import_time import ImportStart, starts_at_import
from joinlint.analysis.spawning.main_guards import is_script
from joinlint.analysis.spawning.method_calls import FailingCall, failing_calls
from joinlint.analysis.spawning.pickling import Pickling, Unpicklable
from joinlint.analysis.spawning.stale_globals import StaleGlobal, StaleGlobals
from joinlint.notebooks.cells import cell_at
from joinlint.program import ir, models
from joinlint.program.index import Program
from joinlint.program.sites import Site


class ProgramAnalysis:
    """The analysis of a whole program: each site is followed once, whatever module asks.

    `joinable` are the kinds of worker that somebody has to join.  Where the program is not complete, code that is not
    known may join what lies in a field or global, unless that belongs to a script.
    """

    def __init__(self, program: Program, is_complete: bool = True) -> None:
        self.program = program
        self.is_complete = is_complete
        self.joinable = frozenset({models.PROCESS, models.THREAD} if program.options.threads else {models.PROCESS})
        self._histories: dict[Site, History] = {}

    def history(self, site: Site) -> History:
        if site not in self._histories:
            self._histories[site] = follow(self.program, site)
        return self._histories[site]

    def is_never_started(self, call: ir.Call) -> bool:
        """Does the call make a process that no path starts, nor leaves to others?"""
        histories = [self.history(site) for site in self.program.sites if site.call is call]
        return bool(histories) and not any(h.starts or h.escaped or h.stored or h.gave_up for h in histories)

    @cached_property
    def verdicts(self) -> dict[str, list[Verdict]]:
        """By module: what is wrong with the processes that are started in it."""
        table: dict[str, list[Verdict]] = {name: [] for name in self.program.modules}
        for site in self.program.sites:
            if site.kind in self.joinable:
                for verdict in judge(self.history(site)):
                    if self._may_be_settled_elsewhere(verdict.storage, verdict.where.module):
                        continue
                    table[verdict.where.module].append(verdict)
        return table

    def _may_be_settled_elsewhere(self, storage: Storage | None, module: str) -> bool:
        """May code that is not known do what is missing in `module` of a worker in that place?"""
        if self.is_complete or storage is None:
            return False
        # The class of an object that a function is given is not known: in a script it is one of the script's own.
        return not is_script(self.program.modules[storage.module or module])

    @cached_property
    def misuses(self) -> dict[str, list[Misuse]]:
        """By module: what is done to workers out of turn; of the ignored statuses, those that came to light with it."""
        return self._misuses_of(site for site in self.program.sites if site not in self._in_turn)

    @cached_property
    def ignored_statuses(self) -> dict[str, list[Misuse]]:
        """By module: the joins of processes nobody asks how they have ended."""
        rest = self._misuses_of(self._in_turn)
        return {
            module: [misuse for misuse in (*found, *rest[module]) if misuse.kind == STATUS_IGNORED]
            for module, found in self.misuses.items()
        }

    @cached_property
    def _in_turn(self) -> dict[Site, None]:
        """The processes to which nothing is done out of turn, as far as one can see without a closer look."""
        followed = (site for site in self.program.sites if site.kind == models.PROCESS)
        return {site: None for site in followed if is_in_turn(self.program, site, self.history(site))}

    def _misuses_of(self, sites: Iterable[Site]) -> dict[str, list[Misuse]]:
        table: dict[str, list[Misuse]] = {name: [] for name in self.program.modules}
        for site in sites:
            if site.kind in {models.PROCESS, models.THREAD}:
                for found in misuses(self.program, site):
                    table[found.where.module].append(found)
        return table

    @cached_property
    def daemon_starts(self) -> dict[str, list[DaemonStart]]:
        """By module: what daemonic processes start."""
        table: dict[str, list[DaemonStart]] = {name: [] for name in self.program.modules}
        tasks = [task for found in self.submissions.values() for task in found]
        for start in daemon_starts(self.program, self.origins, self.history, tasks):
            table[start.where.module].append(start)
        return table

    @cached_property
    def early_joins(self) -> dict[str, list[EarlyJoin]]:
        """By module: the joins that come before what the child sends is read."""
        table: dict[str, list[EarlyJoin]] = {name: [] for name in self.program.modules}
        for found in early_joins(self.program, self.origins):
            table[found.where.module].append(found)
        return table

    @cached_property
    def pool_misuses(self) -> dict[str, list[PoolMisuse]]:
        """By module: what is wrong with pools and what is submitted to them."""
        table: dict[str, list[PoolMisuse]] = {name: [] for name in self.program.modules}
        for site in self.program.sites:
            for found in pool_misuses(self.program, site, self.history):
                if not self._may_be_settled_elsewhere(found.storage, found.where.module):
                    table[found.where.module].append(found)
        return table

    @cached_property
    def serialised(self) -> dict[str, list[Serialisation]]:
        """By module: the joins that make parallel work serial."""
        table: dict[str, list[Serialisation]] = {name: [] for name in self.program.modules}
        for found in serialised(self.history, self.program):
            table[found.join.module].append(found)
        return table

    @cached_property
    def origins(self) -> Origins:
        return Origins(self.program)

    @cached_property
    def data(self) -> DataTypes:
        return DataTypes(self.program, self.origins)

    @cached_property
    def submissions(self) -> dict[str, list[Submission]]:
        """By module: what is handed to workers."""
        return Submissions(self.program, self.origins).by_module

    @cached_property
    def start_methods(self) -> StartMethods:
        return StartMethods(self.program, self.origins)

    @cached_property
    def pickling(self) -> Pickling:
        return Pickling(self.program, self.origins, self.start_methods)

    @cached_property
    def stale_globals(self) -> StaleGlobals:
        return StaleGlobals(self.program, self.origins, self.start_methods)

    @cached_property
    def missing_inits(self) -> dict[str, list[MissingInit]]:
        """By module: the worker classes whose __init__ does not call that of their library class."""
        table: dict[str, list[MissingInit]] = {name: [] for name in self.program.modules}
        for found in missing_inits(self.program, self.origins):
            table[found.where.module].append(found)
        return table

    @cached_property
    def failing_method_calls(self) -> dict[str, list[FailingCall]]:
        """By module: the calls of set_start_method that raise."""
        table: dict[str, list[FailingCall]] = {name: [] for name in self.program.modules}
        for found in failing_calls(self.program, self.origins, self.start_methods):
            table[found.module].append(found)
        return table


class ModuleAnalysis:
    """The part of the analysis that concerns one module."""

    def __init__(self, whole: ProgramAnalysis, module: ir.Module) -> None:
        self.whole = whole
        self.program = whole.program
        self.module = module

    @cached_property
    def verdicts(self) -> Sequence[Verdict]:
        """The verdicts on the starts in this module, without those that are in order: the gravest on each start, for
        each place that it is about."""
        unique: dict[tuple[ir.Where, ir.Where], Verdict] = {}
        kinds: dict[ir.Where, str] = {}
        found = self.whole.verdicts[self.module.name]  # first: they are what the steps of the module are for
        lost = {m.where for m in self.misuses if m.kind == RESULT_USED}  # a problem of its own
        for verdict in sorted(found, key=lambda v: SEVERITY.index(v.kind)):
            if verdict.kind == JOINED or verdict.start.where in lost:
                continue
            if verdict.history.site.kind == models.THREAD and verdict.kind not in {NEVER, SOME_PATHS}:
                continue  # to leave a thread for a while, or as a daemon, is common and mostly meant
            if kinds.setdefault(verdict.start.where, verdict.kind) == verdict.kind:
                unique.setdefault((verdict.start.where, verdict.where), verdict)
        return list(unique.values())

    @cached_property
    def joined(self) -> Sequence[Verdict]:
        """The starts of this module whose processes are joined on every explicit path."""
        found = self.whole.verdicts[self.module.name]
        return [v for v in found if v.kind == JOINED and v.history.site.kind != models.THREAD]

    def unsafe_joins(self) -> Sequence[tuple[Verdict, ir.Where]]:
        """Of `joined`, those where an exception at a call would skip the join, with the first such call."""
        found = []
        for verdict in self.joined:
            history = follow(self.program, verdict.history.site, any_call_raises=True)
            missed = (f for f in history.missed if f.state.start == verdict.start and f.state.timed is None)
            places = [f.exit.where for f in missed if f.exit.kind == "call raises"]
            stored = any(f.exit.kind == "call raises" for f, _, _ in history.stored)
            if places and not stored and not history.gave_up:
                found.append((verdict, min(p for p in places if p is not None)))
        return found

    @cached_property
    def import_starts(self) -> Sequence[ImportStart]:
        """What importing this module starts."""
        return list(starts_at_import(self.program, self.module))

    @cached_property
    def misuses(self) -> Sequence[Misuse]:
        """What this module does to workers out of turn, once for each statement, whoever has made the worker."""
        return list({(m.kind, m.where): m for m in reversed(self.whole.misuses[self.module.name])}.values())[::-1]

    @property
    def ignored_statuses(self) -> Sequence[Misuse]:
        """The joins of processes in this module nobody asks how they have ended."""
        return self.whole.ignored_statuses[self.module.name]

    @property
    def daemon_starts(self) -> Sequence[DaemonStart]:
        """What daemonic processes start in this module."""
        return self.whole.daemon_starts[self.module.name]

    @property
    def early_joins(self) -> Sequence[EarlyJoin]:
        """The joins of this module that come before what the child sends is read; one per statement."""
        return list({found.where: found for found in self.whole.early_joins[self.module.name]}.values())

    def pool_misuses(self, *kinds: str) -> Sequence[PoolMisuse]:
        """What is wrong with the pools of this module, of these kinds; one per statement."""
        found = (m for m in self.whole.pool_misuses[self.module.name] if m.kind in kinds)
        return list({misuse.where: misuse for misuse in found}.values())

    @cached_property
    def serialised(self) -> Sequence[Serialisation]:
        """The joins of this module that make parallel work serial."""
        return self.whole.serialised[self.module.name]

    @cached_property
    def submissions(self) -> list[Submission]:
        """What this module hands to workers."""
        return self.whole.submissions[self.module.name]

    def unpicklable(self) -> Sequence[Unpicklable]:
        """The submissions with something that can't be handed to a process."""
        found = [u for s in self.submissions if (u := self.whole.pickling.unpicklable(s)) is not None]
        return [u for u in found if not (u.role == "process" and self.whole.is_never_started(u.submission.call))]

    def shared_in_tasks(self) -> Sequence[tuple[Submission, Reason]]:
        """The tasks for pools that are given a queue, a lock or a pool."""
        return [(s, r) for s in self.submissions if (r := self.whole.pickling.shared_in_task(s)) is not None]

    def stale_globals(self) -> Sequence[StaleGlobal]:
        """The submissions whose child reads what only the parent has assigned or filled."""
        return [g for s in self.submissions if (g := self.whole.stale_globals.of(s)) is not None]

    def failing_method_calls(self) -> Sequence[FailingCall]:
        """The calls of set_start_method in this module that raise, here or in each child."""
        return self.whole.failing_method_calls[self.module.name]

    def called_targets(self) -> Sequence[CalledTarget]:
        """The submissions that call their target themselves."""
        return list(called_targets(self.submissions, self.whole.data))

    def wrong_arguments(self) -> Sequence[WrongArguments]:
        """The args and kwargs that can't be unpacked, or fall apart into letters."""
        return list(wrong_arguments(self.submissions, self.program, self.whole.origins, self.whole.data))

    def given_groups(self) -> Sequence[Submission]:
        """The constructors that are given something in the place of the group."""
        return list(given_groups(self.submissions, self.whole.origins))

    def missing_inits(self) -> Sequence[MissingInit]:
        """The starts of workers, or their classes, whose __init__ does not call that of their library class."""
        return self.whole.missing_inits[self.module.name]

    def line(self, where: ir.Where) -> str:
        """How a message names the line of `where`: "line 12", of which cell in a notebook, and of which file where it
        is another one."""
        module = self.program.modules[where.module]
        words = f"line {where.row}"
        if module.cells is not None:
            cell = cell_at(module.cells, where.row)
            words = f"line {where.row - cell.first_row + 1} of cell {cell.number}"
        return words if module is self.module else f"{words} of {os.path.basename(module.filename)}"

    def text(self, where: ir.Where) -> str:
        """The source at `where`, on one line and not too long to be quoted."""
        first, last = where.row - 1, where.end_row - 1
        lines = self.program.modules[where.module].lines[first : last + 1]
        if not lines:
            return ""
        joined = (
            lines[0][where.column - 1 : where.end_column - 1]
            if first == last
            else " ".join([lines[0][where.column - 1 :], *lines[1:]])
        )
        words = " ".join(joined.split())
        return words if len(words) <= 50 else words[:47] + "..."
