"""The check of one project: its files are read, checked together, and their comments heeded."""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from joinlint.after_comments import after_comments
from joinlint.configuration.lookup import SettingsLookup
from joinlint.discovery import project_files
from joinlint.findings import Finding, source_name
from joinlint.lines import source_lines
from joinlint.options import Options
from joinlint.paths import reason
from joinlint.pipeline import check_files, dismissed, linked, may_hold_findings
from joinlint.progress import Progress, unseen
from joinlint.project_roots import ProjectRoots
from joinlint.regular_files import read_regular
from joinlint.runs import ProjectRun
from joinlint.sources import NOTEBOOK_SUFFIX, FileResult, Problem, SourceFile
from joinlint.syntax.prefilter import calls_at_import, imports, may_concern_workers


class ProjectTask(NamedTuple):
    """What there is to check of the project in the folder `root`.

    `names` are files to read, `given` what has been read already, such as standard input; `size` is how many bytes
    there are to read, `largest` those of the largest file.  `report_unused`: comments that silence nothing are
    findings, too.  `check_all_syntax`: files that can't hold a finding are parsed as well, to see that they are Python.
    """

    root: str
    names: tuple[str, ...]
    given: tuple[SourceFile, ...] = ()
    size: int = 0
    largest: int = 0
    report_unused: bool = False
    check_all_syntax: bool = True


class ProjectOutcome(NamedTuple):
    """What came of it.

    `findings` no comment silences, `problems` kept files from being checked, `warnings` are on comments that can't be
    read, `files` were checked, and `lines` has those of each source that a finding speaks of.
    """

    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    files: tuple[str, ...]
    lines: Mapping[str, Sequence[str]]
    run: ProjectRun


def check_project(task: ProjectTask, lookup: SettingsLookup, progress: Progress = unseen) -> ProjectOutcome:
    """Check the files of a project, each with the settings that hold for it.

    Raises nothing but SettingsError: whatever can't be read or parsed is among the problems, and the rest is checked.
    """
    began = time.monotonic()
    problems: list[Problem] = []
    names = progress("reading file", task.names, len(task.names))
    files = [file for name in names if (file := _read(name, problems)) is not None]
    files += [file for given in task.given if (file := _loaded(given, problems)) is not None]
    settings = {file.filename: lookup.of_file(file.filename).settings for file in files}
    options = {name: of_file.options for name, of_file in settings.items()}

    @functools.cache
    def codes_of(name: str) -> frozenset[str]:
        from joinlint.configuration.file_rules import codes_for  # and with it the rules, which most files do without

        return codes_for(settings[name], name)

    context = _rest_of_project(task.root, files)
    faults: list[str] = []
    results = list(_results(files, context, codes_of, options, task.check_all_syntax, progress, faults))
    warnings = [Problem(task.root, f"{fault}; its files were checked one by one") for fault in faults]
    problems += [result.problem for result in results if result.problem is not None]
    by_name = {file.filename: file for file in files}
    findings: list[Finding] = []
    for result in results:
        if result.problem is None:
            name = result.filename
            ran = codes_of(name) if task.report_unused else ()
            reported = after_comments(by_name[name], result.findings, ran, task.report_unused)
            findings += reported.findings
            warnings += reported.warnings
    if notebooks := {file.filename: file.cells for file in files if file.cells is not None}:
        from joinlint.notebooks.relocation import finding_in_cell, problem_in_cell

        findings = [finding_in_cell(finding, notebooks) for finding in findings]
        problems = [problem_in_cell(problem, notebooks) for problem in problems]
        warnings = [problem_in_cell(problem, notebooks) for problem in warnings]
    return ProjectOutcome(
        findings=tuple(findings),
        problems=tuple(problems),
        warnings=tuple(warnings),
        files=tuple(result.filename for result in results if result.problem is None),
        lines=_lines(findings, by_name),
        run=ProjectRun(
            root=task.root,
            files=len(results),
            dismissed=sum(result.dismissed for result in results),
            others=len(context),
            seconds=time.monotonic() - began,
            unparsed=0 if task.check_all_syntax else sum(result.dismissed for result in results),
            given_up=tuple(place for result in results for place in result.given_up),
        ),
    )


