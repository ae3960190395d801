"""One run over files on disk and standard input: from the names given to what is to be reported."""

from __future__ import annotations

import os
import time
import traceback
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from joinlint.configuration.exclusion import is_excluded_though_named
from joinlint.configuration.file_rules import codes_for
from joinlint.configuration.lookup import SettingsLookup
from joinlint.discovery import discover, project_files
from joinlint.findings import Finding
from joinlint.lines import source_lines
from joinlint.options import Options
from joinlint.paths import reason
from joinlint.pipeline import check_files
from joinlint.progress import Progress, unseen
from joinlint.project_roots import ProjectRoots
from joinlint.runs import ProjectRun
from joinlint.sources import FileResult, Problem, SourceFile
from joinlint.syntax.prefilter import calls_at_import, may_concern_workers
from joinlint.syntax.suppression import unsuppressed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found.

    `findings` are sorted and none of them is silenced by a comment; `problems` say what could not be checked, `checked`
    how many files could; `lines` has the lines of every file that a finding speaks of; `runs` tell of each project.
    """

    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    checked: int
    lines: Mapping[str, Sequence[str]]
    runs: tuple[ProjectRun, ...] = ()


def check_paths(
    arguments: Sequence[str], stdin: SourceFile | None, lookup: SettingsLookup, progress: Progress = unseen
) -> Outcome:
    """Check the files and folders named by `arguments`, and `stdin` if there is one, each with the settings that hold
    for it.

    Whatever can't be found, read or parsed is among the problems, and the rest is checked.  Raises SettingsError for a
    settings file that can't be used.
    """
    discovery = discover(arguments, lookup)
    problems = list(discovery.problems)
    files = [file for name in progress("reading", discovery.files) if (file := _read(name, problems)) is not None]
    if stdin is not None and not is_excluded_though_named(
        os.path.abspath(stdin.filename), lookup.of_file(stdin.filename)
    ):
        files.append(stdin)
    roots = ProjectRoots()
    projects: dict[str, list[SourceFile]] = {}
    for file in files:
        projects.setdefault(roots.root_of(file.filename), []).append(file)
    results: list[FileResult] = []
    runs: list[ProjectRun] = []
    for root, project in projects.items():
        began = time.monotonic()
        context = _rest_of_project(root, roots, project)
        checked = list(_checked_project(project, context, lookup, progress))
        codes = frozenset[str]().union(*(codes_for(lookup.of_file(f.filename).settings, f.filename) for f in project))
        runs.append(_run(root, checked, len(context), time.monotonic() - began, codes))
        results += checked
    problems += [result.problem for result in results if result.problem is not None]
    contents = {file.filename: file.content for file in files}
    findings: list[Finding] = []
    for result in results:
        if result.findings:
            findings += unsuppressed(result.findings, source_lines(contents[result.filename]))
    named = {f.filename for f in findings} | {r.filename for f in findings for r in f.related if r.filename is not None}
    return Outcome(
        findings=tuple(sorted(findings, key=Finding.sort_key)),
        problems=tuple(sorted(problems, key=_problem_key)),
        checked=sum(result.problem is None for result in results),
        lines={name: source_lines(contents[name]) for name in sorted(named & contents.keys())},
        runs=tuple(runs),
    )


def _run(root: str, results: Sequence[FileResult], others: int, seconds: float, codes: frozenset[str]) -> ProjectRun:
    dismissed = sum(result.dismissed for result in results)
    given_up = tuple(place for result in results for place in result.given_up)
    return ProjectRun(root, len(results), dismissed, others, seconds, codes, given_up)


def _read(name: str, problems: list[Problem]) -> SourceFile | None:
    try:
        with open(name, "rb") as file:
            return SourceFile(name, file.read())
    except OSError as error:
        problems.append(Problem(name, reason(error)))
        return None


def _rest_of_project(root: str, roots: ProjectRoots, files: list[SourceFile]) -> list[SourceFile]:
    """The files of the project that were not named, where they may bear on those that were."""
    if not any(may_concern_workers(file.data) or calls_at_import(file.data) for file in files):
        return []
    named = {os.path.realpath(file.filename) for file in files}
    unnamed = [name for name in project_files(root, roots) if os.path.realpath(name) not in named]
    return [file for name in unnamed if (file := _read(name, [])) is not None]


def _checked_project(
    files: list[SourceFile], rest: list[SourceFile], lookup: SettingsLookup, progress: Progress
) -> Iterator[FileResult]:
    """The results of a project's files, those with the same options together; each sees all others of the project."""
    settings = {file.filename: lookup.of_file(file.filename).settings for file in files}
    codes = {name: codes_for(of_file, name) for name, of_file in settings.items()}
    groups: dict[Options, list[SourceFile]] = {}
    for file in files:
        groups.setdefault(settings[file.filename].options, []).append(file)
    for options, group in groups.items():
        others = [file for file in files if settings[file.filename].options != options]
        wanted = frozenset[str]().union(*(codes[file.filename] for file in group))
        for result in _checked(group, wanted, [*others, *rest], options, progress):
            found = tuple(f for f in result.findings if f.code in codes[result.filename])
            yield replace(result, findings=found)


def _checked(
    files: list[SourceFile], codes: Collection[str], context: list[SourceFile], options: Options, progress: Progress
) -> list[FileResult]:
    """The results of the files; should one make the check fail, it gets a problem instead, and the others are still
    checked."""
    try:
        return check_files(files, codes, context, options, progress)
    except Exception as error:
        if len(files) == 1:
            return [FileResult(files[0].filename, problem=Problem(files[0].filename, _fault(error)))]
    # Alone, a file is judged with less knowledge of the others: better than not at all, and the fault shows in the exit
    # status.
    return [result for file in files for result in _checked([file], codes, [], options, progress)]


def _fault(error: Exception) -> str:
    """Words for a defect of joinlint: what and where; the error's own text is left out, it may be a whole tree."""
    *_, frame = traceback.extract_tb(error.__traceback__)
    place = f"{os.path.basename(frame.filename)}:{frame.lineno}"
    return f"internal error, please report it: {type(error).__name__} in {place}"


def _problem_key(problem: Problem) -> tuple[str, int, int, str]:
    return (problem.filename, problem.row or 0, problem.column or 0, problem.reason)
