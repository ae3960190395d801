"""One run over files on disk and standard input: from the names given to what is to be reported."""

from __future__ import annotations

import os
import traceback
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from joinlint.after_comments import after_comments
from joinlint.discovery import discover, project_files, reason
from joinlint.findings import Finding, source_name
from joinlint.lines import source_lines
from joinlint.notebooks.reading import read_notebook
from joinlint.notebooks.relocation import Cells, finding_in_cell, problem_in_cell
from joinlint.options import DEFAULT, Options
from joinlint.pipeline import check_files
from joinlint.project_roots import ProjectRoots
from joinlint.sources import NOTEBOOK_SUFFIX, FileResult, Problem, SourceFile
from joinlint.syntax.prefilter import calls_at_import, may_concern_workers


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run found.

    `findings` are sorted and none of them is silenced by a comment; `problems` say what could not be checked,
    `warnings` which comments can't be read, `files` which files were checked; `lines` has the lines of every file, or
    cell of a notebook, that a finding speaks of, by its `source`.
    """

    findings: tuple[Finding, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    files: tuple[str, ...]
    lines: Mapping[str, Sequence[str]]

    @property
    def checked(self) -> int:
        """How many files were checked."""
        return len(self.files)


def check_paths(
    arguments: Sequence[str],
    stdin: SourceFile | None,
    codes: Collection[str],
    options: Options = DEFAULT,
    *,
    report_unused: bool = False,
) -> Outcome:
    """Check the files and folders named by `arguments`, and `stdin` if there is one, with the rules `codes`.

    `report_unused`: comments that silence nothing are findings, too.  Raises nothing: whatever can't be found, read or
    parsed is among the problems, and the rest is checked.
    """
    discovery = discover(arguments)
    problems = list(discovery.problems)
    files = [file for name in discovery.files if (file := _read(name, problems)) is not None]
    if stdin is not None and (file := _loaded(stdin, problems)) is not None:
        files.append(file)
    roots = ProjectRoots()
    projects: dict[str, list[SourceFile]] = {}
    for file in files:
        projects.setdefault(roots.root_of(file.filename), []).append(file)
    results = [
        result
        for root, group in projects.items()
        for result in _checked(group, codes, _rest_of_project(root, roots, group), options)
    ]
    problems += [result.problem for result in results if result.problem is not None]
    by_name = {file.filename: file for file in files}
    findings: list[Finding] = []
    warnings: list[Problem] = []
    for result in results:
        if result.problem is None:
            reported = after_comments(by_name[result.filename], result.findings, codes, report_unused)
            findings += reported.findings
            warnings += reported.warnings
    notebooks = {file.filename: file.cells for file in files if file.cells is not None}
    findings = [finding_in_cell(finding, notebooks) for finding in findings]
    return Outcome(
        findings=tuple(sorted(findings, key=Finding.sort_key)),
        problems=_in_order(problems, notebooks),
        warnings=_in_order(warnings, notebooks),
        files=tuple(sorted(result.filename for result in results if result.problem is None)),
        lines=_lines(findings, by_name),
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


def _read(name: str, problems: list[Problem]) -> SourceFile | None:
    try:
        with open(name, "rb") as file:
            return _loaded(SourceFile(name, file.read()), problems)
    except OSError as error:
        problems.append(Problem(name, reason(error)))
        return None


def _loaded(file: SourceFile, problems: list[Problem]) -> SourceFile | None:
    """The file itself, or the Python in it where it is a notebook; None where there is none."""
    if not file.filename.endswith(NOTEBOOK_SUFFIX):
        return file
    loaded = read_notebook(file.filename, file.data)
    if isinstance(loaded, Problem):
        problems.append(loaded)
        return None
    return loaded


def _rest_of_project(root: str, roots: ProjectRoots, files: list[SourceFile]) -> list[SourceFile]:
    """The files of the project that were not named, where they may bear on those that were."""
    if not any(may_concern_workers(file.data) or calls_at_import(file.data) for file in files):
        return []
    named = {os.path.realpath(file.filename) for file in files}
    unnamed = [name for name in project_files(root, roots) if os.path.realpath(name) not in named]
    return [file for name in unnamed if (file := _read(name, [])) is not None]


def _checked(
    files: list[SourceFile], codes: Collection[str], context: list[SourceFile], options: Options
) -> list[FileResult]:
    """The results of the files; should one make the check fail, it gets a problem instead, and the others are still
    checked."""
    try:
        return check_files(files, codes, context, options)
    except Exception as error:
        if len(files) == 1:
            return [FileResult(files[0].filename, problem=Problem(files[0].filename, _fault(error)))]
    # Alone, a file is judged with less knowledge of the others: better than not at all, and the fault shows in the exit
    # status.
    return [result for file in files for result in _checked([file], codes, [], options)]


def _fault(error: Exception) -> str:
    """Words for a defect of joinlint: what and where; the error's own text is left out, it may be a whole tree."""
    *_, frame = traceback.extract_tb(error.__traceback__)
    place = f"{os.path.basename(frame.filename)}:{frame.lineno}"
    return f"internal error, please report it: {type(error).__name__} in {place}"


def _in_order(problems: Sequence[Problem], notebooks: Cells) -> tuple[Problem, ...]:
    return tuple(sorted((problem_in_cell(problem, notebooks) for problem in problems), key=_problem_key))


def _problem_key(problem: Problem) -> tuple[str, int, int, int, str]:
    return (problem.filename, problem.cell or 0, problem.row or 0, problem.column or 0, problem.reason)
