"""Files that name no library of workers, but call at import level what starts some: found by their bytes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from joinlint.import_graph import imported_words, stem
from joinlint.sources import SourceFile
from joinlint.supply import Supply, imported_from
from joinlint.syntax.prefilter import calls_at_import, has_odd_guard

_WORD = re.compile(rb"\w+")
_CALLED = re.compile(rb"(?:(\w+)\.)?(\w+)\(")
# Both begin with a newline rather than `^`, which Python's regular expressions look for at every byte.
_STATEMENT = re.compile(rb"\n(?!from |import |def |class |async )([A-Za-z_@][^\n]*)")
_DEFINITION = re.compile(rb"\n(?:async )?(?:def|class) +(\w+)")


def entering(rest: Sequence[SourceFile], supplied: Supply) -> list[SourceFile]:
    """Those of `rest` whose import may come to a worker by way of what is supplied, with the files between.

    Names are taken as they are written, so that there may be some too many, and one too few where a module or function
    has been given another name.
    """
    found: dict[str, SourceFile] = {}
    links: dict[bytes, SourceFile] = {}
    defined: Supply = {}
    for file in rest:
        imported, modules = imported_from(file, supplied)
        if not imported and not modules:
            continue
        own = set(_DEFINITION.findall(b"\n" + file.data))
        leading = _leading(file, imported.union(*(supplied[module] for module in modules)))
        if (
            has_odd_guard(file.data)
            or _calls(file, imported, modules, supplied)
            or _calls(file, leading, set(), {})
            or _calls(file, own, set(), {}, True)
        ):
            found[file.filename] = file
        links[stem(file)] = file
        defined[stem(file)] = own
    for file in rest:
        if file.filename not in found and calls_at_import(file.data):
            imported, modules = imported_from(file, defined)
            if _calls(file, imported, modules, defined, True):
                between = [links[word] for word in imported_words(file) & links.keys()]
                found.update({f.filename: f for f in (file, *between)})
    return list(found.values())


def _leading(file: SourceFile, names: set[bytes]) -> set[bytes]:
    """The functions and classes of the file in whose text one of the names is called."""
    data = b"\n" + file.data
    called = re.compile(rb"\b(?:%s)\(" % b"|".join(sorted(map(re.escape, names))))
    starts = list(_DEFINITION.finditer(data))
    ends = (*(match.start() for match in starts[1:]), len(data))
    return {match[1] for match, end in zip(starts, ends, strict=False) if called.search(data, match.end(), end)}


def _calls(
    file: SourceFile, names: set[bytes], modules: set[bytes], supplied: Supply, drops_result: bool = False
) -> bool:
    """Does a statement at the left margin call one of the names, or an attribute of one of the modules?

    `drops_result`: only statements count that begin with a call.
    """
    for line in _STATEMENT.findall(b"\n" + file.data):
        if drops_result and not calls_at_import(line):
            continue
        if line[:1] == b"@" and names & set(_WORD.findall(line)):
            return True
        for module, name in _CALLED.findall(line):
            if (name in names and not module) or (module in modules and name in supplied[module]):
                return True
    return False