def _lines(findings: Sequence[Finding], files: Mapping[str, SourceFile]) -> dict[str, Sequence[str]]:
    """The lines of the files and cells that the findings speak of, by the names of their sources."""
    named = {f.filename for f in findings} | {r.filename for f in findings for r in f.related if r.filename is not None}
    lines: dict[str, Sequence[str]] = {}
    for name in sorted(named & files.keys()):
        file = files[name]
        if file.cells is None:
            lines[name] = source_lines(file.content)
        else:
            lines.update((source_name(name, cell.number), cell.lines) for cell in file.cells)
    return lines


# --- reading
# ---------------------------------------------------------------------------------------------------------------------


def _read(name: str, problems: list[Problem]) -> SourceFile | None:
    try:
        return _loaded(SourceFile(name, read_regular(name)), problems)
    except (OSError, ValueError) as error:
        problems.append(Problem(name, reason(error)))
        return None


def _loaded(file: SourceFile, problems: list[Problem]) -> SourceFile | None:
    """The file itself, or the Python in it where it is a notebook; None where there is none."""
    if not file.filename.endswith(NOTEBOOK_SUFFIX):
        return file
    from joinlint.notebooks.reading import read_notebook

    loaded = read_notebook(file.filename, file.data)
    if isinstance(loaded, Problem):
        problems.append(loaded)
        return None
    return loaded


def _rest_of_project(root: str, files: list[SourceFile]) -> list[SourceFile]:
    """The files of the project that were not named, where they may bear on those that were."""
    if not any(may_concern_workers(f.data) or (calls_at_import(f.data) and imports(f.data)) for f in files):
        return []
    named = {_identity(file.filename) for file in files} - {None}
    unnamed = [name for name in project_files(root, ProjectRoots()) if _identity(name) not in named]
    return [file for name in unnamed if (file := _read(name, [])) is not None]


def _identity(name: str) -> tuple[int, int] | None:
    """What a file has in common with the links to it, None if there is none."""
    try:
        status = os.stat(name)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


# --- checking
# --------------------------------------------------------------------------------------------------------------------


def _results(
    files: Sequence[SourceFile],
    rest: Sequence[SourceFile],
    codes_of: Callable[[str], frozenset[str]],
    options: Mapping[str, Options],
    check_all_syntax: bool,
    progress: Progress,
    faults: list[str],
) -> Iterator[FileResult]:
    """The results of a project's files, those with the same options together; each sees all others of the project.

    `faults` gets what kept them from being checked together.
    """
    groups: dict[Options, list[SourceFile]] = {}
    for file in files:
        groups.setdefault(options[file.filename], []).append(file)
    for of_group, group in groups.items():
        others = [file for file in files if options[file.filename] != of_group]
        context = linked(group, [*others, *rest], of_group)
        if not may_hold_findings(group, context, of_group):
            # Without a look at the rules, whose modules take longer to import than such files to read.
            yield from (dismissed(file, check_all_syntax) for file in group)
            continue
        wanted = frozenset[str]().union(*(codes_of(file.filename) for file in group))
        for result in _checked(group, wanted, context, of_group, check_all_syntax, progress, faults):
            found = tuple(f for f in result.findings if f.code in codes_of(result.filename))
            yield result._replace(findings=found)


_FAULT = "internal error, please report it"


def _checked(
    files: list[SourceFile],
    codes: Collection[str],
    context: list[SourceFile],
    options: Options,
    check_all_syntax: bool,
    progress: Progress,
    faults: list[str],
) -> list[FileResult]:
    """The results of the files; should one make the check fail, it gets a problem instead, and the others are still
    checked.

    `faults` gets what fails where the files are together, but not where each is alone.
    """
    try:
        return check_files(files, codes, context, options, progress, check_all_syntax=check_all_syntax)
    except Exception as error:
        fault = _fault(error)
    if len(files) == 1:
        return [FileResult(files[0].filename, problem=Problem(files[0].filename, fault))]
    # Alone, a file is judged with less knowledge of the others: better than not at all, but it has to be said.
    results = [r for file in files for r in _checked([file], codes, [], options, check_all_syntax, progress, faults)]
    if not any(result.problem is not None and result.problem.reason.startswith(_FAULT) for result in results):
        faults.append(fault)
    return results


def _fault(error: Exception) -> str:
    """Words for a defect of joinlint: what and where; the error's own text is left out, it may be a whole tree."""
    import traceback  # only internal errors need it

    *_, frame = traceback.extract_tb(error.__traceback__)
    place = f"{os.path.basename(frame.filename)}:{frame.lineno}"
    return f"{_FAULT}: {type(error).__name__} in {place}"
