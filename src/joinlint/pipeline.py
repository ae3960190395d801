"""From bytes to findings: the one function that every door (command line, flake8 plugin, tests) calls."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from joinlint.findings import Finding
from joinlint.sources import FileResult, Problem, SourceFile
from joinlint.syntax.deep_stack import with_deep_stack
from joinlint.syntax.prefilter import may_matter

__all__ = ["FileResult", "Problem", "SourceFile", "check_files"]


def check_files(files: Sequence[SourceFile], codes: Collection[str]) -> list[FileResult]:
    """Check `files` as one project and give one result per file, in the order given.

    Only rules whose code is in `codes` run.  Suppression comments (`# noqa`) are not looked at here.  Raises nothing:
    whatever is in a file, its result says so.
    """
    relevant = [file for file in files if may_matter(file.data)]
    results: dict[str, FileResult] = {}
    if relevant:
        results = with_deep_stack(lambda: _results(files, relevant, codes))
    return [results[file.filename] if file.filename in results else _dismissed(file) for file in files]


def _dismissed(file: SourceFile) -> FileResult:
    """A file that can't hold a finding.  Text comes from someone who has parsed it; bytes may be no Python at all."""
    from joinlint.syntax.parsing import Unparsable, check_syntax

    if isinstance(file.content, bytes):
        try:
            check_syntax(file.content)
        except Unparsable as error:
            return FileResult(file.filename, problem=Problem(file.filename, error.reason, error.row, error.column))
    return FileResult(file.filename)


def _results(
    files: Sequence[SourceFile], relevant: Sequence[SourceFile], codes: Collection[str]
) -> dict[str, FileResult]:
    """Results by file name for the `relevant` files, and for those of the others that were looked into."""
    # LibCST and the analysis are imported late: most files that an editor has checked are dismissed without them.
    from joinlint.analysis.module_analysis import ModuleAnalysis, ProgramAnalysis
    from joinlint.program.index import Program
    from joinlint.project import load_project
    from joinlint.rules import all_rules

    project = load_project(files, relevant)
    rules = [rule for code, rule in all_rules().items() if code in codes]
    whole = ProgramAnalysis(Program(project.modules))
    results = dict(project.problems)
    for module in project.modules:
        analysis = ModuleAnalysis(whole, module)
        findings = sorted((f for rule in rules for f in rule.check(analysis)), key=Finding.sort_key)
        results[module.filename] = FileResult(module.filename, tuple(findings))
    return results
