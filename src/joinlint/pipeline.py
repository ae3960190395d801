"""From bytes to findings: the one function that every door (command line, flake8 plugin, tests) calls."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from joinlint.collection import rare_garbage_collection
from joinlint.findings import Finding
from joinlint.import_graph import connected, imported_words, stem
from joinlint.options import DEFAULT, Options
from joinlint.progress import Progress, unseen
from joinlint.runs import GivenUp
from joinlint.sources import FileResult, Problem, SourceFile
from joinlint.syntax.deep_stack import with_deep_stack
from joinlint.syntax.prefilter import calls_at_import, may_concern_workers, may_matter, names_library, needs_reading

__all__ = ["FileResult", "Problem", "SourceFile", "check_files"]


def check_files(
    files: Sequence[SourceFile],
    codes: Collection[str],
    context: Sequence[SourceFile] | None = (),
    options: Options = DEFAULT,
    progress: Progress = unseen,
    *,
    check_all_syntax: bool = True,
) -> list[FileResult]:
    """Check `files` as one project and give one result per file, in the order given.

    Only rules whose code is in `codes` run.  Suppression comments (`# noqa`) are not looked at here.  `context` are the
    other files of the project that may bear on `files` (see `linked`), which are looked into where they do; None says
    that there may be some, but that they are not known.  `check_all_syntax`: files that can't hold a finding are parsed
    as well, to see that they are Python.  What is wrong with a file stands in its result.
    """
    results: dict[str, FileResult] = {}
    if may_hold_findings(files, context or (), options):
        with rare_garbage_collection():
            results = with_deep_stack(lambda: _results(files, codes, context, options, progress))
    return [results.get(file.filename) or dismissed(file, check_all_syntax) for file in files]


def may_hold_findings(files: Sequence[SourceFile], near: Sequence[SourceFile], options: Options) -> bool:
    """False when no rule can find anything in the `files`, of which `near` are linked to some."""
    known = any(names_library(file.data) for file in (*files, *near))
    return known or any(needs_reading(file.data, options) for file in files)


def linked(files: Sequence[SourceFile], context: Sequence[SourceFile], options: Options) -> list[SourceFile]:
    """Those of the context that imports link to one of the files, where either can matter to the other."""
    concerned = [file for file in files if may_concern_workers(file.data) or calls_at_import(file.data)]
    candidates = [file for file in context if may_concern_workers(file.data)]
    near = connected(concerned, candidates) if concerned and candidates else []
    # What is imported where workers are made may be given one.
    makers = [file for file in (*files, *near) if may_matter(file.data, options)]
    words = frozenset[bytes]().union(*map(imported_words, makers))
    known = {file.filename for file in near}
    rest = [file for file in context if file.filename not in known]
    # What imports what makes workers may call it, in a loop or to drop what it gives.
    stems = {stem(file) for file in makers}
    return near + [file for file in rest if stem(file) in words or _imports_some(file, stems)]


def _imports_some(file: SourceFile, stems: set[bytes]) -> bool:
    return any(name in file.data for name in stems) and not stems.isdisjoint(imported_words(file))


def dismissed(file: SourceFile, check_all_syntax: bool) -> FileResult:
    """The result of a file that can't hold a finding.  Text comes from someone who has parsed it; bytes may be no
    Python at all."""
    from joinlint.syntax.parsing import Unparsable, check_syntax

    if isinstance(file.content, bytes) and check_all_syntax:
        try:
            check_syntax(file.content)
        except Unparsable as error:
            return FileResult(file.filename, problem=Problem(file.filename, error.reason, error.row, error.column))
    return FileResult(file.filename, dismissed=True)


def _results(
    files: Sequence[SourceFile],
    codes: Collection[str],
    context: Sequence[SourceFile] | None,
    options: Options,
    progress: Progress,
) -> dict[str, FileResult]:
    """Results by file name for those of `files` that were looked into."""
    # LibCST and the analysis are imported late: most files that an editor has checked are dismissed without them.
    from joinlint.analysis.module_analysis import ModuleAnalysis, ProgramAnalysis
    from joinlint.program.index import Program
    from joinlint.project import load_project
    from joinlint.rules import all_rules

    project = load_project(files, context or (), options)
    rules = [rule for code, rule in all_rules().items() if code in codes]
    whole = ProgramAnalysis(Program(project.modules, options), is_complete=context is not None)
    results = dict(project.problems)
    names = {file.filename for file in files}
    modules = [module for module in project.modules if module.filename in names]
    for module in progress("checking file", modules, len(modules)):
        analysis = ModuleAnalysis(whole, module)
        findings = sorted((f for rule in rules for f in rule.check(analysis)), key=Finding.sort_key)
        given_up = tuple(GivenUp(module.filename, *place) for place in whole.program.budget.given_up(module.name))
        results[module.filename] = FileResult(module.filename, tuple(findings), given_up=given_up)
    return results
