"""Which files have to do with each other, by a look at their import lines."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from joinlint.sources import SourceFile, module_name

# Begun by a newline rather than `^`, which the regular expressions of Python look for at every byte.
_IMPORT = re.compile(rb"\n[ \t]*+((?:from|import)\b[^\n(]*(?:\([^)]*\))?)")
_WORD = re.compile(rb"\w+")


def connected(start: Iterable[SourceFile], others: Sequence[SourceFile], *, importers: bool = True) -> list[SourceFile]:
    """Those of the others that are linked to one of `start` by imports, in either direction and over any number of
    files; without `importers`, those that are imported.

    Modules are told by the last part of their names alone, so that there may be too many, never too few.
    """
    start = list(start)
    imported_by: dict[bytes, list[SourceFile]] = defaultdict(list)
    modules: dict[bytes, list[SourceFile]] = defaultdict(list)
    imported: dict[str, set[bytes]] = {}
    for file in (*start, *others):
        imported[file.filename] = words = imported_words(file)
        for word in words:
            imported_by[word].append(file)
        modules[stem(file)].append(file)
    reached = {file.filename for file in start}
    pending = start
    while pending:
        file = pending.pop()
        near = [m for word in imported[file.filename] for m in modules.get(word, ())]
        if importers:
            near += imported_by[stem(file)]
        new = {f.filename: f for f in near if f.filename not in reached}
        reached.update(new)
        pending.extend(new.values())
    return [file for file in others if file.filename in reached]


def import_lines(file: SourceFile) -> list[bytes]:
    """The file's import statements."""
    return _IMPORT.findall(b"\n" + file.data)


def imported_words(file: SourceFile) -> set[bytes]:
    """The words in the file's import lines: every part of the modules it may get something from, and what it gets."""
    words: set[bytes] = set()
    for line in import_lines(file):
        words.update(_WORD.findall(line))
        if line.startswith(b"from ."):  # `from . import x` means the package without its name
            words.update(part.encode("utf-8", "surrogatepass") for part in module_name(file.filename).split(".")[-3:])
    return words


def stem(file: SourceFile) -> bytes:
    """The last part of the name by which the file is imported."""
    return module_name(file.filename).rpartition(".")[2].encode("utf-8", "surrogatepass")
