"""One run over files on disk and standard input: from the names given to what is to be reported."""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from joinlint import limits
from joinlint.configuration.exclusion import is_excluded_though_named
from joinlint.configuration.lookup import SettingsLookup
from joinlint.discovery import discover
from joinlint.findings import Finding
from joinlint.progress import Progress, unseen
from joinlint.project_check import ProjectOutcome, ProjectTask, check_project
from joinlint.project_roots import ProjectRoots
from joinlint.runs import ProjectRun
from joinlint.sources import Problem, SourceFile

# Bytes of source below which the start of processes takes longer than it saves.
_WORTH_PROCESSES = 2_000_000
# Bytes of a file for which a parser, which does not hear of a Ctrl-C, takes so long that it is better killed.
_LONG_FILE = 2_000_000


class Outcome(NamedTuple):
    """What a run found.

    `findings` are sorted and none of them is silenced by a comment; `problems` say what could not be checked,
    `warnings` which comments can't be read, `files` which files were checked; `lines` has the lines of every file, or
    cell of a notebook, that a finding speaks of, by its `source`; `runs` tell of each project.
    """

    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    files: tuple[str, ...]
    lines: Mapping[str, Sequence[str]]
    runs: tuple[ProjectRun, ...] = ()

    @property
    def checked(self) -> int:
        """How many files were checked."""
        return len(self.files)


def check_paths(
    arguments: Sequence[str],
    stdin: SourceFile | None,
    lookup: SettingsLookup,
    progress: Progress = unseen,
    *,
    report_unused: bool = False,
    jobs: int = 1,
) -> Outcome:
    """Check the files and folders named by `arguments`, and `stdin` if there is one, each with the settings that hold
    for it.

    `report_unused`: comments that silence nothing are findings, too.  `jobs`: how many processes may be used, where
    that is worth it; a caller that allows more than one needs a main guard.

    Whatever can't be found, read or parsed is among the problems, and the rest is checked.  Raises SettingsError for a
    settings file that can't be used.
    """
    discovery = discover(arguments, lookup)
    given = [] if stdin is None or _is_left_out(stdin, lookup) else [stdin]
    tasks = _tasks(discovery.files, given, report_unused)
    outcomes = list(_outcomes(tasks, lookup, progress, jobs))
    findings = [finding for outcome in outcomes for finding in outcome.findings]
    problems = [*discovery.problems, *(problem for outcome in outcomes for problem in outcome.problems)]
    warnings = [warning for outcome in outcomes for warning in outcome.warnings]
    return Outcome(
        findings=tuple(sorted(findings, key=Finding.sort_key)),
        problems=tuple(sorted(problems, key=_problem_key)),
        warnings=tuple(sorted(warnings, key=_problem_key)),
        files=tuple(sorted(name for outcome in outcomes for name in outcome.files)),
        lines={name: lines for outcome in outcomes for name, lines in outcome.lines.items()},
        runs=tuple(sorted((outcome.run for outcome in outcomes), key=lambda run: run.root)),
    )


def default_jobs() -> int:
    """How many processes this one may run at a time: the cores that it may use (os.sched_getaffinity, where there is
    such a thing)."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _is_left_out(stdin: SourceFile, lookup: SettingsLookup) -> bool:
    return is_excluded_though_named(os.path.abspath(stdin.filename), lookup.of_file(stdin.filename))


def _tasks(names: Sequence[str], given: Sequence[SourceFile], report_unused: bool) -> list[ProjectTask]:
    """A task for each project that the files belong to, the largest first."""
    roots = ProjectRoots()
    by_root: dict[str, tuple[list[str], list[SourceFile]]] = {}
    for name in names:
        by_root.setdefault(roots.root_of(name), ([], []))[0].append(name)
    for file in given:
        by_root.setdefault(roots.root_of(file.filename), ([], []))[1].append(file)
    tasks = [
        ProjectTask(root, tuple(to_read), tuple(read), sum(sizes), max(sizes, default=0), report_unused)
        for root, (to_read, read) in by_root.items()
        for sizes in [[_size(name) for name in to_read]]
    ]
    check_all_syntax = sum(task.size for task in tasks) <= limits.SYNTAX_CHECKED
    tasks = [task._replace(check_all_syntax=check_all_syntax) for task in tasks]
    return sorted(tasks, key=lambda task: (-task.size, task.root))


def _size(name: str) -> int:
    try:
        return os.stat(name).st_size
    except (OSError, ValueError):
        return 0


def _outcomes(
    tasks: Sequence[ProjectTask], lookup: SettingsLookup, progress: Progress, jobs: int
) -> Iterator[ProjectOutcome]:
    jobs = min(jobs, len(tasks))
    is_worth_processes = jobs > 1 and sum(task.size for task in tasks) >= _WORTH_PROCESSES
    if not is_worth_processes and all(task.largest < _LONG_FILE for task in tasks):
        yield from (check_project(task, lookup, progress) for task in tasks)
        return
    from joinlint.jobs import Lost, run_in_processes

    # Closed, or the processes would outlive an interrupt that does not come from within.
    with contextlib.closing(run_in_processes(functools.partial(check_project, lookup=lookup), tasks, jobs)) as results:
        for result in progress("checking project", results, len(tasks)):
            yield _unchecked(result.task) if isinstance(result, Lost) else result


def _unchecked(task: ProjectTask) -> ProjectOutcome:
    """What is said of a project whose process was killed, and again when it was started over."""
    names = [*task.names, *(file.filename for file in task.given)]
    problems = tuple(Problem(name, "could not be checked: the process that did so was killed") for name in names)
    return ProjectOutcome((), problems, (), (), {}, ProjectRun(task.root, len(names), 0, 0, 0.0))


def _problem_key(problem: Problem) -> tuple[str, int, int, int, str]:
    return (problem.filename, problem.cell or 0, problem.row or 0, problem.column or 0, problem.reason)
