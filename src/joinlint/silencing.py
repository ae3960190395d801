"""`# noqa` comments for all that a run has found, written into the files."""

from __future__ import annotations

import codecs
import io
import os
import tokenize
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from joinlint.findings import Finding, source_name
from joinlint.lines import source_lines
from joinlint.notebooks.editing import NotEditable, edited_notebook
from joinlint.output_file import CannotWrite, write_file
from joinlint.paths import reason
from joinlint.regular_files import read_regular
from joinlint.sources import NOTEBOOK_SUFFIX, Problem
from joinlint.syntax.add_noqa import add_noqa
from joinlint.syntax.parsing import Unparsable, decode


@dataclass(frozen=True, slots=True)
class Silenced:
    """How many comments were written into how many files, and what could not be."""

    comments: int
    files: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Rewritten:
    """What is to be written into the file `target`, which no link leads away from."""

    target: str
    content: bytes
    comments: int
    problems: tuple[Problem, ...]


# By cell of a notebook, None in any other file, and by 1-based row: the codes to silence.
_Wanted = Mapping[int | None, Mapping[int, Collection[str]]]


def silence(findings: Sequence[Finding], lines: Mapping[str, Sequence[str]], arguments: Iterable[str]) -> Silenced:
    """Write a comment for each of the findings, which come from the files and folders named by `arguments`.

    `lines` has those that each finding's source had when it was checked.  A file is written whole or not at all; one
    that a symbolic link leads to is written only if it lies in a folder that was named, or beside a file that was.
    """
    folders = [os.path.realpath(name if os.path.isdir(name) else os.path.dirname(name) or ".") for name in arguments]
    comments = files = 0
    problems: list[Problem] = []
    for filename, wanted in _by_file(findings).items():
        try:
            rewritten = _rewritten(filename, wanted, lines, folders)
            if rewritten.comments:
                write_file(rewritten.target, rewritten.content)
        except _Refused as error:
            problems.append(Problem(filename, str(error)))
        except CannotWrite as error:
            problems.append(Problem(filename, str(error).removeprefix(f"{rewritten.target}: ")))
        else:
            problems += rewritten.problems
            comments += rewritten.comments
            files += rewritten.comments > 0
    return Silenced(comments, files, tuple(problems))


class _Refused(Exception):
    """A file that is left as it is; its text says why."""


def _by_file(findings: Sequence[Finding]) -> dict[str, dict[int | None, dict[int, set[str]]]]:
    by_file: dict[str, dict[int | None, dict[int, set[str]]]] = {}
    for finding in findings:
        cells = by_file.setdefault(finding.filename, {})
        cells.setdefault(finding.cell, {}).setdefault(finding.span.start.row, set()).add(finding.code)
    return by_file


def _rewritten(
    filename: str, wanted: _Wanted, lines: Mapping[str, Sequence[str]], folders: Sequence[str]
) -> _Rewritten:
    """The new content of the file.  Raises _Refused."""
    real = os.path.realpath(filename)
    if os.path.islink(filename) and not any(Path(real).is_relative_to(folder) for folder in folders):
        raise _Refused(f"is left as it is: it links to {real}, outside of what was named")
    try:
        content = read_regular(real)
    except (OSError, ValueError) as error:
        raise _Refused(reason(error)) from None
    if filename.endswith(NOTEBOOK_SUFFIX):
        return _notebook(filename, real, content, wanted, lines)
    try:
        text = decode(content)
    except Unparsable as error:
        raise _Refused(error.reason) from None
    if list(source_lines(text)) != list(lines.get(filename, ())):
        raise _Refused("is left as it is: it has changed since it was checked")
    if _encoded(text, content) != content:
        raise _Refused("is left as it is: its encoding does not give back what was read")
    edited = add_noqa(text, wanted[None])
    return _Rewritten(real, _encoded(edited.text, content), edited.comments, tuple(_skipped(filename, edited.skipped)))


def _notebook(
    filename: str, real: str, content: bytes, wanted: _Wanted, lines: Mapping[str, Sequence[str]]
) -> _Rewritten:
    cells = {cell: rows for cell, rows in wanted.items() if cell is not None}
    try:
        notebook = edited_notebook(content, cells, {cell: lines.get(source_name(filename, cell), ()) for cell in cells})
    except NotEditable as error:
        raise _Refused(f"is left as it is: {error}") from None
    problems = [p for cell, rows in notebook.skipped.items() for p in _skipped(filename, rows, cell)]
    return _Rewritten(real, notebook.content, notebook.comments, tuple(problems))


def _skipped(filename: str, rows: Iterable[int], cell: int | None = None) -> Iterator[Problem]:
    for row in rows:
        yield Problem(filename, "no `# noqa` can be put here that flake8 would heed", row, cell=cell)


def _encoded(text: str, before: bytes) -> bytes:
    """The text in the encoding, and with the byte order mark, of the file that it comes from."""
    encoding, _ = tokenize.detect_encoding(io.BytesIO(before).readline)
    mark = codecs.BOM_UTF8 if encoding == "utf-8-sig" else b""
    return mark + text.encode("utf-8" if mark else encoding, "replace")
