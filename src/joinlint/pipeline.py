"""From bytes to findings: the one function that every door (command line, flake8 plugin, tests) calls."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING

from joinlint.findings import Finding
from joinlint.syntax.prefilter import may_matter

if TYPE_CHECKING:
    from joinlint.program.ir import Module


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file to check: the name to show for it and what it holds, as bytes from disk or as text already decoded."""

    filename: str
    content: bytes | str


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a file could not be checked; `row` and `column` are 1-based, None where the file as a whole is meant."""

    filename: str
    reason: str
    row: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class FileResult:
    """What came of one file: its findings in order, or the problem that kept it from being checked."""

    filename: str
    findings: tuple[Finding, ...] = ()
    problem: Problem | None = None


def check_files(files: Sequence[SourceFile], codes: Collection[str]) -> list[FileResult]:
    """Check `files` and give one result per file, in the order given.

    Only rules whose code is in `codes` run.  Suppression comments (`# noqa`) are not looked at here.  Raises nothing: whatever is
    in a file, its result says so.
    """
    return [_check_file(file, codes) for file in files]


def _check_file(file: SourceFile, codes: Collection[str]) -> FileResult:
    from joinlint.syntax.parsing import Unparsable

    try:
        module = _load(file)
    except Unparsable as error:
        return FileResult(file.filename, problem=Problem(file.filename, error.reason, error.row, error.column))
    if module is None:
        return FileResult(file.filename)
    return FileResult(file.filename, tuple(_findings(module, codes)))


def _load(file: SourceFile) -> Module | None:
    """The file's program, None where it can't matter.  Raises Unparsable."""
    content = file.content if isinstance(file.content, bytes) else file.content.encode("utf-8", "surrogatepass")
    from joinlint.syntax.parsing import Unparsable, decode, parse

    if not may_matter(content):
        return None
    from joinlint.syntax.lower import lower

    text = decode(content) if isinstance(file.content, bytes) else file.content
    try:
        return lower(parse(text), file.filename, _module_name(file.filename))
    except RecursionError:
        raise Unparsable("nested too deeply to be checked") from None



def _module_name(filename: str) -> str:
    """The dotted name by which the file is imported, as far as its path tells."""
    path = PurePath(filename)
    parts = [path.stem] if path.name != "__init__.py" else []
    for parent in path.parents:
        if not parent.name or not parent.name.isidentifier():
            break
        parts.insert(0, parent.name)
    return ".".join(parts) or "__init__"


def _findings(module: Module, codes: Collection[str]) -> list[Finding]:
    from joinlint.analysis.module_analysis import ModuleAnalysis, ProgramAnalysis
    from joinlint.program.index import Program
    from joinlint.rules import all_rules

    analysis = ModuleAnalysis(ProgramAnalysis(Program([module])), module)
    found = [f for code, rule in all_rules().items() if code in codes for f in rule.check(analysis)]
    return sorted(found, key=Finding.sort_key)
